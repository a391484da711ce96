"""Every cell of real series' indexes, against what pydicom reads from the files.

The expectation is made from pydicom's own values alone; nothing of it goes through this package's parser.
"""

from __future__ import annotations

import csv
import json
import os
import struct
import warnings
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import polars
import pyarrow as pa
import pydicom
import pytest
from attrs import frozen
from pyarrow import parquet
from pydicom.datadict import dictionary_has_tag
from returns.pipeline import is_successful

from dicom_series_preview.core.ask.views import Mosaic, Single, View
from dicom_series_preview.core.choose.pick import choose
from dicom_series_preview.core.header.scan import Header, scan_header
from dicom_series_preview.core.header.wanted import PREVIEW
from dicom_series_preview.core.index.read import read_index
from dicom_series_preview.core.index.table import build_index
from dicom_series_preview.shell.dicom.header_table import HeaderTable
from dicom_series_preview.shell.parquet import write_table
from tests.support.indexes import ORIGIN, index_folder, read_row, series_of

DATA = os.environ.get("DSP_TEST_DATA")
pytestmark = pytest.mark.skipif(DATA is None, reason="DSP_TEST_DATA names no folder of real series")

SERIES = (
    "ct-thorax-4mm",
    "mr-sag-t1-csa",
    "fmri-ge-15x10",
    "mr-localizer-3plane",
    "ct-scouts-summary-mixed",
    "sr-basic",
    # Several transfer syntaxes, multi-frame objects, private sequences, lookup tables, deflated.
    *("mr-ts-zoo", "enh-siemens-xa10", "enh-ct-zoo", "us-sonosite-jpeg-30f", "mr-sag-dwv-memprage"),
    *("ct-small-padded", "mg-ge-sigmoid-voilut", "pet-suyash-1", "ot-deflated"),
)

BYTES = {"OB", "OD", "OF", "OL", "OV", "OW", "UN"}
INTEGERS = {"IS", "SS", "US", "SL", "UL"}
FIXED = {
    "Index": "uint32",
    "FileName": "string",
    "SeriesUID": "string",
    "StorageRoot": "string",
    "PrimaryPosition": "float",
    "PrimaryAxis": "string",
    "InstanceNumber": "int32",
    "SOPInstanceUID": "string",
    "SliceLocation": "float",
}


@frozen(eq=False)
class Made:
    """The Parquet file of a series, what pyarrow reads from it, and its objects as pydicom reads them."""

    path: Path
    columns: dict[str, list[Any]]
    types: dict[str, str]
    constants: dict[str, Any]
    objects: dict[str, dict[str, pydicom.DataElement]]


def _uuids() -> dict[str, str]:
    assert DATA is not None
    with Path(DATA, "series.tsv").open() as listing:
        return {line["name"]: line["series"] for line in csv.DictReader(listing, delimiter="\t")}


def _folder(name: str) -> Path:
    assert DATA is not None
    return Path(DATA, "idc", _uuids()[name])


def _elements(path: Path) -> Iterator[tuple[str, pydicom.DataElement]]:
    """The elements of a file by their column names; those that are empty are left out."""
    dataset = pydicom.dcmread(path, stop_before_pixels=True)
    meta = [dataset.file_meta["TransferSyntaxUID"]]
    for element in [*meta, *dataset]:
        public = dictionary_has_tag(element.tag) and element.keyword
        if not element.is_empty:
            yield public or f"({element.tag.group:04x},{element.tag.element:04x})", element


@pytest.fixture(scope="module", params=SERIES)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    return _made(request.param, tmp_path_factory.mktemp("index"))


