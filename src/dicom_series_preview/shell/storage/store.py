"""Stores: one way to list and read objects, whatever the root is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, Protocol

from attrs import field, frozen
from returns.result import Failure, Result

from dicom_series_preview.core.faults.storage import StoreFault, TooManyObjects
from dicom_series_preview.core.storage.entries import Chunk, Page

MAX_OBJECTS: Final = 200_000
"""A folder with more objects is refused: the largest public series have about 92,000."""

MAX_DEPTH: Final = 32
"""Folders nested deeper below a series folder are refused."""


@frozen
class Network:
    """How patient and how greedy requests are.

    `timeout` is how many seconds a request may stay without a byte; `concurrency` how many requests may be
    under way at once; `retries` how often a request that failed in passing is made again.  `arrived` is called
    with the number of bytes whenever some come in, from the thread that reads.
    """

    timeout: float = 20.0
    concurrency: int = 64
    retries: int = 5
    arrived: Callable[[int], None] | None = field(default=None, eq=False, repr=False)

    @property
    def patience(self) -> float:
        """Seconds after which nothing is tried again: a server that stays silent is asked three times."""
        return 2.25 * self.timeout


class Store(Protocol):
    """Where series folders lie: lists and reads objects by their "/"-separated names below the root.

    All methods may be called from many threads at once, and wait without holding the interpreter's lock.
    """

    @property
    def place(self) -> str:
        """The root's text without a trailing slash, for messages."""

    def pages(self, folder: str) -> Iterator[Result[Page, StoreFault]]:
        """List all objects below a folder, subfolders included, in any order, as pages come in.

        A folder that does not exist gives no pages.  After a failure, or more than `MAX_OBJECTS` objects
        (`TooManyObjects`), there are no further pages.
        """

    def read(self, name: str, start: int, stop: int | None) -> Result[Chunk, StoreFault]:
        """Read the bytes from `start` up to, not including, `stop`, or to the end of the object (None).

        What lies beyond the end is left out, so the data may be shorter than asked, or empty.  Failures that
        pass are retried; data that stays shorter than the server promised is `CutShort`.
        """

    def names(self, prefix: str) -> Iterator[Result[tuple[str, ...], StoreFault]]:
        """The folders in the root whose names begin with `prefix`: all in one page, or in order, one by one."""


def bounded(place: str, pages: Iterator[Result[Page, StoreFault]]) -> Iterator[Result[Page, StoreFault]]:
    """The same pages, or a refusal in place of the one that goes beyond `MAX_OBJECTS` objects."""
    count = 0
    for page in pages:
        count += len(page.value_or(()))
        if count > MAX_OBJECTS:
            yield Failure(TooManyObjects(place, MAX_OBJECTS))
            return
        yield page
