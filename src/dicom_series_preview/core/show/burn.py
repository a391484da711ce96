"""Burns marks into a tile: where the patient's sides are, the place, the number, a scale.

The picture is marked after it was resized, white with a dark halo.  A mark for which a tile has no room is left
out and never shrunk: a letter that can hardly be read is worse than none.
"""

from __future__ import annotations

from math import floor, log10
from typing import TYPE_CHECKING, Final

import numpy as np
from attrs import frozen

from dicom_series_preview.core.show.edge_letters import Edges
from dicom_series_preview.core.show.glyphs import HEIGHT, ink

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


SMALLEST: Final = 64
"""A tile with a shorter side, in px, bears no mark."""

_LARGER_EVERY: Final = 256  # px of the shorter side that make the letters one dot larger
_LARGEST: Final = 4
_LONGEST_BAR: Final = 0.4  # of the tile's width


@frozen
class Marks:
    """What is burnt into one tile; what is empty or None is not."""

    edges: Edges | None = None
    number: str = ""
    position: str = ""
    mm_per_px: float | None = None
    """Millimetres in a pixel of the tile, across: a scale bar needs it."""


def bar_length(mm: float) -> float:
    """The longest of 1, 2, 5, 10, 20 … mm that fits into `mm`, which is above 0.

    >>> bar_length(63.0), bar_length(0.9)
    (50.0, 0.5)
    """
    magnitude = 10.0 ** floor(log10(mm))
    return next(magnitude * step for step in (5.0, 2.0, 1.0) if magnitude * step <= mm * (1 + 1e-9))


def burn(tile: NDArray[np.uint8], marks: Marks) -> NDArray[np.uint8]:
    """A copy of `tile`, (height, width) grey or (height, width, 3) RGB, with its marks."""
    height, width = tile.shape[:2]
    if min(height, width) < SMALLEST:
        return tile
    scale = min(_LARGEST, 1 + min(height, width) // _LARGER_EVERY)
    drawn = np.zeros((height, width), np.bool_)
    taken = np.zeros((height, width), np.bool_)
    for top, left, dots in _placed(marks, height, width, scale):
        rows, columns = dots.shape
        around = _window(top - scale, left - scale, rows + 2 * scale, columns + 2 * scale)
        inside = min(top, left) >= scale and top + rows + scale <= height and left + columns + scale <= width
        if inside and not taken[around].any():
            taken[around] = True
            drawn[_window(top, left, rows, columns)] = dots
    marked = tile.copy()
    marked[_grown(drawn, scale)] = 0
    marked[drawn] = 255
    return marked


def _window(top: int, left: int, height: int, width: int) -> tuple[slice, slice]:
    return slice(top, top + height), slice(left, left + width)


def _placed(
    marks: Marks, height: int, width: int, scale: int
) -> Sequence[tuple[int, int, NDArray[np.bool_]]]:
    """(top, left, dots) of all marks, the most important first: which of two that meet is left out follows."""
    edge, letters = 2 * scale, HEIGHT * scale
    middle = (height - letters) // 2
    found = []
    if marks.edges is not None:
        for text, top, side in (
            (marks.edges.left, middle, 0.0),
            (marks.edges.right, middle, 1.0),
            (marks.edges.top, edge, 0.5),
            (marks.edges.bottom, height - edge - letters, 0.5),
        ):
            dots = ink(text, scale)
            found.append((top, edge + round(side * (width - 2 * edge - dots.shape[1])), dots))
    if marks.number:
        found.append((edge, edge, ink(marks.number, scale)))
    if marks.position:
        found.append((height - edge - letters, edge, ink(marks.position, scale)))
    if marks.mm_per_px is not None:
        bar = _bar(marks.mm_per_px, width, scale)
        found.append((height - edge - bar.shape[0], width - edge - bar.shape[1], bar))
    return found


def _bar(mm_per_px: float, width: int, scale: int) -> NDArray[np.bool_]:
    """A bar of a round length in mm with its ends, and the length above it."""
    mm = bar_length(mm_per_px * width * _LONGEST_BAR)
    length = max(1, round(mm / mm_per_px))
    text = ink(f"{mm:g} mm", scale)
    whole = np.zeros((text.shape[0] + 4 * scale, max(length, text.shape[1])), np.bool_)
    left = (whole.shape[1] - text.shape[1]) // 2
    whole[: text.shape[0], left : left + text.shape[1]] = text
    left = (whole.shape[1] - length) // 2
    whole[-scale:, left : left + length] = True
    for end in (left, left + length - scale):
        whole[-3 * scale :, end : end + scale] = True
    return whole


def _grown(dots: NDArray[np.bool_], by: int) -> NDArray[np.bool_]:
    """The dots with all that lies within `by` px of them, across, down and aslant."""
    wide = np.pad(dots, by)
    rows, columns = dots.shape
    down = np.logical_or.reduce([wide[i : i + rows] for i in range(2 * by + 1)])
    grown: NDArray[np.bool_] = np.logical_or.reduce([down[:, i : i + columns] for i in range(2 * by + 1)])
    return grown
