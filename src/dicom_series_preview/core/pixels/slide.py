"""A level of a slide put together from its tiles (PS3.3 C.8.12.14): what to read at once, and where each goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from attrs import frozen

from dicom_series_preview.core.header.image_pixel import LARGEST_UNPACKED, decoded_length
from dicom_series_preview.core.header.instance import Pixels, Tiling
from dicom_series_preview.core.pixels.decoding import Samples
from dicom_series_preview.core.pixels.items import FrameRange

NEAR: Final = 2**16
"""Bytes between two frames that are read along, where that saves a request."""

TOGETHER: Final = 2**26
"""Bytes that are read at once, unless one frame takes more."""

_MOST_TILES_TO_LEVEL: Final = 4
"""Samples of all tiles for one of the largest level: tiles overhang, and may overlap."""


def level_flaw(pixels: Pixels, tiling: Tiling) -> str | None:
    """In words, why a level is none for a preview; None if it is."""
    samples = tiling.rows * tiling.columns * pixels.format.samples_per_pixel
    if samples > LARGEST_UNPACKED:
        return f"its smallest level has {tiling.columns} x {tiling.rows} px, too many for a preview"
    if len(tiling.corners) * decoded_length(pixels.format) > _MOST_TILES_TO_LEVEL * LARGEST_UNPACKED:
        return f"its smallest level has {len(tiling.corners)} tiles, too many for a preview"
    return None


@frozen
class Read:
    """Bytes `start` to `stop` of the object hold the frames `numbers` (0-based)."""

    start: int
    stop: int
    numbers: tuple[int, ...]


def reads(ranges: Sequence[FrameRange]) -> tuple[Read, ...]:
    """The reads that bring all frames: one for those that lie near one another, in their order in the object."""
    groups: list[Read] = []
    for number in sorted(range(len(ranges)), key=lambda number: (ranges[number].start, number)):
        where = ranges[number]
        if groups:
            last = groups[-1]
            stop = max(last.stop, where.stop)
            if where.start - last.stop <= NEAR and stop - last.start <= TOGETHER:
                groups[-1] = Read(last.start, stop, (*last.numbers, number))
                continue
        groups.append(Read(where.start, where.stop, (number,)))
    return tuple(groups)


def put(level: Samples | None, tiling: Tiling, number: int, tile: Samples) -> Samples:
    """The level with the tile of one more frame, in place; None is a level without any, black throughout.

    `tile` is (rows, columns) or (rows, columns, 3); what of it lies beyond the level is left out.
    """
    if level is None:
        level = np.zeros((tiling.rows, tiling.columns, *tile.shape[2:]), tile.dtype)
    top, left = tiling.corners[number]
    inside = tile[max(0, -top) :, max(0, -left) :]
    covered = level[max(0, top) : max(0, top + tile.shape[0]), max(0, left) : max(0, left + tile.shape[1])]
    covered[...] = inside[: covered.shape[0], : covered.shape[1]]
    return level


def empty_level(pixels: Pixels, tiling: Tiling) -> Samples:
    """A level of no tiles: black."""
    colour = (3,) if pixels.format.samples_per_pixel == 3 else ()
    return np.zeros((tiling.rows, tiling.columns, *colour), np.uint8)
