"""The first bytes of a plain object -> its header, without a library to wait for.

Loading pydicom takes longer than all the rest of a preview.  Most objects need none of it: they are Part 10
files in little endian, and what is read of them lies at the root of their data set, as values and not as
sequences.  Whatever is odd about an object is left to a real parser; nothing is guessed here.
"""

from __future__ import annotations

from struct import Struct, calcsize, unpack
from typing import Final

from attrs import frozen

from dicom_series_preview.core.dictionary import ROOT
from dicom_series_preview.core.elements import Element, Elements, Value
from dicom_series_preview.core.headers import ELEMENTS, PixelElement
from dicom_series_preview.core.pixelformat import DEFLATED_LITTLE_ENDIAN, EXPLICIT_BIG_ENDIAN, PixelSpan
from dicom_series_preview.core.readahead import RanOut

PIXEL_KEYWORDS: Final = {
    0x7FE00008: "FloatPixelData",
    0x7FE00009: "DoubleFloatPixelData",
    0x7FE00010: "PixelData",
}
FIRST_PIXEL_TAG: Final = 0x7FE00008
PREAMBLE: Final = 132
UNDEFINED: Final = 0xFFFFFFFF
"""The length of an element that ends with a delimiter (PS3.5 7.5)."""

LONG_LENGTH: Final = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"})
"""VRs whose length takes 32 bits in explicit VR (PS3.5 7.1.2)."""

AMBIGUOUS: Final = {"US or SS": "US", "US or OW": "OW", "OB or OW": "OW", "US or SS or OW": "OW"}
"""What the dictionary leaves open, as it is read here."""

_NUMBERS: Final = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "FL": "f", "FD": "d", "UV": "Q", "SV": "q"}
_TEXTS: Final = frozenset(
    {"AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UI", "UR", "UT"}
)
_KINDS: Final = {vr.encode(): vr for vr in LONG_LENGTH | _TEXTS | _NUMBERS.keys() | {"AT"}}

_IMPLICIT: Final = "1.2.840.10008.1.2"
_ITEM: Final = 0xFFFEE000
_ITEM_END: Final = 0xFFFEE00D
_SEQUENCE_END: Final = 0xFFFEE0DD
_DEEPEST: Final = 16

_TAG_LENGTH: Final = Struct("<HHI").unpack_from
_TAG_VR_LENGTH: Final = Struct("<HH2sH").unpack_from
_LENGTH: Final = Struct("<I").unpack_from

_PRIVATE: Final = {int(name[1:5] + name[6:10], 16): (name, "UN") for name in ELEMENTS if name[0] == "("}
_WANTED: Final = {tag: (name, vr) for name, (tag, vr) in ROOT.items()} | _PRIVATE


@frozen
class ParsedHeader:
    """A whole header."""

    elements: Elements
    transfer_syntax: str
    pixel: PixelElement | None
    """None: the object ends without pixel data."""
    end: int
    """Bytes from the start of the object to the value of the pixel data element, or to its end."""
    inflated: bytes | None
    """The data set of a deflated object, which `pixel` lies in; None for all others."""
    mended: bytes | None = None
    """The bytes that were parsed, where blank VRs had to be filled in first."""


def read_values(vr: str, value: bytes, little: bool) -> tuple[Value, ...]:
    """The values of an element that is not a sequence, as `Element` has them."""
    if vr in _NUMBERS:
        code = _NUMBERS[vr]
        count = len(value) // calcsize("=" + code)
        return unpack(f"{'<' if little else '>'}{count}{code}", value[: count * calcsize("=" + code)])
    if vr not in _TEXTS:
        return (value,) if value else ()
    parts = tuple(part.strip(" \0\t\r\n") for part in value.decode("latin-1").split("\\"))
    return parts if any(parts) else ()


