"""A header cut at any byte is never used as if it were whole, whatever the encoding."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence
from io import BytesIO

import numpy as np
import pydicom
import pytest
from attrs import evolve

from dicom_series_preview.core.header.elements import as_number, numbers, text
from dicom_series_preview.core.header.image_pixel import PixelSpan
from dicom_series_preview.core.header.raw import RanOut, Unparsable
from dicom_series_preview.core.header.scan import Header, Scanned, inflate, scan_header
from dicom_series_preview.core.header.wanted import PREVIEW
from tests.support.dicom import Value, default_pixels, make_object, plane
from tests.support.headers import elements_of, whole_header

IMPLICIT, EXPLICIT, BIG = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"
DEFLATED, RLE = "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.5"

# Sequences whose items, and private elements whose bytes, look like the elements around them.
ITEMS: Sequence[Mapping[str, Value]] = [
    {"ReferencedSOPClassUID": "1.2", "ReferencedSOPInstanceUID": "1.2.3"},
    {"ReferencedSOPInstanceUID": "1.2.4"},
]
PRIVATE = {
    0x00090010: ("LO", "A creator"),
    0x00091001: ("OB", b"\xe0\x7f\x10\x00OW\x00\x00\x00\x00\x00\x00"),
    0x00091002: ("UN", b"\x08\x00\x16\x00"),
}


def made(syntax: str, *, preamble: bool = True, meta: bool = True, has_pixels: bool = True) -> bytes:
    return make_object(
        transfer_syntax=syntax,
        preamble=preamble,
        meta=meta,
        has_pixels=has_pixels,
        extra=PRIVATE,
        position=(-3.5, 2.0, 117.25),
        ReferencedImageSequence=ITEMS,
        RequestAttributesSequence=[],
        ImageComments="long " * 30,
    )


def undefined_lengths() -> bytes:
    """Sequences and items that end with delimiters, as many writers make them (PS3.5 7.5.2)."""
    dataset = pydicom.dcmread(BytesIO(made(EXPLICIT)))
    sequence = dataset["ReferencedImageSequence"]
    sequence.is_undefined_length = True
    for item in sequence.value:
        item.is_undefined_length_sequence_item = True
    out = BytesIO()
    dataset.save_as(out)
    assert out.getvalue().count(b"\xff\xff\xff\xff") == 3
    return out.getvalue()


def enhanced() -> bytes:
    frames = [plane((0, 0, i), PixelMeasuresSequence=[{"PixelSpacing": [1.0, 1.0]}]) for i in range(3)]
    return make_object(pixels=np.zeros((3, 4, 6), np.uint16), shared={}, per_frame=frames)


def without_group_length(data: bytes) -> bytes:
    assert data[132:140] == b"\x02\x00\x00\x00UL\x04\x00"
    return data[:132] + data[144:]


WITH_PIXELS = {
    "implicit": made(IMPLICIT),
    "explicit": made(EXPLICIT),
    "big endian": made(BIG),
    "RLE": made(RLE),
    "undefined lengths": undefined_lengths(),
    "enhanced": enhanced(),
    "no preamble": made(EXPLICIT, preamble=False),
    "no preamble, implicit": made(IMPLICIT, preamble=False),
    "no meta, explicit": made(EXPLICIT, meta=False),
    "no meta, implicit": made(IMPLICIT, meta=False),
    "no group length": without_group_length(made(EXPLICIT)),
}
WITHOUT_PIXELS = {
    "implicit": made(IMPLICIT, has_pixels=False),
    "explicit": made(EXPLICIT, has_pixels=False),
    "no preamble": made(EXPLICIT, preamble=False, has_pixels=False),
    "no meta": made(IMPLICIT, meta=False, has_pixels=False),
}
ONE_DEFLATED = made(DEFLATED)
DEFLATED_ONES = {
    "deflated": ONE_DEFLATED,
    "deflated, no preamble": ONE_DEFLATED[132:],
    "deflated, no group length": without_group_length(ONE_DEFLATED),
    "deflated, neither": without_group_length(ONE_DEFLATED)[132:],
}


def value_offset(data: bytes) -> int:
    """Where the value of the pixel data element begins, found by its tag: here it is the last element."""
    little, big = data.rfind(b"\xe0\x7f\x10\x00"), data.rfind(b"\x7f\xe0\x00\x10")
    tag = max(little, big)
    return tag + (12 if data[tag + 4 : tag + 6] in (b"OW", b"OB") else 8)


def scan(data: bytes, complete: bool) -> Scanned:
    return scan_header(data, complete, PREVIEW)


def assert_wants_more(parsed: Scanned, cut: int) -> None:
    assert isinstance(parsed, RanOut), f"cut at byte {cut}"


@pytest.mark.parametrize("name", WITH_PIXELS)
def test_a_header_cut_anywhere_asks_for_more(name: str) -> None:
    data = WITH_PIXELS[name]
    offset = value_offset(data)
    for cut in range(offset):
        assert_wants_more(scan(data[:cut], False), cut)
    for cut in range(offset, len(data) + 1):
        parsed = scan(data[:cut], False)
        assert parsed == whole_header(data), f"cut at byte {cut}"


@pytest.mark.parametrize("name", WITHOUT_PIXELS)
def test_without_pixel_data_only_the_end_of_the_object_ends_a_header(name: str) -> None:
    data = WITHOUT_PIXELS[name]
    for cut in range(len(data) + 1):
        assert_wants_more(scan(data[:cut], False), cut)
    assert whole_header(data).pixel is None


@pytest.mark.parametrize("name", DEFLATED_ONES)
def test_a_deflated_object_is_read_when_its_pixels_were_met(name: str) -> None:
    data = DEFLATED_ONES[name]
    end = len(data) - (data[-1:] == b"\0")  # deflated data sets are padded to an even length (PS3.5 A.5)
    parsed = whole_header(data)
    for cut in range(end):
        early = scan(data[:cut], False)
        assert early == evolve(parsed, end=cut) if isinstance(early, Header) else isinstance(early, RanOut)
    assert parsed.transfer_syntax == DEFLATED
    assert parsed.pixel is not None
    inflated = inflate(data, 1 << 20)
    assert inflated is not None
    assert parsed.pixel.span == PixelSpan(value_offset(inflated), default_pixels().nbytes)
    assert inflated[parsed.pixel.span.offset :] == default_pixels().tobytes()


@pytest.mark.parametrize("name", DEFLATED_ONES)
def test_a_deflated_object_that_is_cut_for_good_is_refused(name: str) -> None:
    data = DEFLATED_ONES[name]
    body = len(data) - len(zlib.compress(b"")) - 60
    assert isinstance(scan(data[:body], True), Unparsable)


@pytest.mark.parametrize("name", [*WITH_PIXELS, *DEFLATED_ONES])
def test_values_are_those_that_were_written(name: str) -> None:
    elements = elements_of(whole_header((WITH_PIXELS | DEFLATED_ONES)[name]))
    assert text(elements, "Modality") == "CT"
    assert as_number(elements["Rows"]) == 4
    assert as_number(elements["Columns"]) == 6
    assert as_number(elements["RescaleIntercept"]) == -1024
    if name != "enhanced":
        assert numbers(elements, "ImagePositionPatient", 3) == (-3.5, 2.0, 117.25)


@pytest.mark.parametrize("name", WITH_PIXELS)
def test_the_pixel_data_is_where_it_is_said_to_be(name: str) -> None:
    data = WITH_PIXELS[name]
    parsed = whole_header(data)
    assert parsed.pixel is not None
    assert parsed.pixel.keyword == "PixelData"
    assert parsed.pixel.span.offset == parsed.end == value_offset(data)
    encapsulated = name == "RLE"
    assert parsed.pixel.span.length == (None if encapsulated else len(data) - value_offset(data))


@pytest.mark.parametrize(
    ("name", "syntax"),
    [
        ("explicit", EXPLICIT),
        ("implicit", IMPLICIT),
        ("big endian", BIG),
        ("RLE", RLE),
        ("no meta, explicit", EXPLICIT),
        ("no meta, implicit", IMPLICIT),
    ],
)
def test_the_transfer_syntax_is_the_files_or_what_its_bytes_look_like(name: str, syntax: str) -> None:
    assert whole_header(WITH_PIXELS[name]).transfer_syntax == syntax


@pytest.mark.parametrize(
    ("keyword", "tag"), [("FloatPixelData", 0x7FE00008), ("DoubleFloatPixelData", 0x7FE00009)]
)
def test_float_pixels_are_pixel_data_too(keyword: str, tag: int) -> None:
    vr = "OF" if tag == 0x7FE00008 else "OD"
    data = make_object(has_pixels=False, extra={tag: (vr, b"\0" * 32)})
    parsed = whole_header(data)
    assert parsed.pixel is not None
    assert (parsed.pixel.keyword, parsed.pixel.vr) == (keyword, vr)
    assert parsed.pixel.span == PixelSpan(len(data) - 32, 32)


def test_what_follows_the_place_of_pixel_data_is_not_read() -> None:
    data = make_object(has_pixels=False, extra={0xFFFCFFFC: ("OB", b"\0" * 1000)})
    parsed = scan(data[:-900], False)
    assert isinstance(parsed, Header)
    assert parsed.pixel is None


@pytest.mark.parametrize(
    "junk",
    [
        b"",
        b"\0",
        b"not DICOM at all\n" * 40,
        b"\x89PNG\r\n\x1a\n" + b"\0" * 500,
        b"\0" * 600,
        b"PK\x03\x04" * 100,
        b"\x08\x00",
        b"\x08\x00\x05\x00" + b"\xff" * 300,
        b"\x02\x00\x10\x00",
        b"\x02\x00\x00\x00UL\x04\x00\xff\xff\xff\xff" + b"\x07" * 200,
    ],
)
def test_what_is_no_dicom_is_refused(junk: bytes) -> None:
    assert isinstance(scan(junk, True), Unparsable)


def test_a_dicm_prefix_alone_is_a_header_without_anything() -> None:
    parsed = scan(b"\0" * 128 + b"DICM", True)
    assert not isinstance(parsed, RanOut)
    assert not (isinstance(parsed, Header) and parsed.pixel is not None)


def test_a_length_beyond_all_bounds_asks_for_no_more_than_it_says() -> None:
    data = made(EXPLICIT, has_pixels=False) + struct.pack("<HH2sHI", 0x0071, 0x1001, b"OB", 0, 0xFFFFFFF0)
    asked = scan(data, False)
    assert isinstance(asked, RanOut)
    assert asked.needs == len(data) + 0xFFFFFFF0 + 8  # and the head of what follows
    assert isinstance(scan(data, True), Unparsable)


def test_a_blank_vr_does_not_hide_what_follows_it() -> None:
    """PixelPaddingValue with two blanks for a VR is read by the VR of the dictionary, and so is what follows."""
    whole = make_object(PixelPaddingValue=7)
    at = whole.index(b"\x28\x00\x20\x01US\x02\x00") + 4
    blank = whole[:at] + b"  " + whole[at + 2 :]
    parsed = scan(blank, True)
    assert isinstance(parsed, Header)
    assert elements_of(parsed) == elements_of(whole_header(whole))
    assert elements_of(parsed)["PixelPaddingValue"].values == (7,)


@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT, BIG])
@pytest.mark.parametrize("missing", [1, 2, 5, 9])
def test_an_object_that_ends_inside_an_element_is_no_object_without_pixels(syntax: str, missing: int) -> None:
    """The last element has a head of 8 and a value of 2 bytes; the one before it ends in a value of 2."""
    tag = b"\x7f\xe0\x00\x10" if syntax == BIG else b"\xe0\x7f\x10\x00"
    whole = make_object(transfer_syntax=syntax, has_pixels=True)
    before_pixels = whole[: whole.rindex(tag)]
    assert isinstance(scan(before_pixels, True), Header)
    assert isinstance(scan(before_pixels[:-missing], True), Unparsable)


def test_a_length_that_looks_like_a_blank_vr_is_left_alone_in_implicit_vr() -> None:
    """8224 bytes are written as two blanks, where explicit VR would have the VR."""
    whole = make_object(transfer_syntax=IMPLICIT, ImageComments="x" * 0x2020)
    at = whole.index(b"\x20\x20\0\0xxxx")
    parsed = scan(whole[: at + 100], False)
    assert isinstance(parsed, RanOut)
    assert parsed.needs == at + 4 + 0x2020 + 8  # and the head of what follows
