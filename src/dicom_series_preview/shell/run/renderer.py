"""The tiles of one slice, fetched, decoded, windowed and resized: all that a slice costs, whoever asks for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import Final

import numpy as np
from attrs import evolve, frozen
from returns.result import Result

from dicom_series_preview.core.choose.contrast import AutoWindow
from dicom_series_preview.core.choose.plan import Tile, shape
from dicom_series_preview.core.faults.fault import ObjectFault
from dicom_series_preview.core.grey import Window
from dicom_series_preview.core.header.instance import Pixels
from dicom_series_preview.core.odd_pixels import PixelOddity
from dicom_series_preview.core.show.tile import Decoded, Shown, Waiting, group_of, least_size, show, show_grey
from dicom_series_preview.shell.outputs.resize import resize
from dicom_series_preview.shell.sources.source import PictureSource
from dicom_series_preview.shell.workers import Memory, Room

_GONE: Final[Decoded] = np.empty((0, 0), np.uint8)


def is_gone(one: Shown | Waiting | None) -> bool:
    """Whether a tile waits for its window without its picture."""
    return isinstance(one, Waiting) and one.picture is _GONE


@frozen(eq=False)
class Made:
    """The tiles of one slice, and what was odd about its pixels."""

    tiles: tuple[Shown | Waiting, ...]
    odd: tuple[PixelOddity, ...]


class Renderer:
    """Shows all tiles of single slices, from many threads; large pictures take turns."""

    def __init__(self, source: PictureSource, memory: Memory) -> None:
        self.threads = source.threads
        self._source = source
        self._room = Room(memory.at_once)
        self._kept = memory.kept
        self._lock = Lock()

    def show(self, tiles: Sequence[Tile]) -> Result[Made, ObjectFault]:
        """Tiles of one slice: finished, or waiting for their window, without a picture where there is no room."""
        return self._each(tiles, lambda tile, picture: self._resized(tile, show(tile, picture)))

    def show_again(
        self, tiles: Sequence[Tile], windows: Mapping[AutoWindow, Window]
    ) -> Result[Made, ObjectFault]:
        """Finished tiles of one slice, read once more now that their windows are known."""
        return self._each(
            tiles, lambda tile, picture: _resize(tile, show_grey(tile, picture, windows[group_of(tile)]))
        )

    def _each(
        self, tiles: Sequence[Tile], render_one: Callable[[Tile, Decoded], Shown | Waiting]
    ) -> Result[Made, ObjectFault]:
        sizes = [least_size(tile) for tile in tiles]
        least = None if None in sizes else max(size for size in sizes if size is not None)
        with self._room.take(_needs(tiles[0])):
            return self._source.picture(tiles[0].slice, least).map(
                lambda decoding: Made(
                    tuple(render_one(tile, decoding.values) for tile in tiles), decoding.odd
                )
            )

    def finish(self, tile: Tile, waiting: Waiting, window: Window) -> Shown:
        """A tile that waited for its window."""
        with self._room.take(_needs(tile)):
            return _resize(tile, show_grey(tile, waiting.picture, window))

    def _resized(self, tile: Tile, shown: Shown | Waiting) -> Shown | Waiting:
        if not isinstance(shown, Waiting):
            return _resize(tile, shown)
        with self._lock:
            if shown.picture.nbytes > self._kept:
                return evolve(shown, picture=_GONE)
            self._kept -= shown.picture.nbytes
            return shown


def _needs(tile: Tile) -> int:
    """Bytes of a tile's decoded picture."""
    pixels = tile.slice.instance.pixels
    if not isinstance(pixels, Pixels):
        return 0
    rows, columns = shape(pixels)
    return rows * columns * pixels.format.samples_per_pixel * max(1, pixels.format.bits_allocated // 8)


def _resize(tile: Tile, shown: Shown) -> Shown:
    return resize(shown, tile.rect.width, tile.rect.height)
