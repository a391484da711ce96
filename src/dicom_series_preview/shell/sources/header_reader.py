"""Headers by range requests: each object of a folder is read as far as its header needs, and no further."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from threading import Event, Lock
from typing import Final, Generic, TypeAlias, TypeVar

from attrs import frozen
from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.objects import NotDicom
from dicom_series_preview.core.faults.storage import CutShort, StoreFault
from dicom_series_preview.core.faults.tally import Tally
from dicom_series_preview.core.header.image_pixel import DEFLATED_LITTLE_ENDIAN
from dicom_series_preview.core.header.instance import Instance
from dicom_series_preview.core.header.raw import Dictionary, RanOut, Unparsable
from dicom_series_preview.core.header.readahead import FIRST_GUESS, Fetch, first_fetch, learn, next_fetch
from dicom_series_preview.core.header.scan import Header, Scanned, is_foreign, scan_header
from dicom_series_preview.core.header.wanted import PREVIEW, unreadable
from dicom_series_preview.core.storage.entries import Entry
from dicom_series_preview.shell.progress import Progress
from dicom_series_preview.shell.sources.stored_objects import StoredObjects
from dicom_series_preview.shell.workers import run_all

Made = TypeVar("Made")

MakeOfHeader: TypeAlias = Callable[[Instance, Header], Made]
"""Makes something of an object; called from many threads."""

LISTED_EMPTY: Final = "it is listed as empty"

HeaderFault: TypeAlias = StoreFault | NotDicom

FIRST_WAVE: Final = 4
"""Headers that are read before one of them has told how long the others may be."""

_LONG: Final = 1 << 22
"""Bytes from which on a header is a long one."""


@frozen
class ReadHeader:
    """A whole header, and all bytes that came with it from the beginning of its object."""

    name: str
    size: int | None
    """Bytes in the object, None while that is unknown."""
    data: bytes
    header: Header

    @property
    def body(self) -> bytes | None:
        """The whole object, if all of it came."""
        return self.data if self.size is not None and len(self.data) >= self.size else None

    @property
    def extent(self) -> int | None:
        """Bytes in what the pixel data element lies in, None while that is unknown."""
        return None if self.header.transfer_syntax == DEFLATED_LITTLE_ENDIAN else self.size


@frozen
class Gathered(Generic[Made]):
    """What became of the objects of a folder."""

    made: tuple[Made, ...]
    foreign: tuple[NotDicom, ...]
    """Objects that are no DICOM, and do not claim to be."""
    failed: tuple[HeaderFault, ...]
    """Objects that could not be read, by name."""


class _Wave:
    """Lets a few go ahead; the others wait until one of these has learned something, or all are done."""

    def __init__(self, size: int) -> None:
        self._ahead = self._out = size
        self._lock = Lock()
        self._over = Event()

    @contextmanager
    def turn(self) -> Iterator[None]:
        with self._lock:
            first = self._ahead > 0
            self._ahead -= 1
        if not first:
            self._over.wait()
            yield
            return
        try:
            yield
        finally:
            with self._lock:
                self._out -= 1
            if self._out == 0:
                self._over.set()

    def end(self) -> None:
        self._over.set()


class HeaderReader:
    """Reads headers of one series, the first few by a `guess` in bytes; what one needed is the next one's."""

    def __init__(
        self,
        stored: StoredObjects,
        guess: int = FIRST_GUESS,
        dictionary: Dictionary = PREVIEW,
    ) -> None:
        self._stored = stored
        self._guess = guess
        self._dictionary = dictionary
        self._turn = Lock()
        self._wave = _Wave(FIRST_WAVE)

    def read(self, entry: Entry) -> Result[ReadHeader, HeaderFault]:
        """Read ranges until the header is whole; see `core.header.scan`.  Of long ones one is read at a time.

        The first few objects go ahead of all others, which ask for what one of these needed.
        """
        with self._wave.turn():
            return self._read(entry)

    def _read(self, entry: Entry) -> Result[ReadHeader, HeaderFault]:
        place = self._stored.place(entry.name)
        if entry.size == 0:
            return Failure(NotDicom(place, LISTED_EMPTY, foreign=True))
        data, size = b"", entry.size
        step: Fetch | Scanned = first_fetch(self._guess, size)
        with ExitStack() as turn:
            while isinstance(step, Fetch):
                if step.start < _LONG <= step.stop:
                    turn.enter_context(self._turn)
                read = self._stored.fetch(entry.name, step.start, step.stop)
                if not is_successful(read):
                    return Failure(read.failure())
                chunk = read.unwrap()
                data += chunk.data
                size = size if chunk.size is None else chunk.size
                if size is None and len(chunk.data) < step.stop - step.start:
                    size = len(data)  # the object ended within the range
                expected = max(size or 0, 0 if data else entry.size or 0)
                if not chunk.data and len(data) < expected:  # nor would more come next time
                    return Failure(CutShort(place, expected, len(data)))
                step = scan_header(data, size is not None and len(data) >= size, self._dictionary)
                if isinstance(step, RanOut):
                    step = next_fetch(len(data), size, step)
        return checked(entry.name, place, size, data, step).map(self._learned)

    def _learned(self, read: ReadHeader) -> ReadHeader:
        if read.header.pixel is not None:
            self._guess = learn(self._guess, read.header.end)
            self._wave.end()
        return read


