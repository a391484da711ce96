"""The DICOM JSON model (PS3.18 F) of element values, and numbers read from text value representations.

Elements within sequence items are keyed by their tag here, as eight upper-case hexadecimal digits, which is how
the model names them.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from math import isfinite, isnan
from typing import Final, TypeAlias

from dicom_series_preview.core.header.elements import Element, Value, decimal

Json: TypeAlias = "str | int | float | list[Json] | dict[str, Json] | None"
JsonObject: TypeAlias = dict[str, Json]

BINARY: Final = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})
"""Value representations (PS3.5 6.2) without values of their own, only bytes."""

MOST_INLINE: Final = 256
"""Bytes of a binary value above which only their number and their SHA-256 are told."""

_WHOLE: Final = re.compile(r"[+-]?[0-9]+")
_LONGEST_WHOLE: Final = 20  # characters: what 64 bits hold; the standard allows 12
_PERSON_NAME_GROUPS: Final = ("Alphabetic", "Ideographic", "Phonetic")


def integer_string(text: str) -> int | None:
    """An IS value (PS3.5 6.2) as an integer; a decimal string of a whole number passes as well.

    >>> integer_string("+07"), integer_string("7.0"), integer_string("7.5")
    (7, 7, None)
    """
    word = text.strip(" \0")
    if _WHOLE.fullmatch(word):
        return int(word) if len(word) <= _LONGEST_WHOLE else None
    value = decimal(word)
    return int(value) if value is not None and value.is_integer() else None


def json_number(value: float) -> Json:
    """A number; what JSON has no number for (PS3.18 F.2.3) is text."""
    if isinstance(value, int) or isfinite(value):
        return value
    return "NaN" if isnan(value) else str(value)


def json_text(vr: str, value: str) -> Json:
    """One value of a text VR: an object for person names, an upper-case tag for AT, null when empty."""
    if not value:
        return None
    if vr == "PN":
        groups = zip(_PERSON_NAME_GROUPS, value.split("="), strict=False)
        return {group: name for group, name in groups if name}
    if vr == "AT":
        return (value[1:5] + value[6:10]).upper()
    return value


def _json_value(vr: str, value: Value) -> Json:
    if isinstance(value, str):
        number = decimal(value) if vr == "DS" else integer_string(value) if vr == "IS" else None
        return json_text(vr, value) if number is None else number
    if isinstance(value, Mapping):
        return {tag: json_element(element) for tag, element in sorted(value.items())}
    if isinstance(value, bytes):
        raise TypeError("bytes are no value of the model but an InlineBinary")
    return json_number(value)


def json_element(element: Element) -> JsonObject:
    """One element; the items of a sequence are mappings of tags to elements.

    >>> json_element(Element("DS", ("1.50", "2")))
    {'vr': 'DS', 'Value': [1.5, 2.0]}
    """
    if not element.values:
        return {"vr": element.vr}
    first = element.values[0]
    if isinstance(first, bytes):
        return {"vr": element.vr, "InlineBinary": b64encode(first).decode()}
    return {"vr": element.vr, "Value": [_json_value(element.vr, value) for value in element.values]}


def show_json(value: Json | Sequence[Json]) -> str:
    """JSON text without blanks; the same value gives the same text."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def header_json(elements: Mapping[int, Element]) -> JsonObject:
    """The elements of a header by their tags, without group lengths (PS3.5 7.2), in order of tags.

    Binary values of more than `MOST_INLINE` bytes are told by `Size` and `Hash`, at any depth.  Bytes that do not
    suit their VR are those of UN.
    """
    return {f"{tag:08X}": _told(elements[tag]) for tag in sorted(elements) if tag & 0xFFFF}


def _told(element: Element) -> JsonObject:
    first = element.values[0] if element.values else None
    if isinstance(first, bytes):
        vr = element.vr if element.vr in BINARY else "UN"
        if len(first) > MOST_INLINE:
            return {"vr": vr, "Size": len(first), "Hash": sha256(first).hexdigest()}
        return json_element(Element(vr, element.values if first else ()))
    if element.vr != "SQ":
        return json_element(element)
    items: list[Json] = [
        {tag: _told(inner) for tag, inner in sorted(item.items()) if tag[4:] != "0000"}
        for item in element.values
        if isinstance(item, Mapping)
    ]
    return {"vr": "SQ", "Value": items} if items else {"vr": "SQ"}
