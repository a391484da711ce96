"""pydicom: the bytes of a whole header -> a typed cell for each of its elements.

Values are decoded here rather than by pydicom: the elements of a series are mostly the same in all its objects,
so what was decoded once is found again by its bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from functools import cache
from io import BytesIO
from typing import Any, Final

from attrs import frozen
from pydicom.charset import convert_encodings, decode_bytes
from pydicom.datadict import dictionary_has_tag, dictionary_VR, keyword_for_tag, private_dictionary_VR
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset, read_partial
from pydicom.multival import MultiValue
from pydicom.tag import BaseTag
from pydicom.valuerep import TEXT_VR_DELIMS
from pydicom.values import convert_SQ

from dicom_series_preview.core.header.elements import Element, Value
from dicom_series_preview.core.header.image_pixel import DEFLATED_LITTLE_ENDIAN
from dicom_series_preview.core.header.readahead import Unparsable
from dicom_series_preview.core.index.cells import Cell, make_cell, unreadable_cell
from dicom_series_preview.shell.dicom.parse_header import FIRST_PIXEL_TAG, PARSER_ERRORS, ParsedHeader

_REMEMBERED: Final = 1 << 16
"""Values longer than this many bytes are decoded each time."""

_SEVERAL: Final = (list, tuple, MultiValue)

_CHARACTER_SET: Final = 0x00080005
_PIXEL_REPRESENTATION: Final = 0x00280103
_LUT_DESCRIPTORS: Final = frozenset({0x00281101, 0x00281102, 0x00281103, 0x00283002})

_NUMBERS: Final = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "FL": "f", "FD": "d", "UV": "Q", "SV": "q"}
_BYTES: Final = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})
_ONE_VALUE: Final = frozenset({"LT", "ST", "UR", "UT"})
_ENCODED: Final = frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UT"})
_PADDED_BOTH_SIDES: Final = frozenset({"AE", "DS", "IS"})
_TEXTS: Final = _ONE_VALUE | _ENCODED | _PADDED_BOTH_SIDES | {"AS", "CS", "DA", "DT", "TM", "UI"}


@frozen
class _Context:
    """What the meaning of an element's bytes depends on besides its own tag and VR."""

    character_sets: str
    signed: bool
    """PixelRepresentation (PS3.3 C.7.6.3.1) of the data set or the one around it."""
    implicit: bool
    little: bool


class HeaderTable:
    """Reads the headers of one series; safe to use from many threads."""

    def __init__(self) -> None:
        self._remembered: dict[tuple[int, str, bytes, _Context], Cell | None] = {}

    def cells(self, data: bytes, parsed: ParsedHeader) -> Mapping[str, Cell] | Unparsable:
        """All elements that are not empty, by column name, of an object that begins with `data`.

        `parsed` is what `parse_header` made of the same bytes.  The names are DICOM keywords, or
        `(gggg,eeee)` for private, unknown and repeating elements (PS3.5 7.6).  The file meta information is
        left out but for the transfer syntax, and so are the pixel data and what follows.
        """
        try:
            dataset, syntax = _read(data, parsed)
            found = dict(self._cells(dataset))
        except PARSER_ERRORS as error:
            return Unparsable(f"its header cannot be parsed ({type(error).__name__}: {error})")
        cell = make_cell("00020010", Element("UI", (syntax,)))
        return found if cell is None else {"TransferSyntaxUID": cell, **found}

    def _cells(self, dataset: Dataset) -> Iterator[tuple[str, Cell]]:
        context = _context(dataset, None)
        for raw in dataset.elements():
            cell = self._cell(dataset, raw, context)
            if cell is not None:
                yield _name(int(raw.tag)), cell

    def _cell(self, dataset: Dataset, raw: Any, context: _Context) -> Cell | None:
        vr = _vr(dataset, raw, context)
        if not isinstance(raw.value, bytes) or len(raw.value) > _REMEMBERED:
            return _decoded(raw, vr, context)
        key = (int(raw.tag), vr, raw.value, context)
        if key not in self._remembered:
            self._remembered[key] = _decoded(raw, vr, context)
        return self._remembered[key]


def _read(data: bytes, parsed: ParsedHeader) -> tuple[Dataset, str]:
    """The data set without its pixels, nothing converted, and the transfer syntax its meta header names."""
    if parsed.inflated is not None:
        return read_dataset(
            BytesIO(parsed.inflated), False, True, stop_when=_at_pixels
        ), DEFLATED_LITTLE_ENDIAN
    dataset = read_partial(BytesIO(data), _at_pixels, force=True)
    return dataset, str(dataset.file_meta.get("TransferSyntaxUID", ""))


def _at_pixels(tag: BaseTag, _vr: str | None, _length: int) -> bool:
    return bool(tag >= FIRST_PIXEL_TAG)


def _decoded(raw: Any, vr: str, context: _Context) -> Cell | None:
    tag = f"{int(raw.tag):08X}"
    try:
        return make_cell(tag, _element(raw, vr, context))
    except PARSER_ERRORS:
        return unreadable_cell(tag, vr)