def walk_header(data: bytes) -> ParsedHeader | RanOut | None:
    """The header of an object that begins with `data`, if it ends there; None if the object is not plain.

    A header counts as whole when the pixel data element was met.
    """
    begun = _after_meta(data)
    if begun is None:
        return None
    syntax, at = begun
    explicit = syntax != _IMPLICIT
    if not explicit and data[at + 4 : at + 6].isalpha():
        return None  # it looks like a VR
    elements: dict[str, Element] = {}
    needs = 0
    while at + 8 <= len(data):
        head = _head(data, at, explicit)
        if head is None:
            return None
        tag, vr, length, start = head
        if start > len(data):
            break
        if tag >= FIRST_PIXEL_TAG:
            keyword = PIXEL_KEYWORDS.get(tag)
            if keyword is None or (explicit and vr not in LONG_LENGTH):
                return None
            span = PixelSpan(start, None if length == UNDEFINED else length)
            return ParsedHeader(elements, syntax, PixelElement(keyword, vr or "OW", span), start, None)
        if length == UNDEFINED:
            end = _after_items(data, start, explicit) if vr in ("SQ", "") and tag not in _WANTED else None
            if end is None:
                return None
            at = end
            continue
        at = needs = start + length
        wanted = _WANTED.get(tag)
        if wanted is not None and at <= len(data):
            name, usual = wanted
            vr = AMBIGUOUS.get(usual, usual) if vr in ("", "UN") else vr
            if vr == "SQ":
                return None
            elements[name] = Element(vr, read_values(vr, data[start:at], True))
    return RanOut(needs)


def _after_meta(data: bytes) -> tuple[str, int] | None:
    """The transfer syntax, if it is a plain one, and where the data set begins (PS3.10 7.1)."""
    if data[128:132] != b"DICM":
        return None
    at, syntax = PREAMBLE, ""
    while data[at : at + 2] == b"\x02\x00" and at + 8 <= len(data):
        head = _head(data, at, True)
        if head is None or head[2] == UNDEFINED:
            return None
        tag, vr, length, start = head
        at = start + length
        if tag == 0x00020000 and (vr, length) != ("UL", 4):
            return None
        if tag == 0x00020010:
            syntax = data[start:at].decode("latin-1").rstrip("\0 ")
    plain = syntax == _IMPLICIT or syntax.startswith(f"{_IMPLICIT}.")
    if not plain or syntax in (EXPLICIT_BIG_ENDIAN, DEFLATED_LITTLE_ENDIAN) or data[at : at + 2] == b"\0\0":
        return None
    return syntax, at


def _head(data: bytes, at: int, explicit: bool) -> tuple[int, str, int, int] | None:
    """Tag, VR ("" if it is implicit), length and where the value begins; None if that is no VR (PS3.5 7.1).

    The 8 bytes from `at` are there.  Where a longer head is cut the value begins beyond the data.
    """
    if not explicit:
        group, element, length = _TAG_LENGTH(data, at)
        return group << 16 | element, "", length, at + 8
    group, element, code, length = _TAG_VR_LENGTH(data, at)
    vr = _KINDS.get(code)
    if vr is None:
        return None
    if vr not in LONG_LENGTH:
        return group << 16 | element, vr, length, at + 8
    if at + 12 > len(data):
        return group << 16 | element, vr, 0, at + 12
    return group << 16 | element, vr, _LENGTH(data, at + 8)[0], at + 12


def _after_items(data: bytes, at: int, explicit: bool, depth: int = 0) -> int | None:
    """Where a sequence of undefined length ends whose items begin at `at` (PS3.5 7.5).

    Beyond the data if its end is not there; None if it is no such sequence.
    """
    while at + 8 <= len(data):
        group, element, length = _TAG_LENGTH(data, at)
        tag = group << 16 | element
        at += 8
        if tag == _SEQUENCE_END:
            return at
        if tag != _ITEM or depth == _DEEPEST:
            return None
        end = at + length if length != UNDEFINED else _after_item(data, at, explicit, depth)
        if end is None:
            return None
        at = end
    return max(at, len(data) + 1)


def _after_item(data: bytes, at: int, explicit: bool, depth: int) -> int | None:
    """Where an item of undefined length ends; see `_after_items`."""
    while at + 8 <= len(data):
        group, element, _ = _TAG_LENGTH(data, at)
        if group << 16 | element == _ITEM_END:
            return at + 8
        head = _head(data, at, explicit)
        if head is None:
            return None
        _, vr, length, at = head
        if length != UNDEFINED:
            at += length
            continue
        end = _after_items(data, at, explicit, depth + 1) if vr in ("SQ", "") else None
        if end is None:
            return None
        at = end
    return max(at, len(data) + 1)