@cache
def _made(name: str, folder: Path) -> Made:
    path = folder / "series.parquet"
    files = _folder(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path.write_bytes(write_table(index_folder(files).table))
        objects = {file.name: dict(_elements(file)) for file in files.iterdir()}
    table = parquet.ParquetFile(str(path)).read()
    return Made(
        path,
        {field.name: table.column(field.name).to_pylist() for field in table.schema},
        {field.name: _type_name(field.type) for field in table.schema},
        json.loads((table.schema.metadata or {})[b"dicom_series_preview.constants"]),
        objects,
    )


def _type_name(arrow: pa.DataType) -> str:
    return f"list<{arrow.value_type}>" if isinstance(arrow, pa.ListType) else str(arrow)


def _values(element: pydicom.DataElement) -> list[Any]:
    """An element's values in the types that a column of its VR holds."""
    values = list(element.value) if element.VM > 1 else [element.value]
    if element.VR == "AT":
        return [f"({value >> 16:04x},{value & 0xFFFF:04x})" for value in values]
    if element.VR in INTEGERS | {"SV", "UV"}:
        return [int(value) for value in values]
    if element.VR in ("DS", "FL"):
        return [struct.unpack("<f", struct.pack("<f", float(value)))[0] for value in values]
    if element.VR == "FD":
        return [float(value) for value in values]
    return [str(value) for value in values]


def _exact(element: pydicom.DataElement) -> Any:
    """What decides whether an element varies: its value as pydicom has it, unrounded."""
    if element.VR == "SQ":
        return element.to_json()
    if element.VR in BYTES:
        return bytes(element.value)
    values = list(element.value) if element.VM > 1 else [element.value]
    return [float(v) if element.VR in ("DS", "FL", "FD") else str(v) for v in values]


def _json(element: pydicom.DataElement) -> Any:
    if element.VR in BYTES:
        return {"vr": element.VR, "Size": len(element.value), "Hash": sha256(element.value).hexdigest()}
    return _by_the_standard(element.to_json_dict(None, 0))


def _by_the_standard(model: Any) -> Any:
    """Empty elements have no Value and empty values among others are null (PS3.18 F.2.5): pydicom differs."""
    if isinstance(model, dict):
        return {key: _by_the_standard(value) for key, value in model.items() if value != []}
    if isinstance(model, list):
        return [_by_the_standard(value) for value in model]
    return None if model == "" else model


def _names(made: Made) -> dict[str, list[pydicom.DataElement | None]]:
    """All elements of a series; for each its rows, in the file's order."""
    names = {name for found in made.objects.values() for name in found}
    return {name: [made.objects[file].get(name) for file in made.columns["FileName"]] for name in names}


def _varies(elements: list[pydicom.DataElement | None]) -> bool:
    first = elements[0]
    return first is None or any(one is None or _exact(one) != _exact(first) for one in elements)


def test_all_objects_are_rows(made: Made) -> None:
    assert sorted(made.columns["FileName"]) == sorted(made.objects)
    assert made.columns["Index"] == list(range(len(made.objects)))
    assert set(made.columns["SeriesUID"]) == {ORIGIN.series}
    assert set(made.columns["StorageRoot"]) == {ORIGIN.root}


def test_the_columns_are_the_fixed_ones_and_what_varies(made: Made) -> None:
    varying = {
        column
        for name, elements in _names(made).items()
        if _varies(elements) and name not in FIXED
        for column in (
            (f"{name}_Size", f"{name}_Hash") if {one.VR for one in elements if one} & BYTES else (name,)
        )
    }
    assert list(made.columns)[: len(FIXED)] == list(FIXED)
    assert set(made.columns) == varying | set(FIXED)


def test_every_cell_is_what_pydicom_reads(made: Made) -> None:
    compared = 0
    for name, elements in _names(made).items():
        if name in made.columns:
            assert list(map(_cell, elements, [made.types[name]] * len(elements))) == _read(
                made, name, elements
            )
            compared += len(elements)
        elif f"{name}_Size" in made.columns:
            sizes, hashes = made.columns[f"{name}_Size"], made.columns[f"{name}_Hash"]
            assert sizes == [one and len(one.value) for one in elements]
            assert hashes == [one and sha256(one.value).hexdigest() for one in elements]
            compared += len(elements)
        else:
            assert elements[0] is not None
            assert made.constants[f"{int(elements[0].tag):08X}"] == _json(elements[0])
            compared += 1
    assert compared >= len(_names(made)) > 10


def _read(made: Made, name: str, elements: list[pydicom.DataElement | None]) -> list[Any]:
    """A column, the JSON texts of a sequence read as such."""
    if any(one is not None and one.VR == "SQ" for one in elements):
        return [None if text is None else json.loads(text) for text in made.columns[name]]
    return made.columns[name]


def _cell(element: pydicom.DataElement | None, type_name: str) -> Any:
    if element is None:
        return None
    if element.VR == "SQ":
        return _by_the_standard(element.to_json_dict(None, 0)["Value"])
    values = _values(element)
    return values if type_name.startswith("list") else values[0]


def test_fixed_columns_without_a_value_are_null(made: Made) -> None:
    names = _names(made)
    for name in ("InstanceNumber", "SOPInstanceUID", "SliceLocation"):
        if name not in names:
            assert set(made.columns[name]) == {None}


def test_the_types_are_those_of_the_value_representations(made: Made) -> None:
    expected = {
        **dict.fromkeys(INTEGERS, "int32"),
        "SV": "int64",
        "UV": "uint64",
        "DS": "float",
        "FL": "float",
        "FD": "double",
    }
    for name, elements in _names(made).items():
        there = [one for one in elements if one is not None]
        if name not in made.columns or len({one.VR for one in there}) > 1:
            continue
        single = expected.get(there[0].VR, "string")
        if single == "int32" and any(abs(value) >= 2**31 for one in there for value in _values(one)):
            single = "int64"
        many = any(one.VM > 1 for one in there) and there[0].VR != "SQ"
        assert made.types[name] == (f"list<{single}>" if many else single), name
    assert {name: made.types[name] for name in FIXED} == FIXED


def test_two_runs_give_the_same_bytes(made: Made) -> None:
    folder = next(_folder(name) for name in SERIES if made.objects.keys() <= _files(name))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        backwards = index_folder(folder, arrange=lambda files: sorted(files, reverse=True))
    assert write_table(backwards.table) == made.path.read_bytes()


def _files(name: str) -> set[str]:
    return {file.name for file in _folder(name).iterdir()}


def test_duckdb_and_polars_read_it_with_these_types(made: Made) -> None:
    relation = duckdb.sql(f"select * from '{made.path}' order by Index")
    assert relation is not None
    assert [str(kind) for kind in relation.types[: len(FIXED)]] == [
        *("UINTEGER", "VARCHAR", "VARCHAR", "VARCHAR", "FLOAT", "VARCHAR", "INTEGER", "VARCHAR", "FLOAT")
    ]
    rows = zip(*made.columns.values(), strict=True)
    assert relation.columns == list(made.columns)
    assert [tuple(row) for row in relation.fetchall()] == [tuple(row) for row in rows]
    frame = polars.read_parquet(made.path)
    assert dict(list(frame.schema.items())[: len(FIXED)]) == {
        "Index": polars.UInt32,
        "FileName": polars.String,
        "SeriesUID": polars.String,
        "StorageRoot": polars.String,
        "PrimaryPosition": polars.Float32,
        "PrimaryAxis": polars.String,
        "InstanceNumber": polars.Int32,
        "SOPInstanceUID": polars.String,
        "SliceLocation": polars.Float32,
    }
    assert {name: frame[name].to_list() for name in frame.columns} == made.columns


ALL_SERIES = tuple(sorted(_uuids())) if DATA else ()
VIEWS: tuple[View, ...] = (
    *(
        Mosaic(columns, 6, start, end)
        for columns in (1, 6)
        for start, end in ((0, 1), (0.25, 0.75), (0.5, 0.5))
    ),
    *(Single(position / 7, 0) for position in range(8)),
    Single(0.5, 1),
    Single(0.0, -1),
)


@pytest.mark.parametrize("name", ALL_SERIES)
def test_an_index_chooses_the_same_slices(name: str) -> None:
    """Of every series there is, by every kind of view."""
    files = [(file.name, file.read_bytes()) for file in sorted(_folder(name).iterdir())]
    table = HeaderTable()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rows = [
            read_row(table, *file)
            for file in files
            if isinstance(scan_header(file[1], True, PREVIEW), Header)
        ]
    assert rows
    series = series_of(rows)
    index = read_index("i", build_index(rows, series, ORIGIN).table).unwrap()
    assert [one.name for one in index.order.slices] == [one.instance.name for one in series.slices]
    for view in VIEWS if series.stacks else ():
        with_index, without = choose(view, index.order), choose(view, series)
        if is_successful(without):
            assert [one.item for one in with_index.unwrap()] == [one.item.ref for one in without.unwrap()]
        else:
            assert with_index.failure() == without.failure()
