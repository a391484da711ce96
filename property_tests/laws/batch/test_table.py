"""The laws of rows as plain values."""

from __future__ import annotations

import json

from attrs import evolve, fields
from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.batch.names import as_text
from dicom_series_preview.core.batch.row import Row
from dicom_series_preview.core.batch.table import from_plain, to_plain
from property_tests.strategies_batch import rows


@given(rows)
def test_a_row_is_read_back(row: Row) -> None:
    """By way of JSON too."""
    assert from_plain(to_plain(row)) == row
    assert from_plain(json.loads(json.dumps(to_plain(row)))) == row


@given(rows)
def test_a_row_is_plain(row: Row) -> None:
    """Its fields in their order, as text, numbers and a list of text; a status is its name."""
    plain = to_plain(row)
    assert list(plain) == [field.name for field in fields(Row)]
    assert plain["status"] == row.status.value == row.status.name.lower()
    assert {type(value) for value in plain.values()} <= {str, int, float, list, type(None)}


@given(rows, st.sampled_from(["caf\udce9", "é\ud800"]))
def test_every_text_can_be_written(row: Row, bad: str) -> None:
    """Names that are no UTF-8 spoil no table."""
    plain = to_plain(evolve(row, words=bad, remarks=(bad,)))
    assert (plain["words"], plain["remarks"]) == (as_text(bad), [as_text(bad)])
    assert json.dumps(plain, ensure_ascii=False).encode("utf-8")


@given(rows, st.text(max_size=5))
def test_a_row_of_a_later_version_is_read(row: Row, value: str) -> None:
    """Fields that are not known are left out."""
    assert from_plain(to_plain(row) | {"added later": value}) == row
