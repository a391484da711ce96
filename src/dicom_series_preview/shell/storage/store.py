"""Stores: one way to list and read objects, whatever the root is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Final, Protocol

from attrs import field, frozen
from returns.result import Failure, Result

from dicom_series_preview.core.ask.patience import Patience
from dicom_series_preview.core.faults.listings import TooManyObjects
from dicom_series_preview.core.faults.storage import StoreFault
from dicom_series_preview.core.storage.entries import LIMITS, Chunk, Limits, Page
from dicom_series_preview.shell.progress import Progress

LONGEST_IDLE: Final = 60.0
"""Seconds after which a connection that nobody used is not used again: what lies between may have dropped it."""


@frozen
class Network:
    """How patient and how greedy the requests of one call are; its connections outlive it, see `kept`.

    `timeout` is how many seconds a request may stay without a byte, and how many the head of an answer may
    take; `connect` how many a connection may take to be made; `concurrency` how many requests may be under way
    at once; `retries` how often a request that failed in passing is made again, after a tenth of `longest_pause`
    seconds at first, and then of twice as many as before, but never more; `slowest` are the bytes/s below which a
    body that does keep coming is given up; `idle` after how many seconds a bucket that needs a login is
    opened anew, and what was not used is closed.  `arrived` is called with the number of bytes whenever some
    come in, from the thread that reads, which is inside `waiting` as long as it waits for a network.
    """

    timeout: float = 20.0
    concurrency: int = 64
    retries: int = 8
    arrived: Callable[[int], None] | None = field(default=None, eq=False, repr=False)
    waiting: Callable[[], AbstractContextManager[None]] = field(default=nullcontext, eq=False, repr=False)
    connect: float = 5.0
    slowest: int = 4096
    limits: Limits = LIMITS
    idle: float = LONGEST_IDLE
    longest_pause: float = 1.0

    @property
    def patience(self) -> float:
        """Seconds after which nothing is tried again: a server that stays silent is asked three times."""
        return 2.25 * self.timeout


def watched_network(patience: Patience, progress: Progress) -> Network:
    """The network as patience has it, which tells `progress` what arrives and when it is waited for."""
    return Network(patience.timeout, patience.concurrency, arrived=progress.arrived, waiting=progress.waiting)


class Store(Protocol):
    """Where series folders lie: lists and reads objects by their "/"-separated names below the root.

    All methods may be called from many threads at once, and wait without holding the interpreter's lock.
    """

    @property
    def place(self) -> str:
        """The root's text without a trailing slash, for messages."""

    def pages(self, folder: str) -> Iterator[Result[Page, StoreFault]]:
        """List all objects below a folder, subfolders included, in any order, as pages come in.

        A folder that does not exist gives no pages.  After a failure, or more objects than `Limits` allow
        (`TooManyObjects`), there are no further pages.
        """

    def read(self, name: str, start: int, stop: int | None) -> Result[Chunk, StoreFault]:
        """Read the bytes from `start` up to, not including, `stop`, or to the end of the object (None).

        What lies beyond the end is left out, so the data may be shorter than asked, or empty.  Failures that
        pass are retried; data that stays shorter than the server promised is `CutShort`.
        """

    def names(self, prefix: str) -> Iterator[Result[tuple[str, ...], StoreFault]]:
        """The folders in the root whose names begin with `prefix`, in pages, of one name each in some stores."""


def bounded(
    place: str, limits: Limits, pages: Iterator[Result[Page, StoreFault]]
) -> Iterator[Result[Page, StoreFault]]:
    """The same pages, or a refusal in place of the one that goes beyond what a folder may hold."""
    count = 0
    for page in pages:
        count += len(page.value_or(()))
        if count > limits.objects:
            yield Failure(TooManyObjects(place, limits.objects))
            return
        yield page
