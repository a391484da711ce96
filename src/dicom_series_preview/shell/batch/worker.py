"""What runs in a worker: a task, item by item, with a journal beside it and a watch on time and memory."""

from __future__ import annotations

import faulthandler
import os
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from time import monotonic, sleep
from typing import Final, Generic, NoReturn, TextIO, TypeVar

from attrs import evolve, frozen

from dicom_series_preview.core.batch.journal import (
    Ended,
    begun_line,
    ended_line,
    leaving_line,
    read_journal,
)
from dicom_series_preview.core.batch.outcome import Limits, Outcome
from dicom_series_preview.core.batch.retries import Ending, Task
from dicom_series_preview.shell.batch.process import end_process, memory_in_use

Item = TypeVar("Item")

_NAP: Final = 0.1  # s between two looks at the clock and the memory
_GRACE: Final = 5.0  # s; what holds the interpreter lock for so long over its time is ended from outside


class FolderLost(Exception):
    """The folder of a batch cannot be written any more, which no series is to blame for; says why."""


@frozen(eq=False)
class Order(Generic[Item]):
    """A task, with what is needed to carry it out elsewhere."""

    task: Task
    items: tuple[Item, ...]
    """One for each of the task's tries."""
    limits: Limits
    journal: str | None
    """The file to write down in what is done; None: nothing is written, and nothing is limited."""
    ordered_by: tuple[str, int]
    """The host and process that waits for the task: it is never ended for a limit."""


def this_process() -> tuple[str, int]:
    """The host and the number of this process."""
    return socket.gethostname(), os.getpid()


def run_task(make: Callable[[Item], Outcome], order: Order[Item]) -> tuple[Ended, ...]:
    """Make the items one after the other; what a worker before this one has written down is not done again.

    It stops early when its journal has gone: nobody waits for it any more.
    """
    if order.journal is None:
        return tuple(
            _ended(tried.item, tried.attempts, make(item))
            for tried, item in zip(order.task.tries, order.items, strict=True)
        )
    try:
        with open(order.journal, "a+", encoding="utf-8") as file:
            return _with_journal(make, order, order.journal, file)
    except OSError as error:
        raise FolderLost(f"{order.journal} cannot be written: {error.strerror}") from error


def _with_journal(
    make: Callable[[Item], Outcome], order: Order[Item], journal: str, file: TextIO
) -> tuple[Ended, ...]:
    desk = _Desk(file, order.limits if order.ordered_by != this_process() else Limits())
    ended = desk.take_over()
    for tried, item in zip(order.task.tries, order.items, strict=True):
        if tried.item in ended:
            continue
        if not os.path.exists(journal):
            break
        desk.begin(tried.item)
        ended[tried.item] = _ended(tried.item, tried.attempts, make(item))
        desk.end(ended[tried.item])
    return tuple(ended.values())


def _ended(item: int, attempts: int, outcome: Outcome) -> Ended:
    ending = Ending.PASSING if outcome.may_pass else Ending.DONE
    return Ended(item, ending, evolve(outcome.row, attempts=attempts + 1))


class _Desk:
    """The journal of a task, and the watch over what is at work."""

    def __init__(self, file: TextIO, limits: Limits) -> None:
        self._file = file
        self._limits = limits
        self._lock = threading.Lock()
        self._since: float | None = None
        if limits != Limits():
            threading.Thread(target=self._watch, daemon=True).start()

    def take_over(self) -> dict[int, Ended]:
        """What a worker that died at this task has left; what it was at has ended with it."""
        self._file.seek(0)
        journal = read_journal(self._file)
        died = [Ended(item, Ending.DIED, None) for item in sorted(journal.at)]
        self._write("\n", *map(ended_line, died))  # its last line may not be whole
        return {**journal.ended, **{one.item: one for one in died}}

    def begin(self, item: int) -> None:
        self._write(begun_line(item))
        self._since = monotonic()
        if self._limits.seconds is not None:
            faulthandler.dump_traceback_later(self._limits.seconds + _GRACE, exit=True, file=self._file)

    def end(self, ended: Ended) -> None:
        with self._lock:
            self._since = None
        if self._limits.seconds is not None:
            faulthandler.cancel_dump_traceback_later()
        self._write(ended_line(ended))
        # A process that has grown with its work makes room for a fresh one before another is blamed for it.
        if self._limits.memory is not None and memory_in_use() > self._limits.memory:
            self._leave(Ending.CUT)

    def _watch(self) -> None:
        while not self._file.closed:
            with self._lock:
                if self._since is not None:
                    self._look(monotonic() - self._since)
            sleep(_NAP)

    def _look(self, seconds: float) -> None:
        if self._limits.seconds is not None and seconds > self._limits.seconds:
            self._leave(Ending.TIMED_OUT)
        if self._limits.memory is not None and memory_in_use() > self._limits.memory:
            self._leave(Ending.TOO_BIG)

    def _leave(self, ending: Ending) -> NoReturn:
        with suppress(OSError):  # nobody will know why it left, but leave it must
            self._write(leaving_line(ending))
        end_process()

    def _write(self, *lines: str) -> None:
        self._file.write("".join(lines))
        self._file.flush()
