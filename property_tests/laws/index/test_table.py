"""Laws of the index: headers and reading order survive it, whatever the objects hold.

An element is a column if the objects differ in it and a constant if they agree; a column's type follows from
the value representation (PS3.5 6.2); constants and sequences are in the DICOM JSON model (PS3.18 F).
"""

from __future__ import annotations

import json
import struct
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st
from returns.pipeline import is_successful

from dicom_series_preview.core.ask.dicomweb import WebSeries
from dicom_series_preview.core.ask.roots import HttpRoot
from dicom_series_preview.core.ask.series_id import (
    DicomUid,
    SeriesPlace,
    SeriesPrefix,
    SeriesUid,
    parse_series,
)
from dicom_series_preview.core.ask.views import Single, View
from dicom_series_preview.core.choose.pick import choose
from dicom_series_preview.core.faults.index import BadIndex, IndexLacks, NewerIndex
from dicom_series_preview.core.geometry import Axis
from dicom_series_preview.core.header.elements import Element
from dicom_series_preview.core.header.instance import Instance
from dicom_series_preview.core.index.cells import Cell, Digest, json_cell, make_cell
from dicom_series_preview.core.index.column_types import Column, ColumnType
from dicom_series_preview.core.index.read import SeriesIndex, headers, is_index_of, read_index
from dicom_series_preview.core.index.table import (
    FIXED,
    PREFIX,
    SCHEMA_VERSION,
    BuiltIndex,
    Origin,
    Row,
    Table,
    build_index,
)
from dicom_series_preview.core.order.series import Series, Slice, object_places
from dicom_series_preview.core.order.stacks import order
from dicom_series_preview.core.remarks import UnusableElement, WithoutPixels
from dicom_series_preview.shell.parquet import read_table, write_table
from property_tests.strategies import make_frame, make_instance, make_pixels, not_numbers, spellings
from property_tests.strategies_index import (
    LARGEST_FLOAT32,
    NAMES,
    ORIGIN,
    WHOLE,
    Folder,
    folders,
    rows,
    scalars,
    shown,
)


def _built(made: list[Row]) -> BuiltIndex:
    return build_index(made, _series(made), ORIGIN)


def _series(made: list[Row]) -> Series[Slice]:
    return order([row.instance for row in made if row.instance.pixels is not None])


def _index(made: list[Row]) -> SeriesIndex:
    return read_index("an index", _built(made).table).unwrap()


def _columns(table: Table) -> dict[str, Column]:
    return {column.name: column for column in table.columns}


def _numbered(number: int, **cells: Cell) -> Row:
    """The row of one slice; rows lie in the order of their numbers."""
    return Row(make_instance(f"{number}.dcm", make_frame((0.0, 0.0, -float(number)))), cells)


# --- Headers -----------------------------------------------------------------------------------------------


def _as_float32(value: float) -> float:
    """IEEE 754 does the rounding."""
    rounded: float = struct.unpack("<f", struct.pack("<f", value))[0]
    return rounded


def _rounded(cell: Cell) -> Cell:
    """A cell as a column of its type holds it."""
    if cell.vr not in ("DS", "FL") or not isinstance(cell.values, tuple):
        return cell
    return evolve(cell, values=tuple(_as_float32(float(value or 0)) for value in cell.values))


@given(made=rows())
def test_restoring_gives_the_headers_back_rounded_to_the_types_of_the_columns(made: list[Row]) -> None:
    """What is in the constants is exact, what is in a column has the column's precision."""
    table = _built(made).table
    constants = json.loads(table.metadata[PREFIX + "constants"])
    expected = [
        {
            cell.tag: json_cell(cell if cell.tag in constants else _rounded(cell))
            for cell in row.cells.values()
        }
        for row in made
    ]
    assert list(headers(table)) == expected
    assert _built(made).warnings == ()


@given(made=rows(least=2))
def test_columns_come_in_the_order_of_tags_after_the_fixed_ones(made: list[Row]) -> None:
    """Whichever object an element was first seen in."""
    tags = {name: tag for tag, name in NAMES.items()}
    rest = _built(made).table.columns[len(FIXED) :]
    found = [tags[column.name.removesuffix("_Size").removesuffix("_Hash")] for column in rest]
    assert found == sorted(found)


