"""What an index keeps of one element of one object: typed values, JSON for a sequence, a digest for bytes."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Final, TypeAlias

from attrs import frozen

from dicom_series_preview.core.header.dicom_json import (
    BINARY,
    Json,
    JsonObject,
    integer_string,
    json_element,
    json_number,
    json_text,
    show_json,
)
from dicom_series_preview.core.header.elements import Element, Value, decimal

NAN: Final = float("nan")
"""The one NaN of all cells: the same object equals itself within tuples, so that a constant NaN is constant."""


@frozen
class Digest:
    """All that is kept of bytes: how many they were, and their SHA-256 in hexadecimal."""

    size: int
    sha256: str


Scalar: TypeAlias = str | int | float | None
"""One value.  An empty value among others is None as a number and "" as text."""


@frozen
class Cell:
    """One element of one object that is there and not empty."""

    tag: str
    """Eight upper-case hexadecimal digits."""
    vr: str
    values: tuple[Scalar, ...] | Digest | None
    """A sequence is one text, the JSON array of its items; None cannot be read as what the VR says."""


def _number(vr: str, value: Value) -> int | float | None:
    if isinstance(value, str):
        return integer_string(value) if vr == "IS" else decimal(value)
    if isinstance(value, int | float):
        return NAN if value != value else value
    return None


def make_cell(tag: str, element: Element) -> Cell | None:
    """Type one element by its VR; None for an empty one.

    >>> make_cell("00200032", Element("DS", ("1.50", "0", "-7")))
    Cell(tag='00200032', vr='DS', values=(1.5, 0.0, -7.0))
    """
    vr, values = element.vr, element.values
    if vr == "SQ":
        parts = json_element(element).get("Value")
        return Cell(tag, vr, (show_json(parts),)) if values else None
    if all(value in ("", b"") for value in values):
        return None
    if isinstance(values[0], bytes):
        digest = Digest(len(values[0]), sha256(values[0]).hexdigest())
        # Bytes under any other VR are a value whose length or encoding does not suit it.
        return Cell(tag, vr, digest if vr in BINARY else None)
    if vr in ("DS", "IS") or not isinstance(values[0], str):
        numbers = tuple(_number(vr, value) for value in values)
        unreadable = any(
            number is None and value != "" for number, value in zip(numbers, values, strict=True)
        )
        return Cell(tag, vr, None if unreadable else numbers)
    return Cell(tag, vr, tuple(str(value) for value in values))


def unreadable_cell(tag: str, vr: str) -> Cell:
    """An element that is there but cannot be read."""
    return Cell(tag, vr, None)


def json_cell(cell: Cell) -> JsonObject:
    """A cell in the DICOM JSON model (PS3.18 F), with `Size` and `Hash` in place of bytes."""
    match cell.values:
        case Digest(size=size, sha256=digest):
            return {"vr": cell.vr, "Size": size, "Hash": digest}
        case None:
            return {"vr": cell.vr}
        case values:
            return json_of(cell.vr, values)


def json_of(vr: str, values: tuple[Scalar, ...]) -> JsonObject:
    """Typed values in the DICOM JSON model."""
    if vr == "SQ":
        return {"vr": vr, "Value": json.loads(str(values[0]))}
    return {"vr": vr, "Value": [_json_scalar(vr, value) for value in values]}


def _json_scalar(vr: str, value: Scalar) -> Json:
    if value is None:
        return None
    return json_text(vr, value) if isinstance(value, str) else json_number(value)
