"""Tiles + layout -> canvas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from dicom_series_preview.core.choose.layout import Layout

if TYPE_CHECKING:
    from numpy.typing import NDArray


def compose(layout: Layout, tiles: Sequence[NDArray[np.uint8] | None]) -> NDArray[np.uint8]:
    """Put tiles onto a black canvas, in the order of `layout.rects`; None leaves its place black.

    A tile is (height, width) grey or (height, width, 3) RGB and exactly as large as its rectangle.  The canvas
    is (height, width), or (height, width, 3) as soon as one tile is in colour.
    """
    colour = any(tile is not None and tile.ndim == 3 for tile in tiles)
    shape = (layout.height, layout.width, 3) if colour else (layout.height, layout.width)
    canvas = np.zeros(shape, dtype=np.uint8)
    for rect, tile in zip(layout.rects, tiles, strict=True):
        if tile is not None:
            values = tile[:, :, np.newaxis] if colour and tile.ndim == 2 else tile
            canvas[rect.top : rect.top + rect.height, rect.left : rect.left + rect.width] = values
    return canvas
