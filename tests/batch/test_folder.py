"""Who is let into an output folder while others are at work in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from returns.pipeline import is_successful

from dicom_series_preview.core.batch.resume import Shard
from dicom_series_preview.shell.batch.folder import OutFolder, claim


@pytest.mark.parametrize(
    ("here", "other", "told"),
    [
        (Shard(), Shard(), "another run is at work in it"),
        (Shard(2, 3), Shard(2, 3), "another run is at work in it"),
        (Shard(), Shard(1, 2), "a run with another number of shares is at work in it"),
        (Shard(1, 2), Shard(2, 12), "a run with another number of shares is at work in it"),
    ],
)
def test_who_would_do_the_same_work_is_not_let_in(
    tmp_path: Path, here: Shard, other: Shard, told: str
) -> None:
    with claim(OutFolder(str(tmp_path), here)) as first:
        assert is_successful(first)
        with claim(OutFolder(str(tmp_path), other)) as second:
            assert told in str(second.failure())
        with claim(OutFolder(str(tmp_path), here)) as third:
            assert "another run is at work in it" in str(third.failure())
    with claim(OutFolder(str(tmp_path), other)) as later:
        assert is_successful(later)
    assert [path.name for path in tmp_path.iterdir()] == ["results"]


def test_other_shares_are_let_in(tmp_path: Path) -> None:
    with (
        claim(OutFolder(str(tmp_path), Shard(1, 2))) as first,
        claim(OutFolder(str(tmp_path), Shard(2, 2))) as second,
    ):
        assert is_successful(first)
        assert is_successful(second)
    assert [path.name for path in tmp_path.iterdir()] == ["results"]
