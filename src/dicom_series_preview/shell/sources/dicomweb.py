"""A series behind DICOMweb: its metadata decide order and choice, its objects how what was chosen is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from operator import attrgetter
from typing import Final

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
    is_poorer,
    most_of_object,
    read_metadata_instance,
    seems_poor,
    uid_of,
    with_syntax,
)
from dicom_series_preview.core.dicomweb.json_model import Metadata
from dicom_series_preview.core.faults.fault import Fault, ObjectFault
from dicom_series_preview.core.faults.objects import NotDicom
from dicom_series_preview.core.faults.series import NoSeries
from dicom_series_preview.core.faults.storage import TimedOut
from dicom_series_preview.core.faults.tally import Tally
from dicom_series_preview.core.header.instance import Instance, Pixels
from dicom_series_preview.core.header.raw import Dictionary
from dicom_series_preview.core.header.wanted import PREVIEW
from dicom_series_preview.core.index.read import SeriesIndex
from dicom_series_preview.core.order.membership import images, one_series
from dicom_series_preview.core.order.report import odd_objects
from dicom_series_preview.core.order.series import Ref, Series, Slice
from dicom_series_preview.core.pixels.decoding import Decoding
from dicom_series_preview.shell.progress import Progress
from dicom_series_preview.shell.sources.chosen import ChosenObjects, read_whole, remembered_order
from dicom_series_preview.shell.sources.folder import FolderSource
from dicom_series_preview.shell.sources.frame_places import FramePlaces
from dicom_series_preview.shell.sources.header_reader import Gathered, HeaderFault
from dicom_series_preview.shell.sources.open_index import indexed_objects
from dicom_series_preview.shell.sources.series import put_in_order, read_and_told, some_readable
from dicom_series_preview.shell.storage.dicomweb import WebService
from dicom_series_preview.shell.storage.locate import Located
from dicom_series_preview.shell.workers import run_all

HELD_LIMIT: Final = 1 << 29
"""Bytes of chosen objects that are kept from when their headers are read until they are shown."""


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
        self.threads = threads
        self._progress = progress
        self._index = index
        self._several = frozenset[str]() if index is None else index.multiframe
        self._known: tuple[Instance, ...] = ()
        self._own_told: dict[str, Metadata] = {}
        self._frames: dict[str, HeldFrames] = {}
        self._places = FramePlaces()
        self._chosen = ChosenObjects(self._fetch, self._objects.stored.place, threads, progress, index)

    def order(self) -> Result[Series[Ref], Fault]:
        """The order that metadata tell, or an index remembers; see `Source.order`."""
        if self._index is not None:
            return remembered_order(self._index, self._progress)
        read = partial(self.metadata, PREVIEW)
        return read_and_told("metadata", read, self._progress).bind(self._in_order)

    def _in_order(self, told: Gathered[tuple[str, Metadata]]) -> Result[Series[Ref], Fault]:
        made = tuple(read_metadata_instance(name, one) for name, one in told.made)
        for remark in odd_objects(made):
            self._progress.remark(remark)
        uid = self._service.at.series
        return Result.do(
            self._ordered(shown, dict(told.made))
            for _ in some_readable(told)
            for objects in one_series(uid, made, uid, 0)
            for shown in images(uid, self._kept(objects))
        )

    def _kept(self, objects: tuple[Instance, ...]) -> tuple[Instance, ...]:
        self._known = objects
        return objects

    def objects(self) -> Result[tuple[Instance, ...], Fault]:
        """Metadata tell no sizes and no syntax; see `Source.objects`."""
        if self._index is not None:
            return indexed_objects(self._index)
        return Success(tuple(with_syntax(one, "") for one in self._known))

    def _ordered(self, shown: Sequence[Instance], told: Mapping[str, Metadata]) -> Series[Ref]:
        self._several = frozenset(one.name for one in shown if _has_frames(one))
        for one in shown:
            most = most_of_object(one)
            if most is not None:
                self._service.bound(one.name, most)
        if len(told) == 1:  # of one object nothing can be guessed
            self._own_told.update(told)
        return put_in_order(shown, self._progress).map(attrgetter("ref"))

    def metadata(self, dictionary: Dictionary) -> Result[Gathered[tuple[str, Metadata]], Fault]:
        """Those of all objects by SOPInstanceUID, each once; where they do not tell of Rows, each object's own."""
        self._progress.asked()
        return Result.do(
            gathered
            for told in self._service.metadata(dictionary)
            for gathered in self._completed(told, dictionary)
        )

    def _completed(
        self, told: Sequence[Metadata], dictionary: Dictionary
    ) -> Result[Gathered[tuple[str, Metadata]], Fault]:
        if not told:
            return Failure(NoSeries(self._service.at.series, self._located.root))
        named = {name: one for one in told if (name := uid_of(one)) is not None and is_addressable(name)}
        unnamed = NotDicom(self._service.place, "the server gives it no usable SOPInstanceUID")
        failed = (unnamed,) * (len(named) < len({uid_of(one) for one in told}))
        poor = self._poor(named, dictionary)
        known = [one for one in named.items() if one[0] not in poor]
        return self._own_of_all(poor, dictionary).map(
            lambda own: Gathered((*known, *own.made), (), (*failed, *own.failed))
        )

    def _poor(self, named: Mapping[str, Metadata], dictionary: Dictionary) -> frozenset[str]:
        """The objects of which the series' metadata tell too little: those without Rows; or all, as one shows."""
        poor = frozenset(name for name, one in named.items() if not has_rows(one))
        probe = next((name for name, one in named.items() if name not in poor and seems_poor(one)), None)
        if probe is None:
            return poor
        own = self._own(probe, dictionary)[1].value_or(None)  # a server need not know this request
        return frozenset(named) if own is not None and is_poorer(named[probe], own) else poor

    def _own_of_all(
        self, names: Iterable[str], dictionary: Dictionary
    ) -> Result[Gathered[tuple[str, Metadata]], Fault]:
        made: list[tuple[str, Metadata]] = []
        failed: list[HeaderFault] = []
        tally = Tally()
        for name, asked in run_all((partial(self._own, name, dictionary) for name in names), self.threads):
            self._progress.advance()
            tally = tally.counting(asked.swap().value_or(None))
            if tally.spoilt is not None:
                return Failure(tally.spoilt)
            if is_successful(asked):
                made.append((name, asked.unwrap()))
            else:
                failed.append(asked.failure())
        if tally.down is not None:
            return Failure(tally.down)
        return Success(Gathered(tuple(made), (), tuple(failed)))

    def _own(self, name: str, dictionary: Dictionary) -> tuple[str, Result[Metadata, HeaderFault]]:
        """An object's own metadata, asked for once."""
        known = self._own_told.get(name)
        if known is not None:
            return name, Success(known)
        if self._progress.cancelled:
            return name, Failure(self._given_up(name))
        self._progress.asked()
        told = self._service.metadata_of(name, dictionary).bind(partial(self._of_object, name))
        if is_successful(told):
            self._own_told[name] = told.unwrap()
        return name, told

    def _of_object(self, name: str, told: Metadata) -> Result[Metadata, HeaderFault]:
        return Success(told) if uid_of(told) == name else Failure(self._another(name))

    def _another(self, name: str) -> NotDicom:
        return NotDicom(self._objects.stored.place(name), "the server gives another object for it")

    def _given_up(self, name: str) -> TimedOut:
        """Nothing more is asked for once nobody waits for it."""
        return TimedOut(self._objects.stored.place(name), 0.0)

    def slices(self, chosen: Sequence[Ref]) -> Result[tuple[Slice, ...], Fault]:
        """Fetch the objects or frames of the chosen pictures; see `Source.slices`."""
        return self._chosen.slices(chosen)

    def _fetch(self, name: str, frames: Sequence[int]) -> Result[Instance, HeaderFault]:
        if name not in self._several:
            return self._whole(name)
        return self._by_frames(name, frames).bind(
            lambda instance: self._whole(name) if instance is None else Success(instance)
        )

    def _whole(self, name: str) -> Result[Instance, HeaderFault]:
        return read_whole(self._objects, name).bind(
            lambda instance: (
                Success(instance) if instance.sop_instance_uid == name else Failure(self._another(name))
            )
        )

    def _by_frames(self, name: str, numbers: Sequence[int]) -> Result[Instance | None, HeaderFault]:
        """An instance with the frames that were asked for; None where only the whole object will do."""
        metadata = self._own(name, PREVIEW)[1].value_or(None)
        if metadata is None or not is_complete(metadata):
            return Success(None)
        pixels = read_metadata_instance(name, metadata).pixels
        if (
            not isinstance(pixels, Pixels)
            or pixels.tiling is not None
            or not is_asked_by_frame(pixels.format)
        ):
            return Success(None)
        frames: dict[int, WebFrame] = {}
        for batch in batches(pixels.format, [n for n in numbers if n < pixels.format.number_of_frames]):
            if self._progress.cancelled:
                return Failure(self._given_up(name))
            self._progress.asked()
            answered = self._service.frames(name, pixels.format, batch)
            if not is_successful(answered):
                return Failure(answered.failure())
            given = answered.unwrap()
            if not is_successful(given):
                self._progress.say(
                    f"{name}: no frames, {given.failure().problem}: the whole object is fetched"
                )
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

    def picture(self, wanted: Slice, at_least: tuple[int, int] | None) -> Result[Decoding, ObjectFault]:
        """The pixels of one slice; see `PictureSource.picture`."""
        from dicom_series_preview.shell.sources.frames import read_picture

        name = wanted.instance.name
        fault, held = self._chosen.fault(name), self._frames.get(name)
        if fault is not None:
            return Failure(fault)
        if held is None:
            return self._objects.picture(wanted, at_least)

        def read(start: int, stop: int | None) -> Result[bytes, HeaderFault]:
            return Success(held.read(start, stop))

        place = self._objects.stored.place(name)
        return read_picture(wanted, place, read, at_least, self._places)


def _has_frames(instance: Instance) -> bool:
    """Whether an object holds several pictures, of which some may be asked for."""
    pixels = instance.pixels
    return isinstance(pixels, Pixels) and pixels.format.number_of_frames > 1 and pixels.tiling is None
