"""pydicom: the bytes of an object -> element values.

A header is whole only if the parser met the pixel data element or the end of the object: pydicom reads a
buffer that was cut anywhere without complaint.  So every answer here says which of the two it saw.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from io import BytesIO
from threading import Lock
from typing import Any, Final, TypeAlias

from attrs import evolve, frozen
from pydicom.datadict import dictionary_has_tag, dictionary_VR, tag_for_keyword
from pydicom.dataset import Dataset
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.filereader import read_dataset, read_partial
from pydicom.tag import BaseTag

from dicom_series_preview.core.header.elements import Element, Elements, Value, text
from dicom_series_preview.core.header.image_pixel import DEFLATED_LITTLE_ENDIAN, PixelSpan
from dicom_series_preview.core.header.instance import PixelElement
from dicom_series_preview.core.header.readahead import RanOut, Unparsable
from dicom_series_preview.core.header.wanted import ELEMENTS

FIRST_PIXEL_TAG: Final = 0x7FE00008
_PIXEL_KEYWORDS: Final = {
    0x7FE00008: "FloatPixelData",
    0x7FE00009: "DoubleFloatPixelData",
    0x7FE00010: "PixelData",
}
_PREAMBLE: Final = 132
_DIRECTORY: Final = b"1.2.840.10008.1.3.10"  # Media Storage Directory Storage (PS3.4 I.4)
_LONG_LENGTH: Final = frozenset(
    {"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"}
)
_ITEM: Final = b"\xfe\xff\x00\xe0"
_UNDEFINED: Final = 0xFFFFFFFF
_DELIMITERS: Final = (b"\xfe\xff\xdd\xe0\0\0\0\0", b"\xff\xfe\xe0\xdd\0\0\0\0")
"""What ends an element of undefined length, in little and in big endian."""

LARGEST_INFLATED: Final = 1 << 28
"""A deflated data set that grows beyond this many bytes is refused."""

_INFLATING: Final = Lock()
"""Deflated data sets may be a thousand times as large as their objects: they are inflated one by one."""

# What pydicom raises on bytes that are no data set, or on a part of one.
PARSER_ERRORS: Final = (
    *(ArithmeticError, AttributeError, BytesLengthException, EOFError, InvalidDicomError),
    *(KeyError, IndexError, NotImplementedError, OSError, RecursionError, struct.error),
    *(TypeError, ValueError, zlib.error),
)

_NUMBERS: Final = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "FL": "f", "FD": "d", "UV": "Q", "SV": "q"}
_TEXTS: Final = frozenset(
    {"AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UI", "UR", "UT"}
)
_AMBIGUOUS: Final = {"US or SS": "US", "US or OW": "OW", "OB or OW": "OW", "US or SS or OW": "OW"}


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


Parsed: TypeAlias = ParsedHeader | RanOut | Unparsable


def _named(names: frozenset[str]) -> dict[int, str]:
    """Tag -> name, for keywords and for `(gggg,eeee)`."""
    tags = {name: tag_for_keyword(name) for name in names if not name.startswith("(")}
    private = {int(name[1:5] + name[6:10], 16): name for name in names if name.startswith("(")}
    return {tag: name for name, tag in tags.items() if tag is not None} | private


_ROOT: Final = _named(ELEMENTS)
_ROOT_TAGS: Final = sorted(_ROOT)


def parse_header(data: bytes, complete: bool) -> Parsed:
    """Parse the first bytes of an object; `complete` tells that there are no more.

    Only the elements that `core.header.read_instance` reads are kept.
    """
    if len(data) < _PREAMBLE and not complete:
        return RanOut(_PREAMBLE)
    if not _looks_like_dicom(data):
        return Unparsable("it does not begin like a DICOM file")
    meta = data[: _meta_end(data)]
    if _DIRECTORY in meta:
        return Unparsable("it is a DICOMDIR")
    if _ITEM in meta:  # pydicom would put it into words, which takes for ever where sequences are nested deep
        return Unparsable("its file meta information holds a sequence")
    if DEFLATED_LITTLE_ENDIAN.encode() in meta:
        return _parse_deflated(data, complete)
    return _parse_plain(data, complete)


def is_foreign(data: bytes) -> bool:
    """Whether an object that cannot be parsed never was an image: it has no DICM prefix, or is a DICOMDIR."""
    return data[128:132] != b"DICM" or _DIRECTORY in data[: _meta_end(data)]


def _looks_like_dicom(data: bytes) -> bool:
    """A DICM prefix (PS3.10 7.1), or the low group number of a file meta or data set in little endian."""
    return data[128:132] == b"DICM" or data[:2] in (b"\x02\x00", b"\x08\x00")


def _meta_end(data: bytes) -> int:
    """Where the file meta information ends (PS3.10 7.1), which is Explicit VR Little Endian: walked, because
    its group length may be missing, and the preamble too.  Some writers make it implicit."""
    at = _PREAMBLE if data[128:132] == b"DICM" else 0
    explicit = data[at + 4 : at + 6].isalpha()
    while data[at : at + 2] == b"\x02\x00":
        if explicit and data[at + 4 : at + 6].decode("latin-1") in _LONG_LENGTH:
            head, length = 12, data[at + 8 : at + 12]
        else:
            head, length = 8, data[at + 6 : at + 8] if explicit else data[at + 4 : at + 8]
        at += head + int.from_bytes(length, "little")
    return at


class _Watch:
    """Pydicom's stop condition: it stops at the pixel data and notes how far the element before it reaches."""

    def __init__(self, buffer: BytesIO) -> None:
        self.buffer = buffer
        self.needs = 0
        self.undefined = False
        self.without_vr: tuple[int, int] | None = None  # tag, and where its VR would be in explicit VR
        self.stopped: tuple[int, str | None, int] | None = None

    def __call__(self, tag: BaseTag, vr: str | None, length: int) -> bool:
        number = int(tag)  # comparing pydicom's tags is ten times slower
        if number >= FIRST_PIXEL_TAG:
            self.stopped = (number, vr, length)
            return True
        self.without_vr = (number, self.buffer.tell() - 4) if vr is None else None
        self.undefined = length == _UNDEFINED
        if not self.undefined:
            self.needs = self.buffer.tell() + length
        return False

    def is_cut(self) -> bool:
        """Whether the bytes end within an element (PS3.5 7.1), and not only in a padding of zeros."""
        held = self.buffer.getvalue()
        return (
            not held.endswith(_DELIMITERS)
            if self.undefined
            else self.needs > len(held) or any(held[self.needs :])
        )


