"""The elements of a header -> a typed cell for each of them, with pydicom's names and character sets.

The elements of a series are mostly the same in all its objects, so what was read once is found again by its
bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, partial
from typing import Final

from attrs import evolve, frozen
from pydicom.charset import ESC, convert_encodings, decode_bytes
from pydicom.valuerep import TEXT_VR_DELIMS

from dicom_series_preview.core.header.elements import Element
from dicom_series_preview.core.header.raw import FIRST_PIXEL_TAG, VRS, DataSet, RawElement
from dicom_series_preview.core.header.scan import Header
from dicom_series_preview.core.header.values import FREE_TEXTS, is_signed, read_values, settled_vr
from dicom_series_preview.core.index.cells import Cell, make_cell, unreadable_cell
from dicom_series_preview.shell.dicom.dictionary import name_of

_REMEMBERED: Final = 1 << 16
"""Values longer than this many bytes are read each time."""

_MOST_ESCAPES: Final = 10_000
"""A header with more escape sequences is read without them: pydicom takes 20 us for one that makes no sense."""

_CHARACTER_SET: Final = 0x00080005
_TRANSFER_SYNTAX: Final = 0x00020010


@frozen
class _Context:
    """What the meaning of an element's bytes depends on besides its tag and VR, from the data sets around it."""

    character_sets: str = ""
    signed: bool = False
    settled: bool = False
    """All text is in these character sets, whatever the data sets say."""
    extended: bool = True
    """Whether escape sequences are followed (PS3.5 6.1.2.5)."""

    def within(self, elements: DataSet) -> _Context:
        """The context of a data set in this one."""
        raw = elements.get(_CHARACTER_SET)
        told = raw.value.decode("latin-1") if raw is not None and isinstance(raw.value, bytes) else ""
        sets = "\\".join(part.strip(" \0") for part in told.split("\\"))
        known = self.character_sets if self.settled or not sets else sets
        return evolve(self, character_sets=known, signed=is_signed(elements, self.signed))


class HeaderTable:
    """Reads the headers of one series; safe to use from many threads.

    With `utf_8` all text is, whatever the headers say.
    """

    def __init__(self, *, utf_8: bool = False) -> None:
        self._utf_8 = utf_8
        self._remembered: dict[tuple[int, RawElement, _Context], Cell | None] = {}

    def cells(self, header: Header) -> Mapping[str, Cell]:
        """All elements that are not empty, by column name.

        The names are DICOM keywords, or `(gggg,eeee)` for private, unknown and repeating elements (PS3.5 7.6).
        The file meta information is left out but for the transfer syntax, and so are the pixel data and what
        follows.
        """
        context = _context(header, self._utf_8)
        syntax = make_cell("00020010", Element("UI", (header.transfer_syntax,)))
        found = {"TransferSyntaxUID": syntax} | {
            name_of(tag): self._cell(tag, raw, context) for tag, raw in header.elements.items()
        }
        return {name: cell for name, cell in found.items() if cell is not None}

    def _cell(self, tag: int, raw: RawElement, context: _Context) -> Cell | None:
        if not isinstance(raw.value, bytes) or len(raw.value) > _REMEMBERED:
            return _read_cell(tag, raw, context)
        key = (tag, raw, context)
        if key not in self._remembered:
            self._remembered[key] = _read_cell(tag, raw, context)
        return self._remembered[key]


def read_header(header: Header, *, utf_8: bool = False) -> dict[int, Element]:
    """All elements before the pixels, those that are empty too, and the transfer syntax where it is known."""
    context = _context(header, utf_8)
    syntax = {_TRANSFER_SYNTAX: Element("UI", (header.transfer_syntax,))} if header.transfer_syntax else {}
    return syntax | {
        tag: _element(tag, raw, context) for tag, raw in header.elements.items() if tag < FIRST_PIXEL_TAG
    }


def _context(header: Header, utf_8: bool) -> _Context:
    around = _Context("ISO_IR 192", settled=True) if utf_8 else _Context()
    return evolve(around, extended=_escapes(header.elements) <= _MOST_ESCAPES).within(header.elements)


def _escapes(elements: DataSet) -> int:
    """How many escape sequences there are in text, at whatever depth."""
    return sum(
        sum(map(_escapes, value)) if not isinstance(value, bytes) else value.count(ESC)
        for vr, value, _ in elements.values()
        if vr in FREE_TEXTS or vr == "SQ"
    )


def _read_cell(tag: int, raw: RawElement, context: _Context) -> Cell | None:
    if raw.vr == "SQ" and isinstance(raw.value, bytes):
        return unreadable_cell(f"{tag:08X}", "SQ")
    return make_cell(f"{tag:08X}", _element(tag, raw, context))


def _element(tag: int, raw: RawElement, context: _Context) -> Element:
    if not isinstance(raw.value, bytes):
        return Element("SQ", tuple(_item(item, context.within(item)) for item in raw.value))
    vr = settled_vr(raw.vr, context.signed)
    vr = vr if vr != "SQ" and vr.encode() in VRS else "UN"
    return Element(vr, read_values(tag, vr, raw.value, raw.little, partial(_decode, context)))


def _item(elements: DataSet, context: _Context) -> dict[str, Element]:
    return {f"{tag:08X}": _element(tag, raw, context) for tag, raw in elements.items()}


def _decode(context: _Context, value: bytes) -> str:
    encodings = _encodings(context.character_sets)
    return (
        decode_bytes(value, encodings, TEXT_VR_DELIMS)
        if context.extended
        else value.decode(encodings[0], "replace")
    )


@lru_cache
def _encodings(character_sets: str) -> list[str]:
    """Python's names of a SpecificCharacterSet (PS3.3 C.12.1.1.2); the default one for what names none."""
    return convert_encodings([term if _is_text(term) else "" for term in character_sets.split("\\")])


def _is_text(term: str) -> bool:
    """Whether text comes of any bytes: pydicom asks Python for what it does not know, which has more codecs."""
    try:
        bytes(range(256)).decode(convert_encodings([term])[0], "replace")
    except (LookupError, ValueError):
        return False
    return True
