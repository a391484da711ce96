"""The DICOM JSON model (PS3.18 F), read: metadata as a server tells them -> elements as an object holds them.

Each value becomes the bytes that it has in an object (explicit VR, little endian), so that `header.values` reads
it as it reads those: there is one place that knows what bytes mean.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Mapping, Sequence
from operator import itemgetter
from struct import error, pack
from typing import Final

from attrs import frozen
from returns.result import Failure, Result, Success

from dicom_series_preview.core.dicomweb.answers import BadAnswer
from dicom_series_preview.core.header.dicom_json import Json, JsonObject, integer_string
from dicom_series_preview.core.header.elements import decimal
from dicom_series_preview.core.header.raw import FIRST_PIXEL_TAG, UNTOLD, DataSet, Dictionary, RawElement

_DEEPEST: Final = 32  # sequences within sequences
_TAG: Final = re.compile(r"[0-9A-Fa-f]{8}")
_SEQUENCE: Final = "SQ"
_CODES: Final = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "UV": "Q", "SV": "q", "FL": "f", "FD": "d"}
_REAL: Final = frozenset({"FD", "FL"})
_BINARY: Final = frozenset({"OB", "OD", "OF", "OL", "OV", "OW"})
_NO_NUMBERS: Final = frozenset({"nan", "inf", "-inf", "infinity", "-infinity"})
_NAME_GROUPS: Final = ("Alphabetic", "Ideographic", "Phonetic")
_SHORT: Final = 1 << 16

_UNREADABLE: Final = b"?"
"""The bytes of a value that cannot be one of its VR: no number is a single byte, and this is none in text."""

# Descriptors (US, always there) and the tables they describe (OW, which servers leave out): a table that is
# described and not there is one that the server does not tell.
_DESCRIBED: Final = {
    0x00283002: (0x00283006,),
    0x00281101: (0x00281201, 0x00281221),
    0x00281102: (0x00281202, 0x00281222),
    0x00281103: (0x00281203, 0x00281223),
}


@frozen
class Metadata:
    """One object as its server tells of it."""

    elements: DataSet
    untold: frozenset[int]
    """Tags of wanted elements that the object has and the answer has not, at any depth."""
    count: int
    """How many elements are told, wanted or not."""


def read_metadata(body: bytes, dictionary: Dictionary) -> Result[tuple[Metadata, ...], BadAnswer]:
    """Read the answer to a request for metadata or to a search; an empty one holds no objects.

    Of the elements before the pixel data those that the `dictionary` wants are kept; text is UTF-8.  Refused
    (`BadAnswer`) is what is no list of objects in JSON.
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
    return Success(tuple(_metadata(one, dictionary) for one in datasets))


def _metadata(dataset: JsonObject, dictionary: Dictionary) -> Metadata:
    untold: set[int] = set()
    elements = _data_set(dataset, dictionary, untold, 0)
    return Metadata(elements, frozenset(untold), len(dataset))


def _data_set(dataset: JsonObject, dictionary: Dictionary, untold: set[int], depth: int) -> DataSet:
    found: dict[int, RawElement] = {}
    told = {int(key, 16): value for key, value in dataset.items() if _TAG.fullmatch(key)}
    for tag, value in sorted(told.items(), key=itemgetter(0)):  # creators come before what they tell of
        known = dictionary.private(tag, found) if tag & 0x10000 else dictionary.standard(tag)
        if known is None or (depth == 0 and tag >= FIRST_PIXEL_TAG):
            continue
        vr = _vr(value, known)
        read = _value(vr, value, dictionary, untold, depth)
        if read is None:
            untold.add(tag)
        found[tag] = RawElement(vr, _empty(vr) if read is None else read, True)
    for descriptor, tables in _DESCRIBED.items():
        if _has(found, descriptor) and not any(_has(found, table) for table in tables):
            untold.add(tables[0])
    return found


def _has(elements: DataSet, tag: int) -> bool:
    return tag in elements and bool(elements[tag].value)


