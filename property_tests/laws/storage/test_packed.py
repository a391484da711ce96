"""Laws of files that hold or name others."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.faults.listings import Packed
from dicom_series_preview.core.storage.packed import packed

folders = st.sampled_from(["", "/data/", "s3://b/x.zip/", "https://h/DICOMDIR/"])
cases = st.sampled_from([str.lower, str.upper, str.title])


@pytest.mark.parametrize(
    ("end", "format_"),
    [
        *((".zip", "zip"), (".tar", "tar"), (".tgz", "gzip"), (".gz", "gzip"), (".dcm.gz", "gzip")),
        *((".bz2", "bzip2"), (".xz", "xz"), (".zst", "zstd"), (".7z", "7z")),
    ],
)
@given(folder=folders, name=st.text("abc1.", max_size=5), case=cases)
def test_archives_are_to_be_unpacked(
    end: str, format_: str, folder: str, name: str, case: Callable[[str], str]
) -> None:
    """Whatever they are called before their end, and wherever they lie; their format is named."""
    place = folder + case(name + end)
    found = packed(place)
    assert found is not None
    assert found.place == place
    assert format_ in found.what.split()
    assert "unpack it" in str(found)


@given(folder=folders, case=cases)
def test_a_dicomdir_names_others(folder: str, case: Callable[[str], str]) -> None:
    """It leads to the folder that holds them."""
    place = folder + case("dicomdir")
    advice = "Give the folder that holds those of the series."
    assert packed(place) == Packed(place, "a DICOMDIR, which names the images of a disc", advice)


@given(
    folder=folders,
    name=st.text("abcXYZ019_-", min_size=1, max_size=8).filter(lambda name: name.lower() != "dicomdir"),
)
def test_other_names_are_what_they_are(folder: str, name: str) -> None:
    """With and without an extension."""
    assert packed(folder + name) is None
    assert packed(f"{folder}{name}.dcm") is None
    assert packed(f"{folder}DICOMDIR.{name}x") is None
