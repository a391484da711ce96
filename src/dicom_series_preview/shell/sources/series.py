"""The headers of a folder -> what is told of them, and their reading order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic

from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.fault import Fault, NothingReadable
from dicom_series_preview.core.faults.listings import Packed
from dicom_series_preview.core.faults.words import plural
from dicom_series_preview.core.header.instance import Instance
from dicom_series_preview.core.order.report import odd_order, show_summary, summarize
from dicom_series_preview.core.order.series import Series, Slice
from dicom_series_preview.core.order.stacks import order
from dicom_series_preview.core.remarks import LeftOut, by_cause
from dicom_series_preview.core.storage.packed import packed
from dicom_series_preview.shell.progress import Progress
from dicom_series_preview.shell.sources.header_reader import LISTED_EMPTY, Gathered, Made


def read_and_told(
    phase: str, read: Callable[[], Result[Gathered[Made], Fault]], progress: Progress
) -> Result[Gathered[Made], Fault]:
    """What `read` gathers of all objects in a phase of the run; told."""
    began, received = monotonic(), progress.received
    progress.phase(phase)
    gathered = read()
    if is_successful(gathered):
        _tell(gathered.unwrap(), progress.received - received, monotonic() - began, progress)
    return gathered


def _tell(gathered: Gathered[Made], received: int, seconds: float, progress: Progress) -> None:
    """Tell what was read, `received` bytes in `seconds`, and what was left out."""
    count = len(gathered.made)
    progress.say(f"{count} {plural(count, 'header')}, {received:,} bytes, in {seconds:.2f} s")
    for count, first in by_cause(gathered.failed):
        progress.remark(LeftOut(count, first))
    for foreign in gathered.foreign:
        progress.say(f"skipped: {foreign}")


def some_readable(gathered: Gathered[Made]) -> Result[None, NothingReadable | Packed]:
    """Whether anything could be read, if anything was there."""
    if gathered.made:
        return Success(None)
    if gathered.failed:
        return Failure(NothingReadable(len(gathered.failed), gathered.failed[0]))
    if gathered.foreign and all(fault.reason == LISTED_EMPTY for fault in gathered.foreign):
        return Failure(NothingReadable(len(gathered.foreign), gathered.foreign[0]))
    others = next(filter(None, (packed(fault.place) for fault in gathered.foreign)), None)
    return Success(None) if others is None else Failure(others)


def put_in_order(instances: Sequence[Instance], progress: Progress) -> Series[Slice]:
    """The reading order of images, told."""
    series = order(instances)
    for number, stack in enumerate(series.stacks, start=1):
        progress.say(f"stack {number}: {show_summary(summarize(stack))}")
    for remark in odd_order(series):
        progress.remark(remark)
    if any("MOSAIC" in instance.image_type for instance in instances):
        progress.say("MOSAIC images: each holds a whole volume and is shown as it is")
    return series
