"""Which slices to show: positions, offsets, ranges and even distribution, as indices into an ordered list.

Nothing here knows of DICOM.  A stack is a non-decreasing sequence of coordinates in reading order: mm along
the slice normal, time, or simply the index.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate
from math import floor
from typing import Final

from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.series import NothingInRange, OffsetOutOfBounds

RANGE_TOLERANCE: Final = 1e-6
"""Fraction of the whole range within which two distances count as equal."""


def round_half_up(value: float) -> int:
    """The nearest integer; halves go up."""
    return floor(value + 0.5)


def spread(count: int, places: int) -> tuple[int, ...]:
    """Indices of at most `places` of `count` items, evenly spread.

    All of them when they fit; otherwise both ends are in, no index comes twice and steps differ by at most
    one.  A single place takes the middle.

    >>> spread(10, 4)
    (0, 3, 6, 9)
    """
    if count <= places:
        return tuple(range(count))
    return tuple(_step(count, places, index) for index in range(places))


def _step(count: int, places: int, index: int) -> int:
    """Where the `index`-th of `places` even steps through `count` items is; a single one is in the middle."""
    if places == 1:
        return count // 2
    # Whole numbers throughout: floor(i (n - 1) / (k - 1) + 1/2) without rounding errors.
    return (2 * index * (count - 1) + places - 1) // (2 * (places - 1))


def sample(sizes: Sequence[int], tiles: int) -> tuple[int, ...]:
    """Indices of at most `tiles` slices, of which `sizes` lie at each place, so that they can be compared.

    All of them when they fit.  Otherwise, where tiles are enough to show each place more than once, all places
    are shown, each as often and at the same times.  Where they are not, the places are spread and each is shown
    once, while time runs through from the first to the last.

    >>> sample([2, 2, 2], 3), sample([1, 1, 1, 1], 2)
    ((0, 3, 5), (0, 3))
    >>> sample([9, 9, 9], 6)
    (0, 8, 9, 17, 18, 26)
    """
    starts = (0, *accumulate(sizes))
    shown = spread(len(sizes), tiles)
    times = tiles // len(sizes)
    if starts[-1] <= tiles:
        return tuple(range(starts[-1]))
    if times > 1:
        return tuple(starts[place] + time for place in shown for time in spread(sizes[place], times))
    return tuple(starts[place] + _step(sizes[place], len(shown), i) for i, place in enumerate(shown))


def nearest(coordinates: Sequence[float], position: float) -> int:
    """The index whose coordinate is nearest to `position` (0 to 1) of the range; the earliest of equals."""
    first, last = coordinates[0], coordinates[-1]
    target = first + position * (last - first)
    distances = [abs(coordinate - target) for coordinate in coordinates]
    return _first_within(distances, min(distances) + RANGE_TOLERANCE * (last - first))


def _first_within(distances: Sequence[float], limit: float) -> int:
    return next(index for index, distance in enumerate(distances) if distance <= limit)


def offset_from(chosen: int, offset: int, count: int) -> Result[int, OffsetOutOfBounds]:
    """Walk `offset` places from index `chosen` in a list of `count` items."""
    if 0 <= chosen + offset < count:
        return Success(chosen + offset)
    return Failure(OffsetOutOfBounds(chosen, offset, count - 1))


def within(coordinates: Sequence[float], start: float, end: float) -> Result[tuple[int, int], NothingInRange]:
    """The half-open index range of coordinates from `start` to `end` (0 to 1) of the range, both inclusive."""
    first, last = coordinates[0], coordinates[-1]
    extent = last - first
    low, high = (
        first + (start - RANGE_TOLERANCE) * extent,
        first + (end + RANGE_TOLERANCE) * extent,
    )
    begin = bisect_left(coordinates, low)
    stop = bisect_right(coordinates, high)
    if begin < stop:
        return Success((begin, stop))
    # The ends of the coordinates are at 0 and 1: an empty range has one of them on either side, and an extent.
    before, after = (coordinates[begin - 1] - first) / extent, (coordinates[stop] - first) / extent
    return Failure(NothingInRange(start, end, before, after))