@given(made=rows())
def test_an_element_is_a_constant_exactly_if_all_objects_have_it_alike(made: list[Row]) -> None:
    """Everything else that any object has is a column: never both, never neither."""
    table = _built(made).table
    constants = json.loads(table.metadata[PREFIX + "constants"])
    columns = _columns(table)
    for tag, name in NAMES.items():
        values = [row.cells[name].values if name in row.cells else None for row in made]
        constant = values[0] is not None and all(value == values[0] for value in values)
        there = any(value is not None for value in values)
        binary = any(isinstance(value, Digest) for value in values)
        assert (tag in constants) == constant
        assert (name in columns) == (there and not constant and not binary)
        assert (
            (f"{name}_Size" in columns) == (f"{name}_Hash" in columns) == (there and not constant and binary)
        )


@given(made=rows(least=2), data=st.data())
def test_the_index_does_not_depend_on_the_order_of_arrival(made: list[Row], data: st.DataObject) -> None:
    """The same objects give the same table, cell by cell and text by text."""
    assert _built(data.draw(st.permutations(made))) == _built(made)


@given(made=rows())
def test_a_table_survives_its_file(made: list[Row]) -> None:
    """Parquet holds the plain data as it is, and equal tables are equal bytes."""
    table = _built(made).table
    data = write_table(table)
    with TemporaryDirectory() as folder:
        path = Path(folder, "series.parquet")
        path.write_bytes(data)
        read = read_table(str(path)).unwrap()
    assert read == table
    assert write_table(read) == data


@given(vr=st.sampled_from(sorted(WHOLE)), data=st.data())
def test_whole_numbers_take_32_bits_unless_one_does_not_fit(vr: str, data: st.DataObject) -> None:
    """SV and UV are 64 bits wide as they are (PS3.5 6.2)."""
    values = data.draw(st.lists(scalars(vr), min_size=2, max_size=4, unique=True))
    made = [_numbered(number, X=Cell("00181000", vr, (value,))) for number, value in enumerate(values)]
    column = _columns(_built(made).table)["X"]
    wide = {"SV": ColumnType.INT64, "UV": ColumnType.UINT64}.get(vr)
    fits = all(-(2**31) <= int(value or 0) < 2**31 for value in values)
    assert column.type is (wide or (ColumnType.INT32 if fits else ColumnType.INT64))
    assert column.values == tuple(values)


@given(counts=st.lists(st.integers(1, 3), min_size=2, max_size=4))
@example([1, 1])
@example([1, 2])
def test_a_column_is_a_list_exactly_if_one_object_has_several_values(counts: list[int]) -> None:
    """Then single values are lists of one, so that all rows read alike."""
    texts = [tuple(f"{row} {place}" for place in range(count)) for row, count in enumerate(counts)]
    made = [_numbered(row, X=Cell("00181000", "LO", values)) for row, values in enumerate(texts)]
    column = _columns(_built(made).table)["X"]
    assert column.many == (max(counts) > 1)
    assert column.values == tuple(values if max(counts) > 1 else values[0] for values in texts)


@given(
    names=st.lists(st.sampled_from(["a.dcm", "ä.dcm", "b\udce4.dcm"]), min_size=1, max_size=3, unique=True)
)
def test_an_index_says_where_its_objects_are(names: list[str]) -> None:
    """Root, series and folder; bytes of a name that are no text, which could not be written, are replaced."""
    origin = Origin("/data/\udcff", "series", "folder", "4.5.6")
    made = [Row(make_instance(name, make_frame(), number=place), {}) for place, name in enumerate(names)]
    table = build_index(made, _series(made), origin).table
    columns = _columns(table)
    shown_names = [name.replace("\udce4", "?") for name in names]
    assert list(columns["FileName"].values) == shown_names
    assert columns["SeriesUID"].values == ("series",) * len(names)
    assert columns["StorageRoot"].values == ("/data/?",) * len(names)
    assert table.metadata[PREFIX + "version"] == "4.5.6"
    assert table.metadata[PREFIX + "schema_version"] == str(SCHEMA_VERSION)
    index = read_index("an index", table).unwrap()
    assert (index.root, index.series, index.folder) == ("/data/?", "series", "folder")
    assert index.names == tuple(shown_names)