def _context(dataset: Dataset, around: _Context | None) -> _Context:
    character_sets = "\\".join(_texts_of(dataset, _CHARACTER_SET))
    pixel_representation = _raw(dataset, _PIXEL_REPRESENTATION)
    implicit, little = dataset.original_encoding
    return _Context(
        character_sets=character_sets or (around.character_sets if around else ""),
        signed=any(pixel_representation) if pixel_representation else around is not None and around.signed,
        implicit=bool(implicit),
        little=bool(little),
    )


def _raw(dataset: Dataset, tag: int) -> bytes:
    value: object = dataset.get_item(tag).value if tag in dataset else b""
    return value if isinstance(value, bytes) else b""


def _texts_of(dataset: Dataset, tag: int) -> tuple[str, ...]:
    """The values of an element in the default repertoire, which pydicom may have converted already."""
    value: object = dataset.get_item(tag).value if tag in dataset else b""
    if isinstance(value, bytes):
        return _default_texts(value)
    return tuple(str(part) for part in value) if isinstance(value, _SEVERAL) else (str(value or ""),)


def _default_texts(value: bytes) -> tuple[str, ...]:
    return tuple(part.strip(" \0") for part in value.decode("latin-1").split("\\"))


@cache
def _name(tag: int) -> str:
    keyword = keyword_for_tag(tag) if dictionary_has_tag(tag) else ""
    return keyword or f"({tag >> 16:04x},{tag & 0xFFFF:04x})"


def _vr(dataset: Dataset, raw: Any, context: _Context) -> str:
    """The VR an element says it has, or that the dictionaries say it has (PS3.5 6.2.2)."""
    tag: BaseTag = raw.tag
    vr = str(raw.VR or "")
    if vr in ("", "UN"):
        creator = b""
        if tag.is_private and tag.element & 0xFF00:
            creator = _raw(dataset, tag.group << 16 | tag.element >> 8)
        long = vr == "UN" and raw.value is not None and len(raw.value) >= 0xFFFF
        vr = "UN" if long and not tag.is_private else _known_vr(int(tag), creator)
    if " or " in vr:
        vr = "OW" if "OW" in vr else "SS" if context.signed else "US"
    return vr if vr == "SQ" or vr == "AT" or vr in _NUMBERS or vr in _TEXTS else vr if vr in _BYTES else "UN"


@cache
def _known_vr(tag: int, creator: bytes) -> str:
    base = BaseTag(tag)
    try:
        if not base.is_private:
            return "UL" if base.element == 0 else dictionary_VR(base)
        if base.is_private_creator:
            return "LO"
        return private_dictionary_VR(base, creator.decode("latin-1").strip(" \0"))
    except KeyError:
        return "UN"


def _element(raw: Any, vr: str, context: _Context) -> Element:
    value: object = raw.value
    if vr == "SQ":
        if isinstance(value, bytes):
            value = convert_SQ(
                value, raw.is_implicit_VR, raw.is_little_endian, _encodings(context.character_sets)
            )
        return Element(vr, tuple(_item(item, context) for item in value or ()))  # type: ignore[attr-defined]
    if value is None:
        return Element(vr, ())
    if not isinstance(value, bytes):  # pydicom has converted it already
        parts = value if isinstance(value, _SEVERAL) else (value,)
        return Element(vr, tuple(part if isinstance(part, int | float) else str(part) for part in parts))
    return Element(vr, _values(int(raw.tag), vr, value, raw.is_little_endian, context))


def _item(dataset: Dataset, around: _Context) -> dict[str, Element]:
    context = _context(dataset, around)
    return {
        f"{int(raw.tag):08X}": _element(raw, _vr(dataset, raw, context), context)
        for raw in dataset.elements()
    }


def _values(tag: int, vr: str, value: bytes, little: bool, context: _Context) -> tuple[Value, ...]:
    order = "<" if little else ">"
    if vr in _NUMBERS:
        if len(value) % struct.calcsize("=" + _NUMBERS[vr]):
            return (value,)
        numbers = struct.unpack(
            f"{order}{len(value) // struct.calcsize('=' + _NUMBERS[vr])}{_NUMBERS[vr]}", value
        )
        if tag in _LUT_DESCRIPTORS and numbers and numbers[0] < 0:  # a count is never negative
            return (numbers[0] + 65536, *numbers[1:])
        return numbers
    if vr == "AT":
        pairs = struct.iter_unpack(order + "HH", value)
        return tuple(f"({group:04x},{element:04x})" for group, element in pairs)
    if vr not in _TEXTS:
        return (value,) if value else ()
    return _texts(vr, value, context)


def _texts(vr: str, value: bytes, context: _Context) -> tuple[str, ...]:
    if vr in _ENCODED:
        text = decode_bytes(value, _encodings(context.character_sets), TEXT_VR_DELIMS)
    else:
        text = value.decode("latin-1")
    parts = [text] if vr in _ONE_VALUE else text.split("\\")
    if vr in _PADDED_BOTH_SIDES:
        parts = [part.strip(" \0") for part in parts]
    found = tuple(part.rstrip(" \0=" if vr == "PN" else " \0") for part in parts)
    return found if any(found) else ()


@cache
def _encodings(character_sets: str) -> list[str]:
    """Python's names of a SpecificCharacterSet (PS3.3 C.12.1.1.2)."""
    return convert_encodings(character_sets.split("\\"))