def _parse_plain(data: bytes, complete: bool) -> Parsed:
    buffer = BytesIO(data)
    watch = _Watch(buffer)
    try:
        dataset = read_partial(buffer, watch, force=True, specific_tags=_ROOT_TAGS)
        # In implicit VR no element has one, and two blanks are a part of its length.
        mended = None if dataset.original_encoding[0] else _mended(data, watch)
        if mended is not None:
            return _parse_mended(mended, complete)
        elements = _elements(dataset, _ROOT) if watch.stopped or complete else {}
    except PARSER_ERRORS as error:
        if not complete and watch.stopped is None:
            return RanOut(watch.needs)
        return Unparsable(f"its header cannot be parsed ({type(error).__name__}: {error})")
    if data[128:132] != b"DICM" and text(elements, "SOPClassUID") is None and (watch.stopped or complete):
        return Unparsable("it has neither a DICM prefix nor a SOPClassUID")
    syntax = str(dataset.file_meta.get("TransferSyntaxUID", ""))
    if not syntax:
        implicit, little = dataset.original_encoding
        syntax = "1.2.840.10008.1.2" + ("" if implicit else ".1" if little else ".2")
    return _answer(watch, elements, syntax, len(data), complete, None)


def _mended(data: bytes, watch: _Watch) -> bytes | None:
    """The data with a VR for the element at which parsing lost its way because its VR is blank; else None.

    Some writers leave the VR of PixelPaddingValue blank; pydicom then takes the VR for a part of the length,
    and runs off the end.
    """
    if watch.stopped is not None or watch.without_vr is None or watch.needs <= len(data):
        return None
    tag, at = watch.without_vr
    if data[at : at + 2] != b"  " or not dictionary_has_tag(tag):
        return None
    vr = dictionary_VR(tag)[:2]
    return None if vr in _LONG_LENGTH else data[:at] + vr.encode() + data[at + 2 :]