@given(kinds=st.lists(st.sampled_from([("CT",), ("MR", "PT"), ("SEG",), ()]), min_size=1, max_size=4))
@example(kinds=[("MR", "PT"), ("CT",)])
def test_an_index_knows_the_modalities(kinds: list[tuple[str, ...]]) -> None:
    """Of all objects, sorted, each once, of several values the first; whether they are columns or constants."""
    made = [
        _numbered(place, **({"Modality": Cell("00080060", "CS", kind)} if kind else {}))
        for place, kind in enumerate(kinds)
    ]
    first = {kind[0] if kind else "" for kind in kinds}
    assert _index(made).modalities == tuple(sorted(first))
    assert _index(made).kinds == tuple(
        sorted(f"{one or 'unknown'} objects without pixel data" for one in first)
    )


@given(reports=st.integers(1, 3), others=st.integers(0, 2))
def test_an_index_knows_what_its_objects_are(reports: int, others: int) -> None:
    """By the names of their SOP classes, for where none of them holds an image; each once."""
    spectroscopy = Cell("00080016", "UI", ("1.2.840.10008.5.1.4.1.1.4.2",))
    made = [_numbered(place, SOPClassUID=spectroscopy) for place in range(reports)]
    made += [_numbered(reports + place) for place in range(others)]
    expected = ("MR Spectroscopy Storage", "unknown objects without pixel data")
    assert _index(made).kinds == expected[: 1 + (others > 0)]


@pytest.mark.parametrize(("uids", "found"), [(("1.2.3",), "1.2.3"), (("1.2.3", "4"), "1.2.3"), ((), "")])
def test_an_index_knows_its_series_instance_uid(uids: tuple[str, ...], found: str) -> None:
    """The first value, and "" where the objects have none."""
    cells = {"SeriesInstanceUID": Cell("0020000E", "UI", uids)} if uids else {}
    assert _index([_numbered(0, **cells), _numbered(1, **cells)]).series_instance_uid == found


@pytest.mark.parametrize("value", [None, ["CT"], {"Alphabetic": "CT"}])
def test_a_constant_that_is_no_single_value_is_none(value: object) -> None:
    """Whatever another program wrote there, it is no modality."""
    constants = {"00080060": {"vr": "CS", "Value": [value]}}
    metadata = {**ONE.metadata, PREFIX + "constants": json.dumps(constants)}
    assert read_index("i.parquet", evolve(ONE, metadata=metadata)).unwrap().modalities == ("",)


# --- Values that cannot be read ----------------------------------------------------------------------------


@given(value=st.floats(allow_nan=False, allow_infinity=False), data=st.data())
def test_decimal_strings_are_read_in_every_spelling(value: float, data: st.DataObject) -> None:
    """Two spellings of one number are one value (PS3.5 6.2)."""
    cell = make_cell("00181000", Element("DS", (data.draw(spellings(value)), repr(value))))
    assert cell is not None
    assert cell.values == (value, value)


@given(value=st.floats(allow_nan=False, allow_infinity=False), data=st.data())
def test_decimal_strings_within_a_sequence_are_numbers_of_its_json(value: float, data: st.DataObject) -> None:
    """In the DICOM JSON model DS and IS are numbers (PS3.18 F.2.3)."""
    item = {"00180050": Element("DS", (data.draw(spellings(value)),)), "00200013": Element("IS", (" 07",))}
    cell = make_cell("00081140", Element("SQ", (item,)))
    assert cell is not None
    assert isinstance(cell.values, tuple)
    assert json.loads(str(cell.values[0])) == [
        {"00180050": {"vr": "DS", "Value": [value]}, "00200013": {"vr": "IS", "Value": [7]}}
    ]


@pytest.mark.parametrize(
    ("value", "text"), [(float("nan"), "NaN"), (float("inf"), "inf"), (float("-inf"), "-inf")]
)
def test_what_json_has_no_number_for_is_text(value: float, text: str) -> None:
    """Binary floats may be infinite or not a number (PS3.5 6.2), JSON numbers may not."""
    cell = make_cell("00181000", Element("FD", (1.0, value)))
    assert cell is not None
    assert json_cell(cell) == {"vr": "FD", "Value": [1.0, text]}


@given(value=st.floats(-1e15, 1e15))
@example(0.5)
@example(7.0)
def test_an_integer_string_with_a_fraction_is_unreadable(value: float) -> None:
    """A whole number may be spelled as a decimal: what it means is clear."""
    cell = make_cell("00181000", Element("IS", (repr(value),)))
    assert cell is not None
    assert cell.values == ((int(value),) if value == int(value) else None)


