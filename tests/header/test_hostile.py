"""Headers made to waste time or memory: a header or a refusal at once, at a cost that follows their length."""

from __future__ import annotations

import zlib
from struct import pack
from time import process_time

import pytest

from dicom_series_preview.core.header.raw import Dictionary, RanOut, Unparsable
from dicom_series_preview.core.header.readahead import LONGEST_HEADER, next_fetch
from dicom_series_preview.core.header.scan import Header, Scanned, scan_header
from dicom_series_preview.core.header.wanted import PREVIEW
from dicom_series_preview.shell.dicom.dictionary import Everything
from tests.support.dicom import make_object
from tests.support.headers import elements_of

DICTIONARIES = pytest.mark.parametrize("dictionary", [PREVIEW, Everything()], ids=["preview", "index"])
BUDGET = 5.0
"""Seconds of this process, of which a busy machine takes nothing."""

MANY = 1 << 18

START = make_object(has_pixels=False)
PIXELS = pack("<HH2sHI", 0x7FE0, 0x0010, b"OW", 0, 48) + bytes(48)
GROUPS, PRIVATE = 0x52009230, 0x00711001
ITEM, ENDLESS = b"\xfe\xff\x00\xe0", b"\xff\xff\xff\xff"
ITEM_ENDS, SEQUENCE_ENDS = b"\xfe\xff\x0d\xe0" + bytes(4), b"\xfe\xff\xdd\xe0" + bytes(4)


def _head(tag: int, vr: bytes, length: int) -> bytes:
    return pack("<HH2sHI", tag >> 16, tag & 0xFFFF, vr, 0, length)


def _scan(data: bytes, dictionary: Dictionary) -> Scanned:
    began = process_time()
    scanned = scan_header(data, True, dictionary)
    assert process_time() - began < BUDGET
    return scanned


@DICTIONARIES
@pytest.mark.parametrize("tag", [GROUPS, PRIVATE])
@pytest.mark.parametrize("vr", [b"SQ", b"UN"])
@pytest.mark.parametrize("undefined", [True, False])
def test_hundreds_of_thousands_of_empty_items(
    dictionary: Dictionary, tag: int, vr: bytes, undefined: bool
) -> None:
    items = (ITEM + bytes(4)) * MANY
    sequence = _head(tag, vr, 0xFFFFFFFF if undefined else len(items)) + items + SEQUENCE_ENDS * undefined
    header = _scan(START + sequence + PIXELS, dictionary)
    assert isinstance(header, Header)
    assert header.pixel is not None
    kept = tag == GROUPS or (dictionary is not PREVIEW and (undefined or vr == b"SQ"))
    assert (tag in header.elements and len(header.elements[tag].value) == MANY) == kept
    groups = elements_of(header).get("PerFrameFunctionalGroupsSequence")
    assert (groups is not None and len(groups.values) == MANY) == (tag == GROUPS)


@DICTIONARIES
@pytest.mark.parametrize("tag", [GROUPS, PRIVATE])
@pytest.mark.parametrize("ends", [True, False])
def test_ten_thousand_levels(dictionary: Dictionary, tag: int, ends: bool) -> None:
    deep = (_head(tag, b"SQ", 0xFFFFFFFF) + ITEM + ENDLESS) * 10_000
    deep += (ITEM_ENDS + SEQUENCE_ENDS) * 10_000 * ends
    scanned = _scan(START + deep + PIXELS, dictionary)
    assert isinstance(scanned, Header if dictionary is PREVIEW and tag == PRIVATE and ends else Unparsable)


@DICTIONARIES
def test_many_megabytes_that_are_private(dictionary: Dictionary) -> None:
    items = (ITEM + pack("<I", 1 << 20) + b"\xff" * (1 << 20)) * 50
    data = START + _head(PRIVATE, b"OB", 0xFFFFFFFF) + items + SEQUENCE_ENDS + PIXELS
    assert isinstance(_scan(data, dictionary), Header)


@DICTIONARIES
def test_a_private_sequence_beyond_the_longest_header(dictionary: Dictionary) -> None:
    """Of 100 MB in an undefined length, and of 4 GB in a defined one, no more than 64 MiB are asked for."""
    item = ITEM + pack("<I", 1 << 20) + bytes(1 << 20)
    endless = START + _head(PRIVATE, b"OB", 0xFFFFFFFF) + item * (LONGEST_HEADER >> 20)
    seen = scan_header(endless[:LONGEST_HEADER], False, dictionary)
    assert isinstance(seen, RanOut)
    assert isinstance(next_fetch(LONGEST_HEADER, 10**9, seen), Unparsable)
    begun = scan_header(START + _head(PRIVATE, b"OB", 0xF0000000), False, dictionary)
    assert isinstance(begun, RanOut)
    assert isinstance(next_fetch(len(START) + 12, None, begun), Unparsable)


@DICTIONARIES
def test_a_private_element_that_inflates_without_end(dictionary: Dictionary) -> None:
    deflater = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    start = make_object(transfer_syntax="1.2.840.10008.1.2.1.99", has_pixels=False)
    meta = start[: 144 + int.from_bytes(start[140:144], "little")]
    body = deflater.compress(_head(PRIVATE, b"OB", 250_000_000))
    body += b"".join(deflater.compress(bytes(1_000_000)) for _ in range(250)) + deflater.flush()
    scanned = _scan(meta + body, dictionary)
    assert isinstance(scanned, Unparsable)
    assert str(LONGEST_HEADER) in scanned.reason
