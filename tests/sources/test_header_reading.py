"""Laws of reading headers (PS3.10 7) by ranges: what was put in is what comes out, wherever the reads end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st
from returns.result import Result, Success

from dicom_series_preview.core.faults.storage import StoreFault
from dicom_series_preview.core.header.elements import Element, Elements
from dicom_series_preview.core.header.image_pixel import PixelSpan
from dicom_series_preview.core.storage.entries import Chunk, Entry
from dicom_series_preview.shell.progress import Counter
from dicom_series_preview.shell.sources.header_reader import HeaderReader, ReadHeader
from dicom_series_preview.shell.sources.stored_objects import StoredObjects
from dicom_series_preview.shell.storage.locate import Located
from tests.support.dicom import default_pixels, make_object
from tests.support.headers import elements_of

IMPLICIT, EXPLICIT, BIG = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"

# Decimal strings (PS3.5 6.2) as devices write them: with exponents, signs and blanks that mean nothing.
DECIMALS = st.sampled_from(["0", "-12.5", "+1.5E2", "1e-05", " 7.25", "100.", "-0.0", "123456789.12345"])


@frozen
class OneObject:
    """A store that holds one object, and may or may not say how long it is."""

    data: bytes
    tells_size: bool
    place: str = "memory:"

    def pages(self, folder: str) -> Iterator[Result[tuple[Entry, ...], StoreFault]]:
        """Nobody lists it."""
        raise NotImplementedError

    def read(self, name: str, start: int, stop: int | None) -> Result[Chunk, StoreFault]:
        """A range of the object, cut by its end."""
        assert name == "series/one"
        return Success(Chunk(self.data[start:stop], self._size))

    def names(self, prefix: str) -> Iterator[Result[tuple[str, ...], StoreFault]]:
        """Nobody looks for it."""
        raise NotImplementedError

    @property
    def _size(self) -> int | None:
        return len(self.data) if self.tells_size else None


def _read(data: bytes, guess: int, tells_size: bool) -> ReadHeader:
    store = OneObject(data, tells_size)
    reader = HeaderReader(StoredObjects(Located(store, "series", "series", "memory:"), Counter()), guess)
    return reader.read(Entry("one", len(data) if tells_size else None)).unwrap()


@frozen
class Made:
    """An object, and the elements that were put into it."""

    data: bytes
    elements: Elements
    pixels: PixelSpan | None


@st.composite
def objects(draw: st.DrawFn) -> Made:
    """One object in each uncompressed encoding, its header shorter and longer than a first read."""
    position = draw(st.lists(DECIMALS, min_size=3, max_size=3))
    number = draw(st.integers(-(2**31), 2**31 - 1))
    padding = draw(st.integers(0, 2**16 - 1))
    kinds = draw(st.lists(st.sampled_from(["ORIGINAL", "PRIMARY", "", "M_SE"]), min_size=2, max_size=4))
    groups = draw(st.lists(st.lists(DECIMALS, min_size=3, max_size=3), max_size=2))
    private = draw(st.one_of(st.just(0), st.integers(0, 40_000)))
    has_pixels = draw(st.booleans())
    data = make_object(
        transfer_syntax=draw(st.sampled_from([IMPLICIT, EXPLICIT, BIG])),
        has_pixels=has_pixels,
        orientation=None,
        ImagePositionPatient=position,
        InstanceNumber=number,
        ImageType=[*kinds, "END"],
        PixelPaddingValue=padding,
        SliceLocation="",
        PerFrameFunctionalGroupsSequence=[
            {"PlanePositionSequence": [{"ImagePositionPatient": list(group)}]} for group in groups
        ]
        or None,
        extra={0x00091010: ("OB", b"\1" * (2 * private))},
    )
    frames = tuple(
        {"PlanePositionSequence": Element("SQ", ({"ImagePositionPatient": Element("DS", _stripped(group))},))}
        for group in groups
    )
    elements = {
        "ImagePositionPatient": Element("DS", _stripped(position)),
        "InstanceNumber": Element("IS", (str(number),)),
        "ImageType": Element("CS", (*kinds, "END")),
        "PixelPaddingValue": Element("US", (padding,)),
        "SliceLocation": Element("DS", ()),
    } | ({"PerFrameFunctionalGroupsSequence": Element("SQ", frames)} if frames else {})
    length = default_pixels().nbytes
    return Made(data, elements, PixelSpan(len(data) - length, length) if has_pixels else None)


def _stripped(spellings: list[str]) -> tuple[str, ...]:
    return tuple(spelling.strip() for spelling in spellings)


def _agrees(read: ReadHeader, made: Made) -> None:
    elements = elements_of(read.header)
    assert {keyword: elements.get(keyword) for keyword in made.elements} == made.elements
    assert (None if read.header.pixel is None else read.header.pixel.span) == made.pixels
    assert made.data.startswith(read.data)


@given(made=objects(), guess=st.integers(1, 50_000), tells_size=st.booleans())
def test_what_was_written_is_read_at_every_guess(made: Made, guess: int, tells_size: bool) -> None:
    """pydicom writes the elements (PS3.5 7.1); reading by ranges gives them, and where the pixels lie."""
    _agrees(_read(made.data, guess, tells_size), made)


@pytest.mark.parametrize("has_pixels", [True, False])
@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT, BIG])
def test_no_first_guess_cuts_a_header(syntax: str, has_pixels: bool) -> None:
    """Whichever byte the first read ends at, in a head, a value or a sequence, the elements are the same.

    Every second store does not say how long the object is.
    """
    position = ("1.5E1", "-2", "3.25")
    data = make_object(
        transfer_syntax=syntax,
        has_pixels=has_pixels,
        shared={"PixelMeasuresSequence": [{"PixelSpacing": ["0.5", "0.5"]}]},
        per_frame=[{"PlanePositionSequence": [{"ImagePositionPatient": list(position)}]}],
    )
    plane = {"ImagePositionPatient": Element("DS", position)}
    groups = ({"PlanePositionSequence": Element("SQ", (plane,))},)
    length = default_pixels().nbytes
    made = Made(
        data,
        {"PerFrameFunctionalGroupsSequence": Element("SQ", groups), "Modality": Element("CS", ("CT",))},
        PixelSpan(len(data) - length, length) if has_pixels else None,
    )
    for guess in range(1, len(data) + 2):
        _agrees(_read(data, guess, tells_size=guess % 2 == 0), made)