@given(vr=st.sampled_from(("DS", "IS", "LO", "OB")), count=st.integers(0, 3))
def test_an_element_whose_values_are_all_empty_is_as_good_as_none(vr: str, count: int) -> None:
    """Backslashes alone are no value."""
    assert make_cell("00181000", Element(vr, (b"" if vr == "OB" else "",) * count)) is None


@given(value=st.floats(-1e6, 1e6))
def test_a_fixed_element_that_is_constant_is_restored_exactly(value: float) -> None:
    """It is a column as well, but a rounded one."""
    location = Cell("00201041", "DS", (value,))
    table = _built([_numbered(row, SliceLocation=location) for row in range(2)]).table
    assert _columns(table)["SliceLocation"].values == (_as_float32(value),) * 2
    assert [header["00201041"] for header in headers(table)] == [{"vr": "DS", "Value": [value]}] * 2


@given(text=not_numbers(), vr=st.sampled_from(("DS", "IS")))
def test_text_that_is_no_number_is_unreadable_or_empty(text: str, vr: str) -> None:
    """Blank text is an empty value, which is the same as none."""
    cell = make_cell("00181000", Element(vr, (text,)))
    blank = not text.strip(" \0")
    assert (cell is None or cell.values is None) if blank else (cell is not None and cell.values is None)


@given(
    places=st.sets(st.integers(0, 5), min_size=1, max_size=6), bad=st.sampled_from(["unreadable", "large"])
)
def test_a_value_that_is_not_of_its_type_makes_its_cell_null_and_no_other(places: set[int], bad: str) -> None:
    """The whole cell goes, with one warning that counts the rows."""
    lost = Cell("00181000", "DS", None if bad == "unreadable" else (1.0, 2 * LARGEST_FLOAT32))
    made = [
        _numbered(row, X=lost if row in places else Cell("00181000", "DS", (float(row), 1.0)))
        for row in range(7)
    ]
    built = _built(made)
    expected = tuple(None if row in places else (float(row), 1.0) for row in range(7))
    assert _columns(built.table)["X"].values == expected
    assert built.warnings == (UnusableElement("X", len(places)),)


def test_a_value_that_no_object_has_readable_is_left_out_with_a_warning() -> None:
    """It is neither a column nor a constant: there is nothing to say of it but that it was there."""
    built = _built([_numbered(row, X=Cell("00181000", "IS", None)) for row in range(3)])
    assert [column.name for column in built.table.columns] == [name for name, _, _ in FIXED]
    assert json.loads(built.table.metadata[PREFIX + "constants"]) == {}
    assert built.warnings == (UnusableElement("X", 3),)


@given(odd=st.sets(st.integers(0, 3), min_size=1), unreadable=st.sets(st.integers(0, 3), min_size=1))
def test_what_is_odd_is_said_once_and_remembered(odd: set[int], unreadable: set[int]) -> None:
    """Elements that a preview cannot use are counted as it counts them, whatever their cells hold.

    An object without pixels has a row, which is nothing to be warned of; a preview skips it, and says so.
    """
    cell = Cell("00181000", "DS", None)
    made = [
        evolve(row, instance=evolve(row.instance, unusable=("X",) if number in odd else ()))
        for number in range(4)
        for row in [_numbered(number, **({"X": cell} if number in unreadable else {}))]
    ]
    bare = Row(evolve(make_instance("9.dcm", modality="SR"), pixels=None, frames=()), {})
    named = UnusableElement("X", len(odd))
    assert _built([*made, bare]).warnings == (named,)
    assert _index([*made, bare]).remarks == (named, WithoutPixels(1, ("SR",)))
    old = _built(made).table
    forgotten = {key: value for key, value in old.metadata.items() if key != PREFIX + "remarks"}
    assert read_index("an index", evolve(old, metadata=forgotten)).unwrap().remarks == ()


