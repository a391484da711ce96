"""The columns of an index: which type suits an element's values, and the values in that type.

| value representation | type |
|---|---|
| IS SS US SL UL | int32, int64 where a value does not fit |
| SV, UV | int64, uint64 |
| DS FL, FD | float32, float64 |
| text, dates, times, UIDs, AT; sequences as JSON | text |
| bytes | two columns: size and hash |

An element that has several VRs in one series takes a type that holds them all.  A cell that cannot be read in
its column's type is null.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from math import isinf
from typing import Final, TypeAlias

import numpy as np
from attrs import frozen

from dicom_series_preview.core.header.dicom_json import integer_string
from dicom_series_preview.core.header.elements import decimal
from dicom_series_preview.core.index.cells import Cell, Digest, Scalar


class ColumnType(Enum):
    """The type of one value."""

    UINT32 = "uint32"
    INT32 = "int32"
    INT64 = "int64"
    UINT64 = "uint64"
    FLOAT32 = "float32"
    FLOAT64 = "float64"
    TEXT = "text"


RANGES: Final = {
    ColumnType.UINT32: (0, 2**32 - 1),
    ColumnType.INT32: (-(2**31), 2**31 - 1),
    ColumnType.INT64: (-(2**63), 2**63 - 1),
    ColumnType.UINT64: (0, 2**64 - 1),
}

_TYPES: Final = {
    **dict.fromkeys(("IS", "SS", "US", "SL", "UL"), ColumnType.INT32),
    "SV": ColumnType.INT64,
    "UV": ColumnType.UINT64,
    **dict.fromkeys(("DS", "FL"), ColumnType.FLOAT32),
    "FD": ColumnType.FLOAT64,
}
"""All other VRs are text."""

FLOATS: Final = (ColumnType.FLOAT32, ColumnType.FLOAT64)


Entry: TypeAlias = "Scalar | tuple[Scalar, ...]"
"""What a column holds in one row: a value, several, or None for null."""


@frozen
class Column:
    """One column of an index; `values` has one entry for each row."""

    name: str
    type: ColumnType
    many: bool
    """Each entry is a tuple of values, or null."""
    nullable: bool
    values: tuple[Entry, ...]


def round_to(column_type: ColumnType, value: Scalar) -> Scalar:
    """A value as its column holds it; None when it is not of that type or does not fit it."""
    if value is None:
        return None
    if column_type is ColumnType.TEXT:
        return value if isinstance(value, str) else repr(value)
    if column_type in FLOATS:
        number = decimal(value) if isinstance(value, str) else float(value)
        if number is None or column_type is ColumnType.FLOAT64:
            return number
        with np.errstate(over="ignore"):
            rounded = float(np.float32(number))
        return None if isinf(rounded) and not isinf(number) else rounded
    whole = integer_string(value) if isinstance(value, str) else int(value) if value == value // 1 else None
    low, high = RANGES[column_type]
    return whole if whole is not None and low <= whole <= high else None


def _readable(cells: Iterable[Cell | None]) -> list[Cell]:
    return [cell for cell in cells if cell is not None and cell.values is not None]


def same_everywhere(cells: Sequence[Cell | None]) -> Cell | None:
    """The first cell, if there is one in every row and all have its values."""
    first = cells[0]
    if first is None or first.values is None:
        return None
    same = all(cell is first or (cell is not None and cell.values == first.values) for cell in cells)
    return first if same else None


def _type_of(cells: Sequence[Cell]) -> ColumnType | None:
    """The type that holds the values of all cells; None for bytes alone."""
    types = {_TYPES.get(cell.vr, ColumnType.TEXT) for cell in cells if not isinstance(cell.values, Digest)}
    if not types:
        return None
    if len(types) == 1:
        only = types.pop()
        return ColumnType.INT64 if only is ColumnType.INT32 and not _fit(cells, only) else only
    if ColumnType.TEXT in types:
        return ColumnType.TEXT
    return ColumnType.FLOAT64 if types & set(FLOATS) else ColumnType.INT64


def _fit(cells: Sequence[Cell], column_type: ColumnType) -> bool:
    low, high = RANGES[column_type]
    values = (value for cell in cells if isinstance(cell.values, tuple) for value in cell.values)
    return all(low <= value <= high for value in values if isinstance(value, int | float))


def columns_of(name: str, cells: Sequence[Cell | None]) -> tuple[Column, ...]:
    """The columns of one element: one, two for bytes, none where no row has a readable value."""
    readable = _readable(cells)
    if not readable:
        return ()
    column_type = _type_of(readable)
    if column_type is None:
        digests = [cell.values if cell and isinstance(cell.values, Digest) else None for cell in cells]
        sizes = tuple(None if digest is None else digest.size for digest in digests)
        hashes = tuple(None if digest is None else digest.sha256 for digest in digests)
        return (
            Column(f"{name}_Size", ColumnType.INT32, False, True, sizes),
            Column(f"{name}_Hash", ColumnType.TEXT, False, True, hashes),
        )
    many = any(isinstance(cell.values, tuple) and len(cell.values) > 1 for cell in readable)
    return (column_of(name, column_type, many, cells),)


def column_of(name: str, column_type: ColumnType, many: bool, cells: Sequence[Cell | None]) -> Column:
    """The column of one element in a given type."""
    return Column(name, column_type, many, True, tuple(_entry(column_type, many, cell) for cell in cells))


def _entry(column_type: ColumnType, many: bool, cell: Cell | None) -> Entry:
    if cell is None or not isinstance(cell.values, tuple):
        return None
    values = tuple(round_to(column_type, value) for value in cell.values)
    if any(after is None and before is not None for before, after in zip(cell.values, values, strict=True)):
        return None
    if many:
        return values
    return values[0] if len(values) == 1 else None


def lost(cells: Sequence[Cell | None], columns: Sequence[Column]) -> int:
    """In how many rows the element is there although its cell is null."""
    there = [row for row, cell in enumerate(cells) if cell is not None]
    return sum(1 for row in there if not columns or columns[0].values[row] is None)
