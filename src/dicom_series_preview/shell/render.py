"""A plan -> its canvas: all pictures fetched, decoded, windowed and resized at once."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from time import monotonic
from typing import Final

from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.compose import compose
from dicom_series_preview.core.greyscale import Lut, Window
from dicom_series_preview.core.plan import AutoWindow, Contrasting, Plan, Tile
from dicom_series_preview.core.rendering import Shown, Waiting, least_size, settle, show, show_grey
from dicom_series_preview.shell.faults import (
    Fault,
    NothingReadable,
    ObjectFault,
    describe_fault,
    spoils_the_run,
)
from dicom_series_preview.shell.progress import Progress
from dicom_series_preview.shell.raster import resize
from dicom_series_preview.shell.source import PixelSource
from dicom_series_preview.shell.workers import run_all

log = logging.getLogger("dicom_series_preview")

_MOST_WINDOWS: Final = 5
"""Different windows that are told of one picture; more are counted."""


def render(planned: Plan, source: PixelSource, threads: int, progress: Progress) -> Result[Shown, Fault]:
    """Fetch and render all tiles; one that cannot be read stays black, unless none can."""
    began, received = monotonic(), progress.received
    progress.phase("pixels")
    progress.expect(len(planned.tiles))
    source.expect(tile.slice for tile in planned.tiles)
    shown: list[Shown | Waiting | None] = [None] * len(planned.tiles)
    faults: dict[int, ObjectFault] = {}
    jobs = (partial(_show_tile, index, tile, source) for index, tile in enumerate(planned.tiles))
    for index, result in run_all(jobs, min(threads, len(planned.tiles))):
        progress.advance()
        if is_successful(result):
            shown[index] = result.unwrap()
        elif spoils_the_run(result.failure()):
            return Failure(result.failure())
        else:
            faults[index] = result.failure()
    if len(faults) == len(planned.tiles):
        return Failure(NothingReadable(len(faults), faults[0]))
    for _, fault in sorted(faults.items()):
        log.warning("black tile: %s", describe_fault(fault))
    count, size = len(planned.tiles) - len(faults), progress.received - received
    log.info("%d images, %s bytes, in %.2f s", count, f"{size:,}", monotonic() - began)
    return Success(compose(planned.layout, _settled(planned, shown)))


def _show_tile(
    index: int, tile: Tile, source: PixelSource
) -> tuple[int, Result[Shown | Waiting, ObjectFault]]:
    return index, source.picture(tile.slice, least_size(tile)).map(
        lambda picture: _resized(tile, show(tile, picture))
    )


def _resized(tile: Tile, shown: Shown | Waiting) -> Shown | Waiting:
    return shown if isinstance(shown, Waiting) else resize(shown, tile.rect.width, tile.rect.height)


def _settled(planned: Plan, shown: Sequence[Shown | Waiting | None]) -> list[Shown | None]:
    """Render what waited for its window, now that the values of all tiles are known."""
    windows = settle([one for one in shown if isinstance(one, Waiting)])
    _log_contrast([tile.contrast for tile in planned.tiles], windows)
    return [
        resize(show_grey(tile, one.picture, windows[one.group]), tile.rect.width, tile.rect.height)
        if isinstance(one, Waiting)
        else one
        for tile, one in zip(planned.tiles, shown, strict=True)
    ]


def _log_contrast(contrasts: Sequence[Contrasting], windows: Mapping[AutoWindow, Window]) -> None:
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
