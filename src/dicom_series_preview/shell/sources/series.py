"""The headers of a series -> its reading order, with what is odd about both."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from time import monotonic

from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.fault import Fault, NothingReadable
from dicom_series_preview.core.header.instance import Instance
from dicom_series_preview.core.order.membership import images, one_series
from dicom_series_preview.core.order.report import (
    Oddity,
    describe_oddity,
    odd_objects,
    odd_order,
    show_summary,
    summarize,
)
from dicom_series_preview.core.order.series import Series
from dicom_series_preview.core.order.stacks import order
from dicom_series_preview.shell.progress import Progress
from dicom_series_preview.shell.sources.folder import SeriesSource
from dicom_series_preview.shell.sources.header_reader import Gathered, Made
from dicom_series_preview.shell.storage.locate import Located

log = logging.getLogger("dicom_series_preview")


def read_series(located: Located, source: SeriesSource, progress: Progress) -> Result[Series, Fault]:
    """Read all headers and put the images among them into order."""
    began, received = monotonic(), progress.received
    progress.phase("headers")
    read = source.headers(progress)
    if not is_successful(read):
        return Failure(read.failure())
    headers = read.unwrap()
    report(headers, progress.received - received, monotonic() - began)
    warn(odd_objects(headers.made))
    return Result.do(
        put_in_order(shown)
        for _ in some_readable(headers)
        for objects in one_series(located.series, headers.made, located.only, len(headers.foreign))
        for shown in images(located.series, objects)
    )


def report(gathered: Gathered[Made], received: int, seconds: float) -> None:
    """Log what was read, `received` bytes in `seconds`, and what was left out."""
    log.info("%d headers, %s bytes, in %.2f s", len(gathered.made), f"{received:,}", seconds)
    for fault in gathered.failed:
        log.warning("left out: %s", str(fault))
    for foreign in gathered.foreign:
        log.info("skipped: %s", str(foreign))


def warn(warnings: Iterable[Oddity]) -> None:
    """Log what is odd."""
    for warning in warnings:
        log.warning(describe_oddity(warning))


def some_readable(gathered: Gathered[Made]) -> Result[None, Fault]:
    """Whether anything could be read, if anything was there."""
    if gathered.failed and not gathered.made:
        return Failure(NothingReadable(len(gathered.failed), gathered.failed[0]))
    return Success(None)


def put_in_order(instances: Sequence[Instance]) -> Series:
    """The reading order of images, logged."""
    series = order(instances)
    for number, stack in enumerate(series.stacks, start=1):
        log.info("stack %d: %s", number, show_summary(summarize(stack)))
    warn(odd_order(series))
    if any("MOSAIC" in instance.image_type for instance in instances):
        log.info("MOSAIC images: each holds a whole volume and is shown as it is")
    return series
