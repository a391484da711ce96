"""The straight line: locate, read headers, order, plan, read pixels, compose, encode, write."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from time import monotonic

from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.compose import compose
from dicom_series_preview.core.headers import Instance
from dicom_series_preview.core.ordering import Series, order
from dicom_series_preview.core.plan import Plan, Tile, plan
from dicom_series_preview.core.rendering import Shown, Waiting, least_size, settle, show, show_grey
from dicom_series_preview.core.request import Preview
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
from dicom_series_preview.shell.workers import run_all

log = logging.getLogger("dicom_series_preview")


def preview(request: Preview, progress: Progress) -> Result[None, Fault]:
    """Carry out one request."""
    writable = check_writable(request.output.path)
    if not is_successful(writable):
        return Failure(writable.failure())
    patience = request.patience
    network = Network(patience.timeout, patience.concurrency, arrived=progress.arrived)
    found = locate(request.series, request.root, network)
    if not is_successful(found):
        return Failure(found.failure())
    located = found.unwrap()
    source = ObjectSource(located, network.concurrency)
    return Result.do(
        written
        for series in read_series(located, source, progress)
        for planned in plan(request, series).alt(Refused)
        for canvas in render(planned, source, network.concurrency, progress)
        for written in write_whole(request.output.path, encode(canvas, request.output))
    )


def read_series(located: Located, source: SeriesSource, progress: Progress) -> Result[Series, Fault]:
    """Read all headers and put the images among them into order."""
    began = monotonic()
    progress.phase("headers", None)
    read = source.headers(progress.advance)
    if not is_successful(read):
        return Failure(read.failure())
    headers = read.unwrap()
    _log_headers(headers, monotonic() - began)
    if not headers.instances and headers.failed:
        return Failure(NothingReadable(len(headers.failed), headers.failed[0]))
    kept = one_series(located.series, headers.instances, located.only, len(headers.foreign))
    return Result.do(
        _ordered(shown)
        for objects in kept.alt(Refused)
        for shown in images(located.series, objects).alt(Refused)
    )


def _log_headers(headers: Headers, seconds: float) -> None:
    log.info("%d headers in %.2f s", len(headers.instances), seconds)
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
    began = monotonic()
    progress.phase("pixels", len(planned.tiles))
    shown: list[Shown | Waiting | None] = [None] * len(planned.tiles)
    faults: dict[int, ObjectFault] = {}
    jobs = (partial(_show_tile, index, tile, source) for index, tile in enumerate(planned.tiles))
    for outcome in run_all(jobs, min(threads, len(planned.tiles))):
        if not is_successful(outcome):
            return Failure(outcome.failure())
        index, result = outcome.unwrap()
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
    log.info("%d pictures in %.2f s", len(planned.tiles) - len(faults), monotonic() - began)
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
    for group, window in windows.items():
        name = group.modality or "all images"
        log.info("window of %s, from its pixels: width %g, center %g", name, window.width, window.center)
    return [
        resize(show_grey(tile, one.picture, windows[one.group]), tile.rect.width, tile.rect.height)
        if isinstance(one, Waiting)
        else one
        for tile, one in zip(planned.tiles, shown, strict=True)
    ]
