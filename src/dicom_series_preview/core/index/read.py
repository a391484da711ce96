"""Reading an index back: ordered slices to choose from, and headers in the DICOM JSON model (PS3.18 F)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import isfinite
from typing import Final, assert_never

from attrs import field, frozen
from returns.result import Failure, Result, Success

from dicom_series_preview.core.ask.dicomweb import WebSeries
from dicom_series_preview.core.ask.series_id import (
    DicomUid,
    SeriesId,
    SeriesPlace,
    SeriesPrefix,
    SeriesUid,
    folder_uid,
    matches,
)
from dicom_series_preview.core.faults.index import BadIndex, IndexLacks, IndexRefusal, NewerIndex, StaleIndex
from dicom_series_preview.core.geometry import Axis
from dicom_series_preview.core.header.dicom_json import Json, JsonObject
from dicom_series_preview.core.header.instance import Instance
from dicom_series_preview.core.index.cells import Scalar, json_of
from dicom_series_preview.core.index.column_types import Entry
from dicom_series_preview.core.index.table import FIXED, PREFIX, SCHEMA_VERSION, Table
from dicom_series_preview.core.index.told import read_remarks
from dicom_series_preview.core.order.series import Measure, Ref, Series, Stack
from dicom_series_preview.core.order.sop_classes import without_pixels
from dicom_series_preview.core.remarks import Remark

_NUMBER_OF_FRAMES: Final = ("NumberOfFrames", "00280008")
_MODALITY: Final = ("Modality", "00080060")
_SOP_CLASS: Final = ("SOPClassUID", "00080016")
_SERIES_INSTANCE_UID: Final = ("SeriesInstanceUID", "0020000E")

NEEDED: Final = (
    *(name for name, _, _ in FIXED),
    *(name for name, _ in (_NUMBER_OF_FRAMES, _MODALITY, _SOP_CLASS, _SERIES_INSTANCE_UID)),
)
"""The columns that `read_index` looks at; the last four are only there if they vary."""

_VERSION: Final = re.compile("[0-9]{1,9}")


@frozen
class SeriesIndex:
    """A series as its index remembers it."""

    path: str
    """The file of the index."""
    root: str
    series: str
    folder: str
    """The path of the series folder below the root; "" where the root itself holds the objects."""
    series_instance_uid: str
    names: tuple[str, ...]
    """All objects in the order of `Index`, also those without pixels."""
    order: Series[Ref]
    """All pictures in reading order; without stacks where no object holds an image."""
    multiframe: frozenset[str]
    """The names of objects that hold more than one frame."""
    modalities: tuple[str, ...]
    """Of all objects, sorted, each once; "" where one has none."""
    kinds: tuple[str, ...]
    """What the objects are where none of them holds an image, sorted, each once."""
    uids: Mapping[str, tuple[str, str]] = field(factory=dict)
    """SOPInstanceUID and SeriesInstanceUID of each object by its name, "" where it has none."""
    remarks: tuple[Remark, ...] = ()
    """What was odd about the objects when they were indexed."""


def is_index_of(wanted: SeriesId, index: SeriesIndex) -> bool:
    """Whether a series identifier can mean the series of this index."""
    match wanted:
        case SeriesUid(text=text):
            return text == index.series
        case SeriesPrefix():
            uid = folder_uid(index.series)
            return uid is not None and matches(wanted, uid)
        case DicomUid(text=text) | WebSeries(series=text):
            return text in (index.series_instance_uid, index.series)
        case SeriesPlace():
            return True  # what lies there is compared object by object
        case _ as never:
            assert_never(never)


def stale(index: SeriesIndex, instance: Instance, place: str) -> StaleIndex | None:
    """What tells that the object now at `place` is another one than the index remembers, None if nothing does."""
    known_uid, known_series = index.uids[instance.name]
    if instance.sop_instance_uid != known_uid:
        return StaleIndex(place, "SOPInstanceUID", instance.sop_instance_uid, known_uid)
    if known_series not in ("", instance.series_instance_uid):  # without one it was of any series
        return StaleIndex(place, "SeriesInstanceUID", instance.series_instance_uid, known_series)
    return None


def read_index(path: str, table: Table) -> Result[SeriesIndex, IndexRefusal]:
    """The series of the index that was read from the file at `path`, with at least the columns `NEEDED`."""
    version = table.metadata.get(PREFIX + "schema_version", "")
    if not _VERSION.fullmatch(version):
        return Failure(BadIndex(path, "it does not say that it is one"))
    if int(version) > SCHEMA_VERSION:
        return Failure(NewerIndex(path, version, SCHEMA_VERSION))
    columns = {column.name: column for column in table.columns}
    for name, column_type, _ in FIXED:
        column = columns.get(name)
        if column is None:
            return Failure(IndexLacks(path, name))
        if column.type is not column_type or column.many:
            return Failure(BadIndex(path, f"its column {name} is not of type {column_type.value}"))
    try:
        index = _series_index(path, table)
    except (LookupError, TypeError, ValueError, RecursionError) as error:
        return Failure(BadIndex(path, f"it is damaged ({error})"))
    outside = next((name for name in index.names if name.startswith("/") or ".." in name.split("/")), None)
    if outside is not None:
        return Failure(BadIndex(path, f"it names an object outside its series folder, {outside!r}"))
    return Success(index)


def _series_index(path: str, table: Table) -> SeriesIndex:
    """Raises LookupError, TypeError, ValueError or RecursionError where the table is damaged."""
    constants = _object(json.loads(table.metadata[PREFIX + "constants"]))
    names = [str(name) for name in in_order(table, _column(table, "FileName"))]
    if not names:
        raise ValueError("it has no rows")
    frames = _first_values(table, constants, *_NUMBER_OF_FRAMES)
    modalities = [str(value or "") for value in _first_values(table, constants, *_MODALITY)]
    sop_classes = [str(value or "") for value in _first_values(table, constants, *_SOP_CLASS)]
    uids = _texts(in_order(table, _column(table, "SOPInstanceUID")))
    series_uids = _texts(_first_values(table, constants, *_SERIES_INSTANCE_UID))
    order = _object(json.loads(table.metadata[PREFIX + "order"]))
    return SeriesIndex(
        path=path,
        root=table.metadata[PREFIX + "root"],
        series=table.metadata[PREFIX + "series"],
        folder=table.metadata[PREFIX + "folder"],
        series_instance_uid=next((uid for uid in series_uids if uid), ""),
        names=tuple(names),
        uids=dict(zip(names, zip(uids, series_uids, strict=True), strict=True)),
        order=Series(tuple(_stack(_object(stack), names) for stack in _list(order["stacks"]))),
        multiframe=frozenset(
            name for name, count in zip(names, frames, strict=True) if count not in (None, 1)
        ),
        modalities=tuple(sorted(set(modalities))),
        kinds=tuple(sorted(set(map(without_pixels, sop_classes, modalities)))),
        remarks=read_remarks(json.loads(table.metadata.get(PREFIX + "remarks", "[]"))),
    )


def _stack(found: Mapping[str, Json], names: Sequence[str]) -> Stack[Ref]:
    time_key = found["time_key"]
    slices, coordinates = [], []
    for row, frame, coordinate in zip(
        _whole_numbers(found["rows"]),
        _whole_numbers(found["frames"]),
        _list(found["coordinates"]),
        strict=True,
    ):
        slices.append(Ref(names[row], frame))
        coordinates.append(float(str(coordinate)))
    if not slices:
        raise ValueError("its order has an empty stack")
    if not all(before <= after for before, after in pairwise((coordinates[0], *coordinates))):
        raise ValueError("its coordinates do not follow one another")
    if not isfinite(coordinates[-1] - coordinates[0]):
        raise ValueError("its coordinates are not finite")
    return Stack(
        axis=Axis(found["axis"]),
        slices=tuple(slices),
        coordinates=tuple(coordinates),
        measure=Measure[str(found["measure"])],
        time_key=None if time_key is None else str(time_key),
        centred=found.get("centred") is True,
    )


def _object(value: Json) -> JsonObject:
    if not isinstance(value, dict):
        raise ValueError("its metadata are of another form")
    return value


def _list(value: Json) -> list[Json]:
    if not isinstance(value, list):
        raise ValueError("its metadata are of another form")
    return value


def _whole_numbers(value: Json) -> list[int]:
    numbers = [number for number in _list(value) if isinstance(number, int) and number >= 0]
    if len(numbers) != len(_list(value)):
        raise ValueError("its order is of another form")
    return numbers


def _column(table: Table, name: str) -> tuple[Entry, ...] | None:
    return next((column.values for column in table.columns if column.name == name), None)


def in_order(table: Table, values: Sequence[Entry] | None) -> tuple[Entry, ...]:
    """A column's values in the order of `Index`; ValueError where that does not count the rows."""
    numbers = _column(table, "Index") or ()
    rows = {number: row for row, number in enumerate(numbers)}
    if values is None or set(rows) != set(range(len(numbers))) or len(rows) != len(values):
        raise ValueError("its column Index does not count its rows")
    return tuple(values[rows[number]] for number in range(len(numbers)))


