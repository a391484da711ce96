"""Request + chosen slices -> plan: where each goes on the canvas, and through which window.

A plan is data.  It can be printed, compared and tested without a network; the shell only carries it out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from attrs import frozen
from returns.result import Result

from dicom_series_preview.core.ask.options import DEFAULT_CINE_WIDTH, DEFAULT_IMAGE_WIDTH, DEFAULT_TILE_WIDTH
from dicom_series_preview.core.ask.preview import Preview
from dicom_series_preview.core.ask.views import Cine, Mosaic, Single
from dicom_series_preview.core.choose.canvas_layout import Layout, Rect, fitted, grid, pages, tile_height
from dicom_series_preview.core.choose.contrast import SliceContrast, choose_contrasts
from dicom_series_preview.core.choose.pick import Chosen
from dicom_series_preview.core.faults.request import CanvasTooLarge
from dicom_series_preview.core.header.instance import Pixels
from dicom_series_preview.core.order.series import Slice


@frozen
class Tile:
    """One picture of the canvas."""

    chosen: Chosen[Slice]
    rect: Rect
    contrast: SliceContrast

    @property
    def slice(self) -> Slice:
        """The slice that is shown."""
        return self.chosen.item


@frozen
class Plan:
    """What to read, what to make of it and where it goes."""

    tiles: tuple[Tile, ...]
    layout: Layout


def plan(request: Preview, chosen: Sequence[Chosen[Slice]]) -> Result[Plan, CanvasTooLarge]:
    """Give each of the chosen slices its windows and its places: a row of them where there are several."""
    slices = [one.item for one in chosen]
    columns = [choose_contrasts(contrast, slices) for contrast in request.contrasts]
    contrasts = [contrast for row in zip(*columns, strict=True) for contrast in row]
    shown = [one for one in chosen for _ in columns]
    return _lay_out(request, [one.item for one in shown]).map(
        lambda layout: Plan(tuple(map(Tile, shown, layout.rects, contrasts)), layout)
    )


def _lay_out(request: Preview, slices: Sequence[Slice]) -> Result[Layout, CanvasTooLarge]:
    """The canvas and its tiles; tiles that grow do so only as far as the encoder can hold them."""
    encoder = request.output.encoder
    if isinstance(request.view, Cine):
        width = request.image_width or DEFAULT_CINE_WIDTH
        return pages(width, [_height(width, slice_) for slice_ in slices], encoder)
    columns, rows, fits = _grid(request.view, len(slices), len(request.contrasts))
    plain = request.image_width or DEFAULT_IMAGE_WIDTH

    def of_width(width: int) -> Result[Layout, CanvasTooLarge]:
        heights = [_height(width, slice_) for slice_ in slices]
        return grid(width, heights, columns, rows, encoder, request.look.gap)

    grows = fits and request.image_width is None
    return of_width(_grown(columns, slices)).lash(lambda _: of_width(plain)) if grows else of_width(plain)


def _grid(view: Mosaic | Single, count: int, windows: int) -> tuple[int, int, bool]:
    """Columns and rows of the canvas for `count` tiles, and whether they fit what is shown.

    Through several `windows` each slice is a row.
    """
    match view:
        case Mosaic(rows=rows, fit=fits) if windows > 1:
            return windows, count // windows if fits else rows, fits
        case Mosaic(columns=columns, rows=rows, fit=fits):
            return (*(fitted(count, columns) if fits else (columns, rows)), fits)
        case Single():
            return windows, 1, False
        case _ as never:
            assert_never(never)


def _grown(columns: int, slices: Sequence[Slice]) -> int:
    """The width in px of tiles that fill a canvas as wide as that of a full grid.

    No tile is wider than the widest picture has columns, as there would be nothing more to see.
    """
    pixels = [slice_.instance.pixels for slice_ in slices]
    widest = max((shape(one)[1] for one in pixels if isinstance(one, Pixels)), default=0)
    return max(DEFAULT_IMAGE_WIDTH, min(DEFAULT_TILE_WIDTH * DEFAULT_IMAGE_WIDTH // columns, widest))


def _height(width: int, slice_: Slice) -> int | None:
    pixels = slice_.instance.pixels
    if not isinstance(pixels, Pixels):
        return None
    rows, columns = shape(pixels)
    return tile_height(width, rows, columns, slice_.frame.pixel_aspect)


def shape(pixels: Pixels) -> tuple[int, int]:
    """(rows, columns) in px of one picture of these pixels: a frame, or an assembled slide level."""
    shown = pixels.tiling or pixels.format
    return shown.rows, shown.columns
