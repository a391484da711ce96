"""Laws of cells and indexes that hold what they should not: null, a refusal, never a guess."""

from __future__ import annotations

from hashlib import sha256

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.ask.views import Mosaic, Single
from dicom_series_preview.core.choose.pick import choose
from dicom_series_preview.core.faults.index import BadIndex
from dicom_series_preview.core.faults.series import NoPixels
from dicom_series_preview.core.header.dicom_json import BINARY, json_element
from dicom_series_preview.core.header.elements import Element
from dicom_series_preview.core.index.cells import (
    Cell,
    Digest,
    json_cell,
    json_of,
    make_cell,
    unreadable_cell,
)
from dicom_series_preview.core.index.column_types import ColumnType
from dicom_series_preview.core.index.read import in_order, read_index
from dicom_series_preview.core.index.table import PREFIX, Row, Table, build_index
from dicom_series_preview.core.order.stacks import order
from property_tests.strategies import make_frame, make_instance
from property_tests.strategies_index import ORIGIN

TAG = "00181063"
MODALITY = {"Modality": Cell("00080060", "CS", ("CT",))}


def _table(count: int = 2, pixels: bool = True) -> Table:
    instances = [
        make_instance(f"{i}.dcm", make_frame((0.0, 0.0, -2.0 * i)), uid=f"1.2.{i}", number=i, modality="CT")
        for i in range(count)
    ]
    rows = [Row(one if pixels else evolve(one, pixels=None, frames=()), MODALITY) for one in instances]
    return build_index(rows, order(instances if pixels else []), ORIGIN).table


@given(value=st.binary(min_size=1), vr=st.sampled_from(sorted(BINARY)))
def test_bytes_are_kept_as_their_size_and_hash(value: bytes, vr: str) -> None:
    """A binary element is its length and the SHA-256 of its bytes."""
    digest = Digest(len(value), sha256(value).hexdigest())
    assert make_cell(TAG, Element(vr, (value,))) == Cell(TAG, vr, digest)
    made = json_cell(Cell(TAG, vr, digest))
    assert made == {"vr": vr, "Size": len(value), "Hash": digest.sha256}


@given(value=st.binary(min_size=1), vr=st.sampled_from(("US", "FD", "LO", "DS")))
def test_bytes_of_another_vr_are_unreadable(value: bytes, vr: str) -> None:
    """A value whose length or encoding does not suit its VR arrives as bytes: its cell is null."""
    assert make_cell(TAG, Element(vr, (value,))) == unreadable_cell(TAG, vr)
    assert json_cell(unreadable_cell(TAG, vr)) == {"vr": vr}


@given(number=st.integers(0, 99), odd=st.sampled_from((b"bytes", {})))
def test_one_value_that_is_no_number_makes_a_cell_null(number: int, odd: bytes | dict[str, Element]) -> None:
    """Among numbers anything that is none makes the whole cell unreadable."""
    assert make_cell(TAG, Element("US", (number, odd))) == Cell(TAG, "US", None)


@given(
    texts=st.lists(st.sampled_from(("A", "B C", "ä")), min_size=1, max_size=3),
    vr=st.sampled_from(("CS", "LO", "UI")),
)
def test_texts_are_kept_as_they_are(texts: list[str], vr: str) -> None:
    """Every value of a text element is in its cell, in order."""
    assert make_cell(TAG, Element(vr, tuple(texts))) == Cell(TAG, vr, tuple(texts))


@given(values=st.lists(st.one_of(st.none(), st.integers(-9, 9).map(float)), min_size=1, max_size=4))
def test_a_missing_value_among_others_is_null(values: list[float | None]) -> None:
    """Of several values an empty one is null in JSON (PS3.18 F.2.5), and stays in its place."""
    assert json_of("DS", tuple(values)) == {"vr": "DS", "Value": values}


