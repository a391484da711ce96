"""The work of a batch, carried out: tasks go to an engine, and come back as rows."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait
from functools import partial
from typing import Final, Generic, TypeVar

from attrs import frozen

from dicom_series_preview.core.batch.journal import Ended, Journal, blame, read_journal
from dicom_series_preview.core.batch.outcome import Limits, Outcome, lost
from dicom_series_preview.core.batch.retries import Ending, Task, Work, hand_out, settle
from dicom_series_preview.core.batch.row import Row
from dicom_series_preview.shell.batch.engine import Engine, is_death
from dicom_series_preview.shell.batch.worker import Order, run_task, this_process

Item = TypeVar("Item")

_TICK: Final = 1.0  # s
_ALL_LOST: Final = 30.0  # s in which the other calls of a broken engine are known to be lost, too


@frozen
class Job(Generic[Item]):
    """How a batch is made: each item by `make`, somewhere else; `blank` is its row before anything is known."""

    make: Callable[[Item], Outcome]
    blank: Callable[[Item], Row]
    limits: Limits
    retries: int
    journals: str | None
    """The folder of the workers' journals; None: they write none, and the limits do not hold."""


@frozen
class Step:
    """What has ended since the last one: series, by their rows, and tasks, by their numbers; perhaps nothing."""

    rows: tuple[Row, ...]
    tasks: tuple[int, ...]
    left: int = 0
    """How many items are not made, where workers end before they begin anything: this is the last step then."""
    workers: int = 1
    """How many calls run at once now; 0: it is waited for somebody to run them."""


def drive(items: Sequence[Item], job: Job[Item], engine: Engine) -> Generator[Step]:
    """Make all items; yield what has ended as it ends, and once a second in any case.

    Each item has exactly one row.  When the iterator is closed, whatever is at work is ended.
    """
    work = Work(len(items), job.retries)
    flying: dict[Future[tuple[Ended, ...]], Task] = {}
    try:
        while True:
            workers = engine.workers
            work, tasks = hand_out(work, max(1, workers))
            for task in tasks:
                if task.alone:
                    engine.calm_down()
                flying[engine.submit(partial(run_task, job.make, _order(task, items, job)))] = task
            if not flying:
                break
            rows: list[Row] = []
            groups = _collect(flying, job, engine)
            for group in groups:
                work, ended = _settle(work, group, items, job)
                rows += ended
            ended_tasks = tuple(number for group in groups for number in group)
            yield Step(tuple(rows), ended_tasks, workers=workers)
        if not work.is_over:
            yield Step((), (), work.ready + len(work.again) + len(work.suspects))
    finally:
        for future in flying:
            future.cancel()
        engine.close()


def journal_path(folder: str, task: int) -> str:
    """The journal of a task."""
    return os.path.join(folder, f"task-{task}.jsonl")


def read_file(path: str) -> Journal:
    """A journal from its file; an empty one if there is none."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return read_journal(file)
    except FileNotFoundError:
        return Journal()


def _order(task: Task, items: Sequence[Item], job: Job[Item]) -> Order[Item]:
    journal = None if job.journals is None else journal_path(job.journals, task.number)
    chosen = tuple(items[tried.item] for tried in task.tries)
    return Order(task, chosen, job.limits, journal, this_process())


def _collect(
    flying: dict[Future[tuple[Ended, ...]], Task], job: Job[Item], engine: Engine
) -> list[dict[int, dict[int, Ended]]]:
    """How items ended, by task and item: a group for each task, or for all that were lost together."""
    done = wait(flying, _TICK, FIRST_COMPLETED).done
    if any(isinstance(_death(future), BrokenExecutor) for future in done):
        done = wait(flying, _ALL_LOST).done
        engine.renew()
    groups: list[dict[int, dict[int, Ended]]] = []
    together: list[Task] = []
    for future in done:
        task, death = flying.pop(future), _death(future)
        if death is None:
            groups.append({task.number: {one.item: one for one in future.result()}})
        elif isinstance(death, BrokenExecutor):
            together.append(task)
        else:
            groups.append(_of_lost([task], job.journals))
    return [*groups, _of_lost(together, job.journals)] if together else groups


def _death(future: Future[tuple[Ended, ...]]) -> BaseException | None:
    """By what a call was lost with its worker, if it was; the error of one that is defect is raised."""
    error = CancelledError() if future.cancelled() else future.exception()
    if error is not None and not is_death(error):
        raise error
    return error


def _of_lost(tasks: Sequence[Task], journals: str | None) -> dict[int, dict[int, Ended]]:
    if journals is not None:
        return blame({task.number: read_file(journal_path(journals, task.number)) for task in tasks})
    return {
        task.number: {tried.item: Ended(tried.item, Ending.DIED, None) for tried in task.tries}
        for task in tasks
    }


def _settle(
    work: Work, group: Mapping[int, Mapping[int, Ended]], items: Sequence[Item], job: Job[Item]
) -> tuple[Work, list[Row]]:
    """The work after a group has ended, and the rows of what has come to its end."""
    ended = {item: one for found in group.values() for item, one in found.items()}
    endings = {number: {item: one.ending for item, one in found.items()} for number, found in group.items()}
    work, given_up = settle(work, endings)
    rows = [one.row for one in ended.values() if one.ending is Ending.DONE and one.row is not None]
    for last in given_up:
        blank = job.blank(items[last.tried.item])
        rows.append(ended[last.tried.item].row or lost(blank, last.ending, job.limits, last.tried.attempts))
    return work, rows
