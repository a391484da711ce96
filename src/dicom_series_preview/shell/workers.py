"""Many jobs at once, in threads: stores and decoders release the interpreter lock while they work.

All threads are daemons, so that an interrupted program ends at once, whatever a server is still sending.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Final, Generic, TypeVar

from attrs import frozen
from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.fault import Stalled, Unfinished
from dicom_series_preview.shell.progress import Progress

Done = TypeVar("Done")

_NAP: Final = 0.1  # s; a signal that comes just before a wait begins is only seen after it

LONGEST_WORK: Final = 600.0
"""Seconds after which a job that waits for no network, and finishes nothing, is given up: a frame of the largest
size takes less even where many programs share a processor."""


@frozen
class _Crash:
    """A defect of the program: it is raised where the results are read."""

    error: BaseException
    """Also the panic of a library in another language, which is no `Exception`."""


@frozen
class _Idle:
    """The last thread has ended."""


class _Jobs(Generic[Done]):
    """Jobs taken one by one from an iterable that may itself have to wait, for the next page of a listing."""

    def __init__(self, jobs: Iterable[Callable[[], Done]]) -> None:
        self._jobs = iter(jobs)
        self._lock = threading.Lock()
        self.stopped = False

    def take(self) -> Callable[[], Done] | None:
        with self._lock:
            job = None if self.stopped else next(self._jobs, None)
            self.stopped = self.stopped or job is None
            return job


def run_all(jobs: Iterable[Callable[[], Done]], threads: int) -> Iterator[Done]:
    """Run jobs on at most `threads` threads; yield their results as they come, in no order.

    `jobs` is consumed as threads become free, while earlier results are already read.  A thread is started only
    when all others have a job, and all have ended once the last result was given.
    """
    source = _Jobs(jobs)
    results: SimpleQueue[Done | _Crash | _Idle] = SimpleQueue()
    lock = threading.Lock()
    started = alive = 0

    def grow() -> None:
        nonlocal started, alive
        with lock:
            if started == threads or source.stopped:
                return
            started += 1
            alive += 1
        threading.Thread(target=work, daemon=True).start()

    def work() -> None:
        nonlocal alive
        try:
            while (job := source.take()) is not None:
                grow()
                results.put(job())
        except BaseException as error:  # noqa: BLE001  it is not swallowed: the reader of the results raises it
            results.put(_Crash(error))
        with lock:
            alive -= 1
            last = alive == 0
        if last:
            results.put(_Idle())

    grow()
    try:
        while not isinstance(result := results.get(), _Idle):
            if isinstance(result, _Crash):
                raise result.error
            yield result
    finally:
        source.stopped = True


@frozen
class Memory:
    """Bytes of decoded pictures: a picture that is rendered takes several times as much."""

    at_once: int = 1 << 27
    """That are decoded and rendered at the same time."""
    kept: int = 3 << 26
    """That are kept until their window is known; the others are read again then."""


MEMORY: Final = Memory()


class Room:
    """Lets threads in as long as what they need stays within a limit; one that needs more goes in alone."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._taken = 0
        self._changed = threading.Condition()

    @contextmanager
    def take(self, amount: int) -> Iterator[None]:
        """Wait until there is room for so much, and hold it."""
        with self._changed:
            self._changed.wait_for(lambda: self._taken == 0 or self._taken + amount <= self._limit)
            self._taken += amount
        try:
            yield
        finally:
            with self._changed:
                self._taken -= amount
                self._changed.notify_all()


def watch(
    job: Callable[[], Done], progress: Progress, stall_seconds: float, longest_work: float = LONGEST_WORK
) -> Result[Done, Stalled | Unfinished]:
    """Run a job on a thread of its own, and give it up when for long nothing has happened.

    For `stall_seconds` where a network is waited for, for `longest_work` where none is.  The caller's thread only
    waits, so that it hears Ctrl-C: a library that waits for a server does not return to the interpreter until it
    is done.
    """
    results: SimpleQueue[Done | _Crash] = SimpleQueue()

    def work() -> None:
        try:
            results.put(job())
        except BaseException as error:  # noqa: BLE001  it is not swallowed: the caller's thread raises it
            results.put(_Crash(error))

    threading.Thread(target=work, daemon=True).start()
    seen, idle = progress.latest, 0.0
    while True:
        began = monotonic()
        try:
            result = results.get(timeout=_NAP)
        except Empty:
            if progress.latest != seen:
                seen, idle = progress.latest, 0.0
                continue
            # A longer nap was forced: a decoder held the interpreter, so that nothing could arrive.
            idle += min(monotonic() - began, 2 * _NAP)
            waits = progress.waits
            if idle >= (stall_seconds if waits else longest_work):
                return Failure(Stalled(stall_seconds) if waits else Unfinished(longest_work))
            continue
        if isinstance(result, _Crash):
            raise result.error
        return Success(result)
