"""How a store is asked."""

from __future__ import annotations

from typing import Final

from attrs import Factory, field, frozen

from dicom_series_preview.core.faults.request import OutOfRange, RequestError
from dicom_series_preview.core.faults.words import digits

MOST_CONCURRENCY: Final = 1024
LONGEST_TIMEOUT: Final = 1e6
"""Eleven days, in s."""
STALL_SECONDS: Final = 45.0
"""A run in which nothing happens for this long is given up, unless requests may take longer."""


@frozen
class Patience:
    """How a store is asked: `concurrency` requests at once, each of which may take `timeout` seconds."""

    concurrency: int
    timeout: float
    # A server that stays silent is asked twice; only after that has the run stalled.
    stall: float = field(
        default=Factory(lambda self: max(STALL_SECONDS, 2.25 * self.timeout), takes_self=True)
    )
    """Seconds in which nothing happens after which the run is given up."""


def check_patience(concurrency: int, timeout: float) -> list[RequestError]:
    """What is wrong with how a store shall be asked."""
    refusals: list[RequestError] = []
    if not 1 <= concurrency <= MOST_CONCURRENCY:
        allowed = f"a whole number from 1 to {MOST_CONCURRENCY}"
        refusals.append(OutOfRange("--concurrency", str(concurrency), allowed))
    if not 0 < timeout <= LONGEST_TIMEOUT:
        allowed = f"a number above 0 and at most {LONGEST_TIMEOUT:.0f}"
        refusals.append(OutOfRange("--timeout", digits(timeout), allowed))
    return refusals
