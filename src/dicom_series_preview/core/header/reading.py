"""The usable values of a header, and notes of what is in it and cannot be used, or only with a mend."""

from __future__ import annotations

from typing import TypeVar, cast

from attrs import Factory, frozen

from dicom_series_preview.core.header.elements import Elements, is_empty
from dicom_series_preview.core.header.usable import KEYS, PER_FRAME, SHARED
from dicom_series_preview.core.header.value_kinds import Items, Key
from dicom_series_preview.core.remarks import Mend

Value = TypeVar("Value")


@frozen
class Mended:
    """An element that is used with a mend."""

    keyword: str
    mend: Mend


@frozen
class Notes:
    """What was noticed while one object was read; grows as it is."""

    unusable: set[str] = Factory(set)
    """Keywords of elements that are there and are treated as missing."""
    mended: set[Mended] = Factory(set)


class Reading:
    """One data set or sequence item: usable values by key.

    All elements are looked at at once, whoever asks for them later, and so is the first item of each sequence.
    The functional groups alone wait, as there may be thousands.
    """

    def __init__(self, elements: Elements, notes: Notes) -> None:
        self.notes = notes
        self._values: dict[str, object] = {}
        self._firsts: dict[str, Reading] = {}
        for keyword, element in elements.items():
            key = KEYS.get(keyword)
            if key is None or is_empty(element):
                continue
            value = key.read(element)
            if value is None:
                notes.unusable.add(keyword)
                continue
            self._values[keyword] = value
            if element.vr == "SQ" and keyword not in (PER_FRAME.keyword, SHARED.keyword):
                self._firsts[keyword] = Reading(cast("Items", value)[0], notes)

    def get(self, key: Key[Value]) -> Value | None:
        """The usable value of an element, or None."""
        # It was read by the same key, and a cast takes time that ten thousand headers feel.
        return self._values.get(key.keyword)  # type: ignore[return-value]

    def first(self, sequence: str) -> Reading | None:
        """The first item of a sequence, of which no other one is ever used."""
        return self._firsts.get(sequence)
