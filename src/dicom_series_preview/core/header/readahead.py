"""Reading a header by range requests, without I/O: which bytes to ask for next.

Reads are contiguous, grow at least twofold, and never pass the end of the object.
"""

from __future__ import annotations

from typing import Final

from attrs import frozen

from dicom_series_preview.core.header.raw import RanOut, Unparsable

FIRST_GUESS: Final = 5 * 1024
"""Bytes asked for when nothing is known: enough for most CT headers."""

GUESS_STEP: Final = 1024
"""Learned guesses are rounded up to this many bytes, so that headers a few bytes longer also fit."""

LARGEST_GUESS: Final = 1 << 20
"""No more is asked for at first, however long other headers were: many are read at once."""

LONGEST_HEADER: Final = 1 << 26
"""A header that does not end within this many bytes, inflated if need be, is refused."""


@frozen
class Fetch:
    """Ask for the bytes from `start` up to, not including, `stop`."""

    start: int
    stop: int


def first_fetch(guess: int, size: int | None) -> Fetch:
    """The first range of an object of `size` bytes (None: unknown) for a `guess` of the header's length."""
    return Fetch(0, guess if size is None else max(1, min(guess, size)))


def next_fetch(held: int, size: int | None, seen: RanOut) -> Fetch | Unparsable:
    """What to ask for after the first `held` bytes of an object of `size` bytes turned out to be too few.

    `size` is None while the object's length is unknown.
    """
    if max(held + 1, seen.needs) > LONGEST_HEADER:
        return too_long()
    # What is known to be needed ends with an element, and what follows that is wanted too.
    stop = min(max(seen.needs + FIRST_GUESS, 2 * held), LONGEST_HEADER)
    return Fetch(held, stop if size is None else min(stop, size))


def too_long() -> Unparsable:
    """The refusal of a header that goes on for too long."""
    return Unparsable(f"its header does not end within {LONGEST_HEADER} bytes")


def learn(guess: int, end: int) -> int:
    """The guess for objects not yet asked for, after one header turned out to be `end` bytes long."""
    return max(guess, min(-(-end // GUESS_STEP) * GUESS_STEP, LARGEST_GUESS))
