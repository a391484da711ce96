"""Where tasks run: processes of this machine, the workers of a Dask cluster, or any executor."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import (
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
)
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from time import sleep
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.batch import NoScheduler
from dicom_series_preview.shell.batch.process import settle_in

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

    from distributed import Client

Done = TypeVar("Done")

_REPLACED: Final = 60.0  # s in which a cluster replaces a worker, or does not
_STARTED: Final = 1.0  # s after which a worker that is known is also watched over


class Engine(Protocol):
    """Runs calls somewhere else."""

    @property
    def workers(self) -> int:
        """How many calls run at once; 0 while there is nobody to run any."""

    def submit(self, call: Callable[[], Done]) -> Future[Done]:
        """Run a call; its future tells that a worker died by an error that `is_death` knows."""

    def renew(self) -> None:
        """Go on after a `BrokenExecutor`, with which all calls are lost together."""

    def calm_down(self) -> None:
        """Wait until workers that died have been replaced, as far as that takes time."""

    def close(self) -> None:
        """End everything at once, finished or not."""


def is_death(error: BaseException) -> bool:
    """Whether a call was lost with its worker; all other errors are defects."""
    # Known by its name: the library that has it need not be there.
    return isinstance(error, BrokenExecutor | CancelledError) or type(error).__name__ == "KilledWorker"


class Pool:
    """Processes of this machine; they and what they have started are gone when the pool is closed."""

    is_here = True

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._executor = self._start()

    def submit(self, call: Callable[[], Done]) -> Future[Done]:
        """Run a call in one of the processes."""
        try:
            with _without_ctrl_c():
                return self._executor.submit(call)
        except BrokenExecutor as error:
            return _failed(error)

    def renew(self) -> None:
        """Fresh processes in place of those that are left."""
        self.close()
        self._executor = self._start()

    def calm_down(self) -> None:
        """They are replaced at once."""

    def close(self) -> None:
        """End all processes."""
        for process in list((self._executor._processes or {}).values()):
            _end(process)
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _start(self) -> ProcessPoolExecutor:
        context = get_context("spawn")  # threads of the parent would be in the way of a fork
        return ProcessPoolExecutor(self.workers, context, settle_in, (os.getpid(),))


class Given:
    """An executor that the caller has; `again` makes another when it is broken, if it can be made again.

    `is_here` tells that its workers are known to share the files of this machine.
    """

    def __init__(self, executor: Executor, workers: int, again: Callable[[], Executor] | None) -> None:
        self.workers = workers
        self.is_here = isinstance(executor, ThreadPoolExecutor | ProcessPoolExecutor)
        self._executor = executor
        self._again = again

    def submit(self, call: Callable[[], Done]) -> Future[Done]:
        """Run a call in the executor."""
        try:
            return self._executor.submit(call)
        except BrokenExecutor as error:
            return _failed(error)

    def renew(self) -> None:
        """Another executor, or the error that none can be had."""
        if self._again is None:
            raise BrokenExecutor(
                "the executor is broken: give a function that makes one, to go on with another"
            )
        self._executor = self._again()

    def calm_down(self) -> None:
        """When that is, the caller knows."""

    def close(self) -> None:
        """End an executor that was made for the purpose; one that was given stays the caller's."""
        if self._again is not None:
            self._executor.shutdown(wait=False, cancel_futures=True)


class SchedulerLost(Exception):
    """The scheduler at this address has gone."""


class Dask:
    """The workers of a Dask cluster."""

    def __init__(self, client: Client, address: str) -> None:
        self._client = client
        self._address = address
        # Not pure: a task that was lost is run again, and is not taken for one that was run before.
        self._executor = client.get_executor(pure=False)
        self._most = 1

    @property
    def workers(self) -> int:
        """The threads of all workers that are there now: clusters grow and shrink."""
        if self._client.status != "running":
            raise SchedulerLost(self._address)
        try:
            threads = self._client.nthreads()
        except OSError as error:  # it went a moment ago, and the client has not heard of it
            raise SchedulerLost(self._address) from error
        self._most = max(self._most, len(threads))
        return sum(threads.values())

    def submit(self, call: Callable[[], Done]) -> Future[Done]:
        """Run a call on one of the workers."""
        return self._executor.submit(call)

    def renew(self) -> None:
        """The cluster itself replaces a worker."""

    def calm_down(self) -> None:
        """A worker that dies while it starts is not started again: those that died before have to be there."""
        with suppress(TimeoutError):
            self._client.wait_for_workers(self._most, timeout=_REPLACED)
        sleep(_STARTED)

    def close(self) -> None:
        """Forget what was submitted, and leave the cluster."""
        self._executor.shutdown(wait=False)
        self._client.close()


def open_dask(address: str, version: str, timeout: float) -> Result[Dask, NoScheduler]:
    """The cluster whose scheduler has this address, if its workers have this version of the package.

    The scheduler has `timeout` seconds to answer.
    """
    try:
        from distributed import Client
    except ImportError:
        return Failure(NoScheduler(address, "Dask is missing: pip install 'dicom-series-preview[dask]'"))
    try:
        client = Client(address, timeout=timeout)
        found = client.run(installed_version)
    except (OSError, ImportError, ValueError) as error:
        return Failure(NoScheduler(address, str(error) or type(error).__name__))
    others = sorted({str(other) for other in found.values()} - {version})
    if others:
        return Failure(NoScheduler(address, f"its workers have version {others[0]}, and this is {version}"))
    return Success(Dask(client, address))


def installed_version() -> str:
    """The version of this package where this is run."""
    from dicom_series_preview.version import __version__

    return __version__


def _failed(error: BrokenExecutor) -> Future[Any]:
    future: Future[Any] = Future()
    future.set_exception(error)
    return future


def _end(process: BaseProcess) -> None:
    """End a process and those that it has started."""
    if process.pid is not None:
        with suppress(OSError, AttributeError):
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()


@contextmanager
def _without_ctrl_c() -> Iterator[None]:
    """Processes that are started now do not hear Ctrl-C, also before they have settled in."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
