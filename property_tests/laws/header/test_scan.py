"""Laws of telling where a header ends (PS3.10 7): never early, in any guise of the bytes before the data set."""

from __future__ import annotations

import zlib
from struct import pack

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.header.image_pixel import PixelSpan
from dicom_series_preview.core.header.instance import PixelElement
from dicom_series_preview.core.header.raw import RanOut, Unparsable
from dicom_series_preview.core.header.readahead import LONGEST_HEADER
from dicom_series_preview.core.header.scan import (
    Header,
    Scanned,
    inflate,
    is_foreign,
    scan_header,
)
from property_tests.data_sets import ENCODINGS, KINDS, Everything, Item, Items, data_sets, wanted, write

SYNTAXES = {
    (False, True): "1.2.840.10008.1.2",
    (True, True): "1.2.840.10008.1.2.1",
    (True, False): "1.2.840.10008.1.2.2",
}
DEFLATED = "1.2.840.10008.1.2.1.99"
DIRECTORY = "1.2.840.10008.1.3.10"
PREFIX = bytes(128) + b"DICM"

# What tells a data set from other bytes where no prefix does; the test's dictionary calls it UN.
SOP_CLASS = Item(0x00080016, KINDS[0x16], b"1.2.3\0")


def _scan(data: bytes, complete: bool = False) -> Scanned:
    return scan_header(data, complete, Everything())


def _meta(elements: dict[int, bytes], explicit: bool = True) -> bytes:
    found = b""
    for number, value in elements.items():
        vr = b"OB\0\0" if number == 1 else b"UL" if number == 0 else b"UI"
        length = pack("<I" if number == 1 or not explicit else "<H", len(value))
        found += pack("<HH", 2, number) + (vr if explicit else b"") + length + value
    return found


def _meta_of(syntax: str, explicit: bool = True, sop_class: str = "1.2.3") -> bytes:
    known = {0: b"\xff\xff\xff\xff", 1: b"\0\1", 2: sop_class.encode()}  # its length is not believed
    return _meta(known | {0x10: syntax.encode() + b"\0" * (len(syntax) % 2)}, explicit)


def _pixels(explicit: bool, little: bool) -> bytes:
    order = "<" if little else ">"
    return pack(order + "HH", 0x7FE0, 0x0010) + (b"OW\0\0" if explicit else b"") + pack(order + "I", 6)


def _pixel(offset: int) -> PixelElement:
    return PixelElement("PixelData", "OW", PixelSpan(offset, 6))


BEGINNINGS = st.sampled_from(["whole", "no preamble", "implicit meta", "no meta", "nothing"])


def _beginning(kind: str, syntax: str) -> bytes:
    match kind:
        case "whole":
            return PREFIX + _meta_of(syntax)
        case "no preamble":
            return _meta_of(syntax)
        case "implicit meta":
            return PREFIX + _meta_of(syntax, explicit=False)
        case "no meta":
            return PREFIX
        case _:
            return b""


@given(items=data_sets(1), encoding=ENCODINGS, kind=BEGINNINGS, has_pixels=st.booleans())
def test_a_header_is_whole_where_it_ends_and_nowhere_before(
    items: Items, encoding: tuple[bool, bool], kind: str, has_pixels: bool
) -> None:
    """However the data set is introduced; cut anywhere, more is asked for, at most what there is."""
    known = tuple(item for item in items if item.tag > SOP_CLASS.tag)
    data_set = (SOP_CLASS, *known)
    beginning = _beginning(kind, SYNTAXES[encoding])
    header = beginning + write(data_set, *encoding) + (_pixels(*encoding) if has_pixels else b"")
    whole = header + b"pixels" * has_pixels
    pixel = _pixel(len(header)) if has_pixels else None
    expected = Header(wanted(data_set, *encoding), (), SYNTAXES[encoding], pixel, len(header))
    assert _scan(whole, complete=True) == expected
    most = max(132, len(whole) if has_pixels else len(whole) + 8)
    for cut in range(len(header) if has_pixels else len(whole) + 1):
        outcome = _scan(whole[:cut])
        assert isinstance(outcome, RanOut)
        assert cut < outcome.needs <= most
    assert (_scan(whole) == expected) == (has_pixels and len(whole) >= 132)
    assert is_foreign(whole) == (not beginning.startswith(PREFIX))


def _deflated(data_set: bytes) -> bytes:
    deflater = zlib.compressobj(wbits=-15)
    return PREFIX + _meta_of(DEFLATED) + deflater.compress(data_set) + deflater.flush()


