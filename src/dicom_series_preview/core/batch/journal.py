"""What a worker writes down while it is at a task, and what that tells when the worker has died.

One JSON object a line: an item is begun; an item has ended, with its row; or the worker leaves, and says why.  A
line that the worker could not finish counts as not written.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Final

from attrs import evolve, field, frozen

from dicom_series_preview.core.batch.retries import Ending
from dicom_series_preview.core.batch.row import Row
from dicom_series_preview.core.batch.table import from_plain, to_plain

_INTERPRETER_LEFT: Final = "Timeout ("
"""So begins what the interpreter's own watch (`faulthandler`) writes, where a library lets no thread run."""

_ENDINGS: Final = {ending.name: ending for ending in Ending}


@frozen
class Ended:
    """How an item of a task ended, and what is to be told of it: None where it left no time to say."""

    item: int
    ending: Ending
    row: Row | None


@frozen
class Journal:
    """What a worker has written down of one task."""

    ended: Mapping[int, Ended] = field(factory=dict[int, Ended])
    """By item; what was written first of an item holds."""
    at: frozenset[int] = frozenset()
    """The items that were begun and have not ended: one, unless two workers were given the same task."""
    is_explained: bool = False
    """Whether the worker has left of its own accord."""


def begun_line(item: int) -> str:
    """An item is begun."""
    return json.dumps({"begun": item}) + "\n"


def ended_line(ended: Ended) -> str:
    """An item has ended."""
    row = None if ended.row is None else to_plain(ended.row)
    return json.dumps({"item": ended.item, "ending": ended.ending.name, "row": row}) + "\n"


def leaving_line(ending: Ending) -> str:
    """The worker leaves, and what it was at ends so."""
    return json.dumps({"left": ending.name}) + "\n"


def read_journal(lines: Iterable[str]) -> Journal:
    """What is written down; lines that are not whole, or not of a journal, are passed over."""
    journal = Journal()
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            entry = {"left": Ending.TIMED_OUT.name} if line.startswith(_INTERPRETER_LEFT) else None
        match entry:
            case {"begun": int(item)} if item not in journal.ended:
                journal = evolve(journal, at=journal.at | {item}, is_explained=False)
            case {"item": int(item), "ending": str(name), "row": row} if name in _ENDINGS:
                ended = Ended(item, _ENDINGS[name], None if row is None else from_plain(row))
                journal = _with(journal, ended)
            case {"left": str(name)} if name in _ENDINGS:
                for item in journal.at:
                    journal = _with(journal, Ended(item, _ENDINGS[name], None))
                journal = evolve(journal, is_explained=True)
    return journal


def blame(journals: Mapping[int, Journal]) -> dict[int, dict[int, Ended]]:
    """How the items of tasks ended that were lost together, by task and item; what was not begun is left out.

    Where one worker has said why it left, the others were ended for its sake.  Where none has, whatever was at
    work may be the reason.
    """
    told = any(journal.is_explained for journal in journals.values())
    ending = Ending.CUT if told else Ending.DIED
    return {
        number: {**{item: Ended(item, ending, None) for item in sorted(journal.at)}, **journal.ended}
        for number, journal in journals.items()
    }


def _with(journal: Journal, ended: Ended) -> Journal:
    return evolve(journal, ended={ended.item: ended, **journal.ended}, at=journal.at - {ended.item})
