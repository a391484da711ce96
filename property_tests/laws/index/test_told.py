"""Laws of what an index remembers of oddities: a preview by way of it says what one without it says."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.faults.objects import NotDicom
from dicom_series_preview.core.header.dicom_json import Json, show_json
from dicom_series_preview.core.index.told import read_remarks, remarks_json
from dicom_series_preview.core.remarks import (
    BlackTile,
    ByLocation,
    LeftOut,
    Mend,
    MendedElement,
    Remark,
    RepeatedUid,
    UnusableElement,
    WithoutOrientation,
    WithoutPixels,
    WithoutPosition,
)
from property_tests.prose import flaws

counts = st.integers(1, 10**6)
words = st.text(min_size=1, max_size=8)
REMEMBERED: st.SearchStrategy[Remark] = st.one_of(
    st.builds(UnusableElement, words, counts),
    st.builds(MendedElement, words, st.sampled_from(Mend), counts),
    st.builds(RepeatedUid, counts),
    st.builds(WithoutOrientation, counts),
    st.builds(ByLocation, counts),
    st.builds(WithoutPixels, counts, st.lists(words, max_size=3).map(tuple)),
)
ELSEWHERE: tuple[Remark, ...] = (
    WithoutPosition(3),
    LeftOut(1, NotDicom("a", "it is empty", foreign=False)),
    BlackTile(1, NotDicom("a", "it is empty", foreign=False)),
)
"""The order tells of the first; what cannot be read has no row, or is met again."""


@given(told=st.lists(REMEMBERED, max_size=5), others=st.lists(st.sampled_from(ELSEWHERE), max_size=3))
def test_remarks_come_back_as_they_were(told: list[Remark], others: list[Remark]) -> None:
    """Through JSON text, in their order; those that are told otherwise are left out."""
    written = show_json(remarks_json([*others, *told, *others]))
    assert read_remarks(json.loads(written)) == tuple(told)


DAMAGED: list[Json] = [
    {},
    "text",
    [{}],
    ["text"],
    [[]],
    [["unheard of", 1]],
    [["repeated"]],
    [["repeated", "many"]],
    [["unusable", "Rows"]],
    [["mended", "Rows", "BENT", 1]],
]


@pytest.mark.parametrize("told", DAMAGED)
def test_damaged_remarks_are_told_from_others(told: Json) -> None:
    """An error that reading an index turns into a refusal."""
    with pytest.raises((LookupError, TypeError, ValueError)):
        read_remarks(told)


@pytest.mark.parametrize("told", [{}, "text", None, [{}], ["text"], [5]])
def test_remarks_that_are_no_lists_are_told_in_words(told: Json) -> None:
    """They end up in the words of a refusal."""
    with pytest.raises(ValueError, match="remarks") as raised:
        read_remarks(told)
    assert flaws(f"The index is damaged: {raised.value}.") == []
