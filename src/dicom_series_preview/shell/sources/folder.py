"""Where headers and pixels come from: the objects of a series folder, by range requests."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from threading import Lock
from typing import Final, Protocol, TypeAlias

from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.fault import ObjectFault
from dicom_series_preview.core.faults.objects import NotDicom
from dicom_series_preview.core.header.image_pixel import DEFLATED_LITTLE_ENDIAN
from dicom_series_preview.core.header.instance import Instance, Pixels
from dicom_series_preview.core.header.pool import Pool, shared
from dicom_series_preview.core.header.read_instance import read_instance
from dicom_series_preview.core.order.series import Slice
from dicom_series_preview.core.show.tile import Picture
from dicom_series_preview.shell.dicom.parse_header import ParsedHeader, parse_header
from dicom_series_preview.shell.progress import Progress
from dicom_series_preview.shell.sources.frames import FramePlaces, read_picture
from dicom_series_preview.shell.sources.header_reader import (
    Gathered,
    HeaderFault,
    HeaderReader,
    ReadHeader,
    gather,
)
from dicom_series_preview.shell.storage.locate import Located

HELD_LIMIT: Final = 4 << 20
"""Bytes of objects that are kept because their header read happened to bring them whole."""

Headers: TypeAlias = Gathered[Instance]


class PixelSource(Protocol):
    """Gives the pixels of single slices."""

    def expect(self, slices: Iterable[Slice]) -> None:
        """Be told which slices will be wanted: what they have in common is then asked for once."""

    def picture(self, wanted: Slice, at_least: tuple[int, int] | None) -> Result[Picture, ObjectFault]:
        """The pixels of one slice; safe to call from many threads.

        With `at_least` (rows, columns) a picture may come smaller than it is, but not smaller than that.
        """


class SeriesSource(PixelSource, Protocol):
    """Gives the headers of a series, and then the pixels of single slices."""

    def headers(self, progress: Progress) -> Result[Headers, HeaderFault]:
        """All headers, in any order; `progress` is told how many there are, and of each when it is done."""


class ObjectSource:
    """A series folder in a store: small range requests for headers, exact ones for pixels."""

    def __init__(self, located: Located, threads: int, held_limit: int = HELD_LIMIT) -> None:
        self.reader = HeaderReader(located)
        self._threads = threads
        self._held = _Held(held_limit)
        self._pool = Pool()
        self._inflated: dict[str, bytes] = {}  # at most one: its frames are mostly wanted one after another
        self._inflating = Lock()
        self._places = FramePlaces()

    def headers(self, progress: Progress) -> Result[Headers, HeaderFault]:
        """List the folder and read all headers, while the listing still runs."""
        entries = self.reader.entries(progress)
        return gather(
            self.reader, entries, lambda read: Success(self.instance(read)), self._threads, progress
        )

    def instance(self, read: ReadHeader) -> Instance:
        """The typed header; what came along of its pixels is kept if that is all of them."""
        parsed = read.parsed
        if read.body is not None:
            self._held.keep(read.name, read.body)
        instance = read_instance(
            read.name, read.extent, parsed.elements, parsed.transfer_syntax, parsed.pixel
        )
        return shared(instance, self._pool)

    def expect(self, slices: Iterable[Slice]) -> None:
        """See `PixelSource.expect`."""
        self._places.expect(slices)

    def picture(self, wanted: Slice, at_least: tuple[int, int] | None) -> Result[Picture, ObjectFault]:
        """Fetch and decode the bytes of one slice; see `PixelSource.picture`."""
        instance = wanted.instance
        place = self.reader.place(instance.name)
        return read_picture(wanted, place, partial(self._bytes, instance), at_least, self._places)

    def _bytes(self, instance: Instance, start: int, stop: int | None) -> Result[bytes, HeaderFault]:
        held = self._held.get(instance.name)
        if held is not None:
            return Success(held[start:stop])
        pixels = instance.pixels
        if not isinstance(pixels, Pixels) or pixels.format.transfer_syntax != DEFLATED_LITTLE_ENDIAN:
            return self.reader.fetch(instance.name, start, stop).map(lambda chunk: chunk.data)
        with self._inflating:
            if instance.name not in self._inflated:
                self._inflated.clear()
                whole = self.reader.fetch(instance.name, 0, None)
                if not is_successful(whole):
                    return Failure(whole.failure())
                parsed = parse_header(whole.unwrap().data, complete=True)
                if not isinstance(parsed, ParsedHeader) or parsed.inflated is None:
                    return Failure(NotDicom(instance.name, "it has changed since its header was read"))
                self._inflated[instance.name] = parsed.inflated
            return Success(self._inflated[instance.name][start:stop])


class _Held:
    """Objects that are already here in whole, up to a limit in bytes."""

    def __init__(self, limit: int) -> None:
        self._objects: dict[str, bytes] = {}
        self._room = limit
        self._lock = Lock()

    def keep(self, name: str, data: bytes) -> None:
        with self._lock:
            if len(data) <= self._room:
                self._objects[name] = data
                self._room -= len(data)

    def get(self, name: str) -> bytes | None:
        return self._objects.get(name)
