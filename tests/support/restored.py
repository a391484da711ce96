"""What a command sets for its whole process, put back."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def restored() -> Iterator[None]:
    """Logging and warnings are as they were before, afterwards."""
    own, pydicom = logging.getLogger("dicom_series_preview"), logging.getLogger("pydicom")
    before = own.handlers, own.level, own.propagate, pydicom.level
    try:
        with warnings.catch_warnings():
            yield
    finally:
        own.handlers, own.propagate = before[0], before[2]
        own.setLevel(before[1])
        pydicom.setLevel(before[3])
