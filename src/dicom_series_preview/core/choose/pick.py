"""Which slices of a series a view shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, assert_never

from attrs import frozen
from returns.result import Failure, Result, Success

from dicom_series_preview.core.ask.views import Cine, Mosaic, Single, View, check_view
from dicom_series_preview.core.choose.positions import (
    nearest,
    offset_from,
    round_half_up,
    sample,
    spread,
    within,
)
from dicom_series_preview.core.faults.request import OutOfRange
from dicom_series_preview.core.faults.series import NoPixels, SelectionError
from dicom_series_preview.core.geometry import Axis
from dicom_series_preview.core.order.series import Item, Measure, Series, Stack


@frozen
class Chosen(Generic[Item]):
    """One slice that a view shows, and where it stands in its series."""

    item: Item
    number: int
    """0-based place in the ordered list of all slices."""
    axis: Axis
    """The axis of its stack."""
    time_key: str | None
    """The element that orders the slices at one position of its stack, None where nothing differs."""
    centred: bool = False
    """Its position is that of its middle; see `Stack.centred`."""


def choose(
    view: View, series: Series[Item]
) -> Result[tuple[Chosen[Item], ...], SelectionError | OutOfRange | NoPixels]:
    """The slices that a view shows, in reading order.

    A mosaic over the whole range spreads over all stacks; anything less, and every position, speaks of the
    first stack alone, and an offset walks the whole list from there.  Where several slices lie at a place, each
    place is shown at the same times if there are tiles for that (see `sample`); an animation of the first stack
    shows the times at the place in the middle where that and most of the others have several.

    Refused are numbers out of range (`OutOfRange`), an offset that leaves the list (`OffsetOutOfBounds`), a
    range without slices (`NothingInRange`) and a series without images (`NoPixels`).

    >>> stack = Stack(Axis.Z, ("a", "b", "c", "d", "e"), (-8.0, -6.0, -4.0, -2.0, 0.0), Measure.PLACE, None)
    >>> [one.item for one in choose(Mosaic(columns=3, rows=1), Series((stack,))).unwrap()]
    ['a', 'c', 'e']
    """
    wrong = check_view(view)
    if wrong is not None:
        return Failure(wrong)
    if not series.stacks:
        return Failure(NoPixels("The series", ()))
    everything = [(stack, item) for stack in series.stacks for item in stack.slices]
    return _pick(view, series).map(
        lambda numbers: tuple(_chosen(number, *everything[number]) for number in numbers)
    )


def _chosen(number: int, stack: Stack[Item], item: Item) -> Chosen[Item]:
    return Chosen(item, number, stack.axis, stack.time_key, stack.centred)


def _pick(view: View, series: Series[Item]) -> Result[tuple[int, ...], SelectionError]:
    """The 0-based places in the ordered list of the slices that a view shows."""
    first, count = series.stacks[0], len(series.slices)
    match view:
        case Mosaic(columns=columns, rows=rows, start=start, end=end):
            if start == 0 and end == 1:
                places = tuple(size for stack in series.stacks for size in stack.places())
                return Success(sample(places, columns * rows))
            return within(first.coordinates, start, end).map(
                lambda bounds: tuple(
                    bounds[0] + index for index in sample(first.places(*bounds), columns * rows)
                )
            )
        case Cine(frames=frames, start=start, end=end):
            return within(first.coordinates, start, end).map(
                lambda bounds: _film(bounds[0], first.places(*bounds), frames)
            )
        case Single(position=position, offset=offset):
            index = (
                round_half_up(position * (len(first.slices) - 1))
                if first.measure is Measure.INDEX
                else nearest(first.coordinates, position)
            )
            return offset_from(index, offset, count).map(lambda chosen: (chosen,))
        case _ as never:
            assert_never(never)


def _film(begin: int, places: Sequence[int], frames: int) -> tuple[int, ...]:
    """The slices of a part of a stack, or, where most places hold several, those of the one in the middle.

    A few that hold several are slices stored twice, and no time.
    """
    middle, count = (len(places) - 1) // 2, sum(places)
    if places[middle] > 1 and 2 * sum(size > 1 for size in places) > len(places):
        begin, count = begin + sum(places[:middle]), places[middle]
    return tuple(begin + index for index in spread(count, frames))