def test_bytes_are_no_value_among_others() -> None:
    """Bytes stand alone, as an InlineBinary: after other values they cannot be said in JSON."""
    with pytest.raises(TypeError, match=r"^bytes are no value of the model but an InlineBinary$"):
        json_element(Element("LO", ("text", b"bytes")))


@given(
    view=st.sampled_from((Mosaic(2, 2, 0.0, 1.0), Mosaic(2, 2, 0.2, 0.3), Single(0.5, 0))),
    count=st.integers(1, 3),
)
def test_an_index_without_images_shows_nothing(view: Mosaic | Single, count: int) -> None:
    """An index of objects without pixels is read, and knows their kinds; there is nothing to choose from."""
    index = read_index("i.parquet", _table(count, pixels=False)).unwrap()
    assert index.modalities == ("CT",)
    assert index.kinds == ("CT objects without pixel data",)
    assert choose(view, index.order).failure() == NoPixels("The series", ())


@pytest.mark.parametrize("name", ["Index", "FileName", "PrimaryPosition", "InstanceNumber"])
def test_a_fixed_column_of_another_type_is_refused(name: str) -> None:
    """A column that every index has is of one type: another, or lists of it, is no index."""
    table = _table()
    typed = [evolve(one, type=ColumnType.FLOAT64) if one.name == name else one for one in table.columns]
    many = [evolve(one, many=True) if one.name == name else one for one in table.columns]
    for columns in (tuple(typed), tuple(many)):
        refused = read_index("i.parquet", evolve(table, columns=columns)).failure()
        right = next(one.type for one in table.columns if one.name == name)
        assert refused == BadIndex("i.parquet", f"its column {name} is not of type {right.value}")


def test_an_index_without_rows_is_refused() -> None:
    """No series is empty: an index without a row is damaged."""
    table = _table()
    empty = evolve(table, columns=tuple(evolve(one, values=()) for one in table.columns))
    assert read_index("i.parquet", empty).failure() == BadIndex("i.parquet", "it is damaged (it has no rows)")


@pytest.mark.parametrize("text", ["5", "[]", '"x"', "null", '{"stacks": 5}', '{"stacks": {}}'])
def test_metadata_of_another_form_are_refused(text: str) -> None:
    """The order is an object with a list of stacks: anything else is damage."""
    table = _table()
    other = evolve(table, metadata={**table.metadata, PREFIX + "order": text})
    refused = BadIndex("i.parquet", "it is damaged (its metadata are of another form)")
    assert read_index("i.parquet", other).failure() == refused


@given(numbers=st.integers(1, 5).flatmap(lambda count: st.permutations(range(count))))
def test_the_index_column_puts_rows_in_order(numbers: list[int]) -> None:
    """Index holds each number from 0 to the last row once."""
    values = tuple(f"row {number}" for number in numbers)
    assert in_order(_counted(numbers), values) == tuple(f"row {number}" for number in range(len(numbers)))


@given(
    numbers=st.lists(st.integers(-1, 4), min_size=1, max_size=5).filter(
        lambda numbers: sorted(numbers) != list(range(len(numbers)))
    )
)
def test_other_numbers_put_nothing_in_order(numbers: list[int]) -> None:
    with pytest.raises(ValueError, match=r"^its column Index does not count its rows$"):
        in_order(_counted(numbers), tuple(f"row {number}" for number in numbers))


@given(numbers=st.integers(1, 5).flatmap(lambda count: st.permutations(range(count))))
def test_a_column_that_is_not_there_is_not_put_in_order(numbers: list[int]) -> None:
    with pytest.raises(ValueError, match=r"^its column Index does not count its rows$"):
        in_order(_counted(numbers), None)


def _counted(numbers: list[int]) -> Table:
    table = _table(len(numbers))
    return evolve(
        table,
        columns=tuple(
            evolve(one, values=tuple(numbers)) if one.name == "Index" else one for one in table.columns
        ),
    )
