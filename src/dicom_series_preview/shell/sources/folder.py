"""Where headers and pixels come from: the objects of a series folder, by range requests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from operator import attrgetter
from threading import Lock
from typing import Final

from attrs import evolve
from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.fault import Fault, ObjectFault
from dicom_series_preview.core.faults.objects import NotDicom
from dicom_series_preview.core.header.elements import integer
from dicom_series_preview.core.header.image_pixel import (
    DEFLATED_LITTLE_ENDIAN,
    MOST_FRAMES,
    MOST_SERIES_FRAMES,
    PixelSpan,
)
from dicom_series_preview.core.header.instance import Instance, Pixels
from dicom_series_preview.core.header.pool import Pool, shared
from dicom_series_preview.core.header.raw import Dictionary
from dicom_series_preview.core.header.read_instance import read_instance
from dicom_series_preview.core.header.scan import inflate
from dicom_series_preview.core.header.values import read_elements
from dicom_series_preview.core.header.wanted import PREVIEW, wanted_name
from dicom_series_preview.core.order.membership import images, one_series
from dicom_series_preview.core.order.report import odd_objects
from dicom_series_preview.core.order.series import Ref, Series, Slice
from dicom_series_preview.core.pixels.decoding import Decoding
from dicom_series_preview.shell.progress import Progress
from dicom_series_preview.shell.sources.frame_places import FramePlaces
from dicom_series_preview.shell.sources.header_reader import (
    Gathered,
    HeaderFault,
    HeaderReader,
    ReadHeader,
    gather,
)
from dicom_series_preview.shell.sources.series import put_in_order, read_and_told, some_readable
from dicom_series_preview.shell.sources.stored_objects import StoredObjects
from dicom_series_preview.shell.storage.locate import Located

HELD_LIMIT: Final = 4 << 20
"""Bytes of objects that are kept because their header read happened to bring them whole."""

LARGEST_INFLATED: Final = 1 << 28
"""Bytes of a deflated data set behind which nothing is read."""


class FolderSource:
    """A series folder in a store: small range requests for headers, exact ones for pixels; a `Source`."""

    def __init__(
        self,
        located: Located,
        threads: int,
        progress: Progress,
        held_limit: int = HELD_LIMIT,
        dictionary: Dictionary = PREVIEW,
    ) -> None:
        self.stored = StoredObjects(located, progress)
        self.reader = HeaderReader(self.stored, dictionary=dictionary)
        self._located = located
        self.threads = located.threads(threads)
        self._progress = progress
        self._instances: dict[str, Instance] = {}
        self._objects: tuple[Instance, ...] = ()
        self._sizes: dict[str, int | None] = {}
        self._held = _Held(held_limit)
        self._pool = Pool()
        self._frames = _FrameRoom()
        self._inflated: dict[str, bytes] = {}  # at most one: its frames are mostly wanted one after another
        self._inflating = Lock()
        self._places = FramePlaces()

    def order(self) -> Result[Series[Ref], Fault]:
        """Read all headers and put the images among them into order; see `Source.order`."""
        return read_and_told("headers", self.headers, self._progress).bind(self._in_order)

    def _in_order(self, headers: Gathered[Instance]) -> Result[Series[Ref], Fault]:
        located = self._located
        for remark in odd_objects(headers.made):
            self._progress.remark(remark)
        return Result.do(
            self._ordered(shown)
            for _ in some_readable(headers)
            for objects in one_series(located.series, headers.made, located.only, len(headers.foreign))
            for shown in images(located.series, self._kept(objects))
        )

    def _kept(self, objects: tuple[Instance, ...]) -> tuple[Instance, ...]:
        self._objects = objects
        return objects

    def objects(self) -> Result[tuple[Instance, ...], Fault]:
        """See `Source.objects`."""
        return Success(tuple(evolve(one, size=self._sizes[one.name]) for one in self._objects))

    def _ordered(self, shown: Sequence[Instance]) -> Series[Ref]:
        self._instances = {instance.name: instance for instance in shown}
        return put_in_order(shown, self._progress).map(attrgetter("ref"))

    def slices(self, chosen: Sequence[Ref]) -> Result[tuple[Slice, ...], Fault]:
        """All headers are here already; see `Source.slices`."""
        instances = self._instances
        return Success(
            tuple(Slice(instances[ref.name], instances[ref.name].frames[ref.frame]) for ref in chosen)
        )

    def headers(self) -> Result[Gathered[Instance], HeaderFault]:
        """List the folder and read all headers, in any order, while the listing still runs."""
        return gather(
            self.reader,
            self.stored.entries(),
            lambda read: Success(self.instance(read)),
            self.threads,
            self._progress,
        )

    def instance(self, read: ReadHeader) -> Instance:
        """The typed header; what came along of its pixels is kept if that is all of them."""
        header = read.header
        self._sizes[read.name] = read.size
        if read.body is not None:
            self._held.keep(read.name, read.body)
        elements = read_elements(header.elements, wanted_name)
        most = self._frames.take(integer(elements, "NumberOfFrames") or 1)
        instance = read_instance(read.name, read.extent, elements, header.transfer_syntax, header.pixel, most)
        return shared(instance, self._pool)

    def expect(self, slices: Iterable[Slice]) -> None:
        """See `PictureSource.expect`."""
        self._places.expect(slices)

    def picture(self, wanted: Slice, at_least: tuple[int, int] | None) -> Result[Decoding, ObjectFault]:
        """Fetch and decode the bytes of one slice; see `PictureSource.picture`."""
        from dicom_series_preview.shell.sources.frames import read_picture

        instance = wanted.instance
        place = self.stored.place(instance.name)
        return read_picture(wanted, place, partial(self._bytes, instance), at_least, self._places)

    def _bytes(self, instance: Instance, start: int, stop: int | None) -> Result[bytes, HeaderFault]:
        pixels = instance.pixels
        if isinstance(pixels, Pixels) and pixels.format.transfer_syntax == DEFLATED_LITTLE_ENDIAN:
            return self._inflate(instance.name, pixels.span).map(lambda inflated: inflated[start:stop])
        return self._stored(instance.name, start, stop)

    def _stored(self, name: str, start: int, stop: int | None) -> Result[bytes, HeaderFault]:
        held = self._held.get(name)
        if held is not None:
            return Success(held[start:stop])
        return self.stored.fetch(name, start, stop).map(lambda chunk: chunk.data)

    def _inflate(self, name: str, span: PixelSpan) -> Result[bytes, HeaderFault]:
        """A deflated data set, to the end of its pixels (PS3.5 A.5)."""
        with self._inflating:
            if name in self._inflated:
                return Success(self._inflated[name])
            self._inflated.clear()
            return self._stored(name, 0, None).bind(partial(self._inflate_now, name, span))

    def _inflate_now(self, name: str, span: PixelSpan, stored: bytes) -> Result[bytes, HeaderFault]:
        end = LARGEST_INFLATED if span.length is None else span.offset + span.length
        inflated = inflate(stored, min(end, LARGEST_INFLATED))
        if inflated is None:
            return Failure(NotDicom(name, "it has changed since its header was read"))
        self._inflated[name] = inflated
        return Success(inflated)


class _FrameRoom:
    """Counts the frames of a series before values are made of them."""

    def __init__(self) -> None:
        self._left = MOST_SERIES_FRAMES
        self._lock = Lock()

    def take(self, count: int) -> int:
        """The frames that an object may have: all of `count` as long as there is room for them."""
        with self._lock:
            if count > self._left:
                return self._left
            self._left -= max(1, count)
            return MOST_FRAMES


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
