"""A series in reading order, as values: stacks of slices, or of anything that stands for a slice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from enum import Enum
from typing import Generic, TypeVar

from attrs import frozen

from dicom_series_preview.core.geometry import Axis
from dicom_series_preview.core.header.instance import Frame, Instance

Item = TypeVar("Item")
Other = TypeVar("Other")


@frozen
class Slice:
    """One picture of a series: a frame and the instance that holds it."""

    instance: Instance
    frame: Frame

    @property
    def ref(self) -> Ref:
        """The same picture by its name."""
        return Ref(self.instance.name, self.frame.number)


@frozen
class Ref:
    """One picture of a series by its name, for whoever gives its header and its pixels later."""

    name: str
    """The object's name below the series folder."""
    frame: int
    """0-based place in its object."""


class Measure(Enum):
    """What the coordinates of a stack measure."""

    PLACE = "mm along the slice normal"
    TIME = "time"
    INDEX = "index"


@frozen
class Stack(Generic[Item]):
    """Slices in reading order."""

    axis: Axis
    """The axis nearest to the slices' normal, or I without a position."""
    slices: tuple[Item, ...]
    coordinates: tuple[float, ...]
    """One for each slice, never decreasing; normalized positions are fractions of their range."""
    measure: Measure
    time_key: str | None
    """The element that orders slices at one position, None where nothing differs."""
    centred: bool = False
    """Its positions are those of the slices' middles: it runs through groups of different tilt."""
    tilt: float | None = None
    """Degrees between the slice normal and the line along which the stack runs, where both are known."""

    def places(self, begin: int = 0, stop: int | None = None) -> tuple[int, ...]:
        """How many of the slices from `begin` to before `stop` lie at each position, in reading order.

        On axis I each slice is one by itself.
        """
        coordinates = self.coordinates[begin:stop]
        if self.axis is Axis.INSTANCE:
            return (1,) * len(coordinates)
        if self.measure is Measure.PLACE:
            return tuple(Counter(coordinates).values())
        return (len(coordinates),)


@frozen
class Series(Generic[Item]):
    """All stacks of a series; the first is the one that positions and ranges speak of."""

    stacks: tuple[Stack[Item], ...]

    @property
    def slices(self) -> tuple[Item, ...]:
        """The whole ordered list."""
        return tuple(slice_ for stack in self.stacks for slice_ in stack.slices)

    def map(self, function: Callable[[Item], Other]) -> Series[Other]:
        """The same order of other items."""
        return Series(tuple(_mapped(stack, function) for stack in self.stacks))


def _mapped(stack: Stack[Item], function: Callable[[Item], Other]) -> Stack[Other]:
    return Stack(
        axis=stack.axis,
        slices=tuple(map(function, stack.slices)),
        coordinates=stack.coordinates,
        measure=stack.measure,
        time_key=stack.time_key,
        centred=stack.centred,
        tilt=stack.tilt,
    )


def object_places(series: Series[Ref]) -> dict[str, int]:
    """The 0-based place of each object in reading order, by its name: that of its first picture."""
    names = dict.fromkeys(ref.name for ref in series.slices)
    return {name: place for place, name in enumerate(names)}
