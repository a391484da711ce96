"""What is said of a row, on the page and in a notebook alike."""

from __future__ import annotations

from typing import Final

from dicom_series_preview.core.batch.row import Row, Status

WARNED: Final = "Made, with warnings"

_WORDS: Final = {
    Status.MADE: "Made",
    Status.FAILED: "Failed",
    Status.KILLED: "Killed",
    Status.TIMED_OUT: "Timed out",
}

STATUSES: Final = ("Made", WARNED, "Timed out", "Killed", "Failed")
"""From the good to the bad."""


def status_words(row: Row) -> str:
    """How the series ended; pictures with remarks are told from those without."""
    return WARNED if row.status is Status.MADE and row.remarks else _WORDS[row.status]