@given(items=data_sets(1), has_pixels=st.booleans(), zeros=st.integers(0, 300_000))
def test_a_deflated_data_set_reads_like_any_other(items: Items, has_pixels: bool, zeros: int) -> None:
    """PS3.5 A.5: explicit VR little endian once it is inflated; the pixels are where they then lie."""
    behind = Item(0x7FDE0000 | KINDS.index("OB"), "OB", bytes(zeros))
    data_set = (*items, behind) if zeros else items
    header = write(data_set, True, True) + (_pixels(True, True) if has_pixels else b"")
    body = header + (b"pixels" if has_pixels else b"")
    data = _deflated(body)
    pixel = _pixel(len(header)) if has_pixels else None
    expected = Header(wanted(data_set, True, True), (), DEFLATED, pixel, len(data))
    assert _scan(data, complete=True) == expected
    assert inflate(data, 1 << 20) == body
    assert inflate(data, 5) == body[:5]
    for cut in {*range(0, len(data) - 1, 1 + len(data) // 50)}:
        early = _scan(data[:cut])
        needs_more = isinstance(early, RanOut) and early.needs > cut
        assert needs_more or (has_pixels and early == evolve(expected, end=cut))


@given(items=data_sets(1), cut=st.integers(1, 40), complete=st.booleans())
def test_a_deflated_data_set_that_is_cut_is_not_used(items: Items, cut: int, complete: bool) -> None:
    """Nor one that is no deflated data set at all."""
    data = _deflated(write(items, True, True))
    start = len(PREFIX + _meta_of(DEFLATED))
    short = data[: max(start, len(data) - cut)]
    assert isinstance(_scan(short, complete), Unparsable if complete else RanOut)
    assert isinstance(_scan(data[:start] + b"\xff" * 20, complete), Unparsable)
    assert inflate(data[:start] + b"\xff" * 20, 100) is None


def test_nothing_is_inflated_but_deflated_objects() -> None:
    """Others have no data set to inflate."""
    assert inflate(PREFIX + _meta_of(SYNTAXES[True, True]) + b"more", 100) is None
    assert inflate(b"no object", 100) is None


@pytest.mark.parametrize("has_pixels", [True, False])
def test_inflating_stops_at_the_longest_header(has_pixels: bool) -> None:
    """A bomb costs no more than that; a header just below it is read."""
    private = Item(0x00091000 | KINDS.index("OB"), "OB", bytes(LONGEST_HEADER - 1000))
    end = _pixels(True, True) if has_pixels else b""
    assert isinstance(_scan(_deflated(write((private,), True, True) + end), True), Header)
    private = evolve(private, value=bytes(LONGEST_HEADER))
    refused = _scan(_deflated(write((private,), True, True) + end), True)
    assert isinstance(refused, Unparsable)
    assert str(LONGEST_HEADER) in refused.reason


@given(encoding=ENCODINGS, complete=st.booleans(), padding=st.sampled_from(["", "\0\0", "  "]))
def test_a_dicomdir_is_none_of_a_series(encoding: tuple[bool, bool], complete: bool, padding: str) -> None:
    """PS3.4 I.4: it lists objects, and was never an image; its UID may be padded although it need not be."""
    data = (
        PREFIX + _meta_of(SYNTAXES[encoding], sop_class=DIRECTORY + padding) + write((SOP_CLASS,), *encoding)
    )
    refused = _scan(data, complete)
    assert isinstance(refused, Unparsable)
    assert "DICOMDIR" in refused.reason
    assert is_foreign(data)


@given(junk=st.binary(min_size=140).filter(lambda junk: junk[:2] not in (b"\2\0", b"\x08\0", b"\0\x08")))
def test_what_begins_like_no_object_is_refused(junk: bytes) -> None:
    """As soon as its first 132 bytes are there, which a prefix may end."""
    assert isinstance(_scan(junk), Unparsable)
    assert _scan(junk[:131]) == RanOut(132)
    assert is_foreign(junk)


@pytest.mark.parametrize("length", [0xFFFFFFFF, 8])
def test_file_meta_information_has_no_sequences(length: int) -> None:
    """A sequence, or an undefined length, in a group that has neither (PS3.10 7.1)."""
    head = pack("<HH2sHI", 2, 0x0010, b"SQ" if length == 8 else b"UN", 0, length)
    for complete in (True, False):
        refused = _scan(PREFIX + head + bytes(8), complete)
        assert isinstance(refused, Unparsable)
        assert "sequence" in refused.reason


@given(cut=st.integers(1, 200))
def test_file_meta_information_that_is_cut_for_good_is_refused(cut: int) -> None:
    """It ends within an element."""
    data = PREFIX + _meta_of(SYNTAXES[True, True])
    short = data[: max(133, len(data) - cut)]
    assert isinstance(_scan(short), RanOut)
    assert isinstance(_scan(data[:-1], complete=True), Unparsable)
    assert isinstance(_scan(data, complete=True), Header)


@given(syntax=st.sampled_from([*SYNTAXES.values(), DEFLATED]), cut=st.integers(1, 10))
def test_what_begins_like_file_meta_information_is_no_data_set(syntax: str, cut: int) -> None:
    """Its group alone tells, also where the transfer syntax is known already (PS3.10 7.1)."""
    data = PREFIX + _meta_of(syntax) + _meta({0x12: b"1.2\0"})
    refused = _scan(data[: len(data) - cut], complete=True)
    assert refused == Unparsable("it is cut short inside its header")


@given(items=data_sets(1))
def test_without_a_prefix_a_sop_class_is_asked_for(items: Items) -> None:
    """Else it may be anything."""
    data_set = (Item(0x00080006, KINDS[6], b""), *(item for item in items if item.tag > SOP_CLASS.tag))
    body = write(data_set, True, True) + _pixels(True, True)
    refused = _scan(body, complete=True)
    assert isinstance(refused, Unparsable)
    assert "SOPClassUID" in refused.reason
    assert isinstance(_scan(PREFIX + body, complete=True), Header)


def test_what_lies_behind_the_place_of_pixels_tells_that_there_are_none() -> None:
    """A signature or padding at the end of an object (PS3.5 7.1): it has no pixel data."""
    tail = pack("<HH2sHI", 0xFFFC, 0xFFFC, b"OB", 0, 500)
    header = _scan(PREFIX + _meta_of(SYNTAXES[True, True]) + tail)
    assert isinstance(header, Header)
    assert header.pixel is None


def test_what_cannot_be_followed_is_refused_with_its_place() -> None:
    """An item outside of a sequence, at byte 132."""
    refused = _scan(PREFIX + pack("<HHI", 0xFFFE, 0xE000, 0) * 2)
    assert isinstance(refused, Unparsable)
    assert "byte 132" in refused.reason
