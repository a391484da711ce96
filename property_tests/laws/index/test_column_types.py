"""Laws of cells and of the columns they make: types follow from the values, and what does not fit is null."""

from __future__ import annotations

import struct
from typing import Any
from warnings import catch_warnings, simplefilter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dicom_series_preview.core.header.elements import Element
from dicom_series_preview.core.index.cells import Cell, Digest, Scalar, make_cell
from dicom_series_preview.core.index.column_types import (
    Column,
    ColumnType,
    column_of,
    columns_of,
    lost,
    round_to,
    same_everywhere,
)
from property_tests.strategies import not_numbers
from property_tests.strategies_index import LARGEST_FLOAT32

TAG = "00181000"

WHOLE = {
    ColumnType.UINT32: (0, 4294967295),
    ColumnType.INT32: (-2147483648, 2147483647),
    ColumnType.INT64: (-9223372036854775808, 9223372036854775807),
    ColumnType.UINT64: (0, 18446744073709551615),
}
FLOATS = (ColumnType.FLOAT32, ColumnType.FLOAT64)


def cell(vr: str, *values: Scalar) -> Cell:
    """A readable cell."""
    return Cell(TAG, vr, values)


UNREADABLE = Cell(TAG, "DS", None)
BYTES = Cell(TAG, "OB", Digest(3, "00"))


# --- Values ------------------------------------------------------------------------------------------------


@given(st.sampled_from(sorted(WHOLE, key=str)), st.booleans(), st.integers(-3, 3))
@example(ColumnType.INT32, True, 0)
@example(ColumnType.INT32, False, 0)
@example(ColumnType.INT32, False, -1)
@example(ColumnType.INT32, True, 1)
def test_whole_numbers_fit_their_type_or_are_null(column_type: ColumnType, high: bool, off: int) -> None:
    """Both ends of a type's range belong to it; a number, or the text of one, beyond them is null."""
    low, most = WHOLE[column_type]
    value = (most if high else low) + off
    expected = value if low <= value <= most else None
    assert round_to(column_type, value) == expected
    # More than 20 characters are no integer string (PS3.5 6.2), whatever they say.
    assert round_to(column_type, str(value)) == (expected if len(str(value)) <= 20 else None)


@given(st.sampled_from(sorted(WHOLE, key=str)), st.integers(0, 2**24), st.sampled_from([0.0, 0.5, 0.25]))
@example(ColumnType.INT32, 1, 0.0)
def test_a_float_in_a_column_of_whole_numbers_is_one_or_null(
    column_type: ColumnType, whole: int, fraction: float
) -> None:
    """An InstanceNumber may come as 7.0 and mean 7; 7.5 means nothing."""
    expected = None if fraction else whole
    for value in (whole + fraction, repr(whole + fraction)):
        found = round_to(column_type, value)
        assert found == expected
        assert not isinstance(found, float)


@pytest.mark.parametrize("column_type", sorted(WHOLE, key=str))
@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_what_is_no_number_is_no_whole_number(column_type: ColumnType, value: float) -> None:
    """Binary floats may be none (PS3.5 6.2)."""
    assert round_to(column_type, value) is None


@given(st.one_of(st.floats(allow_nan=False), st.integers(-(2**53), 2**53)))
@example(LARGEST_FLOAT32)
@example(3.5e38)
@example(-3.5e38)
@example(float("inf"))
@example(float("-inf"))
def test_floats_are_rounded_to_their_columns(value: float) -> None:
    """IEEE 754 does the rounding; what a column cannot hold is null without a warning; infinities can be held."""
    assert round_to(ColumnType.FLOAT64, value) == float(value)
    try:
        expected = struct.unpack("<f", struct.pack("<f", value))[0]
    except OverflowError:
        expected = None
    with catch_warnings():
        simplefilter("error")
        assert round_to(ColumnType.FLOAT32, value) == expected


@given(st.floats(allow_nan=False, allow_infinity=False, width=32), not_numbers())
def test_text_in_a_column_of_floats_is_read_or_null(value: float, text: str) -> None:
    """An element may be text in one object and a number in another."""
    for column_type in FLOATS:
        assert round_to(column_type, repr(value)) == value
        assert round_to(column_type, text) is None


@given(st.one_of(st.integers(), st.floats(allow_nan=False)), st.text(max_size=5))
def test_a_column_of_text_holds_everything(number: float, text: str) -> None:
    """Numbers as their shortest text, and text as it is, blanks and all."""
    assert round_to(ColumnType.TEXT, text) == text
    shown = round_to(ColumnType.TEXT, number)
    assert isinstance(shown, str)
    assert type(number)(shown) == number


@pytest.mark.parametrize("column_type", ColumnType)
def test_nothing_is_null_in_every_column(column_type: ColumnType) -> None:
    """An empty value among others stays one."""
    assert round_to(column_type, None) is None


# --- Cells -------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(-99, 99), min_size=1, max_size=4), st.sampled_from(["IS", "DS"]), st.data())
def test_an_empty_value_among_numbers_is_null(numbers: list[int], vr: str, data: st.DataObject) -> None:
    """It keeps the others in their places (PS3.5 6.4)."""
    there = data.draw(st.lists(st.booleans(), min_size=len(numbers), max_size=len(numbers)))
    texts = tuple(str(number) if is_there else "" for number, is_there in zip(numbers, there, strict=True))
    values = tuple(number if is_there else None for number, is_there in zip(numbers, there, strict=True))
    assert make_cell(TAG, Element(vr, texts)) == (Cell(TAG, vr, values) if any(there) else None)


