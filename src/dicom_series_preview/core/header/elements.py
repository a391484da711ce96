"""DICOM element values as plain data, and typed ways to read them.

A parsed header reaches the core as `Elements`: a mapping from DICOM keyword (or `(gggg,eeee)` in lower-case
hex for private and unknown elements) to an `Element`.  Text value representations, numbers in decimal
strings among them (PS3.5 6.2), arrive as the stripped text they are, so that what counts as a number is
decided here and nowhere else.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from math import isfinite
from typing import Final, TypeAlias

from attrs import frozen

Value: TypeAlias = "str | int | float | bytes | Elements"


@frozen
class Element:
    """One data element: its value representation (PS3.5 6.2) and its values.

    `values` holds `str` for text VRs (also DS and IS), `int` and `float` for binary numbers, one `bytes`
    for OB, OW and the like, and one mapping for each item of a sequence.  An empty element has no values, and
    text that is blank between two backslashes is an empty `str`.
    """

    vr: str
    values: tuple[Value, ...]


Elements: TypeAlias = Mapping[str, Element]


_EMPTY: Final = ("", b"")


def is_empty(element: Element) -> bool:
    """Whether an element says nothing: it has no values, or blank ones alone."""
    values = element.values
    return not values or (values[0] in _EMPTY and all(value in _EMPTY for value in values))


_DECIMAL: Final = re.compile(r"[+-]?(?:[0-9]+[.,]?[0-9]*|[.,][0-9]+)(?:[Ee][+-]?[0-9]+)?")
_BLANKS: Final = " \0"


def decimal(spelling: str) -> float | None:
    """A decimal string (PS3.5 6.2) as a finite float; Python's own spellings (1_000, inf) are no numbers.

    A comma is a decimal point: devices of many countries write one.

    >>> decimal(" +1.5E3 "), decimal("-0,5"), decimal("1_000")
    (1500.0, -0.5, None)
    """
    bare = spelling.strip(_BLANKS)
    return _finite(float(bare.replace(",", "."))) if _DECIMAL.fullmatch(bare) else None


def _finite(value: float) -> float | None:
    return value if isfinite(value) else None


def _as_float(value: Value) -> float | None:
    if isinstance(value, str):
        return decimal(value)
    return _finite(float(value)) if isinstance(value, int | float) else None


def as_number(element: Element) -> float | None:
    """The first value as a finite float, or None."""
    return _as_float(element.values[0]) if element.values else None


def as_numbers(element: Element, count: int | None = None) -> tuple[float, ...] | None:
    """All values as finite floats; None when there are none, when one is no number, or they are not `count`."""
    if not element.values or (count is not None and len(element.values) != count):
        return None
    found = [number for value in element.values if (number := _as_float(value)) is not None]
    return tuple(found) if len(found) == len(element.values) else None


def as_integer(element: Element) -> int | None:
    """The first value as an integer, or None when it is not a whole number."""
    if element.values and isinstance(element.values[0], int):
        return element.values[0]  # a float would round what 64 bits hold
    value = as_number(element)
    return int(value) if value is not None and value.is_integer() else None


def as_texts(element: Element) -> tuple[str, ...] | None:
    """All values of a text element, codes (CS) in capitals without outer blanks; None when one is no text."""
    values = tuple([value for value in element.values if isinstance(value, str)])
    if not values or len(values) != len(element.values):
        return None
    return tuple([value.strip(_BLANKS).upper() for value in values]) if element.vr == "CS" else values


def as_text(element: Element) -> str | None:
    """The first value of a text element, or None."""
    first = element.values[0] if element.values else None
    if not isinstance(first, str):
        return None
    return (first.strip(_BLANKS).upper() if element.vr == "CS" else first) or None


def private_number(element: Element) -> float | None:
    """The first number of a private element, whose bytes are undecoded in implicit VR.

    Two and four bytes that are no decimal string are a little-endian integer and 32-bit float, as GE and Philips
    write them.
    """
    raw = element.values[0] if element.values else None
    if not isinstance(raw, bytes):
        return as_number(element)
    written = decimal(raw.decode("latin-1").split("\\")[0])
    if written is not None or len(raw) not in (2, 4):
        return written
    (value,) = struct.unpack("<h" if len(raw) == 2 else "<f", raw)
    return _finite(float(value))


def text(elements: Elements, keyword: str) -> str | None:
    """The first value of a text element, or None."""
    element = elements.get(keyword)
    return None if element is None else as_text(element)


def numbers(elements: Elements, keyword: str, count: int | None = None) -> tuple[float, ...] | None:
    """All values as finite floats; None when absent, when one is no number, or when they are not `count`."""
    element = elements.get(keyword)
    return None if element is None else as_numbers(element, count)


def integer(elements: Elements, keyword: str) -> int | None:
    """The first value as an integer, or None when it is absent or not a whole number."""
    element = elements.get(keyword)
    return None if element is None else as_integer(element)


def data(elements: Elements, keyword: str) -> bytes | None:
    """The bytes of a binary element, or None."""
    element = elements.get(keyword)
    first = element.values[0] if element is not None and element.values else None
    return first if isinstance(first, bytes) else None
