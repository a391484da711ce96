"""Many previews from Python, on executors of one's own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from dicom_series_preview import Options, Row, Status, batch
from tests.support.dicom import make_object, make_series, uid_for, uuid_for

NAMES = [f"asked {number}" for number in range(6)]


def _processes() -> Executor:
    return ProcessPoolExecutor(2, get_context("spawn"))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("root")
    for name in NAMES:

        def slice_of(i: int, name: str = name) -> bytes:
            pixels = np.full((16, 16), i, np.uint16)
            return make_object(series=name, instance_number=i, position=(0.0, 0.0, 4.0 * i), pixels=pixels)

        make_series(folder, 2, slice_of, name)
    return folder


def _by_series(rows: list[Row]) -> dict[str, Row]:
    assert len({row.series for row in rows}) == len(rows)
    return {row.series: row for row in rows}


@pytest.mark.parametrize(
    "executor",
    [None, partial(ThreadPoolExecutor, 2), _processes],
    ids=["here", "threads", "processes"],
)
def test_each_request_has_its_row(
    root: Path, tmp_path: Path, executor: Callable[[], Executor] | None
) -> None:
    asked = [Options(uuid_for(name), tmp_path / f"{number}.webp", root) for number, name in enumerate(NAMES)]
    wrong = [
        Options("?", tmp_path / "wrong.webp", root),
        Options(uuid_for("nobody"), tmp_path / "nobody.webp", root),
        Options(uid_for(NAMES[0]), None, root),
    ]
    rows = _by_series(list(batch([*asked, *wrong], executor, workers=2)))
    for options in asked:
        row = rows[options.series]
        assert (row.status, row.path, row.attempts, row.slices) == (Status.MADE, options.output, 1, 2)
        assert Path(row.path).stat().st_size == row.bytes
    assert rows["?"].fault == "BadOptions"
    assert rows[uuid_for("nobody")].fault == "NoSeries"
    assert "output" in rows[uid_for(NAMES[0])].words
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{n}.webp" for n in range(len(NAMES))]


def test_an_executor_stays_the_callers(root: Path, tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as executor:
        asked = [Options(uuid_for(name), tmp_path / f"{name}.webp", root) for name in NAMES]
        assert {row.status for row in batch(asked, executor)} == {Status.MADE}
        assert executor.submit(int, "7").result() == 7


def test_nothing_is_begun_before_the_first_row_is_asked_for(root: Path, tmp_path: Path) -> None:
    rows = batch([Options(uuid_for(NAMES[0]), tmp_path / "one.webp", root)], workers=1)
    assert list(tmp_path.iterdir()) == []
    assert next(rows).status is Status.MADE
    assert list(rows) == []
