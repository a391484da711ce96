"""The objects of a series folder: which there are, where they are, and ranges of their bytes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.storage import Changed, StoreFault, TimedOut
from dicom_series_preview.core.storage.entries import Chunk, Entry, joined
from dicom_series_preview.shell.progress import Progress
from dicom_series_preview.shell.storage.locate import Located


class StoredObjects:
    """What a series folder holds; safe to read from many threads."""

    def __init__(self, located: Located, progress: Progress) -> None:
        self._located = located
        self._progress = progress
        self._tags: dict[str, str] = {}

    def place(self, name: str) -> str:
        """Where an object is, for messages."""
        return f"{self._located.store.place}/{joined(self._located.folder, name)}"

    def fetch(self, name: str, start: int, stop: int | None) -> Result[Chunk, StoreFault]:
        """Read a range of an object of the series folder; all ranges must be of one version of it.

        Nothing more is asked for once the run is given up.
        """
        if self._progress.cancelled:
            return Failure(TimedOut(self.place(name), 0.0))
        self._progress.asked()
        read = self._located.store.read(joined(self._located.folder, name), start, stop)
        return read.bind(partial(self._same_version, name))

    def _same_version(self, name: str, chunk: Chunk) -> Result[Chunk, StoreFault]:
        """Two ETags are two versions: their bytes must not be mixed."""
        if chunk.tag is None or self._tags.setdefault(name, chunk.tag) == chunk.tag:
            return Success(chunk)
        return Failure(Changed(self.place(name)))

    def entries(self, limit: int | None = None) -> Iterator[Result[Entry, StoreFault]]:
        """The objects of the folder, while the listing still runs; a failed listing ends with its fault.

        With a `limit`, the first so many in name order, once the listing is complete.
        """
        listed: list[Entry] = []
        for page in self._located.pages():
            self._progress.asked()
            if not is_successful(page):
                yield Failure(page.failure())
                return
            if limit is not None:
                listed.extend(page.unwrap())
                continue
            self._progress.expect(len(page.unwrap()))
            yield from (Success(entry) for entry in page.unwrap())
        first = sorted(listed, key=lambda entry: entry.name)[:limit]
        self._progress.expect(len(first))
        yield from (Success(entry) for entry in first)
