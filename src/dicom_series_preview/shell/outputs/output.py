"""A job -> what it makes, unless it stalls; and the file that holds it, or why there is none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from returns.pipeline import is_successful
from returns.result import Result

from dicom_series_preview.core.ask.patience import Patience
from dicom_series_preview.core.faults.fault import Fault
from dicom_series_preview.core.results import all_of
from dicom_series_preview.shell.outputs.files import check_writable, write_together
from dicom_series_preview.shell.progress import Progress
from dicom_series_preview.shell.workers import watch

Made = TypeVar("Made")


def finished(
    patience: Patience, progress: Progress, make: Callable[[], Result[Made, Fault]]
) -> Result[Made, Fault]:
    """What a job makes, unless it stalls: then it is told to stop, and given up."""
    watched = watch(make, progress, patience.stall)
    if not is_successful(watched):
        progress.cancel()
    return Result.do(made for result in watched for made in result)


def write_result(
    paths: Sequence[str],
    patience: Patience,
    progress: Progress,
    make: Callable[[], Result[tuple[Made, Sequence[bytes]], Fault]],
    inputs: Sequence[str] = (),
) -> Result[Made, Fault]:
    """Make a value and the contents of files, and write these, unless they cannot be or the job stalls.

    All of the files are written, or none.  The files `inputs` are never written over.
    """
    return Result.do(
        made
        for _ in all_of(check_writable(path, inputs) for path in paths)
        for made, contents in finished(patience, progress, make)
        # Written from the caller's thread: what interrupts that lets the temporary files be removed.
        for _ in write_together(tuple(zip(paths, contents, strict=True)))
    )
