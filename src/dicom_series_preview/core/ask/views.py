"""What part of a series is shown: a mosaic, one slice, an animation."""

from __future__ import annotations

from typing import TypeAlias, assert_never

from attrs import frozen

from dicom_series_preview.core.faults.request import OutOfRange
from dicom_series_preview.core.faults.words import digits


@frozen
class Mosaic:
    """`columns` x `rows` tiles, at least 1 each, spread over a part of the range of slices.

    `start` and `end` are fractions of that range in reading order, 0 <= `start` <= `end` <= 1: 0 is the first
    slice (head, right or front) and 1 the last.
    """

    columns: int
    rows: int
    start: float = 0.0
    end: float = 1.0
    fit: bool = False
    """`columns` and `rows` are the most there may be: the grid fits the slices that are shown."""


@frozen
class Single:
    """The slice nearest to `position`, then `offset` slices on, or back if it is negative.

    `position` is a fraction of the range of slices in reading order: 0 is the first slice, 1 the last.
    """

    position: float
    offset: int = 0


@frozen
class Cine:
    """An animation of the slices of a part of the range, or of the times at one place where it has several.

    At most `frames` of them, at least 1, evenly spread; `start` and `end` are as those of a `Mosaic`.
    """

    frames: int
    start: float = 0.0
    end: float = 1.0


View: TypeAlias = Mosaic | Single | Cine


def check_view(view: View) -> OutOfRange | None:
    """What is wrong with a view that was not made from checked options."""
    match view:
        case Mosaic(columns=columns, rows=rows, start=start, end=end):
            if min(columns, rows) < 1:
                return OutOfRange("columns, rows", f"{columns}, {rows}", "whole numbers of at least 1")
            return _check_range(start, end)
        case Cine(frames=frames, start=start, end=end):
            if frames < 1:
                return OutOfRange("frames", str(frames), "a whole number of at least 1")
            return _check_range(start, end)
        case Single(position=position):
            if not 0 <= position <= 1:
                return OutOfRange("position", digits(position), "a number from 0 to 1")
        case _ as never:
            assert_never(never)
    return None


def _check_range(start: float, end: float) -> OutOfRange | None:
    if 0 <= start <= end <= 1:
        return None
    return OutOfRange("start, end", f"{digits(start)}, {digits(end)}", "from 0 to 1, in this order")
