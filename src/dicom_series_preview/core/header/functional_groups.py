"""Functional groups of multi-frame objects (PS3.3 C.7.6.16): per frame, else shared, else the root."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from attrs import frozen

from dicom_series_preview.core.header.elements import Elements
from dicom_series_preview.core.header.reading import Notes, Reading
from dicom_series_preview.core.header.usable import PER_FRAME, SHARED
from dicom_series_preview.core.header.value_kinds import Items, Key

Value = TypeVar("Value")


@frozen
class FrameReading:
    """All that a header says of one frame."""

    number: int
    """0-based."""
    root: Reading
    groups: tuple[Reading, ...]
    """The functional groups of the frame, then those that all frames share, as far as there are any."""
    increment: int | None = None
    """A number that tells it from others of its slice (`core.header.nuclear`)."""

    def sources(self, macro: str | None) -> Iterator[Reading]:
        """Where elements of a functional group macro are looked for, in this order."""
        if macro is not None:
            for group in self.groups:
                item = group.first(macro)
                if item is not None:
                    yield item
        yield self.root

    def get(self, key: Key[Value]) -> Value | None:
        """The first usable value of an element, or None."""
        if not self.groups:
            return self.root.get(key)
        for source in self.sources(key.macro):
            value = source.get(key)
            if value is not None:
                return value
        return None


class HeaderReading:
    """All that a header says, frame by frame."""

    def __init__(self, elements: Elements) -> None:
        self.notes = Notes()
        self.root = Reading(elements, self.notes)
        self._own: Items = self.root.get(PER_FRAME) or ()
        self._shared = tuple(Reading(item, self.notes) for item in (self.root.get(SHARED) or ())[:1])

    @property
    def described(self) -> int:
        """How many frames have functional groups of their own."""
        return len(self._own)

    def frame(self, number: int) -> FrameReading:
        """What is said of one frame, 0-based."""
        own = (Reading(item, self.notes) for item in self._own[number : number + 1])
        return FrameReading(number, self.root, (*own, *self._shared))
