"""The first bytes of an object -> its header, or how many bytes more it takes, or why it is none.

A header is whole when the pixel data element has been met (PS3.5 8) or the end of the object; one that is cut is
never given away.  The answer depends on the bytes alone, not on how they came in.
"""

from __future__ import annotations

import zlib
from typing import Final, TypeAlias, assert_never

from attrs import evolve, frozen

from dicom_series_preview.core.header.data_set import Walked, walk
from dicom_series_preview.core.header.image_pixel import (
    DEFLATED_LITTLE_ENDIAN,
    EXPLICIT_BIG_ENDIAN,
    EXPLICIT_LITTLE_ENDIAN,
    IMPLICIT_LITTLE_ENDIAN,
    PixelSpan,
)
from dicom_series_preview.core.header.instance import PixelElement
from dicom_series_preview.core.header.raw import (
    UNDEFINED,
    VRS,
    AtEnd,
    AtPixels,
    DataSet,
    Dictionary,
    Encoding,
    RanOut,
    Unparsable,
)
from dicom_series_preview.core.header.readahead import LONGEST_HEADER, too_long

_PREAMBLE: Final = 132
_DIRECTORY: Final = b"1.2.840.10008.1.3.10"  # Media Storage Directory Storage (PS3.4 I.4)
_SOP_CLASS: Final = 0x00080016
_PIXEL_KEYWORDS: Final = {
    0x7FE00008: "FloatPixelData",
    0x7FE00009: "DoubleFloatPixelData",
    0x7FE00010: "PixelData",
}
_ITEM: Final = b"\xfe\xff\x00\xe0"
_FIRST_INFLATED: Final = 1 << 16


@frozen
class Header:
    """A whole header."""

    elements: DataSet
    spoilt: tuple[int, ...]
    """The tags of sequences among them, at whatever depth, that cannot be read."""
    transfer_syntax: str
    pixel: PixelElement | None
    """None: the object ends without pixel data."""
    end: int
    """Bytes from the start of the object to the value of the pixel data element, or to its end."""


Scanned: TypeAlias = Header | RanOut | Unparsable


@frozen
class _Begun:
    """What comes before the data set (PS3.10 7.1)."""

    syntax: str
    is_directory: bool
    end: int
    prefixed: bool


def scan_header(data: bytes, complete: bool, dictionary: Dictionary) -> Scanned:
    """Read the header of an object that begins with `data`; `complete` tells that there are no more bytes.

    Of its elements those that the `dictionary` wants are kept.  The pixels of a deflated object lie where they
    are said to in its data set once that is inflated.
    """
    begun = _read_meta(data, complete)
    if not isinstance(begun, _Begun):
        return begun
    if begun.is_directory:
        return Unparsable("it is a DICOMDIR")
    if begun.syntax == DEFLATED_LITTLE_ENDIAN:
        return _scan_deflated(data, begun.end, complete, dictionary)
    explicit, little = begun.syntax != IMPLICIT_LITTLE_ENDIAN, begun.syntax != EXPLICIT_BIG_ENDIAN
    if not begun.syntax:
        explicit, little = _guess(data, begun.end)
    walked = walk(data, begun.end, Encoding(explicit, little), complete, dictionary)
    known = begun.prefixed or _SOP_CLASS in walked.elements
    if isinstance(walked.outcome, AtPixels | AtEnd) and not known:
        return Unparsable("it has neither a DICM prefix nor a SOPClassUID")
    named = (
        (EXPLICIT_LITTLE_ENDIAN if little else EXPLICIT_BIG_ENDIAN) if explicit else IMPLICIT_LITTLE_ENDIAN
    )
    return _header(walked, begun.syntax or named, len(data))


def is_foreign(data: bytes) -> bool:
    """Whether an object that has no header never was an image: it has no DICM prefix, or is a DICOMDIR."""
    begun = _read_meta(data, complete=True)
    return data[128:_PREAMBLE] != b"DICM" or (isinstance(begun, _Begun) and begun.is_directory)


