"""Laws of names: what lies below a folder, and what may be asked for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.storage.entries import below, is_safe, joined

segments = st.text(st.characters(exclude_characters="/\0"), min_size=1).filter(
    lambda name: name not in (".", "..")
)
paths = st.lists(segments, min_size=1, max_size=4).map("/".join)


@given(folder=paths, name=paths)
def test_a_joined_name_is_found_below_its_folder(folder: str, name: str) -> None:
    """`below` undoes `joined`, for the root ("") too."""
    assert joined(folder, name) == f"{folder}/{name}"
    assert below(joined(folder, name), folder) == name
    assert (joined("", name), joined(folder, "")) == (name, folder)
    assert below(name, "") == name


@given(folder=paths, name=segments)
def test_a_name_that_only_begins_alike_is_not_below(folder: str, name: str) -> None:
    """A folder ends where its slash is: `s1/x` is not below `s`, nor is `s` itself."""
    assert below(f"{folder}{name}", folder) is None
    assert below(folder, folder) is None
    assert below(f"{folder}/", folder) == ""


@given(path=paths)
def test_names_of_whole_segments_are_safe(path: str) -> None:
    """No segment is empty or a dot."""
    assert is_safe(path)


@given(
    before=st.lists(segments, max_size=2),
    odd=st.sampled_from(["", ".", "..", "a\0b", "\0"]),
    after=st.lists(segments, max_size=2),
)
def test_one_odd_segment_makes_a_name_unsafe(before: list[str], odd: str, after: list[str]) -> None:
    """Wherever it stands."""
    assert not is_safe("/".join([*before, odd, *after]))
