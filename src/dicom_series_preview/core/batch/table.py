"""Rows <-> plain values, for tables and for JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from attrs import asdict, fields

from dicom_series_preview.core.batch.names import as_text
from dicom_series_preview.core.batch.row import Row, Status

Plain: TypeAlias = dict[str, str | int | float | list[str] | None]
"""The fields of a row by name: text that UTF-8 can hold, numbers, `remarks` as a list, `status` as its value."""

_NAMES: Final = tuple(field.name for field in fields(Row))


def to_plain(row: Row) -> Plain:
    """The row as plain values, in the order of its fields."""
    values = {
        **asdict(row),
        "status": row.status.value,
        "remarks": [as_text(remark) for remark in row.remarks],
    }
    return {name: as_text(value) if isinstance(value, str) else value for name, value in values.items()}


def from_plain(values: Mapping[str, Any]) -> Row:
    """The row of what `to_plain` gave; fields of a later version are left out."""
    known = {name: values[name] for name in _NAMES if name in values}
    return Row(**{**known, "status": Status(known["status"]), "remarks": tuple(known["remarks"])})
