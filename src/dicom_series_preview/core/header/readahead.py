"""Reading a header by range requests, without I/O: which bytes to ask for next, and when the header is whole.

A parser cannot be trusted to notice that its buffer was cut: it returns the elements it found.  So a header
counts as whole only when the parser has SEEN the pixel data element (PS3.5 8) or the end of the object; until
then the answer is another range.  Reads are contiguous, grow at least twofold and never pass the end.
"""

from __future__ import annotations

from typing import Final, TypeAlias, assert_never

from attrs import frozen

FIRST_GUESS: Final = 5 * 1024
"""Bytes asked for when nothing is known: enough for most CT headers."""

GUESS_STEP: Final = 1024
"""Learned guesses are rounded up to this many bytes, so that headers a few bytes longer also fit."""

LONGEST_HEADER: Final = 1 << 28
"""A header that has not ended after this many bytes is refused."""


@frozen
class HeaderEnds:
    """The parser saw where the header ends: `end` bytes from the start of the object."""

    end: int


@frozen
class RanOut:
    """The parser came to the end of the bytes it had; it knows it needs at least `needs` bytes in all."""

    needs: int


@frozen
class Unparsable:
    """No longer read would help: the bytes are no DICOM header."""

    reason: str


Seen: TypeAlias = HeaderEnds | RanOut | Unparsable


@frozen
class Fetch:
    """Ask for the bytes from `start` up to, not including, `stop`."""

    start: int
    stop: int


@frozen
class Whole:
    """The header is whole in the first `held` bytes."""

    held: int


@frozen
class NoHeader:
    """The object has no header that can be used."""

    reason: str


Step: TypeAlias = Fetch | Whole | NoHeader


def first_fetch(guess: int, size: int | None) -> Fetch:
    """The first range of an object of `size` bytes (None: unknown) for a `guess` of the header's length."""
    return Fetch(0, guess if size is None else max(1, min(guess, size)))


def next_step(held: int, size: int | None, seen: Seen) -> Step:
    """What to do after the parser looked at the first `held` bytes of an object of `size` bytes.

    `size` is None while the object's length is unknown; a store that answers a range with fewer bytes than
    asked for has thereby told it.
    """
    match seen:
        case HeaderEnds():
            return Whole(held)
        case Unparsable(reason=reason):
            return NoHeader(reason)
        case RanOut(needs=needs):
            if size is not None and held >= size:
                return Whole(held)  # the end of the object was reached: it has no pixel data
            if held >= LONGEST_HEADER:
                return NoHeader(f"its header does not end within {LONGEST_HEADER} bytes")
            # What is known to be needed ends with an element, and what follows that is wanted too.
            stop = min(max(needs + FIRST_GUESS, 2 * held), LONGEST_HEADER)
            return Fetch(held, stop if size is None else min(stop, size))
        case _ as never:
            assert_never(never)


def learn(guess: int, end: int) -> int:
    """The guess for objects not yet asked for, after one header turned out to be `end` bytes long."""
    return max(guess, -(-end // GUESS_STEP) * GUESS_STEP)