def _texts(values: Iterable[object]) -> list[str]:
    """Those that are text; "" for all others, which no reader of a header takes for a UID either."""
    return [value if isinstance(value, str) else "" for value in values]


def _first_values(table: Table, constants: Mapping[str, Json], name: str, tag: str) -> tuple[Scalar, ...]:
    """The first value of an element in each row, in the order of `Index`."""
    values = _column(table, name)
    if values is not None:
        ordered = in_order(table, values)
        return tuple(entry[0] if isinstance(entry, tuple) else entry for entry in ordered)
    count = len(_column(table, "Index") or ())
    if tag not in constants:
        return (None,) * count
    first = _list(_object(constants[tag])["Value"])[0]
    return (first if isinstance(first, str | int | float) else None,) * count


def headers(table: Table) -> tuple[JsonObject, ...]:
    """The header of each object in the DICOM JSON model, in the order of `Index`.

    Numbers are rounded to their columns' types, and bytes are replaced by their `Size` and `Hash`.  The table
    has to be one that `read_index` accepts.
    """
    constants = _object(json.loads(table.metadata[PREFIX + "constants"]))
    elements = _object(json.loads(table.metadata[PREFIX + "elements"]))
    count = len(_column(table, "Index") or ())
    found: list[dict[str, Json]] = [dict(constants) for _ in range(count)]
    for name, described in elements.items():
        tag, vr = (str(_object(described)[key]) for key in ("tag", "vr"))
        values, sizes = _column(table, name), _column(table, f"{name}_Size")
        if values is not None and tag not in constants:
            for header, entry in zip(found, in_order(table, values), strict=True):
                if entry is not None:
                    header[tag] = json_of(vr, entry if isinstance(entry, tuple) else (entry,))
        elif sizes is not None:
            hashes = in_order(table, _column(table, f"{name}_Hash"))
            for header, size, digest in zip(found, in_order(table, sizes), hashes, strict=True):
                if isinstance(size, int) and isinstance(digest, str):
                    header[tag] = {"vr": vr, "Size": size, "Hash": digest}
    return tuple(dict(sorted(header.items())) for header in found)