def checked(
    name: str, place: str, size: int | None, data: bytes, scanned: Scanned
) -> Result[ReadHeader, NotDicom]:
    """What was found of an object that begins with `data`, if all that is wanted of it can be read."""
    if not isinstance(scanned, Header):
        reason = scanned.reason if isinstance(scanned, Unparsable) else "its header does not end"
        return Failure(NotDicom(place, reason, foreign=is_foreign(data)))
    spoilt = unreadable(scanned.spoilt)
    if spoilt is not None:
        return Failure(NotDicom(place, f"its {spoilt} cannot be read"))
    return Success(ReadHeader(name, size, data, scanned))


def gather(
    reader: HeaderReader,
    entries: Iterable[Result[Entry, StoreFault]],
    make: Callable[[ReadHeader], Result[Made, HeaderFault]],
    threads: int,
    progress: Progress,
) -> Result[Gathered[Made], HeaderFault]:
    """Read the headers of all entries at once and make something of each, in no order.

    What ends the listing ends it, and a store that is down; what single objects meet is collected.
    """
    ended: list[StoreFault] = []
    tally = Tally()
    made: list[Made] = []
    foreign: list[NotDicom] = []
    failed: list[HeaderFault] = []
    for outcome in run_all(
        (partial(_make, reader, entry, make) for entry in _listed(entries, ended)), threads
    ):
        progress.advance()
        tally = tally.counting(outcome.swap().value_or(None))
        if tally.spoilt is not None:
            return Failure(tally.spoilt)
        if is_successful(outcome):
            made.append(outcome.unwrap())
            continue
        fault = outcome.failure()
        if isinstance(fault, NotDicom) and fault.foreign:
            foreign.append(fault)
        else:
            failed.append(fault)
    if ended:
        return Failure(ended[0])
    if tally.down is not None:
        return Failure(tally.down)
    failed.sort(key=lambda fault: fault.place)
    return Success(Gathered(tuple(made), tuple(foreign), tuple(failed)))


def _listed(entries: Iterable[Result[Entry, StoreFault]], ended: list[StoreFault]) -> Iterator[Entry]:
    """The entries, until the listing ends with a fault."""
    for entry in entries:
        if not is_successful(entry):
            ended.append(entry.failure())
            return
        yield entry.unwrap()


def _make(
    reader: HeaderReader,
    entry: Entry,
    make: Callable[[ReadHeader], Result[Made, HeaderFault]],
) -> Result[Made, HeaderFault]:
    return reader.read(entry).bind(make)
