"""The elements of a header -> a typed cell for each of them, with pydicom's names and character sets.

The elements of a series are mostly the same in all its objects, so what was read once is found again by its
bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from typing import Final

from attrs import frozen
from pydicom.charset import convert_encodings, decode_bytes
from pydicom.valuerep import TEXT_VR_DELIMS

from dicom_series_preview.core.header.elements import Element
from dicom_series_preview.core.header.raw import FIRST_PIXEL_TAG, VRS, DataSet, RawElement
from dicom_series_preview.core.header.scan import Header
from dicom_series_preview.core.header.values import is_signed, read_values, settled_vr
from dicom_series_preview.core.index.cells import Cell, make_cell, unreadable_cell
from dicom_series_preview.shell.dicom.dictionary import name_of

_REMEMBERED: Final = 1 << 16
"""Values longer than this many bytes are read each time."""

_CHARACTER_SET: Final = 0x00080005
_TRANSFER_SYNTAX: Final = 0x00020010


@frozen
class _Context:
    """What the meaning of an element's bytes depends on besides its tag and VR, from the data sets around it."""

    character_sets: str = ""
    signed: bool = False
    settled: bool = False
    """All text is in these character sets, whatever the data sets say."""

    def within(self, elements: DataSet) -> _Context:
        """The context of a data set in this one."""
        raw = elements.get(_CHARACTER_SET)
        told = raw.value.decode("latin-1") if raw is not None and isinstance(raw.value, bytes) else ""
        sets = "\\".join(part.strip(" \0") for part in told.split("\\"))
        known = self.character_sets if self.settled or not sets else sets
        return _Context(known, is_signed(elements, self.signed), self.settled)


class HeaderTable:
    """Reads the headers of one series; safe to use from many threads.

    With `utf_8` all text is, whatever the headers say.
    """

    def __init__(self, *, utf_8: bool = False) -> None:
        self._context = _context(utf_8)
        self._remembered: dict[tuple[int, RawElement, _Context], Cell | None] = {}

    def cells(self, header: Header) -> Mapping[str, Cell]:
        """All elements that are not empty, by column name.

        The names are DICOM keywords, or `(gggg,eeee)` for private, unknown and repeating elements (PS3.5 7.6).
        The file meta information is left out but for the transfer syntax, and so are the pixel data and what
        follows.
        """
        context = self._context.within(header.elements)
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
    context = _context(utf_8).within(header.elements)
    syntax = {_TRANSFER_SYNTAX: Element("UI", (header.transfer_syntax,))} if header.transfer_syntax else {}
    return syntax | {
        tag: _element(tag, raw, context) for tag, raw in header.elements.items() if tag < FIRST_PIXEL_TAG
    }


def _context(utf_8: bool) -> _Context:
    return _Context("ISO_IR 192", settled=True) if utf_8 else _Context()


def _read_cell(tag: int, raw: RawElement, context: _Context) -> Cell | None:
    if raw.vr == "SQ" and isinstance(raw.value, bytes):
        return unreadable_cell(f"{tag:08X}", "SQ")
    return make_cell(f"{tag:08X}", _element(tag, raw, context))


def _element(tag: int, raw: RawElement, context: _Context) -> Element:
    if not isinstance(raw.value, bytes):
        return Element("SQ", tuple(_item(item, context.within(item)) for item in raw.value))
    vr = settled_vr(raw.vr, context.signed)
    vr = vr if vr != "SQ" and vr.encode() in VRS else "UN"
    return Element(vr, read_values(tag, vr, raw.value, raw.little, partial(_decode, context.character_sets)))


def _item(elements: DataSet, context: _Context) -> dict[str, Element]:
    return {f"{tag:08X}": _element(tag, raw, context) for tag, raw in elements.items()}


def _decode(character_sets: str, value: bytes) -> str:
    return decode_bytes(value, _encodings(character_sets), TEXT_VR_DELIMS)


@cache
def _encodings(character_sets: str) -> list[str]:
    """Python's names of a SpecificCharacterSet (PS3.3 C.12.1.1.2)."""
    return convert_encodings(character_sets.split("\\"))
