"""A world with workers in it, for the laws of a batch: items that behave as told, and deaths at any moment."""

from __future__ import annotations

from collections import Counter
from enum import Enum
from random import Random
from typing import Final

from attrs import define, field

from dicom_series_preview.core.batch.retries import Ending, GivenUp, Task, Work, hand_out, settle


class Kind(Enum):
    """What an item does to whoever works at it."""

    GOOD = "made"
    FLAKY = "meets a passing fault the first time"
    DOWN = "meets a passing fault each time"
    HANG = "is ended by the watch each time"
    BIG = "takes too much memory each time"
    POISON = "kills its worker each time"


INNOCENT: Final = (Kind.GOOD, Kind.FLAKY, Kind.DOWN)
_LEAVES: Final = {Kind.HANG: Ending.TIMED_OUT, Kind.BIG: Ending.TOO_BIG, Kind.POISON: Ending.DIED}


@define
class _Run:
    """A task with a worker: what it has ended, and whether it is at its next item."""

    task: Task
    ended: dict[int, Ending] = field(factory=dict)
    at: int | None = None


@define
class World:
    """`workers` at work on items of these kinds.

    Where `shared`, all tasks are lost with one worker (a process pool), else its own.  Where `journals` are
    kept, it is known what was at work; else nothing is known of a lost task.  `murders` workers die for no reason.
    """

    kinds: tuple[Kind, ...]
    retries: int
    workers: int
    shared: bool
    journals: bool
    chance: Random
    murders: int = 0
    begun: Counter[int] = field(factory=Counter)
    cut: Counter[int] = field(factory=Counter)
    deaths: int = 0
    done: list[int] = field(factory=list)
    given_up: list[GivenUp] = field(factory=list)
    handed: list[Task] = field(factory=list)
    out: set[int] = field(factory=set)
    """The items that were handed out."""
    met: set[int] = field(factory=set)
    """The items that came to an end of their own."""
    most_flying: int = 0
    beside_alone: int = 0
    early: int = 0
    """Items that were tried again although others had never been handed out."""

    def run(self, work: Work) -> Work:
        """Work until all is over."""
        runs: dict[int, _Run] = {}
        while True:
            work, tasks = hand_out(work, self.workers)
            for task in tasks:
                runs[task.number] = _Run(task)
                again = any(tried.attempts for tried in task.tries)
                self.early += again and len(self.out) < len(self.kinds)
                self.out.update(tried.item for tried in task.tries)
            self.handed += tasks
            self.most_flying = max(self.most_flying, len(runs))
            self.beside_alone += len(runs) > 1 and any(run.task.alone for run in runs.values())
            if not runs:
                return work
            ended = self._advance(runs)
            if ended:
                self.done += [i for items in ended.values() for i, end in items.items() if end is Ending.DONE]
                for number in ended:
                    self.cut.update(t.item for t in runs[number].task.tries if t.item not in ended[number])
                    self.cut.update(i for i, end in ended[number].items() if end is Ending.CUT)
                    del runs[number]
                work, given_up = settle(work, ended)
                self.given_up += given_up

    def _advance(self, runs: dict[int, _Run]) -> dict[int, dict[int, Ending]]:
        """One of the tasks that a worker has goes on by one step; the tasks that ended by it."""
        number = self.chance.choice(sorted(runs)[: self.workers])
        run = runs[number]
        if self.murders and self.chance.random() < 0.1:
            self.murders -= 1
            return self._lost(runs, number, Ending.DIED)
        if run.at is None:
            left = [tried.item for tried in run.task.tries if tried.item not in run.ended]
            if not left:
                return {number: run.ended}
            run.at = left[0]
            self.begun[run.at] += 1
            return {}
        kind = self.kinds[run.at]
        if kind in _LEAVES:
            return self._lost(runs, number, _LEAVES[kind])
        passing = kind is Kind.DOWN or (kind is Kind.FLAKY and run.at not in self.met)
        self.met.add(run.at)
        run.ended[run.at] = Ending.PASSING if passing else Ending.DONE
        run.at = None
        return {}

    def _lost(self, runs: dict[int, _Run], number: int, reason: Ending) -> dict[int, dict[int, Ending]]:
        """A worker is gone: what is known of the tasks that went with it."""
        self.deaths += 1
        lost = list(runs) if self.shared else [number]
        if not self.journals:
            return {other: {t.item: Ending.DIED for t in runs[other].task.tries} for other in lost}
        beside = Ending.DIED if reason is Ending.DIED else Ending.CUT
        return {
            other: run.ended | ({run.at: reason if other == number else beside} if run.at is not None else {})
            for other, run in runs.items()
            if other in lost
        }