# (what one object has, what another has) -> (the column's type, what it holds)
MIXED: tuple[tuple[Cell, Cell, ColumnType, tuple[Any, Any]], ...] = tuple(
    (Cell("00181000", first[0], first[1]), Cell("00181000", second[0], second[1]), column_type, held)
    for first, second, column_type, held in (
        (("US", (1,)), ("SS", (-1,)), ColumnType.INT32, (1, -1)),
        (("IS", (1,)), ("SV", (2**40,)), ColumnType.INT64, (1, 2**40)),
        (("IS", (3,)), ("DS", (1.5,)), ColumnType.FLOAT64, (3.0, 1.5)),
        (("LO", ("12 mm",)), ("DS", (1.5,)), ColumnType.TEXT, ("12 mm", "1.5")),
        (("LO", ("a",)), ("UN", Digest(1, "00")), ColumnType.TEXT, ("a", None)),
        (("UV", (2**64 - 1,)), ("IS", (-1,)), ColumnType.INT64, (None, -1)),
    )
)


@pytest.mark.parametrize(("first", "second", "column_type", "held"), MIXED)
def test_an_element_of_several_vrs_is_one_column_that_holds_what_it_can(
    first: Cell, second: Cell, column_type: ColumnType, held: tuple[Any, Any]
) -> None:
    """A series may mix transfer syntaxes, and with them the VRs of private elements."""
    column = _columns(_built([_numbered(0, X=first), _numbered(1, X=second)]).table)["X"]
    assert (column.type, column.values) == (column_type, held)


@pytest.mark.parametrize(
    ("vrs", "common"),
    [(("US", "SS", "SS"), "SS"), (("US", "SS"), "SS"), (("UN", "LO", "LO", "UN", "DS"), "LO")],
)
def test_a_column_is_restored_with_the_vr_of_most_objects(vrs: tuple[str, ...], common: str) -> None:
    """Of as many, with the first in the alphabet: it must not depend on the order of arrival."""
    made = [
        _numbered(place, X=Cell("00181000", vr, (str(place) if vr in ("LO", "UN") else place,)))
        for place, vr in enumerate(vrs)
    ]
    assert {header["00181000"]["vr"] for header in headers(_built(made).table)} == {common}  # type: ignore[call-overload, index]


@pytest.mark.parametrize(
    ("name", "tag", "bad"),
    [
        ("SliceLocation", "00201041", Cell("00201041", "DS", (1e300,))),
        ("SliceLocation", "00201041", Cell("00201041", "DS", (1.0, 2.0))),
        ("InstanceNumber", "00200013", Cell("00200013", "IS", (2**40,))),
        ("InstanceNumber", "00200013", Cell("00200013", "IS", None)),
    ],
)
@pytest.mark.parametrize("all_bad", [True, False])
def test_a_fixed_column_that_cannot_hold_a_value_is_null_there(
    name: str, tag: str, bad: Cell, all_bad: bool
) -> None:
    """With a warning, also where the value is constant: then the constants have it all the same."""
    made = [_numbered(0, **{name: bad}), _numbered(1, **({name: bad} if all_bad else {}))]
    built = _built(made)
    assert _columns(built.table)[name].values == (None, None)
    assert built.warnings == (UnusableElement(name, 2 if all_bad else 1),)
    constants = json.loads(built.table.metadata[PREFIX + "constants"])
    assert constants == ({tag: json_cell(bad)} if all_bad and bad.values is not None else {})


def test_a_hash_without_its_size_is_no_value() -> None:
    """Bytes are restored from two columns: where another program has emptied one, there is nothing."""
    made = [_numbered(row, X=Cell("00181000", "OB", Digest(row, "0" * 64))) for row in range(2)]
    table = _built(made).table
    for lacking in ("X_Size", "X_Hash"):
        columns = tuple(
            evolve(one, values=(one.values[0], None)) if one.name == lacking else one for one in table.columns
        )
        first, second = headers(evolve(table, columns=columns))
        assert first["00181000"] == {"vr": "OB", "Size": 0, "Hash": "0" * 64}
        assert "00181000" not in second


# --- Order -------------------------------------------------------------------------------------------------


@given(folder=folders())
def test_rows_are_the_objects_in_reading_order_and_those_not_shown_last(folder: Folder) -> None:
    """A multi-frame object takes the place of its first frame."""
    series = order([instance for instance in folder.instances if instance.pixels is not None])
    table = build_index(folder.rows, series, ORIGIN).table
    columns = _columns(table)
    names = [slice_.instance.name for slice_ in series.slices]
    in_order = sorted(set(names), key=names.index)
    assert [name for name, _, _ in FIXED] == [column.name for column in table.columns][: len(FIXED)]
    assert columns["Index"].values == tuple(range(len(folder.instances)))
    assert list(columns["FileName"].values)[: len(in_order)] == in_order
    rest = [_object(folder, str(name)) for name in columns["FileName"].values[len(in_order) :]]
    assert rest == sorted((one for one in folder.instances if one.pixels is None), key=_rank)
    assert set(columns["PrimaryAxis"].values[len(in_order) :]) <= {"I"}


