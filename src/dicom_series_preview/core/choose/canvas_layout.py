"""Where tiles go on the canvas: whole pixels only."""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt

from attrs import frozen
from returns.result import Failure, Result, Success

from dicom_series_preview.core.ask.formats import Encoder
from dicom_series_preview.core.choose.positions import round_half_up
from dicom_series_preview.core.faults.request import CanvasTooLarge


@frozen
class Rect:
    """A rectangle on the canvas in px; (left, top) counts from the top left corner."""

    left: int
    top: int
    width: int
    height: int


@frozen
class Layout:
    """A canvas of `width` x `height` px, and a rectangle for each tile that is shown."""

    width: int
    height: int
    rects: tuple[Rect, ...]
    paged: bool = False
    """Each tile has a canvas of its own: they are the frames of an animation."""


def tile_height(width: int, rows: int, columns: int, pixel_aspect: float) -> int:
    """The height in px of a `rows` x `columns` picture shown `width` px wide, true to its shape in mm.

    >>> tile_height(128, 256, 512, 2.0)
    128
    """
    return max(1, round_half_up(width * (rows * pixel_aspect) / columns))


def fitted(count: int, most: int) -> tuple[int, int]:
    """The columns, at most `most`, and rows of a grid that fits `count` tiles (at least 1).

    >>> fitted(10, 6), fitted(1, 6)
    ((4, 3), (1, 1))
    """
    columns = min(most, isqrt(count - 1) + 1)
    return columns, -(-count // columns)


def grid(
    width: int, heights: Sequence[int | None], columns: int, rows: int, encoder: Encoder, gap: int = 0
) -> Result[Layout, CanvasTooLarge]:
    """Tiles of `width` px and the given heights, row by row on a grid of `columns` x `rows` equal cells.

    A cell is as high as the highest tile; lower ones are centred, an odd pixel going below.  A tile of
    unknown height (None) fills its cell.  Between cells are `gap` px.
    """
    cell = _cell(width, heights)
    canvas_width, canvas_height = columns * (width + gap) - gap, rows * (cell + gap) - gap
    if max(canvas_width, canvas_height) > encoder.limit:
        return Failure(CanvasTooLarge(canvas_width, canvas_height, encoder.name, encoder.limit))
    rects = [
        _centred(index % columns * (width + gap), index // columns * (cell + gap), width, height, cell)
        for index, height in enumerate(heights)
    ]
    return Success(Layout(canvas_width, canvas_height, tuple(rects)))


def pages(width: int, heights: Sequence[int | None], encoder: Encoder) -> Result[Layout, CanvasTooLarge]:
    """A canvas for each tile of `width` px and the given heights, all as high as the highest."""
    cell = _cell(width, heights)
    if max(width, cell) > encoder.limit:
        return Failure(CanvasTooLarge(width, cell, encoder.name, encoder.limit))
    rects = tuple(_centred(0, 0, width, height, cell) for height in heights)
    return Success(Layout(width, cell, rects, paged=True))


def _cell(width: int, heights: Sequence[int | None]) -> int:
    return max((height for height in heights if height is not None), default=width)


def _centred(left: int, top: int, width: int, known: int | None, cell: int) -> Rect:
    height = cell if known is None else known
    return Rect(left, top + (cell - height) // 2, width, height)
