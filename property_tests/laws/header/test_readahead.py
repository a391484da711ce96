"""Laws of reading a header in ranges: contiguous, within the object, finished, and whole only when seen so.

The parser here is one that was told where the header of its object ends; what it says of a buffer is all that
the code under test may go by.
"""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from dicom_series_preview.core.header.readahead import (
    FIRST_GUESS,
    GUESS_STEP,
    LONGEST_HEADER,
    Fetch,
    HeaderEnds,
    NoHeader,
    RanOut,
    Seen,
    Unparsable,
    Whole,
    first_fetch,
    learn,
    next_step,
)

sizes = st.one_of(st.integers(1, 40), st.integers(1, 200_000))


class Reading(RuleBasedStateMachine):
    """Objects read one after another by a store and a parser that may tell little, and late."""

    def __init__(self) -> None:
        super().__init__()
        self.size = 0
        self.header: int | None = None
        self.known: int | None = None
        self.held = 0
        self.guess = FIRST_GUESS
        self.fetch: Fetch | None = None
        self.done: Whole | NoHeader | None = None
        self.requests = 0

    @initialize(guess=st.one_of(st.integers(1, 50), st.just(FIRST_GUESS)))
    def first_guess(self, guess: int) -> None:
        """What is known of headers to begin with."""
        self.guess = guess

    @precondition(lambda self: self.fetch is None)
    @rule(size=sizes, header=st.one_of(st.none(), sizes), told=st.booleans())
    def begin(self, size: int, header: int | None, told: bool) -> None:
        """An object whose pixel data begins at `header`, or that has none; its size may be told or not."""
        self.size = size
        self.header = header if header is not None and header <= size else None
        self.known = size if told else None
        self.held, self.requests, self.done = 0, 0, None
        self.fetch = first_fetch(self.guess, self.known)

    @precondition(lambda self: self.fetch is not None)
    @rule(lie=st.integers(-50_000, 50_000), tells=st.booleans())
    def read(self, lie: int, tells: bool) -> None:
        """The store answers, with its size or without; the parser says what it saw, its needs being a guess."""
        fetch = self.fetch
        assert fetch is not None
        assert fetch.start == self.held
        assert fetch.stop > fetch.start
        assert self.known is None or fetch.stop <= self.known
        got = min(fetch.stop, self.size)
        if tells or got < fetch.stop:
            self.known = self.size
        self.held = got
        self.requests += 1
        seen: Seen = RanOut(max(0, got + lie))
        if self.header is not None and got >= self.header:
            seen = HeaderEnds(self.header)
        step = next_step(got, self.known, seen)
        if isinstance(seen, HeaderEnds):
            self.guess = learn(self.guess, seen.end)
        self.fetch = step if isinstance(step, Fetch) else None
        self.done = None if isinstance(step, Fetch) else step

    @invariant()
    def whole_only_when_seen(self) -> None:
        """Done means that the pixel data element was seen, or the end of the object reached."""
        if self.done is not None:
            assert self.done == Whole(self.held)
            assert (self.header is not None and self.held >= self.header) or self.held == self.size

    @invariant()
    def few_requests(self) -> None:
        """Reads grow at least twofold: a header of n bytes takes at most about log2(n) of them."""
        assert self.requests <= 2 + self.size.bit_length()


TestReading = Reading.TestCase


def _stop(held: int, size: int | None, needs: int) -> int:
    step = next_step(held, size, RanOut(needs))
    assert isinstance(step, Fetch)
    assert step.start == held
    return step.stop


@given(guess=st.integers(1, 10**6), size=st.one_of(st.none(), sizes))
def test_the_first_read_is_the_guess_cut_to_the_object(guess: int, size: int | None) -> None:
    """One range from the start, as long as guessed, never past a known end."""
    assert first_fetch(guess, size) == Fetch(0, guess if size is None or size > guess else size)


@given(held=st.integers(1, 10**6), more=st.integers(0, 10**7), needs=st.integers(0, 10**7))
def test_reads_go_on_until_the_header_is_seen(held: int, more: int, needs: int) -> None:
    """A parser that ran out gets what it needs and some more, and at least as much again as it had."""
    assert _stop(held, None, needs) == max(needs + FIRST_GUESS, held + held)
    assert _stop(held, held + more + 1, needs) == min(max(needs + FIRST_GUESS, held + held), held + more + 1)


@given(
    held=st.integers(1, 10**6), size=st.one_of(st.none(), st.integers(1, 10**6)), end=st.integers(1, 10**6)
)
def test_a_seen_header_is_whole(held: int, size: int | None, end: int) -> None:
    """Once the pixel data element was seen nothing more is read, whatever is known of the size."""
    assert next_step(held, size, HeaderEnds(end)) == Whole(held)


@given(size=st.integers(0, 10**6), needs=st.integers(0, 10**7))
def test_the_end_of_the_object_ends_the_header(size: int, needs: int) -> None:
    """An object read to its end has no pixel data: there is nothing left to ask for."""
    assert next_step(size, size, RanOut(needs)) == Whole(size)


@given(held=st.integers(0, 10**6), size=st.one_of(st.none(), st.integers(0, 10**6)), reason=st.text())
def test_what_cannot_be_parsed_is_refused(held: int, size: int | None, reason: str) -> None:
    """Bytes that no longer read would help are refused for the parser's reason."""
    assert next_step(held, size, Unparsable(reason)) == NoHeader(reason)


@given(short=st.integers(1, 1 << 20), needs=st.integers(0, 1 << 40))
@example(short=1, needs=0)
def test_an_endless_header_is_refused(short: int, needs: int) -> None:
    """No header is read beyond the longest one allowed; one that has not ended there is refused."""
    assert _stop(LONGEST_HEADER - short, None, needs) == LONGEST_HEADER
    refused = next_step(LONGEST_HEADER, None, RanOut(needs))
    assert isinstance(refused, NoHeader)
    assert str(LONGEST_HEADER) in refused.reason
    assert isinstance(next_step(LONGEST_HEADER, LONGEST_HEADER + 1, RanOut(needs)), NoHeader)


@given(guess=st.integers(1, 10**6), end=st.integers(1, 10**6))
def test_what_one_header_needed_is_guessed_for_the_next(guess: int, end: int) -> None:
    """A learned guess holds the header that taught it, in whole steps, and never shrinks."""
    learned = learn(guess, end)
    assert learned >= max(guess, end)
    assert learned == guess or learned % GUESS_STEP == 0
    assert learned == guess or learned - end < GUESS_STEP
    assert (learned == guess) == (end <= guess) or learned - guess < GUESS_STEP


@given(
    guess=st.integers(1, 10**6), ends=st.lists(st.integers(1, 10**6), min_size=1, max_size=6), data=st.data()
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