def _object(folder: Folder, name: str) -> Instance:
    return next(instance for instance in folder.instances if instance.name == name)


def _rank(instance: Instance) -> tuple[bool, int, str, str]:
    number = instance.instance_number
    return (number is None, number or 0, instance.sop_instance_uid, instance.name)


@given(data=st.data())
def test_objects_without_pixels_come_by_number_then_uid_then_name(data: st.DataObject) -> None:
    """Those without a number last; 0 and negative numbers are numbers as any other."""
    ranked: list[tuple[int | None, str, str]] = [
        *((-1, "1.2.9", "9"), (0, "1.2.8", "8"), (1, "1.2.7", "6"), (1, "1.2.7", "7")),
        *((2, "1.2.5", "5"), (2, "1.2.6", "4"), (None, "1.2.3", "1"), (None, "1.2.4", "0")),
    ]
    instances = [evolve(make_instance(name, uid=uid, number=n), pixels=None) for n, uid, name in ranked]
    made = [Row(instance, {}) for instance in data.draw(st.permutations(instances))]
    columns = _columns(_built(made).table)
    assert columns["FileName"].values == tuple(name for _, _, name in ranked)
    assert columns["PrimaryPosition"].values == (-1.0, 0.0, 1.0, 1.0, 2.0, 2.0, None, None)


@given(folder=folders())
def test_the_primary_position_is_the_coordinate_on_the_primary_axis(folder: Folder) -> None:
    """Of the object's first frame in reading order, rounded to 32 bits; the InstanceNumber on axis I."""
    series = order([instance for instance in folder.instances if instance.pixels is not None])
    columns = _columns(build_index(folder.rows, series, ORIGIN).table)
    firsts = {slice_.instance.name: slice_ for slice_ in reversed(series.slices)}
    axes = {one.instance.name: stack.axis.value for stack in reversed(series.stacks) for one in stack.slices}
    for name, axis, position in zip(
        *(columns[key].values for key in ("FileName", "PrimaryAxis", "PrimaryPosition")), strict=True
    ):
        assert axis == axes.get(str(name), "I")
        coordinate: float | None = _object(folder, str(name)).instance_number
        if axis != "I":
            place = firsts[str(name)].frame.position
            coordinate = None if place is None else place["XYZ".index(str(axis))]
        assert position == (None if coordinate is None else _as_float32(float(coordinate)))
        assert coordinate is not None or axis == "I"


@given(below=st.integers(-500, 500), rows=st.integers(1, 400), centred=st.booleans())
def test_the_position_in_a_stack_of_middles_is_that_of_the_middle(
    below: int, rows: int, centred: bool
) -> None:
    """A coronal slice begins at its upper edge: its middle lies half of its rows further down."""
    frame = evolve(make_frame((0.0, 0.0, float(below)), (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)), spacing=(2.0, 2.0))
    instance = evolve(make_instance("0.dcm", frame), pixels=make_pixels(rows=rows, columns=5))
    (stack,) = order([instance]).stacks
    series = Series((evolve(stack, axis=Axis.Z, centred=centred),))
    columns = _columns(build_index([Row(instance, {})], series, ORIGIN).table)
    assert columns["PrimaryAxis"].values == ("Z",)
    assert columns["PrimaryPosition"].values == (float(below - (rows - 1) * centred),)


# Without positions the middle of two is the second; in space it is as near to the first, which then wins.
@example(
    folder=Folder((make_instance("0.dcm", make_frame()), make_instance("1.dcm", make_frame()))),
    view=Single(0.5, 0),
)
@given(folder=folders(), view=shown())
def test_an_index_shows_the_same_slices_or_refuses_in_the_same_words(folder: Folder, view: View) -> None:
    """Whatever is asked for: positions, offsets, ranges, mosaics, in space, in time or by number.

    Of each stack the axis, the time and the very coordinates are remembered: nothing of the order is made again.
    """
    series = order([instance for instance in folder.instances if instance.pixels is not None])
    index = read_index("an index", build_index(folder.rows, series, ORIGIN).table).unwrap()
    assert [(one.axis, one.measure, one.time_key, one.coordinates) for one in index.order.stacks] == [
        (one.axis, one.measure, one.time_key, one.coordinates) for one in series.stacks
    ]
    expected = choose(view, series).map(lambda chosen: [one.item.ref for one in chosen])
    assert choose(view, index.order).map(lambda chosen: [one.item for one in chosen]) == expected


