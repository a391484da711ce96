"""The straight line: locate, read headers, order, plan, read pixels, compose, encode, write."""

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
from dicom_series_preview.core.headers import Instance
from dicom_series_preview.core.ordering import Series, order
from dicom_series_preview.core.plan import AutoWindow, Contrasting, Plan, Tile, plan
from dicom_series_preview.core.rendering import Shown, Waiting, least_size, settle, show, show_grey
from dicom_series_preview.core.request import Output, Preview
from dicom_series_preview.core.survey import describe_warning, odd_objects, odd_order, show_summary, summarize
from dicom_series_preview.core.viewable import images, one_series
from dicom_series_preview.shell.encode import encode
from dicom_series_preview.shell.faults import (
    Fault,
    NothingReadable,
    ObjectFault,
    Refused,
    describe_fault,
    spoils_the_run,
)
from dicom_series_preview.shell.files import check_writable, write_whole
from dicom_series_preview.shell.locate import Located, locate
from dicom_series_preview.shell.progress import Progress
from dicom_series_preview.shell.raster import resize
from dicom_series_preview.shell.source import Headers, ObjectSource, SeriesSource
from dicom_series_preview.shell.store import Network
from dicom_series_preview.shell.workers import STALL_SECONDS, run_all, watch

log = logging.getLogger("dicom_series_preview")

_MOST_WINDOWS: Final = 5
"""Different windows that are told of one picture; more are counted."""


def preview(request: Preview, progress: Progress) -> Result[None, Fault]:
    """Carry out one request."""
    path = request.output.path
    writable = check_writable(path)
    if not is_successful(writable):
        return Failure(writable.failure())
    # A server that stays silent is asked twice; only after that has the run stalled.
    stall_seconds = max(STALL_SECONDS, 2.25 * request.patience.timeout)
    watched = watch(partial(_draw, request, progress), lambda: progress.latest, stall_seconds)
    if not is_successful(watched):
        return Failure(watched.failure())
    # Written from the caller's thread: what interrupts that lets the temporary file be removed.
    return watched.unwrap().bind(partial(write_whole, path))


def _draw(request: Preview, progress: Progress) -> Result[bytes, Fault]:
    """Everything but the writing."""
    patience = request.patience
    network = Network(patience.timeout, patience.concurrency, arrived=progress.arrived)
    progress.phase("listing")
    found = locate(request.series, request.root, network)
    if not is_successful(found):
        return Failure(found.failure())
    located = found.unwrap()
    log.info("found %s under %s", located.folder or located.series, located.root)
    source = ObjectSource(located, network.concurrency)
    return Result.do(
        encoded
        for series in read_series(located, source, progress)
        for planned in plan(request, series).alt(Refused)
        for canvas in render(planned, source, network.concurrency, progress)
        for encoded in Success(_encode(canvas, request.output))
    )


def _encode(canvas: Shown, output: Output) -> bytes:
    began = monotonic()
    encoded = encode(canvas, output)
    size = f"{canvas.shape[1]}x{canvas.shape[0]} px"
    log.info(
        "%s of %s, %s bytes, in %.2f s", output.encoder.name, size, f"{len(encoded):,}", monotonic() - began
    )
    return encoded


def read_series(located: Located, source: SeriesSource, progress: Progress) -> Result[Series, Fault]:
    """Read all headers and put the images among them into order."""
    began, received = monotonic(), progress.received
    progress.phase("headers")
    read = source.headers(progress)
    if not is_successful(read):
        return Failure(read.failure())
    headers = read.unwrap()
    _log_headers(headers, progress.received - received, monotonic() - began)
    if not headers.instances and headers.failed:
        return Failure(NothingReadable(len(headers.failed), headers.failed[0]))
    kept = one_series(located.series, headers.instances, located.only, len(headers.foreign))
    return Result.do(
        _ordered(shown)
        for objects in kept.alt(Refused)
        for shown in images(located.series, objects).alt(Refused)
    )


def _log_headers(headers: Headers, received: int, seconds: float) -> None:
    log.info("%d headers, %s bytes, in %.2f s", len(headers.instances), f"{received:,}", seconds)
    for fault in headers.failed:
        log.warning("left out: %s", describe_fault(fault))
    for foreign in headers.foreign:
        log.info("skipped: %s", describe_fault(foreign))
    for warning in odd_objects(headers.instances):
        log.warning(describe_warning(warning))


def _ordered(instances: Sequence[Instance]) -> Series:
    series = order(instances)
    for number, stack in enumerate(series.stacks, start=1):
        log.info("stack %d: %s", number, show_summary(summarize(stack)))
    for warning in odd_order(series):
        log.warning(describe_warning(warning))
    if any("MOSAIC" in instance.image_type for instance in instances):
        log.info("MOSAIC images: each holds a whole volume and is shown as it is")
    return series


def render(planned: Plan, source: SeriesSource, threads: int, progress: Progress) -> Result[Shown, Fault]:
    """Fetch and render all tiles; one that cannot be read stays black, unless none can."""
    began, received = monotonic(), progress.received
    progress.phase("pixels")
    progress.expect(len(planned.tiles))
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
    index: int, tile: Tile, source: SeriesSource
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
