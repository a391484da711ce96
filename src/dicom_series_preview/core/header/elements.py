"""DICOM element values as plain data, and typed ways to read them.

A parsed header reaches the core as `Elements`: a mapping from DICOM keyword (or `(gggg,eeee)` in lower-case
hex for private and unknown elements) to an `Element`.  Text value representations, numbers in decimal
strings among them (PS3.5 6.2), arrive as the stripped text they are, so that what counts as a number is
decided here and nowhere else.
"""

from __future__ import annotations

import re
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


def texts(elements: Elements, keyword: str) -> tuple[str, ...]:
    """All values of a text element; empty when it is absent or not text."""
    element = elements.get(keyword)
    return () if element is None else tuple(value for value in element.values if isinstance(value, str))


def text(elements: Elements, keyword: str) -> str | None:
    """The first value of a text element, or None."""
    element = elements.get(keyword)
    if element is None or not element.values or not isinstance(element.values[0], str):
        return None
    return element.values[0] or None


_DECIMAL: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[Ee][+-]?[0-9]+)?")


def decimal(spelling: str) -> float | None:
    """A decimal string (PS3.5 6.2) as a finite float; Python's own spellings (1_000, inf) are no numbers.

    >>> decimal(" +1.5E3 "), decimal("1_000")
    (1500.0, None)
    """
    bare = spelling.strip(" \0")
    return _finite(float(bare)) if _DECIMAL.fullmatch(bare) else None


def _finite(value: float) -> float | None:
    return value if isfinite(value) else None


def _as_float(value: Value) -> float | None:
    if isinstance(value, str):
        return decimal(value)
    return _finite(float(value)) if isinstance(value, int | float) else None


def numbers(elements: Elements, keyword: str, count: int | None = None) -> tuple[float, ...] | None:
    """All values as finite floats; None when absent, when one is no number, or when they are not `count`."""
    element = elements.get(keyword)
    if element is None or not element.values or (count is not None and len(element.values) != count):
        return None
    found = [_as_float(value) for value in element.values]
    return tuple(value for value in found if value is not None) if None not in found else None


def number(elements: Elements, keyword: str) -> float | None:
    """The first value as a finite float, or None."""
    element = elements.get(keyword)
    return None if element is None or not element.values else _as_float(element.values[0])


def integer(elements: Elements, keyword: str) -> int | None:
    """The first value as an integer, or None when it is absent or not a whole number."""
    element = elements.get(keyword)
    if element is not None and element.values and isinstance(element.values[0], int):
        return element.values[0]  # a float would round what 64 bits hold
    value = number(elements, keyword)
    return int(value) if value is not None and value.is_integer() else None


def items(elements: Elements, keyword: str) -> tuple[Elements, ...]:
    """The items of a sequence; empty when it is absent."""
    element = elements.get(keyword)
    return () if element is None else tuple(value for value in element.values if isinstance(value, Mapping))


def data(elements: Elements, keyword: str) -> bytes | None:
    """The bytes of a binary element, or None."""
    element = elements.get(keyword)
    if element is None or not element.values or not isinstance(element.values[0], bytes):
        return None
    return element.values[0]