def _vr(value: Json, known: str) -> str:
    """The VR that an element is told to have, else that of the dictionary, the first where it leaves a choice."""
    told = value.get("vr") if isinstance(value, dict) else None
    return told if isinstance(told, str) and len(told) == 2 and told not in UNTOLD else known[:2]


def _value(
    vr: str, value: Json, dictionary: Dictionary, untold: set[int], depth: int
) -> bytes | tuple[DataSet, ...] | None:
    """The value of one element; None where it is elsewhere, or cannot be read."""
    if not isinstance(value, dict):
        return None
    values, inline = value.get("Value"), value.get("InlineBinary")
    if values is not None:
        parts = values if isinstance(values, list) else [values]
        if vr == _SEQUENCE:
            return _items(parts, dictionary, untold, depth)
        return None if vr in _BINARY else _bytes(vr, parts)
    if inline is not None:
        return _inline(inline)
    return None if "BulkDataURI" in value else _empty(vr)


def _empty(vr: str) -> bytes | tuple[DataSet, ...]:
    return () if vr == _SEQUENCE else b""


def _items(
    parts: Sequence[Json], dictionary: Dictionary, untold: set[int], depth: int
) -> tuple[DataSet, ...] | None:
    """A sequence; an empty item may be null (PS3.18 F.2.5)."""
    items = [{} if part is None else part for part in parts]
    if depth == _DEEPEST or not all(isinstance(item, dict) for item in items):
        return None
    return tuple(_data_set(item, dictionary, untold, depth + 1) for item in items if isinstance(item, dict))


def _inline(value: Json) -> bytes | None:
    try:
        return b64decode("".join(value.split()), validate=True) if isinstance(value, str) else None
    except ValueError:
        return None


def _bytes(vr: str, parts: Sequence[Json]) -> bytes:
    if vr == "AT":
        tags = [part for part in parts if isinstance(part, str) and _TAG.fullmatch(part)]
        pairs = b"".join(pack("<HH", int(tag[:4], 16), int(tag[4:], 16)) for tag in tags)
        return pairs if len(tags) == len(parts) else _UNREADABLE
    code = _CODES.get(vr)
    if code is None:
        return "\\".join(map(_text, parts)).encode(errors="surrogatepass")
    numbers = [_number(vr, part) for part in parts]
    known = [number for number in numbers if number is not None]
    try:
        return pack(f"<{len(numbers)}{code}", *known)
    except (error, OverflowError):
        return _UNREADABLE


def _number(vr: str, part: Json) -> int | float | None:
    """A number of a binary VR, as it is packed."""
    number = _spelt(vr, part) if isinstance(part, str) else part
    if isinstance(number, bool) or not isinstance(number, int | float):
        return None
    if vr in _REAL:
        return number
    if isinstance(number, float) and not number.is_integer():
        return None
    whole = int(number)
    if vr in ("US", "SS") and -_SHORT // 2 <= whole < _SHORT:  # some servers take one for the other
        return whole % _SHORT - (_SHORT if vr == "SS" and whole % _SHORT >= _SHORT // 2 else 0)
    return whole


def _spelt(vr: str, part: str) -> int | float | None:
    """Text that stands for a number: what JSON has none for, and 64 bits that its readers would round (F.2.3)."""
    if vr in _REAL:
        return float(part) if part.lower() in _NO_NUMBERS else decimal(part)
    return integer_string(part)


def _text(part: Json) -> str:
    match part:
        case str():
            return part
        case None:
            return ""
        case dict():
            return _person_name(part)
        case list():
            return _UNREADABLE.decode()
        case _:
            return json.dumps(part)


def _person_name(groups: Mapping[str, Json]) -> str:
    """The groups of a person name (F.2.2), as they stand in an object."""
    names = [groups.get(group) for group in _NAME_GROUPS]
    return "=".join(name if isinstance(name, str) else "" for name in names).rstrip("=")
