"""A plan -> its canvas: all pictures fetched, decoded, windowed and resized at once."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from threading import Condition, Lock
from time import monotonic
from typing import Final, TypeVar

import numpy as np
from attrs import evolve
from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.choose.plan import AutoWindow, Plan, SliceContrast, Tile, shape
from dicom_series_preview.core.faults.fault import Fault, NothingReadable, ObjectFault
from dicom_series_preview.core.faults.tally import Tally
from dicom_series_preview.core.grey import Lut, Window
from dicom_series_preview.core.header.instance import Pixels
from dicom_series_preview.core.show.canvas import compose
from dicom_series_preview.core.show.tile import Picture, Shown, Waiting, least_size, settle, show, show_grey
from dicom_series_preview.shell.outputs.resize import resize
from dicom_series_preview.shell.progress import Progress
from dicom_series_preview.shell.sources.folder import PixelSource
from dicom_series_preview.shell.workers import run_all

Made = TypeVar("Made")

log = logging.getLogger("dicom_series_preview")

_MOST_WINDOWS: Final = 5
"""Different windows that are told of one picture; more are counted."""


_AT_ONCE: Final = 1 << 27
"""Bytes of pictures that are decoded and rendered at once: that takes several times as much memory."""

_KEPT: Final = 3 << 26
"""Bytes of pictures that are kept until their window is known; the others are read again then."""

_GONE: Final[Picture] = np.empty((0, 0), np.uint8)


class _Room:
    """Lets threads in as long as what they need stays within a limit; one that needs more goes in alone."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._taken = 0
        self._changed = Condition()

    @contextmanager
    def take(self, amount: int) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: self._taken == 0 or self._taken + amount <= self._limit)
            self._taken += amount
        try:
            yield
        finally:
            with self._changed:
                self._taken -= amount
                self._changed.notify_all()


class _Renderer:
    """Shows single tiles, from many threads; large pictures take turns."""

    def __init__(self, source: PixelSource) -> None:
        self._source = source
        self._room = _Room(_AT_ONCE)
        self._kept = _KEPT
        self._lock = Lock()

    def show(self, tile: Tile) -> Result[Shown | Waiting, ObjectFault]:
        """A finished tile, or one that waits for its window, without its picture where there is no room."""
        with self._room.take(_needs(tile)):
            return self._source.picture(tile.slice, least_size(tile)).map(
                lambda picture: self._resized(tile, show(tile, picture))
            )

    def show_again(self, tile: Tile, window: Window) -> Result[Shown | Waiting, ObjectFault]:
        """A finished tile, read once more now that its window is known."""
        with self._room.take(_needs(tile)):
            return self._source.picture(tile.slice, least_size(tile)).map(
                lambda picture: _resize(tile, show_grey(tile, picture, window))
            )

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


def render(planned: Plan, source: PixelSource, threads: int, progress: Progress) -> Result[Shown, Fault]:
    """Fetch and render all tiles; one that cannot be read stays black, unless none can.

    (height, width) grey or (height, width, 3) RGB, uint8.
    """
    began, received = monotonic(), progress.received
    progress.phase("pixels")
    source.expect(tile.slice for tile in planned.tiles)
    renderer = _Renderer(source)
    jobs = {index: partial(renderer.show, tile) for index, tile in enumerate(planned.tiles)}
    first = _collect(jobs, threads, progress)
    if not is_successful(first):
        return Failure(first.failure())
    shown, faults = first.unwrap()
    windows = settle([one for _, one in sorted(shown.items()) if isinstance(one, Waiting)])
    _log_contrast([tile.contrast for tile in planned.tiles], windows)
    again = {
        index: partial(renderer.show_again, planned.tiles[index], windows[one.group])
        for index, one in shown.items()
        if isinstance(one, Waiting) and one.picture is _GONE
    }
    second = _collect(again, threads, progress)
    if not is_successful(second):
        return Failure(second.failure())
    shown, faults = shown | second.unwrap()[0], faults | second.unwrap()[1]
    if len(faults) == len(planned.tiles):
        return Failure(NothingReadable(len(faults), faults[0]))
    for _, fault in sorted(faults.items()):
        log.warning("black tile: %s", str(fault))
    count, size = len(planned.tiles) - len(faults), progress.received - received
    log.info("%d images, %s bytes, in %.2f s", count, f"{size:,}", monotonic() - began)
    finished = [
        None if index in faults else _settled(tile, shown[index], windows)
        for index, tile in enumerate(planned.tiles)
    ]
    return Success(compose(planned.layout, finished))


def _collect(
    jobs: Mapping[int, Callable[[], Result[Shown | Waiting, ObjectFault]]], threads: int, progress: Progress
) -> Result[tuple[dict[int, Shown | Waiting], dict[int, ObjectFault]], Fault]:
    """Do the jobs at once: what came of each, and which of them failed."""
    progress.expect(len(jobs))
    shown: dict[int, Shown | Waiting] = {}
    faults: dict[int, ObjectFault] = {}
    tally = Tally()
    for index, result in run_all((partial(_numbered, *job) for job in jobs.items()), min(threads, len(jobs))):
        progress.advance()
        tally = tally.counting(result.swap().value_or(None))
        if tally.spoilt is not None:
            return Failure(tally.spoilt)
        if is_successful(result):
            shown[index] = result.unwrap()
        else:
            faults[index] = result.failure()
    return Success((shown, faults))


def _numbered(index: int, job: Callable[[], Made]) -> tuple[int, Made]:
    return index, job()


def _settled(tile: Tile, one: Shown | Waiting, windows: Mapping[AutoWindow, Window]) -> Shown:
    """Render what waited for its window, now that the values of all tiles are known."""
    return (
        _resize(tile, show_grey(tile, one.picture, windows[one.group])) if isinstance(one, Waiting) else one
    )


def _log_contrast(contrasts: Sequence[SliceContrast], windows: Mapping[AutoWindow, Window]) -> None:
    """Tell the windows of command line and files, and those found from pixels."""
    given = Counter(
        f"width {one.width:g}, center {one.center:g}, {one.function.value}"
        if isinstance(one, Window)
        else "the file's VOI LUT"
        for one in contrasts
        if isinstance(one, Window | Lut)
    )
    for text, count in given.most_common(_MOST_WINDOWS):
        log.info("window of %d images: %s", count, text)
    if len(given) > _MOST_WINDOWS:
        log.info("%d more windows", len(given) - _MOST_WINDOWS)
    for group, window in windows.items():
        name = group.modality or "all"
        log.info("window of %s images, from pixels: width %g, center %g", name, window.width, window.center)
