"""Laws of reading a header in ranges: contiguous, within the object, finished, and with few requests.

The scanner here is one that was told where the header of its object ends; what it says of a buffer is all that
the code under test may go by.
"""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dicom_series_preview.core.header.raw import RanOut, Unparsable
from dicom_series_preview.core.header.readahead import (
    FIRST_GUESS,
    GUESS_STEP,
    LARGEST_GUESS,
    LONGEST_HEADER,
    Fetch,
    first_fetch,
    learn,
    next_fetch,
)

sizes = st.one_of(st.integers(1, 40), st.integers(1, 200_000))


@given(
    size=sizes,
    header=sizes,
    told=st.booleans(),
    guess=st.one_of(st.integers(1, 50), st.just(FIRST_GUESS)),
    modesty=st.integers(1, 50_000),
)
def test_reads_go_on_to_the_end_of_the_header(
    size: int, header: int, told: bool, guess: int, modesty: int
) -> None:
    """Or of the object, in contiguous ranges within it, of which there are few.

    The store may or may not tell the size; the scanner knows of `modesty` bytes more that it needs.
    """
    known = size if told else None
    end, held, requests = min(header, size), 0, 0
    fetch: Fetch | Unparsable = first_fetch(guess, known)
    while held < end:
        assert isinstance(fetch, Fetch)
        assert fetch.start == held
        assert fetch.stop > held
        assert known is None or fetch.stop <= known
        if min(fetch.stop, size) < fetch.stop:
            known = size  # a store that gives fewer bytes than it was asked for has told it
        held, requests = min(fetch.stop, size), requests + 1
        fetch = next_fetch(held, known, RanOut(held + modesty)) if held < end else fetch
    assert requests <= 2 + size.bit_length()


def _stop(held: int, size: int | None, needs: int) -> int:
    step = next_fetch(held, size, RanOut(needs))
    assert isinstance(step, Fetch)
    assert step.start == held
    return step.stop


@given(guess=st.integers(1, 10**6), size=st.one_of(st.none(), st.integers(0, 10**6)))
def test_the_first_read_is_the_guess_cut_to_the_object(guess: int, size: int | None) -> None:
    """One range from the start, as long as guessed, never past a known end; an empty object has none."""
    assert first_fetch(guess, size) == Fetch(0, guess if size is None or size > guess else size or 1)


@given(held=st.integers(1, 10**6), more=st.integers(0, 10**7), needs=st.integers(0, 10**7))
def test_what_is_needed_is_asked_for(held: int, more: int, needs: int) -> None:
    """A scanner that ran out gets what it needs and some more, and at least as much again as it had."""
    assert _stop(held, None, needs) == max(needs + FIRST_GUESS, held + held)
    assert _stop(held, held + more + 1, needs) == min(max(needs + FIRST_GUESS, held + held), held + more + 1)


@given(short=st.integers(1, 1 << 20), more=st.integers(1, 1 << 40))
@example(short=1, more=1)
def test_an_endless_header_is_refused(short: int, more: int) -> None:
    """Not read beyond the longest one allowed, and not begun to be read if it is known to be longer."""
    assert _stop(LONGEST_HEADER - short, None, LONGEST_HEADER) == LONGEST_HEADER
    for held, needs in ((LONGEST_HEADER, 0), (10, LONGEST_HEADER + more)):
        for size in (None, LONGEST_HEADER + 1):
            refused = next_fetch(held, size, RanOut(needs))
            assert isinstance(refused, Unparsable)
            assert str(LONGEST_HEADER) in refused.reason


def test_the_longest_header_is_64_mib() -> None:
    """Beyond that an object is refused."""
    assert LONGEST_HEADER == 64 * 1024 * 1024


@given(guess=st.integers(1, LARGEST_GUESS), end=st.integers(1, LARGEST_GUESS))
def test_what_one_header_needed_is_guessed_for_the_next(guess: int, end: int) -> None:
    """A learned guess holds the header that taught it, in whole steps, and never shrinks."""
    learned = learn(guess, end)
    assert learned >= max(guess, end)
    assert learned == guess or learned % GUESS_STEP == 0
    assert learned == guess or learned - end < GUESS_STEP
    assert (learned == guess) == (end <= guess) or learned - guess < GUESS_STEP


@pytest.mark.parametrize("end", [LARGEST_GUESS - 1, LARGEST_GUESS, LARGEST_GUESS + 1, LONGEST_HEADER])
def test_one_long_header_makes_no_others_long(end: int) -> None:
    """Many are read at once: a first guess stays within a bound."""
    assert learn(FIRST_GUESS, end) == LARGEST_GUESS


@given(
    guess=st.integers(1, 10**6), ends=st.lists(st.integers(1, 10**7), min_size=1, max_size=6), data=st.data()
)
def test_learning_does_not_depend_on_who_came_first(guess: int, ends: list[int], data: st.DataObject) -> None:
    """Headers teach the same guess in whatever order they arrive."""

    def taught(order: list[int]) -> int:
        found = guess
        for end in order:
            found = learn(found, end)
        return found

    assert taught(data.draw(st.permutations(ends))) == taught(ends)


def test_the_first_guess_is_small() -> None:
    """Nothing known: about 5 KB."""
    assert abs(FIRST_GUESS - 5000) < 250
