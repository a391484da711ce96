"""An index: the headers of a series as a table, and its reading order.

There is one row for each object, in reading order, with the fixed columns of `FIXED`, then one column for each
element that differs between the objects, in order of tags.  Elements with one value throughout go into the
table's metadata instead, in the DICOM JSON model (PS3.18 F).  The pixel data element, whatever follows it, and
the file meta information other than the transfer syntax are left out.

The columns hold most decimal strings as 32-bit floats, which is what one wants to compute with but not what the
order was made from: rounding may exchange two slices, or move one across the edge of a range.  So the order is
not made again from the columns.  It is stored as it was found, in the metadata: for every stack its slices
(row and frame) and their exact coordinates.  Choosing slices then sees the very numbers it sees without an
index, and what they look like is read from the chosen objects themselves.  A picture by way of an index is the
same as one without because nothing in between was rounded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Final

from attrs import frozen
from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.index import UnstorableName
from dicom_series_preview.core.geometry import Axis
from dicom_series_preview.core.header.dicom_json import Json, JsonObject, json_number, show_json
from dicom_series_preview.core.header.instance import Instance
from dicom_series_preview.core.index.cells import Cell, json_cell
from dicom_series_preview.core.index.column_types import (
    Column,
    ColumnType,
    Entry,
    column_of,
    columns_of,
    lost,
    round_to,
    same_everywhere,
)
from dicom_series_preview.core.index.told import remarks_json
from dicom_series_preview.core.order.report import odd_objects
from dicom_series_preview.core.order.series import Series, Slice
from dicom_series_preview.core.order.stacks import in_reading_order, primary_position
from dicom_series_preview.core.remarks import Remark, UnusableElement, WithoutPixels

SCHEMA_VERSION: Final = 1
"""Grows when a reader of the former version would misread an index."""

PREFIX: Final = "dicom_series_preview."
"""Begins every key of the metadata."""

FIXED: Final[tuple[tuple[str, ColumnType, bool], ...]] = (
    ("Index", ColumnType.UINT32, False),
    ("FileName", ColumnType.TEXT, False),
    ("SeriesUID", ColumnType.TEXT, False),
    ("StorageRoot", ColumnType.TEXT, False),
    ("PrimaryPosition", ColumnType.FLOAT32, True),
    ("PrimaryAxis", ColumnType.TEXT, False),
    ("InstanceNumber", ColumnType.INT32, True),
    ("SOPInstanceUID", ColumnType.TEXT, True),
    ("SliceLocation", ColumnType.FLOAT32, True),
)
"""Name, type and nullability of the columns that every index has.

