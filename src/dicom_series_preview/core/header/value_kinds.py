"""The kinds of values that elements have, and what makes a value of each kind usable (PS3.5 6.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Generic, TypeAlias, TypeVar

from attrs import frozen

from dicom_series_preview.core.geometry import Cosines, Vec3, normal_of
from dicom_series_preview.core.header.elements import (
    Element,
    Elements,
    as_integer,
    as_number,
    as_numbers,
    as_text,
    private_number,
)

Value_co = TypeVar("Value_co", covariant=True)
Items: TypeAlias = tuple[Elements, ...]
Pair: TypeAlias = tuple[float, float]

FARTHEST: Final = 1e6
"""A coordinate beyond a kilometre, in mm, is no place in a patient; it would drown all differences."""

STRANGEST_ASPECT: Final = 1000.0
"""Pixels this many times as high as wide, or as wide as high, are a mistake."""


@frozen
class Key(Generic[Value_co]):
    """An element that is read, and how."""

    keyword: str
    read: Callable[[Element], Value_co | None]
    """A usable value of an element that is not empty, else None."""
    macro: str | None = None
    """The sequence in the functional groups that holds the element for single frames (PS3.3 C.7.6.16)."""


def number(
    keyword: str, macro: str | None = None, usable: Callable[[float], bool] | None = None
) -> Key[float]:
    def read(element: Element) -> float | None:
        value = as_number(element)
        return None if value is None or (usable is not None and not usable(value)) else value

    return Key(keyword, read, macro)


def whole(keyword: str, macro: str | None = None, usable: Callable[[int], bool] | None = None) -> Key[int]:
    def read(element: Element) -> int | None:
        value = as_integer(element)
        return None if value is None or (usable is not None and not usable(value)) else value

    return Key(keyword, read, macro)


def wholes(keyword: str, macro: str | None = None) -> Key[tuple[int, ...]]:
    def read(element: Element) -> tuple[int, ...] | None:
        values = as_numbers(element)
        whole = values is not None and all(value.is_integer() for value in values)
        return tuple(int(value) for value in values) if whole and values is not None else None

    return Key(keyword, read, macro)


def private(keyword: str) -> Key[float]:
    return Key(keyword, private_number)


def code(keyword: str, codes: tuple[str, ...] = (), macro: str | None = None) -> Key[str]:
    """A CS value, of a set where only certain ones mean anything here."""

    def read(element: Element) -> str | None:
        value = as_text(element)
        return None if value is None or (codes and value.upper() not in codes) else value.upper()

    return Key(keyword, read, macro)


def text(keyword: str) -> Key[str]:
    return Key(keyword, as_text)


def clock(keyword: str, read: Callable[[str], int | None], macro: str | None = None) -> Key[int]:
    def value(element: Element) -> int | None:
        written = as_text(element)
        return None if written is None else read(written)

    return Key(keyword, value, macro)


def as_vector(element: Element) -> Vec3 | None:
    found = as_numbers(element, 3)
    if found is None or max(abs(value) for value in found) > FARTHEST:
        return None
    return (found[0], found[1], found[2])


def as_cosines(element: Element) -> Cosines | None:
    found = as_numbers(element, 6)
    if found is None:
        return None
    cosines = (found[0], found[1], found[2], found[3], found[4], found[5])
    return cosines if normal_of(cosines) is not None else None


def as_pair(element: Element) -> Pair | None:
    """Two lengths or a ratio, row by row and column by column, of pixels that can be."""
    found = as_numbers(element, 2)
    if (
        found is None
        or min(found) <= 0
        or not 1 / STRANGEST_ASPECT <= found[0] / found[1] <= STRANGEST_ASPECT
    ):
        return None
    return (found[0], found[1])


def as_descriptor(element: Element) -> tuple[int, int, int] | None:
    """The number of entries, the first input and the bits of a table (PS3.3 C.11.1.1.1)."""
    found = as_numbers(element, 3)
    return None if found is None else (int(found[0]) & 0xFFFF or 0x10000, int(found[1]), int(found[2]))


def as_words(element: Element) -> tuple[int, ...] | bytes | None:
    """The data of a table: words as numbers, or bytes that are yet to be taken apart."""
    if isinstance(element.values[0], bytes):
        return element.values[0]
    values = tuple(value & 0xFFFF for value in element.values if isinstance(value, int))
    return values if len(values) == len(element.values) else None


def as_bytes(element: Element) -> bytes | None:
    return element.values[0] if isinstance(element.values[0], bytes) else None


def as_items(element: Element) -> Items | None:
    items = tuple(value for value in element.values if isinstance(value, Mapping))
    return items if len(items) == len(element.values) else None


def sequence(keyword: str) -> Key[Items]:
    return Key(keyword, as_items)
