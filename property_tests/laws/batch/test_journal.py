"""The laws of what a worker writes down, and of what that tells."""

from __future__ import annotations

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.batch.journal import (
    Ended,
    Journal,
    begun_line,
    blame,
    ended_line,
    leaving_line,
    read_journal,
)
from dicom_series_preview.core.batch.retries import Ending
from dicom_series_preview.core.batch.row import Row
from property_tests.strategies_batch import rows

endings = st.sampled_from([Ending.DONE, Ending.PASSING])
reasons = st.sampled_from([Ending.TIMED_OUT, Ending.TOO_BIG, Ending.CUT])
histories = st.lists(
    st.tuples(st.integers(0, 999), endings, st.none() | rows), unique_by=lambda entry: entry[0], max_size=8
)


def _lines(history: list[tuple[int, Ending, Row | None]]) -> tuple[list[str], dict[int, Ended]]:
    ended = {item: Ended(item, ending, row) for item, ending, row in history}
    return [line for one in ended.values() for line in (begun_line(one.item), ended_line(one))], ended


@given(histories)
def test_what_has_ended_is_known_with_its_row(history: list[tuple[int, Ending, Row | None]]) -> None:
    """A task that came to its end has nothing at work."""
    lines, ended = _lines(history)
    assert read_journal(lines) == Journal(ended, frozenset(), is_explained=False)
    assert all(line.endswith("\n") and line.count("\n") == 1 for line in lines)


@given(histories, st.integers(1000, 1999))
def test_what_was_begun_is_at_work(history: list[tuple[int, Ending, Row | None]], item: int) -> None:
    """Until it is written how it ended."""
    lines, ended = _lines(history)
    assert read_journal([*lines, begun_line(item)]) == Journal(ended, frozenset({item}), is_explained=False)


@given(histories, st.integers(1000, 1999), reasons, st.booleans())
def test_who_leaves_says_why(
    history: list[tuple[int, Ending, Row | None]], item: int, reason: Ending, at_work: bool
) -> None:
    """The reason is that of the item at work, if one was; what had ended stays as it was."""
    lines, ended = _lines(history)
    begun = [begun_line(item)] if at_work else []
    journal = read_journal([*lines, *begun, leaving_line(reason)])
    last = {item: Ended(item, reason, None)} if at_work else {}
    assert journal == Journal({**last, **ended}, frozenset(), is_explained=True)


@given(histories, st.integers(1000, 1999))
def test_the_interpreter_may_say_it_for_the_worker(
    history: list[tuple[int, Ending, Row | None]], item: int
) -> None:
    """Where a library lets no thread run, the watch of the interpreter itself ends it, in words of its own."""
    lines, ended = _lines(history)
    words = ["Timeout (0:05:05)!\n", "Thread 0x00007f (most recent call first):\n", '  File "x.py", line 9\n']
    journal = read_journal([*lines, begun_line(item), *words])
    last = Ended(item, Ending.TIMED_OUT, None)
    assert journal == Journal({item: last, **ended}, frozenset(), is_explained=True)


@given(histories, st.integers(1000, 1999), st.integers(0, 30), rows)
def test_a_line_that_was_not_finished_counts_for_nothing(
    history: list[tuple[int, Ending, Row | None]], item: int, cut: int, row: Row
) -> None:
    """A worker may die while it writes: the item is still at work then."""
    lines, ended = _lines(history)
    last = ended_line(Ended(item, Ending.DONE, row))
    half = last[: min(cut, len(last) - 2)]
    assert read_journal([*lines, begun_line(item), half]) == Journal(ended, frozenset({item}))


@given(
    st.sampled_from(
        ["[]", "1", '{"begun": "x"}', '{"item": 1, "ending": "?", "row": null}', '{"left": "?"}', "{}"]
    )
)
def test_what_is_no_line_of_a_journal_is_passed_over(line: str) -> None:
    """Other content tells nothing."""
    assert read_journal([line]) == Journal()


@given(histories, rows)
def test_what_is_written_first_of_an_item_holds(
    history: list[tuple[int, Ending, Row | None]], row: Row
) -> None:
    """A task that was begun twice, by two workers, has one story an item."""
    lines, ended = _lines(history)
    again = [line for item in ended for line in (begun_line(item), ended_line(Ended(item, Ending.DIED, row)))]
    assert read_journal([*lines, *again]) == Journal(ended)


def test_another_life_has_its_own_reason() -> None:
    """A worker that took a task over has left for no reason, although the one before it gave one."""
    lines = [begun_line(1), leaving_line(Ending.TIMED_OUT), begun_line(2)]
    last = Ended(1, Ending.TIMED_OUT, None)
    assert read_journal(lines) == Journal({1: last}, frozenset({2}), is_explained=False)


journals = st.lists(
    st.builds(
        lambda history, at: Journal(_lines(history)[1], frozenset(at)),
        histories,
        st.sets(st.integers(1000, 1999), max_size=2),
    ),
    max_size=4,
)


@given(journals, st.lists(st.integers(0, 3), max_size=2))
def test_a_death_is_blamed_on_what_was_at_work(found: list[Journal], explained: list[int]) -> None:
    """On all of it, if no worker says why it left; on none of it, if one does."""
    tasks = {n: evolve(one, is_explained=n in explained) for n, one in enumerate(found)}
    ending = Ending.CUT if any(one.is_explained for one in tasks.values()) else Ending.DIED
    assert blame(tasks) == {
        n: {**one.ended, **{item: Ended(item, ending, None) for item in one.at}} for n, one in tasks.items()
    }
