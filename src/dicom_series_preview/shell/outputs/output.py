"""The content of a file -> the file, or why not."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from returns.pipeline import is_successful
from returns.result import Failure, Result

from dicom_series_preview.core.ask.preview import Patience
from dicom_series_preview.core.faults.fault import Fault
from dicom_series_preview.shell.outputs.files import check_writable, write_whole
from dicom_series_preview.shell.progress import Progress
from dicom_series_preview.shell.workers import STALL_SECONDS, watch


def write_result(
    path: str, patience: Patience, progress: Progress, make: Callable[[], Result[bytes, Fault]]
) -> Result[None, Fault]:
    """Make the content of a file and write it, unless the file cannot be written or the making stalls."""
    writable = check_writable(path)
    if not is_successful(writable):
        return Failure(writable.failure())
    # A server that stays silent is asked twice; only after that has the run stalled.
    stall_seconds = max(STALL_SECONDS, 2.25 * patience.timeout)
    watched = watch(make, lambda: progress.latest, stall_seconds)
    if not is_successful(watched):
        return Failure(watched.failure())
    # Written from the caller's thread: what interrupts that lets the temporary file be removed.
    return watched.unwrap().bind(partial(write_whole, path))
