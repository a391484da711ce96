"""Laws of the list of wanted elements: private ones are found by their creators (PS3.5 7.8.1)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.header.raw import RawElement
from dicom_series_preview.core.header.wanted import PRIVATE, STANDARD, Wanted, unreadable, wanted_name

BLOCKS = st.integers(0x10, 0xFF)
KNOWN = st.sampled_from(sorted(PRIVATE))


@pytest.mark.parametrize("tag", sorted(STANDARD))
def test_standard_elements_are_named_by_their_keyword(tag: int) -> None:
    """And have the VR that is told where the bytes do not."""
    keyword, vr = STANDARD[tag]
    assert wanted_name({}, tag) == keyword
    assert Wanted.standard(tag) == vr


@given(tag=st.integers(0, 0xFFFFFFFF).filter(lambda tag: tag not in STANDARD and not tag & 0x10000))
def test_other_standard_elements_are_not_wanted(tag: int) -> None:
    """They are stepped over."""
    assert wanted_name({}, tag) is None
    assert Wanted.standard(tag) is None


@given(known=KNOWN, block=BLOCKS, padding=st.sampled_from(["", " ", "\0"]))
def test_a_private_element_is_found_in_whatever_block_its_creator_reserved(
    known: tuple[int, str], block: int, padding: str
) -> None:
    """Its name is that in the first block, wherever it is."""
    ends, creator = known
    tag = ends | block << 8
    around = {ends & 0xFFFF0000 | block: RawElement("LO", (creator + padding).encode(), True)}
    assert (wanted_name(around, tag), Wanted.private(tag, around)) == PRIVATE[known]
    assert (wanted_name(around, tag ^ 1), Wanted.private(tag ^ 1, around)) == (None, None)


@given(known=KNOWN, block=BLOCKS, other=st.sampled_from(["NOBODY", "GEMS_PARM_02", "siemens mr header"]))
def test_the_block_of_another_creator_is_left_alone(known: tuple[int, str], block: int, other: str) -> None:
    """What is there is theirs, also in the first block."""
    ends, _ = known
    tag = ends | block << 8
    for creator in (other, f"{known[1]}X", f"X{known[1]}"):
        around = {ends & 0xFFFF0000 | block: RawElement("LO", creator.encode(), True)}
        assert (wanted_name(around, tag), Wanted.private(tag, around)) == (None, None)


@given(known=KNOWN, block=BLOCKS)
def test_the_usual_creator_is_meant_where_none_is_named_in_the_first_block(
    known: tuple[int, str], block: int
) -> None:
    """Some tools remove the creators alone; nobody else's place is the first block then."""
    tag = known[0] | block << 8
    for around in ({}, {known[0] & 0xFFFF0000 | block: RawElement("SQ", (), True)}):
        found = (wanted_name(around, tag), Wanted.private(tag, around))
        assert found == (PRIVATE[known] if block == 0x10 else (None, None))


@given(group=st.integers(4, 0x7FFF).map(lambda half: 2 * half + 1), block=BLOCKS)
def test_creators_are_kept(group: int, block: int) -> None:
    """Elements are found by them; they have no name themselves."""
    assert Wanted.private(group << 16 | block, {}) == "LO"
    assert wanted_name({}, group << 16 | block) is None


@given(
    others=st.lists(st.integers(0, 0xFFFFFFFF).filter(lambda tag: tag not in STANDARD)),
    wanted=st.lists(st.sampled_from(sorted(STANDARD))),
)
def test_only_a_wanted_sequence_makes_a_header_unreadable(others: list[int], wanted: list[int]) -> None:
    """The first of them is named; what nobody wants may be as it likes."""
    assert unreadable(others) is None
    assert unreadable([*others, *wanted, *others]) == (STANDARD[wanted[0]][0] if wanted else None)
