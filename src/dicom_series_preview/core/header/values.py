"""Bytes and a value representation -> values (PS3.5 6.2): the one table for all that is read of a header."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from struct import calcsize, iter_unpack, unpack
from typing import Final

from dicom_series_preview.core.header.elements import Element, Elements, Value
from dicom_series_preview.core.header.raw import DataSet

_NUMBERS: Final = {
    vr: (code, calcsize(f"<{code}"))
    for vr, code in {
        "US": "H",
        "SS": "h",
        "UL": "I",
        "SL": "i",
        "UV": "Q",
        "SV": "q",
        "FL": "f",
        "FD": "d",
    }.items()
}
_ONE_TEXT: Final = frozenset({"LT", "ST", "UR", "UT"})
"""Text in which a backslash is a backslash."""
FREE_TEXTS: Final = _ONE_TEXT | {"LO", "PN", "SH", "UC"}
"""Text whose leading blanks may mean something; all but UR are in the data set's character set."""
_CODES: Final = frozenset({"AE", "AS", "CS", "DA", "DS", "DT", "IS", "TM", "UI"})
"""Text that padding of any kind is no part of."""
_PIXEL_REPRESENTATION: Final = 0x00280103
_LUT_DESCRIPTORS: Final = frozenset({0x00281101, 0x00281102, 0x00281103, 0x00283002})


def is_signed(elements: DataSet, around: bool) -> bool:
    """Whether pixels are signed (PS3.3 C.7.6.3.1), which decides between US and SS; else as `around`."""
    told = elements.get(_PIXEL_REPRESENTATION)
    return any(told.value) if told is not None and isinstance(told.value, bytes) and told.value else around


def settled_vr(vr: str, signed: bool) -> str:
    """The VR that is meant where a dictionary leaves a choice (PS3.5 A.1 and A.2): words rather than bytes.

    >>> settled_vr("US or SS", True), settled_vr("US or OW", True), settled_vr("DS", True)
    ('SS', 'OW', 'DS')
    """
    if " or " not in vr:
        return vr
    return "OW" if "OW" in vr else "SS" if signed else "US"


def _latin_1(text: bytes) -> str:
    return text.decode("latin-1")


def read_values(
    tag: int, vr: str, value: bytes, little: bool, decode: Callable[[bytes], str] = _latin_1
) -> tuple[Value, ...]:
    """The values of an element that is no sequence, as `Element` has them.

    Bytes that do not suit the VR are one value of `bytes`, as are those of OB and the like; `decode` reads text
    that may be in another character set.
    """
    number = _NUMBERS.get(vr)
    if number is not None:
        code, size = number
        whole = len(value) - len(value) % size
        if value[whole:].strip(b" \0"):
            return (value,)
        numbers = unpack(f"{'<' if little else '>'}{whole // size}{code}", value[:whole])
        if tag in _LUT_DESCRIPTORS and numbers and numbers[0] < 0:  # a count is never negative
            return (numbers[0] + 65536, *numbers[1:])
        return numbers
    if vr in _CODES:
        parts = tuple([part.strip(" \0\t\r\n") for part in value.decode("latin-1").split("\\")])
        return parts if any(parts) else ()
    if vr in FREE_TEXTS:
        text = decode(value)
        texts = [text] if vr in _ONE_TEXT else text.split("\\")
        parts = tuple([part.rstrip(" \0=" if vr == "PN" else " \0") for part in texts])
        return parts if any(parts) else ()
    if vr == "AT" and len(value) % 4 == 0:
        pairs = iter_unpack("<HH" if little else ">HH", value)
        return tuple([f"({group:04x},{element:04x})" for group, element in pairs])
    return (value,) if value else ()


_NOTHING: Final[Elements] = {}

_SHORT: Final = 64
"""Bytes up to which a value is worth remembering: a series repeats most of what its headers say."""


def _element(tag: int, vr: str, value: bytes, little: bool) -> Element:
    return Element(vr, read_values(tag, vr, value, little))


_remembered = lru_cache(1 << 12)(_element)


def read_elements(
    raw: DataSet, name: Callable[[DataSet, int], str | None], around_signed: bool = False
) -> Elements:
    """The elements that have a `name`, by it, with those in items; sequences that cannot be read are bytes."""
    signed = is_signed(raw, around_signed)
    found: dict[str, Element] = {}
    for tag, (vr, value, little) in raw.items():
        known = name(raw, tag)
        if known is None:
            continue
        settled = settled_vr(vr, signed)
        if isinstance(value, bytes):
            read = _remembered if len(value) <= _SHORT else _element
            found[known] = read(tag, settled, value, little)
        else:
            items = [read_elements(item, name, signed) if item else _NOTHING for item in value]
            found[known] = Element(settled, tuple(items))
    return found