The last three are elements; they are columns even where they do not vary, and then constants as well.
"""

_ELEMENTS: Final = {"InstanceNumber", "SOPInstanceUID", "SliceLocation"}


@frozen
class Row:
    """One object: its typed header, and all its elements by column name."""

    instance: Instance
    cells: Mapping[str, Cell]


@frozen
class Origin:
    """Where the objects of a series are, as an index remembers it."""

    root: str
    """The storage root as text, without a trailing slash."""
    series: str
    """The canonical uuid of the series folder, or its name."""
    folder: str
    """The path of the series folder below the root; "" where the root itself holds the objects."""
    version: str
    """The version of this package."""


@frozen
class Table:
    """An index as plain data: columns of equal length, and metadata as text."""

    columns: tuple[Column, ...]
    metadata: Mapping[str, str]


@frozen
class BuiltIndex:
    """An index, and what is odd about its objects, or could not be read as what it claims to be."""

    table: Table
    warnings: tuple[Remark, ...]


@frozen
class _Place:
    """What the order says of one row."""

    axis: Axis
    primary_position: float | None


def build_index(rows: Sequence[Row], series: Series[Slice], origin: Origin) -> BuiltIndex:
    """The index of all `rows` (at least one); `series` is the order of those that a preview shows.

    A multi-frame object takes the place of its first frame.  Objects that are not shown come last, by
    InstanceNumber, SOPInstanceUID and name.
    """
    ordered, places = _in_order(rows, series)
    names = {name: cell.tag for row in ordered for name, cell in row.cells.items()}
    fixed = _fixed_columns(ordered, places, origin)
    varying: list[Column] = []
    constants: dict[str, Json] = {}
    elements: dict[str, Json] = {}
    told = odd_objects([row.instance for row in ordered])
    named = {remark.keyword for remark in told if isinstance(remark, UnusableElement)}
    unreadable: list[Remark] = []
    for name in sorted(names, key=lambda name: (names[name], name)):
        cells = [row.cells.get(name) for row in ordered]
        constant = same_everywhere(cells)
        if constant is not None:
            constants[constant.tag] = json_cell(constant)
        columns = (
            fixed[name] if name in _ELEMENTS else () if constant is not None else columns_of(name, cells)
        )
        if name not in _ELEMENTS:
            varying.extend(columns)
        if columns:
            elements[name] = {"tag": names[name], "vr": _common_vr(cells)}
        count = 0 if constant is not None and name not in _ELEMENTS else lost(cells, columns)
        if count and name not in named:
            unreadable.append(UnusableElement(name, count))
    return BuiltIndex(
        Table(
            (*chain.from_iterable(fixed[name] for name, _, _ in FIXED), *varying),
            _metadata(
                origin,
                constants=show_json(constants),
                elements=show_json(elements),
                order=show_json(_order_json(ordered, series)),
                remarks=show_json(remarks_json(told)),
            ),
        ),
        # Objects without pixels have their rows: nothing is odd about them here.
        (*(remark for remark in told if not isinstance(remark, WithoutPixels)), *unreadable),
    )


def _metadata(origin: Origin, **texts: str) -> dict[str, str]:
    values = {
        "schema_version": str(SCHEMA_VERSION),
        "version": origin.version,
        "root": origin.root,
        "series": origin.series,
        "folder": origin.folder,
        **texts,
    }
    return {PREFIX + key: _storable(value) for key, value in values.items()}


def _in_order(rows: Sequence[Row], series: Series[Slice]) -> tuple[list[Row], list[_Place]]:
    places: dict[str, _Place] = {}
    for stack in series.stacks:
        for slice_ in stack.slices:
            place = _Place(stack.axis, primary_position(stack.axis, slice_, stack.centred))
            places.setdefault(slice_.instance.name, place)
    by_name = {row.instance.name: row for row in rows}
    ordered = in_reading_order([row.instance for row in rows], series)
    return [by_name[one.name] for one in ordered], [places.get(one.name) or _unplaced(one) for one in ordered]


def _unplaced(instance: Instance) -> _Place:
    number = instance.instance_number
    return _Place(Axis.INSTANCE, None if number is None else float(number))


def _fixed_columns(
    rows: Sequence[Row], places: Sequence[_Place], origin: Origin
) -> dict[str, tuple[Column, ...]]:
    count = len(rows)
    values: dict[str, tuple[Entry, ...]] = {
        "Index": tuple(range(count)),
        "FileName": tuple(_storable(row.instance.name) for row in rows),
        "SeriesUID": (_storable(origin.series),) * count,
        "StorageRoot": (_storable(origin.root),) * count,
        "PrimaryPosition": tuple(round_to(ColumnType.FLOAT32, place.primary_position) for place in places),
        "PrimaryAxis": tuple(place.axis.value for place in places),
    }
    return {
        name: (
            (column_of(name, column_type, False, [row.cells.get(name) for row in rows]),)
            if name in _ELEMENTS
            else (Column(name, column_type, False, nullable, values[name]),)
        )
        for name, column_type, nullable in FIXED
    }


def storable(names: Iterable[str]) -> Result[None, UnstorableName]:
    """Whether all names can be written: bytes on disk need not be text."""
    odd = next((name for name in names if name != _storable(name)), None)
    return Success(None) if odd is None else Failure(UnstorableName(odd))


def _storable(text: str) -> str:
    """Text in Unicode: names on disk may hold bytes that are none, and could not be written."""
    return text.encode(errors="replace").decode()


def _common_vr(cells: Sequence[Cell | None]) -> str:
    counts = Counter(cell.vr for cell in cells if cell is not None)
    return min(counts, key=lambda vr: (-counts[vr], vr))


def _order_json(rows: Sequence[Row], series: Series[Slice]) -> JsonObject:
    """The reading order by row and frame, with the exact coordinates: see the head of this module."""
    number = {row.instance.name: index for index, row in enumerate(rows)}
    return {
        "stacks": [
            {
                "axis": stack.axis.value,
                "measure": stack.measure.name,
                "time_key": stack.time_key,
                "rows": [number[slice_.instance.name] for slice_ in stack.slices],
                "frames": [slice_.frame.number for slice_ in stack.slices],
                "coordinates": [json_number(coordinate) for coordinate in stack.coordinates],
                **({"centred": True} if stack.centred else {}),
            }
            for stack in series.stacks
        ]
    }
