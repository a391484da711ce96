"""A job -> what it makes, unless it stalls; and the file that holds it, or why there is none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from returns.pipeline import is_successful
from returns.result import Failure, Result

from dicom_series_preview.core.ask.preview import Patience
from dicom_series_preview.core.faults.fault import Fault
from dicom_series_preview.shell.outputs.files import check_writable, write_whole
from dicom_series_preview.shell.progress import Progress
from dicom_series_preview.shell.workers import STALL_SECONDS, watch

Made = TypeVar("Made")


def finished(
    patience: Patience, progress: Progress, make: Callable[[], Result[Made, Fault]]
) -> Result[Made, Fault]:
    """What a job makes, unless it stalls: then it is told to stop, and given up."""
    # A server that stays silent is asked twice; only after that has the run stalled.
    stall_seconds = max(STALL_SECONDS, 2.25 * patience.timeout)
    watched = watch(make, lambda: progress.latest, stall_seconds)
    if not is_successful(watched):
        progress.cancel()
        return Failure(watched.failure())
    return watched.unwrap()


def write_result(
    path: str,
    patience: Patience,
    progress: Progress,
    make: Callable[[], Result[tuple[Made, bytes], Fault]],
    inputs: Sequence[str] = (),
) -> Result[Made, Fault]:
    """Make a value and the content of a file, and write that, unless it cannot be written or the job stalls.

    The files `inputs` are never written over.
    """
    writable = check_writable(path, inputs)
    if not is_successful(writable):
        return Failure(writable.failure())
    made = finished(patience, progress, make)
    # Written from the caller's thread: what interrupts that lets the temporary file be removed.
    return made.bind(lambda both: write_whole(path, both[1]).map(lambda _: both[0]))
