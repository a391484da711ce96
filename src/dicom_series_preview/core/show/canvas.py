"""Tiles + layout -> canvas, or the canvases of an animation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from attrs import evolve

from dicom_series_preview.core.ask.look import BLACK, Colour
from dicom_series_preview.core.choose.canvas_layout import Layout

if TYPE_CHECKING:
    from numpy.typing import NDArray


def compose(
    layout: Layout, tiles: Sequence[NDArray[np.uint8] | None], background: Colour = BLACK
) -> NDArray[np.uint8]:
    """Put tiles onto a canvas of one colour, in the order of `layout.rects`; None leaves its place black.

    A tile is (height, width) grey or (height, width, 3) RGB and exactly as large as its rectangle.  The canvas
    is (height, width), or (height, width, 3) as soon as one tile or the background is in colour.
    """
    return _composed(layout, tiles, background, _is_colour(tiles, background))


def frames(
    layout: Layout, tiles: Sequence[NDArray[np.uint8] | None], background: Colour = BLACK
) -> tuple[NDArray[np.uint8], ...]:
    """The canvas of each tile of a paged layout: all grey, or all RGB as soon as one tile is in colour."""
    colour = _is_colour(tiles, background)
    return tuple(
        _composed(evolve(layout, rects=(rect,)), (tile,), background, colour)
        for rect, tile in zip(layout.rects, tiles, strict=True)
    )


def _is_colour(tiles: Sequence[NDArray[np.uint8] | None], background: Colour) -> bool:
    return len(set(background)) > 1 or any(tile is not None and tile.ndim == 3 for tile in tiles)


def _composed(
    layout: Layout, tiles: Sequence[NDArray[np.uint8] | None], background: Colour, colour: bool
) -> NDArray[np.uint8]:
    shape = (layout.height, layout.width, 3) if colour else (layout.height, layout.width)
    canvas = np.zeros(shape, dtype=np.uint8)
    if any(background):
        canvas[...] = background if colour else background[0]
    for rect, tile in zip(layout.rects, tiles, strict=True):
        place = canvas[rect.top : rect.top + rect.height, rect.left : rect.left + rect.width]
        if tile is None:
            place[...] = 0
        else:
            place[...] = tile[:, :, np.newaxis] if colour and tile.ndim == 2 else tile
    return canvas
