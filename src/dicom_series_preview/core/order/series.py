"""A series in reading order, as values: stacks of slices."""

from __future__ import annotations

from enum import Enum

from attrs import frozen

from dicom_series_preview.core.geometry import Axis
from dicom_series_preview.core.header.instance import Frame, Instance


@frozen
class Slice:
    """One picture of a series: a frame and the instance that holds it."""

    instance: Instance
    frame: Frame


class Measure(Enum):
    """What the coordinates of a stack measure."""

    PLACE = "mm along the slice normal"
    TIME = "time"
    INDEX = "index"


@frozen
class Stack:
    """Slices in reading order."""

    axis: Axis
    slices: tuple[Slice, ...]
    primary_positions: tuple[float | None, ...]
    """The plain coordinate on the axis, in mm, or the InstanceNumber on axis I."""
    coordinates: tuple[float, ...]
    """Non-decreasing; the range that normalized positions are fractions of."""
    measure: Measure
    time_key: str | None
    """The element that orders slices at one position, None where nothing differs."""


@frozen
class Series:
    """All stacks of a series; the first is the one that positions and ranges speak of."""

    stacks: tuple[Stack, ...]

    @property
    def slices(self) -> tuple[Slice, ...]:
        """The whole ordered list."""
        return tuple(slice_ for stack in self.stacks for slice_ in stack.slices)
