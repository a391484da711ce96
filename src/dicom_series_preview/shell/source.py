"""Where headers and pixels come from: the objects of a series folder, by range requests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from threading import Lock
from typing import Final, Protocol

from attrs import frozen
from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.headers import Instance, Pixels, read_instance
from dicom_series_preview.core.ordering import Slice
from dicom_series_preview.core.pixelformat import DEFLATED_LITTLE_ENDIAN
from dicom_series_preview.core.readahead import (
    FIRST_GUESS,
    Fetch,
    Refused,
    Step,
    first_fetch,
    learn,
    next_step,
)
from dicom_series_preview.core.rendering import Picture
from dicom_series_preview.core.sharing import Pool, shared
from dicom_series_preview.shell.dicom import ParsedHeader, is_foreign, parse_header
from dicom_series_preview.shell.faults import NotDicom, ObjectFault, StoreFault, spoils_the_run
from dicom_series_preview.shell.locate import Located
from dicom_series_preview.shell.picture import read_picture
from dicom_series_preview.shell.progress import Progress
from dicom_series_preview.shell.store import Chunk, Entry, joined
from dicom_series_preview.shell.workers import run_all

HELD_LIMIT: Final = 4 << 20
"""Bytes of objects that are kept because their header read happened to bring them whole."""


@frozen
class Headers:
    """What became of the objects of a series."""

    instances: tuple[Instance, ...]
    foreign: tuple[NotDicom, ...]
    """Objects that are no DICOM images, and do not claim to be."""
    failed: tuple[StoreFault | NotDicom, ...]
    """Objects that could not be read."""


class SeriesSource(Protocol):
    """Gives the headers of a series, and then the pixels of single slices."""

    def headers(self, progress: Progress) -> Result[Headers, StoreFault]:
        """All headers, in any order; `progress` is told how many there are, and of each when it is done."""

    def picture(self, wanted: Slice, at_least: tuple[int, int] | None) -> Result[Picture, ObjectFault]:
        """The pixels of one slice; safe to call from many threads.

        With `at_least` (rows, columns) a picture may come smaller than it is, but not smaller than that.
        """


class ObjectSource:
    """A series folder in a store: small range requests for headers, exact ones for pixels."""

    def __init__(self, located: Located, threads: int) -> None:
        self._located = located
        self._threads = threads
        self._guess = FIRST_GUESS
        self._held = _Held()
        self._pool = Pool()

    def headers(self, progress: Progress) -> Result[Headers, StoreFault]:
        """List the folder and read all headers, while the listing still runs."""
        instances: list[Instance] = []
        foreign: list[NotDicom] = []
        failed: list[StoreFault | NotDicom] = []
        for read in run_all(self._header_jobs(progress), self._threads):
            progress.advance()
            if is_successful(read):
                instances.append(read.unwrap())
                continue
            fault = read.failure()
            if isinstance(fault, NotDicom):
                (foreign if fault.foreign else failed).append(fault)
            elif spoils_the_run(fault):
                return Failure(fault)
            else:
                failed.append(fault)
        failed.sort(key=lambda fault: fault.place)
        return Success(Headers(tuple(instances), tuple(foreign), tuple(failed)))

    def _header_jobs(
        self, progress: Progress
    ) -> Iterator[Callable[[], Result[Instance, StoreFault | NotDicom]]]:
        for page in self._located.store.pages(self._located.folder):
            if not is_successful(page):
                yield partial(_failure, page.failure())
                return
            progress.expect(len(page.unwrap()))
            for entry in page.unwrap():
                yield partial(self._read_header, entry)

    def _read_header(self, entry: Entry) -> Result[Instance, StoreFault | NotDicom]:
        """Read ranges until the header is proven whole; see `core.readahead`."""
        place = f"{self._located.store.place}/{joined(self._located.folder, entry.name)}"
        if entry.size == 0:
            return Failure(NotDicom(place, "it is empty", foreign=True))
        data, size = b"", entry.size
        step: Step = first_fetch(self._guess, size)
        while isinstance(step, Fetch):
            read = self._read(entry.name, step.start, step.stop)
            if not is_successful(read):
                return Failure(read.failure())
            chunk = read.unwrap()
            data += chunk.data
            size = size if chunk.size is None else chunk.size
            if size is None and len(chunk.data) < step.stop - step.start:
                size = len(data)  # the object ended within the range
            parsed = parse_header(data, complete=size is not None and len(data) >= size)
            if isinstance(parsed, ParsedHeader):
                return Success(self._instance(entry.name, size, data, parsed))
            step = next_step(len(data), size, parsed)
        reason = step.reason if isinstance(step, Refused) else "its header does not end"
        return Failure(NotDicom(place, reason, foreign=is_foreign(data)))

    def _instance(self, name: str, size: int | None, data: bytes, parsed: ParsedHeader) -> Instance:
        if parsed.pixel is not None:
            self._guess = learn(self._guess, parsed.end)
        if parsed.inflated is not None:
            self._held.keep(name, parsed.inflated)
            size = len(parsed.inflated)
        elif size is not None and len(data) >= size:
            self._held.keep(name, data)
        instance = read_instance(name, size, parsed.elements, parsed.transfer_syntax, parsed.pixel)
        return shared(instance, self._pool)

    def _read(self, name: str, start: int, stop: int | None) -> Result[Chunk, StoreFault]:
        return self._located.store.read(joined(self._located.folder, name), start, stop)

    def picture(self, wanted: Slice, at_least: tuple[int, int] | None) -> Result[Picture, ObjectFault]:
        """Fetch and decode the bytes of one slice; see `SeriesSource.picture`."""
        instance = wanted.instance
        place = f"{self._located.store.place}/{joined(self._located.folder, instance.name)}"
        return read_picture(wanted, place, partial(self._bytes, instance), at_least)

    def _bytes(
        self, instance: Instance, start: int, stop: int | None
    ) -> Result[bytes, StoreFault | NotDicom]:
        held = self._held.get(instance.name)
        if held is not None:
            return Success(held[start:stop])
        pixels = instance.pixels
        if not isinstance(pixels, Pixels) or pixels.format.transfer_syntax != DEFLATED_LITTLE_ENDIAN:
            return self._read(instance.name, start, stop).map(lambda chunk: chunk.data)
        whole = self._read(instance.name, 0, None)
        if not is_successful(whole):
            return Failure(whole.failure())
        parsed = parse_header(whole.unwrap().data, complete=True)
        if not isinstance(parsed, ParsedHeader) or parsed.inflated is None:
            return Failure(NotDicom(instance.name, "it has changed since its header was read"))
        return Success(parsed.inflated[start:stop])


def _failure(fault: StoreFault) -> Result[Instance, StoreFault | NotDicom]:
    return Failure(fault)


class _Held:
    """Objects that are already here in whole, up to a limit."""

    def __init__(self) -> None:
        self._objects: dict[str, bytes] = {}
        self._size = 0
        self._lock = Lock()

    def keep(self, name: str, data: bytes) -> None:
        with self._lock:
            if self._size + len(data) <= HELD_LIMIT:
                self._objects[name] = data
                self._size += len(data)

    def get(self, name: str) -> bytes | None:
        return self._objects.get(name)
