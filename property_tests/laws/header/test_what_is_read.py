"""Laws of what is read of a header at all, and that nothing of it can be too strange."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.header.elements import Element, Elements
from dicom_series_preview.core.header.image_pixel import PixelSpan
from dicom_series_preview.core.header.instance import (
    RT_DOSE,
    SLIDE_MICROSCOPY,
    PixelElement,
)
from dicom_series_preview.core.header.read_instance import read_instance
from dicom_series_preview.core.header.usable import KEYS
from dicom_series_preview.core.header.wanted import ELEMENTS
from property_tests.headers import BASE, items, matrix, read
from property_tests.strategies import (
    CT_IMAGE,
    EXPLICIT_LITTLE,
    decimals,
    element,
)


class _Asked(Mapping[str, Element]):
    """Elements that note what is asked of them."""

    def __init__(self, source: Elements, asked: set[str]) -> None:
        self._source, self._asked = source, asked

    def __getitem__(self, keyword: str) -> Element:
        self._asked.add(keyword)
        return self._source[keyword]

    def __iter__(self) -> Iterator[str]:
        return iter(self._source)

    def __len__(self) -> int:
        return len(self._source)


@pytest.mark.parametrize("sop_class", [CT_IMAGE, RT_DOSE, SLIDE_MICROSCOPY])
@pytest.mark.parametrize("photometric", ["MONOCHROME2", "PALETTE COLOR"])
def test_a_parser_may_leave_out_what_is_not_listed(sop_class: str, photometric: str) -> None:
    """Every element that is asked for is listed for the parser, and no other one changes anything."""
    asked: set[str] = set()
    source = {
        **BASE,
        **matrix(8, 12),
        "SOPClassUID": element("UI", sop_class),
        "Modality": element("CS", "MR"),
        "PhotometricInterpretation": element("CS", photometric),
    }
    more = {"PatientName": element("PN", "A"), "(0009,0010)": element("LO", "B"), "Exposure": decimals(1)}
    span = PixelElement("PixelData", "OW", PixelSpan(0, 10_000))
    found = read_instance("a", None, _Asked({**source, **more}, asked), EXPLICIT_LITTLE, span)
    assert found == read_instance("a", None, source, EXPLICIT_LITTLE, span)
    assert asked - set(more) <= ELEMENTS
    assert set(KEYS) == ELEMENTS


TEXTS = {
    *("SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "Modality", "ImageType", "SeriesDescription"),
    *("PhotometricInterpretation", "ComplexImageComponent", "FrameType", "FrameIncrementPointer"),
}
"""What may be any text; of all else a text without a number in it can be no value."""


def _useless(keyword: str) -> Element:
    return element("US", 7) if keyword in TEXTS else element("LO", "?!")


@pytest.mark.parametrize("keyword", sorted(ELEMENTS))
def test_whatever_is_read_is_named_where_it_cannot_be_used(keyword: str) -> None:
    """No element of the list is dropped without a word; it counts as absent, and an empty one is absent."""
    found = read({**BASE, keyword: _useless(keyword)})
    assert found.unusable == (keyword,)
    assert evolve(found, unusable=()) == read({**BASE, keyword: element("LO")})
    assert read({**BASE, keyword: element("LO")}).unusable == ()
    assert read({**BASE, keyword: element("LO", "")}).unusable == ()


GROUPED = {key.keyword: key.macro for key in KEYS.values() if key.macro is not None} | {
    "WindowCenter": "FrameVOILUTSequence",
    "WindowWidth": "FrameVOILUTSequence",
    "VOILUTFunction": "FrameVOILUTSequence",
}


@pytest.mark.parametrize("groups", ["SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"])
@pytest.mark.parametrize("keyword", sorted(GROUPED))
def test_what_functional_groups_hold_is_named_too(keyword: str, groups: str) -> None:
    """A value for one frame, or for all, that cannot be used; the next level's is used instead."""
    source = {groups: items({GROUPED[keyword]: items({keyword: _useless(keyword)})})}
    assert read({**BASE, **source}, 2).unusable == (keyword,)


@pytest.mark.parametrize(
    ("sequence", "keyword"),
    [
        ("DetectorInformationSequence", "ImagePositionPatient"),
        ("DetectorInformationSequence", "ImageOrientationPatient"),
        ("ModalityLUTSequence", "LUTDescriptor"),
        ("VOILUTSequence", "LUTData"),
    ],
)
def test_what_items_hold_is_named_too(sequence: str, keyword: str) -> None:
    """So are values in the first item of a sequence at the root; no other item is used."""
    useless = items({keyword: _useless(keyword)}, {keyword: _useless(keyword)})
    assert keyword in read({**BASE, sequence: useless}).unusable
    assert keyword not in read({**BASE, sequence: items({}, {keyword: _useless(keyword)})}).unusable


def test_items_are_all_that_a_sequence_holds() -> None:
    """A sequence with something else among its items is no sequence."""
    mixed = Element("SQ", ({}, "text"))
    assert read({**BASE, "VOILUTSequence": mixed}).unusable == ("VOILUTSequence",)


weird = st.one_of(
    st.builds(
        lambda values: Element("DS", tuple(values)),
        st.lists(st.sampled_from(("1", "-1e30", "", "nan", "x", "0")), max_size=7),
    ),
    st.builds(
        lambda values: Element("US", tuple(values)), st.lists(st.integers(-70_000, 70_000), max_size=7)
    ),
    st.builds(lambda values: Element("FD", tuple(values)), st.lists(st.floats(), max_size=7)),
    st.builds(lambda value: Element("OW", (value,)), st.binary(max_size=8)),
    st.just(Element("SQ", ())),
    st.just(Element("SQ", ({},))),
)


@given(
    changes=st.dictionaries(st.sampled_from(sorted(ELEMENTS)), weird, max_size=12),
    group=st.dictionaries(st.sampled_from(sorted(ELEMENTS)), weird, max_size=6),
    frames=st.integers(1, 3),
    keyword=st.sampled_from(("PixelData", "FloatPixelData", "DoubleFloatPixelData")),
)
def test_no_header_is_too_strange_to_be_read(
    changes: dict[str, Element], group: dict[str, Element], frames: int, keyword: str
) -> None:
    """Whatever its elements hold, a header is read: what cannot be used is missing."""
    macros = {name: items(group) for name in ELEMENTS if name.endswith("Sequence")}
    groups = {
        "PerFrameFunctionalGroupsSequence": items(macros),
        "SharedFunctionalGroupsSequence": items(macros),
    }
    for source in ({**BASE, **changes}, {**BASE, **groups, **changes}):
        found = read(source, frames, keyword)
        assert found.frames
        assert evolve(found, name="b") != found