def inflate(data: bytes, at_most: int) -> bytes | None:
    """The first bytes of the data set of a deflated object (PS3.5 A.5), `at_most` so many; None if it is none."""
    begun = _read_meta(data, complete=True)
    if not isinstance(begun, _Begun) or begun.syntax != DEFLATED_LITTLE_ENDIAN:
        return None
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(data[begun.end :], at_most)
    except zlib.error:
        return None


def _read_meta(data: bytes, complete: bool) -> _Begun | RanOut | Unparsable:
    """The file meta information, which is Explicit VR Little Endian; some writers make it implicit.

    It is followed element by element: its group length may be missing or wrong, and its preamble too.
    """
    if len(data) < _PREAMBLE and not complete:
        return RanOut(_PREAMBLE)
    prefixed = data[128:_PREAMBLE] == b"DICM"
    at, found = _PREAMBLE if prefixed else 0, dict[int, bytes]()
    if (
        not prefixed
        and data[:2] not in (b"\x02\0", b"\x08\0")
        and (data[:2], data[4:6] in VRS) != (b"\0\x08", True)
    ):
        return Unparsable("it does not begin like a DICOM file")
    needs = at + 8
    while needs <= len(data) and data[at : at + 2] == b"\x02\0":
        vr, long = VRS.get(data[at + 4 : at + 6], ("", True))
        start = at + (12 if vr and long else 8)
        length = int.from_bytes(data[start - (4 if long else 2) : start], "little")
        if start <= len(data) and (vr == "SQ" or length == UNDEFINED or data.startswith(_ITEM, start)):
            return Unparsable("its file meta information holds a sequence")
        needs = start if start > len(data) else start + length
        if needs <= len(data):
            found[int.from_bytes(data[at + 2 : at + 4], "little")] = data[start:needs]
            at, needs = needs, needs + 8
    if not complete and needs > len(data):
        return RanOut(needs)
    if needs > len(data) and data[at : at + 2] == b"\x02\0":
        return Unparsable("it is cut short inside its header")
    syntax = found.get(0x10, b"").decode("latin-1").strip(" \0")
    return _Begun(syntax, found.get(0x02, b"").strip(b" \0") == _DIRECTORY, at, prefixed)


def _guess(data: bytes, at: int) -> tuple[bool, bool]:
    """Explicit VR or not, and little endian or not, by the first element: its group number is a low one."""
    explicit = data[at + 4 : at + 6] in VRS
    return explicit, not (explicit and data[at : at + 1] == b"\0")


def _scan_deflated(data: bytes, at: int, complete: bool, dictionary: Dictionary) -> Scanned:
    inflater, inflated, room = zlib.decompressobj(-zlib.MAX_WBITS), b"", _FIRST_INFLATED
    rest = data[at:]
    while True:
        try:
            inflated += inflater.decompress(rest, room - len(inflated))
        except zlib.error as error:
            return Unparsable(f"its data set cannot be inflated ({error})")
        rest = inflater.unconsumed_tail
        walked = walk(inflated, 0, Encoding(explicit=True, little=True), inflater.eof, dictionary)
        if not isinstance(walked.outcome, RanOut):
            header = _header(walked, DEFLATED_LITTLE_ENDIAN, len(inflated))
            return evolve(header, end=len(data)) if isinstance(header, Header) else header
        if len(inflated) < room:
            return Unparsable("its deflated data set is cut short") if complete else RanOut(len(data) + 1)
        if max(walked.outcome.needs, room + 1) > LONGEST_HEADER:
            return too_long()
        room = min(max(walked.outcome.needs, 2 * room), LONGEST_HEADER)


def _header(walked: Walked, syntax: str, held: int) -> Scanned:
    elements, spoilt = walked.elements, walked.spoilt
    match walked.outcome:
        case AtEnd():
            return Header(elements, spoilt, syntax, None, held)
        case AtPixels(tag=tag, vr=vr, offset=offset, length=length):
            keyword = _PIXEL_KEYWORDS.get(
                tag
            )  # what lies behind the place of the pixel data has none before it
            pixel = None if keyword is None else PixelElement(keyword, vr or "OW", PixelSpan(offset, length))
            return Header(elements, spoilt, syntax, pixel, offset)
        case RanOut() | Unparsable() as without:
            return without
        case _ as never:
            assert_never(never)
