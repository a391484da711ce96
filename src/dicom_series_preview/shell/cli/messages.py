"""The one place where a fault becomes a message and an exit status."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Final

from returns.pipeline import is_successful
from returns.result import Result

from dicom_series_preview.core.faults.fault import Fault
from dicom_series_preview.core.faults.series import SeveralSeries

log: Final = logging.getLogger("dicom_series_preview")

LONGEST: Final = 2000
"""Characters of a message; ten UIDs and the words around them take half of that."""


def finish(result: Result[object, Fault]) -> int:
    """The exit status of a run; what went wrong is said on stderr."""
    if is_successful(result):
        return 0
    fault = result.failure()
    if isinstance(fault, SeveralSeries):
        sys.stderr.write("\n  ".join(map(paragraph, (f"error: {fault.lines[0]}", *fault.lines[1:]))) + "\n")
        return 1
    return refuse([str(fault)])


def refuse(messages: Sequence[str]) -> int:
    """Print messages to stderr, a paragraph each; the exit status is 1."""
    for message in messages:
        sys.stderr.write(f"error: {paragraph(message)}\n")
    return 1


def paragraph(text: str) -> str:
    """The text as one line that any terminal shows: what cannot be printed is escaped, and the middle of a
    very long text left out.

    Values from headers and file names are quoted as they are: damaged ones hold anything.

    >>> paragraph("Modality C\\nT")
    'Modality C\\\\nT'
    """
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 500]} … {shown[-400:]}"


class _ToStderr(logging.StreamHandler):  # type: ignore[type-arg]  # not generic when the program runs
    """Writes to whatever `sys.stderr` is at the time: a progress bar has its own way to let others write."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr  # without a flush of the one before, which may be closed
        super().emit(record)


class _Plain(logging.Formatter):
    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  the name is the base class's
        return f"{record.levelname.lower()}: {paragraph(record.getMessage())}"


def log_to_stderr(verbose: bool) -> None:
    """Warnings go to stderr, and with `verbose` the course of the run; libraries stay silent."""
    handler = _ToStderr()
    handler.setFormatter(_Plain())
    log.handlers = [handler]
    log.setLevel(logging.DEBUG if verbose else logging.WARNING)
    log.propagate = False
    # pydicom remarks on every oddity of a header, also of one that is cut and read again in whole; what
    # matters of them is said in our own words.
    warnings.simplefilter("ignore")
    logging.getLogger("pydicom").setLevel(logging.CRITICAL)


@contextmanager
def silent_libraries() -> Iterator[None]:
    """Keep what C libraries print (decoders, on damaged pixels) off stderr; `sys.stderr` still leads there."""
    outer = sys.stderr
    try:
        descriptor = outer.fileno()
        kept = os.dup(descriptor)
    except (OSError, ValueError):  # it is no file: libraries do not write there
        yield
        return
    outer.flush()
    own = open(kept, "w", buffering=1, encoding=outer.encoding, errors="backslashreplace")  # noqa: SIM115
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
    sys.stderr = own
    try:
        yield
    finally:
        os.dup2(kept, descriptor)
        sys.stderr = outer
        # What finds no room there is lost: the status tells of the output, and that is done.
        with suppress(OSError):
            own.close()