def test_nan_is_one_value() -> None:
    """A NaN is not equal to itself, yet an element that is NaN throughout is constant."""
    cells = [make_cell(TAG, Element("FD", (float(text), 1.0))) for text in ("nan", "NaN", "-nan")]
    assert same_everywhere(cells) is cells[0]


@given(st.integers(0, 2), st.integers(1, 3))
def test_a_sequence_is_one_text(items: int, size: int) -> None:
    """However many items it has; without any it is empty."""
    made = make_cell(TAG, Element("SQ", ({"00080060": Element("CS", ("CT",) * size)},) * items))
    values = ",".join(['"CT"'] * size)
    text = ",".join([f'{{"00080060":{{"vr":"CS","Value":[{values}]}}}}'] * items)
    assert made == (Cell(TAG, "SQ", (f"[{text}]",)) if items else None)


# --- Columns -----------------------------------------------------------------------------------------------


@given(st.lists(st.sampled_from([None, UNREADABLE, cell("DS", 1.0), cell("DS", 2.0), BYTES]), min_size=1))
@example([None, None])
@example([cell("DS", 1.0), None])
@example([UNREADABLE, UNREADABLE])
def test_a_constant_is_there_readable_and_the_same_in_every_row(cells: list[Cell | None]) -> None:
    """What is missing or cannot be read in one row says nothing of all rows."""
    kinds = {None if one is None or one.values is None else one for one in cells}
    assert same_everywhere(cells) == (kinds.pop() if len(kinds) == 1 else None)


@given(
    st.lists(
        st.sampled_from([None, UNREADABLE, BYTES, Cell(TAG, "UN", Digest(0, "ff"))]), min_size=1, max_size=5
    )
)
def test_bytes_are_two_columns(cells: list[Cell | None]) -> None:
    """Their size and their hash; rows without bytes are null in both, and without any there is no column."""
    held = [one.values if one and isinstance(one.values, Digest) else None for one in cells]
    sizes = tuple(None if digest is None else digest.size for digest in held)
    hashes = tuple(None if digest is None else digest.sha256 for digest in held)
    expected = (
        Column("X_Size", ColumnType.INT32, False, True, sizes),
        Column("X_Hash", ColumnType.TEXT, False, True, hashes),
    )
    assert columns_of("X", cells) == (expected if any(held) else ())


# (cells) -> (type, whether of lists, what it holds)
KINDS: tuple[tuple[tuple[Cell | None, ...], ColumnType, bool, tuple[Any, ...]], ...] = (
    ((cell("IS", 1, None), None), ColumnType.INT32, True, ((1, None), None)),
    ((cell("IS", None, 2**31), cell("IS", 5)), ColumnType.INT64, True, ((None, 2**31), (5,))),
    ((cell("US", 2**31 - 1), cell("SL", -(2**31))), ColumnType.INT32, False, (2**31 - 1, -(2**31))),
    ((cell("SL", -(2**31) - 1), cell("IS", 0)), ColumnType.INT64, False, (-(2**31) - 1, 0)),
    ((cell("SV", 1), cell("UV", 2)), ColumnType.INT64, False, (1, 2)),
    ((cell("UV", 1), None), ColumnType.UINT64, False, (1, None)),
    ((cell("SV", 1), cell("FL", 0.5)), ColumnType.FLOAT64, False, (1.0, 0.5)),
    ((cell("FD", 1e300), cell("DS", 0.5)), ColumnType.FLOAT64, False, (1e300, 0.5)),
    ((cell("FD", 0.1), cell("FD", 0.2)), ColumnType.FLOAT64, False, (0.1, 0.2)),
    ((cell("DS", 0.5), UNREADABLE), ColumnType.FLOAT32, False, (0.5, None)),
    ((cell("DS", 0.5), BYTES), ColumnType.FLOAT32, False, (0.5, None)),
    ((cell("SQ", "[]"), cell("AT", "(0018,1063)")), ColumnType.TEXT, False, ("[]", "(0018,1063)")),
    ((cell("IS", 7), cell("LO", "x", "y")), ColumnType.TEXT, True, (("7",), ("x", "y"))),
    ((cell("DS", 0.5, 1e300), cell("DS", 1.0)), ColumnType.FLOAT32, True, (None, (1.0,))),
)


@pytest.mark.parametrize(("cells", "column_type", "many", "held"), KINDS)
def test_a_column_has_the_least_type_that_holds_its_values(
    cells: tuple[Cell | None, ...], column_type: ColumnType, many: bool, held: tuple[Any, ...]
) -> None:
    """By the value representations of its cells (PS3.5 6.2), and by how large whole numbers are."""
    assert columns_of("X", cells) == (Column("X", column_type, many, True, held),)


@given(
    st.lists(
        st.sampled_from([None, UNREADABLE, BYTES, cell("DS", 1.5), cell("IS", 7), cell("IS", 7, 8)]),
        min_size=1,
    )
)
def test_rows_whose_value_is_lost_are_counted(cells: list[Cell | None]) -> None:
    """An element that is there but not in its column: unreadable, of another type, or several for one."""
    column = column_of("X", ColumnType.INT32, False, cells)
    assert column == Column(
        "X", ColumnType.INT32, False, True, tuple(7 if one == cell("IS", 7) else None for one in cells)
    )
    there = [one for one in cells if one is not None]
    assert lost(cells, (column,)) == sum(1 for one in there if one != cell("IS", 7))
    assert lost(cells, ()) == len(there)
