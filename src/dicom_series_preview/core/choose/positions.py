"""Which slices to show: positions, offsets, ranges and even distribution, as indices into an ordered list.

Nothing here knows of DICOM.  A stack is a non-decreasing sequence of coordinates in reading order: mm along
the slice normal, time, or simply the index.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
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
    if places == 1:
        return (round_half_up((count - 1) / 2),)
    # Whole numbers throughout: floor(i (n - 1) / (k - 1) + 1/2) without rounding errors.
    return tuple((2 * i * (count - 1) + places - 1) // (2 * (places - 1)) for i in range(places))


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