@given(folder=folders())
def test_an_index_knows_which_objects_hold_a_single_frame(folder: Folder) -> None:
    """Only those are fetched whole without a look at their header."""
    index = _index(folder.rows)
    frames = {instance.name: len(instance.frames) for instance in folder.instances}
    assert index.multiframe == {name for name, count in frames.items() if count > 1}
    places = object_places(index.order)
    assert [index.names[place] for place in places.values()] == list(places)


@given(folder=folders(), data=st.data())
def test_an_index_is_read_by_its_column_index_however_its_rows_lie(
    folder: Folder, data: st.DataObject
) -> None:
    """A file whose rows were moved about by another program still says the same."""
    table = _built(folder.rows).table
    moved = data.draw(st.permutations(range(len(folder.instances))))
    columns = tuple(
        evolve(column, values=tuple(column.values[row] for row in moved)) for column in table.columns
    )
    assert read_index("an index", evolve(table, columns=columns)) == read_index("an index", table)


# --- Refusals ----------------------------------------------------------------------------------------------

ONE = _built([_numbered(0), _numbered(1)]).table


@given(name=st.sampled_from([name for name, _, _ in FIXED]))
def test_an_index_without_a_fixed_column_is_refused_by_its_name(name: str) -> None:
    """All of them are always there."""
    columns = tuple(column for column in ONE.columns if column.name != name)
    assert read_index("i.parquet", evolve(ONE, columns=columns)).failure() == IndexLacks("i.parquet", name)


@given(version=st.integers(SCHEMA_VERSION + 1, 10**9 - 1))
def test_an_index_of_a_later_format_is_refused(version: int) -> None:
    """Even if it looks readable."""
    metadata = {**ONE.metadata, PREFIX + "schema_version": str(version)}
    refused = read_index("i.parquet", evolve(ONE, metadata=metadata)).failure()
    assert refused == NewerIndex("i.parquet", str(version), SCHEMA_VERSION)
    assert str(version) in str(refused)


def _json_texts() -> st.SearchStrategy[str]:
    leaves = st.one_of(st.none(), st.integers(-2, 3), st.floats(), st.text(max_size=3))
    trees = st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(
                st.sampled_from(("stacks", "rows", "frames", "coordinates", "axis", "measure", "time_key")),
                inner,
            ),
        ),
    )
    return trees.map(json.dumps)


@given(
    key=st.sampled_from(sorted(ONE.metadata)), text=st.one_of(st.none(), st.text(max_size=5), _json_texts())
)
@example(
    PREFIX + "order", '{"stacks":[{"axis":"Z","measure":"PLACE","time_key":null,"rows":[],"frames":[]}]}'
)
@example(PREFIX + "order", "[" * 100_000)
@example(PREFIX + "order", json.dumps({"stacks": [{"rows": [0], "frames": [0], "coordinates": [10**400]}]}))
@example(PREFIX + "schema_version", "9" * 5000)
@example(PREFIX + "constants", '{"00280008":{"vr":"IS","Value":[]}}')
def test_damaged_metadata_are_refused_and_never_raise(key: str, text: str | None) -> None:
    """Whatever another program wrote there."""
    metadata = {name: value for name, value in ONE.metadata.items() if name != key}
    if text is not None:
        metadata[key] = text
    read = read_index("i.parquet", evolve(ONE, metadata=metadata))
    assert is_successful(read) or isinstance(read.failure(), BadIndex | NewerIndex)


@pytest.mark.parametrize("key", ["order", "constants"])
def test_an_index_without_its_order_or_constants_is_refused(key: str) -> None:
    """Neither can be made up again from the columns."""
    metadata = {name: value for name, value in ONE.metadata.items() if name != PREFIX + key}
    assert isinstance(read_index("i.parquet", evolve(ONE, metadata=metadata)).failure(), BadIndex)


