"""Request + chosen slices -> plan: where each goes on the canvas, and through which window.

A plan is data.  It can be printed, compared and tested without a network; the shell only carries it out.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen
from returns.result import Result

from dicom_series_preview.core.ask.preview import Mosaic, Preview
from dicom_series_preview.core.choose.contrast import SliceContrast, choose_contrasts
from dicom_series_preview.core.choose.layout import Layout, Rect, grid, tile_height
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
    """Give each of the chosen slices its window and its place."""
    columns, rows = (request.view.columns, request.view.rows) if isinstance(request.view, Mosaic) else (1, 1)
    slices = [one.item for one in chosen]
    heights = [_height(request.image_width, slice_) for slice_ in slices]
    contrasts = choose_contrasts(request.contrast, slices)
    return grid(request.image_width, heights, columns, rows, request.output.encoder).map(
        lambda layout: Plan(tuple(map(Tile, chosen, layout.rects, contrasts)), layout)
    )


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
