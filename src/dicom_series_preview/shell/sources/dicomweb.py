"""A series behind DICOMweb: its metadata decide order and choice, its objects how what was chosen is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from operator import attrgetter
from time import monotonic
from typing import Final, TypeVar

from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.ask.roots import DicomwebRoot, show_root
from dicom_series_preview.core.dicomweb.addresses import is_addressable
from dicom_series_preview.core.dicomweb.frames import (
    HeldFrames,
    WebFrame,
    batches,
    hold_frames,
    is_asked_by_frame,
)
from dicom_series_preview.core.dicomweb.instances import (
    has_rows,
    is_complete,
    read_metadata_instance,
    uid_of,
)
from dicom_series_preview.core.dicomweb.json_model import Metadata
from dicom_series_preview.core.faults.fault import Fault, ObjectFault, spoils_the_run
from dicom_series_preview.core.faults.objects import NotDicom
from dicom_series_preview.core.faults.series import NoPixels, NoSeries
from dicom_series_preview.core.header.instance import Instance, Pixels
from dicom_series_preview.core.header.wanted import Wanted
from dicom_series_preview.core.index.read import SeriesIndex
from dicom_series_preview.core.order.membership import images, one_series
from dicom_series_preview.core.order.report import odd_objects
from dicom_series_preview.core.order.series import Ref, Series, Slice
from dicom_series_preview.core.show.tile import Decoded
from dicom_series_preview.shell.progress import Progress
from dicom_series_preview.shell.sources.chosen import ChosenObjects, read_whole
from dicom_series_preview.shell.sources.folder import FolderSource
from dicom_series_preview.shell.sources.frames import FramePlaces, read_picture
from dicom_series_preview.shell.sources.header_reader import Gathered
from dicom_series_preview.shell.sources.series import put_in_order, some_readable, tell_headers
from dicom_series_preview.shell.storage.dicomweb import WebService
from dicom_series_preview.shell.storage.locate import Located
from dicom_series_preview.shell.workers import run_all

HELD_LIMIT: Final = 1 << 29
"""Bytes of chosen objects that are kept from when their headers are read until they are shown."""

WANTED: Final = Wanted()


class DicomwebSource:
    """A series at a DICOMweb service; a `Source`.

    A chosen object that holds a single frame costs one request, header and pixels together; of others the chosen
    frames are asked for in batches.  With an `index` that decides the order, no metadata are read for it.
    """

    def __init__(
        self, service: WebService, threads: int, progress: Progress, index: SeriesIndex | None = None
    ) -> None:
        self._service = service
        self._located = Located(service, "", service.at.series, show_root(DicomwebRoot(service.at.service)))
        self._objects = FolderSource(self._located, threads, progress, held_limit=HELD_LIMIT)
        self._threads = threads
        self._progress = progress
        self._index = index
        self._several = frozenset[str]() if index is None else index.multiframe
        self._alone: Metadata | None = None
        self._frames: dict[str, HeldFrames] = {}
        self._places = FramePlaces()
        self._chosen = ChosenObjects(self._fetch, self._objects.reader.place, threads, progress)

    def order(self) -> Result[Series[Ref], Fault]:
        """The order that metadata tell, or an index remembers; see `Source.order`."""
        if self._index is None:
            return self._order()
        if not self._index.order.stacks:
            return Failure(NoPixels(self._index.series, self._index.modalities))
        return Success(self._index.order)

    def _order(self) -> Result[Series[Ref], Fault]:
        began, received = monotonic(), self._progress.received
        self._progress.phase("metadata")
        read = self.metadata(WANTED)
        if not is_successful(read):
            return Failure(read.failure())
        told = read.unwrap()
        made = tuple(read_metadata_instance(name, one) for name, one in told.made)
        tell_headers(
            Gathered(made, (), told.failed), self._progress.received - received, monotonic() - began, self._progress
        )
        for remark in odd_objects(made):
            self._progress.remark(remark)
        uid = self._service.at.series
        return Result.do(
            self._ordered(shown, dict(told.made))
            for _ in some_readable(told)
            for objects in one_series(uid, made, uid, 0)
            for shown in images(uid, objects)
        )

    def _ordered(self, shown: Sequence[Instance], told: Mapping[str, Metadata]) -> Series[Ref]:
        self._several = frozenset(one.name for one in shown if len(one.frames) != 1 or _is_tiled(one))
        self._alone = told[shown[0].name] if len(told) == 1 else None
        return put_in_order(shown, self._progress).map(attrgetter("ref"))

    def metadata(self, dictionary: Wanted) -> Result[Gathered[tuple[str, Metadata]], Fault]:
        """Those of all objects by their SOPInstanceUIDs, each once; asked of an object where a series' are poor."""
        self._progress.asked()
        answered = self._service.metadata(dictionary)
        if not is_successful(answered):
            return Failure(answered.failure())
        told = answered.unwrap()
        if not told:
            return Failure(NoSeries(self._service.at.series, self._located.root))
        named = {name: one for one in told if (name := uid_of(one)) is not None and is_addressable(name)}
        failed: list[ObjectFault] = []
        if len(named) < len({uid_of(one) for one in told}):
            failed.append(NotDicom(self._service.place, "the server gives it no usable SOPInstanceUID"))
        poor = [name for name, one in named.items() if not has_rows(one)]
        self._progress.expect(len(poor))
        for name, asked in run_all((partial(self._own, name, dictionary) for name in poor), self._threads):
            self._progress.advance()
            if is_successful(asked):
                named[name] = asked.unwrap()
            elif spoils_the_run(asked.failure()):
                return Failure(asked.failure())
            else:
                failed.append(asked.failure())
                del named[name]
        return Success(Gathered(tuple(named.items()), (), tuple(failed)))

    def _own(self, name: str, dictionary: Wanted) -> tuple[str, Result[Metadata, ObjectFault]]:
        self._progress.asked()
        return name, self._service.metadata_of(name, dictionary)

    def slices(self, chosen: Sequence[Ref]) -> Result[tuple[Slice, ...], Fault]:
        """Fetch the objects or frames of the chosen pictures; see `Source.slices`."""
        return self._chosen.slices(chosen)

    def _fetch(self, name: str, frames: Sequence[int]) -> Result[Instance, ObjectFault]:
        if name not in self._several:
            return read_whole(self._objects, name)
        framed = self._by_frames(name, frames)
        if not is_successful(framed):
            return Failure(framed.failure())
        instance = framed.unwrap()
        return read_whole(self._objects, name) if instance is None else Success(instance)

    def _by_frames(self, name: str, numbers: Sequence[int]) -> Result[Instance | None, ObjectFault]:
        """An instance with the frames that were asked for; None where only the whole object will do."""
        told = Success(self._alone) if self._alone is not None else self._own(name, WANTED)[1]
        if not is_successful(told):
            return Failure(told.failure())
        metadata = told.unwrap()
        pixels = read_metadata_instance(name, metadata).pixels
        # Its own frames are what others guess of it.
        if not is_complete(metadata) or not isinstance(pixels, Pixels) or pixels.tiling is not None:
            return Success(None)
        if not is_asked_by_frame(pixels.format):
            return Success(None)
        frames: dict[int, WebFrame] = {}
        for batch in batches(pixels.format, [n for n in numbers if n < pixels.format.number_of_frames]):
            self._progress.asked()
            answered = self._service.frames(name, pixels.format, batch)
            if not is_successful(answered):
                return Failure(answered.failure())
            given = answered.unwrap()
            if not is_successful(given):
                self._progress.say(f"{name}: no frames, {given.failure().problem}: the whole object is fetched")
                return Success(None)
            frames.update(zip(batch, given.unwrap(), strict=True))
        held = hold_frames(pixels.format, frames).value_or(None)
        if held is None:
            return Success(None)
        self._frames[name] = held
        return Success(read_metadata_instance(name, metadata, held))

    def expect(self, slices: Iterable[Slice]) -> None:
        """See `PictureSource.expect`."""
        known = list(slices)
        self._objects.expect(one for one in known if one.instance.name not in self._frames)
        self._places.expect(one for one in known if one.instance.name in self._frames)

    def picture(self, wanted: Slice, at_least: tuple[int, int] | None) -> Result[Decoded, ObjectFault]:
        """The pixels of one slice; see `PictureSource.picture`."""
        name = wanted.instance.name
        fault, held = self._chosen.fault(name), self._frames.get(name)
        if fault is not None:
            return Failure(fault)
        if held is None:
            return self._objects.picture(wanted, at_least)

        def read(start: int, stop: int | None) -> Result[bytes, ObjectFault]:
            return Success(held.read(start, stop))

        return read_picture(wanted, self._objects.reader.place(name), read, at_least, self._places)


def _is_tiled(instance: Instance) -> bool:
    return isinstance(instance.pixels, Pixels) and instance.pixels.format.number_of_frames > 1
