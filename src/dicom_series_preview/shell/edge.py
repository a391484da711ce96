"""The one place where a fault becomes a message and an exit status."""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Sequence

from returns.pipeline import is_successful
from returns.result import Result

from dicom_series_preview.core.errors import CoreError, describe
from dicom_series_preview.shell.faults import Fault, describe_fault


def finish(result: Result[None, Fault]) -> int:
    """The exit status of a run; what went wrong is said on stderr."""
    if is_successful(result):
        return 0
    return refuse([describe_fault(result.failure())])


def refuse_all(errors: Sequence[CoreError]) -> int:
    """Say everything that is wrong with the arguments."""
    return refuse([describe(error) for error in errors])


def refuse(messages: Sequence[str]) -> int:
    """Print messages to stderr, a paragraph each; the exit status is 1."""
    for message in messages:
        sys.stderr.write(f"error: {message}\n")
    return 1


def log_to_stderr(verbose: bool) -> None:
    """Warnings go to stderr, and with `verbose` the course of the run; libraries stay silent without it."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
    logger = logging.getLogger("dicom_series_preview")
    logger.handlers = [handler]
    logger.setLevel(logging.DEBUG if verbose else logging.WARNING)
    logger.propagate = False
    if not verbose:
        # pydicom remarks on every oddity of a header; what matters of them is said in our own words.
        warnings.simplefilter("ignore")
        logging.getLogger("pydicom").setLevel(logging.CRITICAL)
        sys.excepthook = _say_in_a_line


def _say_in_a_line(kind: type[BaseException], error: BaseException, _trace: object) -> None:
    sys.stderr.write(f"error: a defect of this program ({kind.__name__}: {error}); -v shows where.\n")
