"""The DICOM JSON model (PS3.18 F), read: metadata as a server tells them -> elements as a header holds them."""

from __future__ import annotations

import json
import struct
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from attrs import frozen
from returns.result import Failure, Result, Success

from dicom_series_preview.core.dicomweb.answers import BadAnswer
from dicom_series_preview.core.header.dicom_json import Json, JsonObject, integer_string
from dicom_series_preview.core.header.elements import Element, Elements, Value, decimal

Naming: TypeAlias = Callable[[str], str | None]
"""Eight upper-case hexadecimal digits of a tag -> the name that its element goes by; None: it is not read."""

_DEEPEST: Final = 32  # sequences within sequences
_SEQUENCE: Final = "SQ"
_WHOLE: Final = frozenset({"SL", "SS", "SV", "UL", "US", "UV"})
_REAL: Final = frozenset({"FD", "FL"})
_BINARY: Final = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})
_ONE_VALUE: Final = frozenset({"LT", "ST", "UR", "UT"})
_NO_NUMBERS: Final = frozenset({"nan", "inf", "-inf", "infinity", "-infinity"})
_MOST_BITS: Final = 64
_NAME_GROUPS: Final = ("Alphabetic", "Ideographic", "Phonetic")

# Descriptors (US, always there) and the tables they describe (OW, which servers leave out): a table that is
# described and not there is one that the server does not tell.
_DESCRIBED: Final = {
    "00283002": ("00283006",),
    "00281101": ("00281201", "00281221"),
    "00281102": ("00281202", "00281222"),
    "00281103": ("00281203", "00281223"),
}


@frozen
class Metadata:
    """One object as its server tells of it."""

    elements: Elements
    untold: tuple[str, ...]
    """Names of elements that the object has and the answer has not, at any depth; sorted, each once."""


def read_metadata(body: bytes, root: Naming, nested: Naming) -> Result[tuple[Metadata, ...], BadAnswer]:
    """Read the answer to a request for metadata or to a search; an empty one holds no objects.

    `root` names the elements of an object, `nested` those in the items of its sequences.  Numbers come as the
    object would hold them: DS and IS as text, those of binary VRs as `int` and `float`.  Refused (`BadAnswer`)
    is what is no list of objects in JSON.
    """
    if not body.strip():
        return Success(())
    try:
        found: Json = json.loads(body)
    except (ValueError, RecursionError):
        return Failure(BadAnswer("it is not JSON"))
    objects = found if isinstance(found, list) else [found]
    datasets = [one for one in objects if isinstance(one, dict)]
    if len(datasets) < len(objects):
        return Failure(BadAnswer("it is JSON, but no list of objects in the DICOM JSON model"))
    return Success(tuple(_metadata(one, root, nested) for one in datasets))


def _metadata(dataset: JsonObject, root: Naming, nested: Naming) -> Metadata:
    untold: set[str] = set()
    elements = _dataset(dataset, root, nested, untold, 0)
    return Metadata(elements, tuple(sorted(untold)))


def _dataset(
    dataset: JsonObject, naming: Naming, nested: Naming, untold: set[str], depth: int
) -> dict[str, Element]:
    found: dict[str, Element] = {}
    present = set()
    for key, value in dataset.items():
        tag = key.upper()
        name = naming(tag)
        if name is None:
            continue
        element = _element(value, nested, untold, depth)
        if element is None:
            untold.add(name)
            element = Element(_vr(value), ())
        elif element.values:
            present.add(tag)
        found[name] = element
    for descriptor, tables in _DESCRIBED.items():
        if descriptor in present and not present.intersection(tables):
            untold.update(name for name in map(naming, tables[:1]) if name is not None)
    return found


def _element(value: Json, nested: Naming, untold: set[str], depth: int) -> Element | None:
    """One element; None where its value is elsewhere, or cannot be read."""
    if not isinstance(value, dict):
        return None
    vr = _vr(value)
    values, inline = value.get("Value"), value.get("InlineBinary")
    if values is not None:
        parts = values if isinstance(values, list) else [values]
        return _items(parts, nested, untold, depth) if vr == _SEQUENCE else Element(vr, _values(vr, parts))
    if inline is not None:
        data = _inline(inline)
        return None if data is None else Element(vr, (data,) if data else ())
    return None if "BulkDataURI" in value else Element(vr, ())


def _vr(value: Json) -> str:
    vr = value.get("vr") if isinstance(value, dict) else None
    return vr if isinstance(vr, str) and len(vr) == 2 else "UN"


def _items(parts: Sequence[Json], nested: Naming, untold: set[str], depth: int) -> Element | None:
    """A sequence; an empty item may be null (PS3.18 F.2.5)."""
    if depth == _DEEPEST:
        return None
    items = [{} if part is None else part for part in parts]
    read = tuple(
        _dataset(item, nested, nested, untold, depth + 1) for item in items if isinstance(item, dict)
    )
    return Element(_SEQUENCE, read) if len(read) == len(items) else None


def _inline(value: Json) -> bytes | None:
    try:
        return b64decode("".join(value.split()), validate=True) if isinstance(value, str) else None
    except ValueError:
        return None


def _values(vr: str, parts: Sequence[Json]) -> tuple[Value, ...]:
    if vr in _WHOLE or vr in _REAL or vr in _BINARY:
        found = tuple(_number(vr, part) for part in parts)
    else:
        found = tuple(text for part in parts for text in _texts(vr, part))
    return found if any(value != "" for value in found) else ()


def _number(vr: str, part: Json) -> Value:
    """A number of a binary VR; what is none stays text, so that it is noticed."""
    number = _spelt(vr, part) if isinstance(part, str) else part
    if isinstance(number, bool) or not isinstance(number, int | float):
        return _text(part)
    if isinstance(number, int) and number.bit_length() > _MOST_BITS:
        return _text(part)
    if vr in _REAL:
        return _single(number) if vr == "FL" else float(number)
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _spelt(vr: str, part: str) -> int | float | None:
    """Text that stands for a number: what JSON has none for, and 64 bits that its readers would round (F.2.3)."""
    if vr in _REAL:
        return float(part) if part.lower() in _NO_NUMBERS else decimal(part)
    return integer_string(part)


def _single(value: float) -> float:
    """The nearest number of 32 bits: JSON may hold its shortest text."""
    try:
        return float(struct.unpack("<f", struct.pack("<f", value))[0])
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _texts(vr: str, part: Json) -> list[str]:
    """The values of text; some servers leave the backslashes in, as they stand in the object."""
    if vr == "AT" and isinstance(part, str) and len(part) == 8:
        return [f"({part[:4]},{part[4:]})".lower()]
    text = _text(part)
    return [text] if vr in _ONE_VALUE else [one.strip(" \0\t\r\n") for one in text.split("\\")]


def _text(part: Json) -> str:
    match part:
        case str():
            return part.strip(" \0\t\r\n")
        case None:
            return ""
        case dict():
            return _person_name(part)
        case list():
            return "[]"  # no value of the model, and no text of any object
        case _:
            return json.dumps(part)


def _person_name(groups: Mapping[str, Json]) -> str:
    """The groups of a person name (F.2.2), as they stand in an object."""
    names = [groups.get(group) for group in _NAME_GROUPS]
    return "=".join(name if isinstance(name, str) else "" for name in names).rstrip("=")