STACK: dict[str, Any] = json.loads(ONE.metadata[PREFIX + "order"])["stacks"][0]


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        ({"rows": [0, 2]}, ""),
        ({"rows": [0]}, ""),
        ({"rows": [0, -1]}, "its order is of another form"),
        ({"frames": [0]}, ""),
        ({"frames": [0, "0"]}, "its order is of another form"),
        ({"frames": 0}, "its metadata are of another form"),
        ({"coordinates": [0.0]}, ""),
        ({"coordinates": [0.0, None]}, ""),
        ({"coordinates": [0.0, "far"]}, ""),
        ({"coordinates": [1.0, 0.0]}, "its coordinates do not follow one another"),
        ({"coordinates": ["NaN", "NaN"]}, "its coordinates do not follow one another"),
        ({"coordinates": [0.0, "Infinity"]}, "its coordinates are not finite"),
        ({"rows": [], "frames": [], "coordinates": []}, "its order has an empty stack"),
        ({"axis": "W"}, ""),
        ({"measure": "WEIGHT"}, ""),
    ],
)
def test_an_order_that_does_not_fit_its_table_is_refused(damage: dict[str, Any], problem: str) -> None:
    """Choosing from it would show what is not there."""
    metadata = {**ONE.metadata, PREFIX + "order": json.dumps({"stacks": [STACK | damage]})}
    refused = read_index("i.parquet", evolve(ONE, metadata=metadata)).failure()
    assert isinstance(refused, BadIndex)
    assert refused.path == "i.parquet"
    assert refused.problem.startswith(f"it is damaged ({problem}")


@pytest.mark.parametrize("version", ["", "x", "-1", "1.0", "9" * 10, None])
def test_a_table_that_does_not_say_its_version_is_no_index(version: str | None) -> None:
    """Any other Parquet file, for one."""
    metadata = {name: text for name, text in ONE.metadata.items() if name != PREFIX + "schema_version"}
    if version is not None:
        metadata[PREFIX + "schema_version"] = version
    refused = read_index("i.parquet", evolve(ONE, metadata=metadata)).failure()
    assert refused == BadIndex("i.parquet", "it does not say that it is one")


@given(cut=st.integers(0, len(write_table(ONE)) - 1))
def test_a_file_cut_short_is_refused(cut: int) -> None:
    """At any byte."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "series.parquet")
        path.write_bytes(BytesIO(write_table(ONE)).read(cut))
        assert isinstance(read_table(str(path)).failure(), BadIndex)


@given(name=st.sampled_from(("/etc/passwd", "../a.dcm", "a/../../b.dcm", "..")))
def test_an_index_that_names_objects_outside_its_folder_is_refused(name: str) -> None:
    """A file from somewhere else cannot make a preview of what lies beside the series."""
    columns = tuple(
        evolve(column, values=(name, column.values[1])) if column.name == "FileName" else column
        for column in ONE.columns
    )
    refused = read_index("i.parquet", evolve(ONE, columns=columns)).failure()
    assert refused == BadIndex("i.parquet", f"it names an object outside its series folder, {name!r}")


# --- Identity ----------------------------------------------------------------------------------------------


@given(uuid=st.uuids(), other=st.uuids(), length=st.integers(1, 32))
def test_an_index_belongs_to_a_series_by_uuid_prefix_place_or_dicom_uid(
    uuid: object, other: object, length: int
) -> None:
    """And to no other one."""
    index = evolve(_index([_numbered(0)]), series=str(uuid), series_instance_uid="1.2.3")
    digits = str(uuid).replace("-", "")
    root = parse_series(f"/data/{uuid}").unwrap()
    assert isinstance(root, SeriesPlace)
    served = WebSeries(HttpRoot("https", "host.example"), "1.2", "1.2.3")
    for wanted in (SeriesUid(str(uuid)), SeriesPrefix(digits[:length]), DicomUid("1.2.3"), root, served):
        assert is_index_of(wanted, index)
    # What lies in a folder is compared object by object, whatever the folder is called.
    assert is_index_of(evolve(root, folder=str(other)), index)
    assert is_index_of(DicomUid("1.2.5"), evolve(index, series="1.2.5"))
    for wanted in (SeriesUid(str(other)), SeriesPrefix(str(other).replace("-", "")), DicomUid("1.2.4")):
        assert not is_index_of(wanted, index)
    for wanted in (evolve(served, series="1.2.4"), evolve(served, study="1.2.3", series="1.2")):
        assert not is_index_of(wanted, index)