def _parse_mended(mended: bytes, complete: bool) -> Parsed:
    parsed = _parse_plain(mended, complete)
    if isinstance(parsed, ParsedHeader) and parsed.mended is None:
        return evolve(parsed, mended=mended)
    return parsed


def _parse_deflated(data: bytes, complete: bool) -> Parsed:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        with _INFLATING:
            inflated = inflater.decompress(data[_meta_end(data) :], LARGEST_INFLATED)
        if inflater.unconsumed_tail:
            return Unparsable(f"its deflated data set grows beyond {LARGEST_INFLATED} bytes")
        if not inflater.eof:
            return Unparsable("its deflated data set is cut short") if complete else RanOut(2 * len(data))
        buffer = BytesIO(inflated)
        watch = _Watch(buffer)
        dataset = read_dataset(buffer, False, True, stop_when=watch, specific_tags=_ROOT_TAGS)
        elements = _elements(dataset, _ROOT)
    except PARSER_ERRORS as error:
        return Unparsable(f"its deflated data set cannot be parsed ({type(error).__name__}: {error})")
    return _answer(watch, elements, DEFLATED_LITTLE_ENDIAN, len(data), True, inflated)


def _answer(
    watch: _Watch, elements: Elements, syntax: str, held: int, complete: bool, inflated: bytes | None
) -> Parsed:
    if watch.stopped is None and not complete:
        return RanOut(watch.needs)
    if watch.stopped is None and watch.is_cut():
        return Unparsable("it is cut short inside its header")
    if watch.stopped is None:
        return ParsedHeader(elements, syntax, None, held, inflated)
    tag, vr, length = watch.stopped
    offset = watch.buffer.tell() + (12 if vr in _LONG_LENGTH else 8)
    end = offset if inflated is None else held
    keyword = _PIXEL_KEYWORDS.get(tag)
    if keyword is None:  # an element behind the place of the pixel data: there is none
        return ParsedHeader(elements, syntax, None, end, inflated)
    span = PixelSpan(offset, None if length == _UNDEFINED else length)
    return ParsedHeader(elements, syntax, PixelElement(keyword, vr or "OW", span), end, inflated)


def _elements(dataset: Dataset, wanted: Mapping[int, str]) -> Elements:
    """The wanted elements, by name; iterating over the data set itself would convert every value."""
    return {
        wanted[number]: _element(dataset, tag)
        for tag in list(dataset.keys())
        if (number := int(tag)) in wanted
    }


def _element(dataset: Dataset, tag: BaseTag) -> Element:
    raw: Any = dataset.get_item(tag)
    vr = str(raw.VR or "UN")
    if vr == "UN" and not tag.is_private:
        vr = dictionary_VR(tag)
    if vr == "SQ":
        return Element(vr, tuple(_elements(item, _ROOT) for item in dataset[tag].value or ()))
    vr = _AMBIGUOUS.get(vr, vr)
    value = raw.value
    if value is None or value == b"":
        return Element(vr, ())
    if not isinstance(value, bytes):  # pydicom has converted it already
        value = dataset[tag].value
        parts = list(value) if isinstance(value, list | tuple) else [value]
        return Element(
            vr, tuple(part if isinstance(part, int | float | bytes) else str(part) for part in parts)
        )
    return Element(vr, _values(vr, value, raw.is_little_endian))


def _values(vr: str, value: bytes, little: bool) -> tuple[Value, ...]:
    if vr in _NUMBERS:
        code = _NUMBERS[vr]
        count = len(value) // struct.calcsize("=" + code)
        return struct.unpack(
            f"{'<' if little else '>'}{count}{code}", value[: count * struct.calcsize("=" + code)]
        )
    if vr not in _TEXTS:
        return (value,)
    parts = tuple(part.strip(" \0\t\r\n") for part in value.decode("latin-1").split("\\"))
    return parts if any(parts) else ()
