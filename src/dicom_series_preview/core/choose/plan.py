"""Request + series -> plan: which frames to show, where on the canvas and through which window.

A plan is data.  It can be printed, compared and tested without a network; the shell only carries it out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias, assert_never

from attrs import frozen
from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.ask.preview import Auto, Contrast, FromFile, Mosaic, Preview, Single, View
from dicom_series_preview.core.choose.layout import Layout, Rect, grid, tile_height
from dicom_series_preview.core.choose.positions import nearest, offset_from, round_half_up, spread, within
from dicom_series_preview.core.faults.request import CanvasTooLarge
from dicom_series_preview.core.faults.series import SelectionError
from dicom_series_preview.core.grey import Lut, Voi, Window
from dicom_series_preview.core.header.instance import (
    PARAMETRIC_MAP,
    RT_DOSE,
    SEGMENTATIONS,
    Frame,
    Instance,
    Pixels,
)
from dicom_series_preview.core.order.series import Measure, Series, Slice


@frozen
class AutoWindow:
    """A window yet to be found, from the pixels of all tiles with an equal `AutoWindow`.

    Pictures of one modality share it, so that they can be compared; label data run from their minimum to
    their maximum.
    """

    modality: str
    label: bool


SliceContrast: TypeAlias = Voi | AutoWindow | None
"""How a tile gets its grey levels; None for colour, which is never windowed."""


@frozen
class Tile:
    """One picture of the canvas."""

    slice: Slice
    rect: Rect
    contrast: SliceContrast


@frozen
class Plan:
    """What to read, what to make of it and where it goes."""

    tiles: tuple[Tile, ...]
    layout: Layout


def plan(request: Preview, series: Series) -> Result[Plan, SelectionError | CanvasTooLarge]:
    """Choose the slices, give each its window and its place."""
    chosen = choose(request.view, series)
    if not is_successful(chosen):
        return Failure(chosen.failure())
    laid_out = lay_out(request, chosen.unwrap())
    return Failure(laid_out.failure()) if not is_successful(laid_out) else Success(laid_out.unwrap())


def lay_out(request: Preview, slices: Sequence[Slice]) -> Result[Plan, CanvasTooLarge]:
    """Give each of the chosen slices its window and its place."""
    columns, rows = (request.view.columns, request.view.rows) if isinstance(request.view, Mosaic) else (1, 1)
    heights = [_height(request.image_width, slice_) for slice_ in slices]
    placed = grid(request.image_width, heights, columns, rows, request.output.encoder)
    if not is_successful(placed):
        return Failure(placed.failure())
    layout = placed.unwrap()
    contrasts = choose_contrasts(request.contrast, slices)
    tiles = tuple(
        Tile(slice_, rect, contrast)
        for slice_, rect, contrast in zip(slices, layout.rects, contrasts, strict=True)
    )
    return Success(Plan(tiles, layout))


def choose(view: View, series: Series) -> Result[tuple[Slice, ...], SelectionError]:
    """The slices that a view shows, in reading order; see `pick`."""
    first, everything = series.stacks[0], series.slices
    return pick(view, first.coordinates, first.measure, len(everything)).map(
        lambda indices: tuple(everything[index] for index in indices)
    )


def pick(
    view: View, first: Sequence[float], measure: Measure, count: int
) -> Result[tuple[int, ...], SelectionError]:
    """The indices of the slices that a view shows, in an ordered list of `count`.

    The list begins with the first stack, of which `first` are the coordinates.  A mosaic over the whole range
    spreads over all stacks; anything less, and every position, speaks of the first stack alone, and an offset
    walks the whole list from there.
    """
    match view:
        case Mosaic(columns=columns, rows=rows, start=start, end=end):
            if start == 0 and end == 1:
                return Success(spread(count, columns * rows))
            return within(first, start, end).map(
                lambda bounds: tuple(bounds[0] + i for i in spread(bounds[1] - bounds[0], columns * rows))
            )
        case Single(position=position, offset=offset):
            index = (
                round_half_up(position * (len(first) - 1))
                if measure is Measure.INDEX
                else nearest(first, position)
            )
            return offset_from(index, offset, count).map(lambda chosen: (chosen,))
        case _ as never:
            assert_never(never)


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


def choose_contrasts(contrast: Contrast, slices: Sequence[Slice]) -> tuple[SliceContrast, ...]:
    """The windows of all slices that are shown together.

    PET scales every slice by its own maximum, and often gives it a window to match: uptake could not be
    compared.  Where the files' windows differ, all PET slices share one found from their pixels.
    """
    chosen = tuple(choose_contrast(contrast, slice_) for slice_ in slices)
    pet = [index for index, slice_ in enumerate(slices) if slice_.instance.modality == "PT"]
    own = {chosen[index] for index in pet if isinstance(chosen[index], Window | Lut)}
    if len(own) < 2:
        return chosen
    return tuple(
        _auto(slice_.instance) if index in pet and one in own else one
        for index, (slice_, one) in enumerate(zip(slices, chosen, strict=True))
    )


def choose_contrast(contrast: Contrast, slice_: Slice) -> SliceContrast:
    """The window of one slice: the command line's, else its own, else one found from the pixels.

    The VOI of segmentations, dose grids and parametric maps says nothing about what they hold.
    """
    instance, frame = slice_.instance, slice_.frame
    if isinstance(instance.pixels, Pixels) and instance.pixels.format.samples_per_pixel == 3:
        return None
    if isinstance(instance.pixels, Pixels) and instance.pixels.palette is not None:
        return None
    match contrast:
        case Window():
            return contrast
        case Auto():
            return _auto(instance)
        case FromFile():
            return _own(instance, frame) or _auto(instance)
        case _ as never:
            assert_never(never)


def _own(instance: Instance, frame: Frame) -> Voi | None:
    without = instance.sop_class in SEGMENTATIONS or instance.sop_class in (RT_DOSE, PARAMETRIC_MAP)
    return None if without else frame.voi


def _auto(instance: Instance) -> AutoWindow:
    return AutoWindow(instance.modality, instance.sop_class in SEGMENTATIONS or instance.modality == "SEG")
