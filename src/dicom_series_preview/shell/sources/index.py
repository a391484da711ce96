"""A series by way of its index: no listing and no headers, only the objects that are shown."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from functools import partial
from time import monotonic

from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.fault import Fault, ObjectFault
from dicom_series_preview.core.faults.objects import NotDicom
from dicom_series_preview.core.faults.series import NoPixels
from dicom_series_preview.core.faults.tally import Tally
from dicom_series_preview.core.grey import Rescale
from dicom_series_preview.core.header.instance import Frame, Instance
from dicom_series_preview.core.header.scan import scan_header
from dicom_series_preview.core.header.wanted import PREVIEW
from dicom_series_preview.core.index.read import SeriesIndex
from dicom_series_preview.core.order.series import Ref, Series, Slice
from dicom_series_preview.core.show.tile import Decoded
from dicom_series_preview.core.storage.entries import Entry
from dicom_series_preview.shell.progress import Progress
from dicom_series_preview.shell.sources.folder import FolderSource
from dicom_series_preview.shell.sources.header_reader import HeaderFault, ReadHeader, checked
from dicom_series_preview.shell.storage.locate import Located
from dicom_series_preview.shell.workers import run_all


class IndexSource:
    """Objects by their names; a `Source`.

    An object that holds a single frame costs one request, header and pixels together.
    """

    def __init__(self, index: SeriesIndex, located: Located, threads: int, progress: Progress) -> None:
        # What is fetched is shown, so all of it is kept until then.
        self._objects = FolderSource(located, threads, progress, held_limit=sys.maxsize)
        self._index = index
        self._threads = threads
        self._progress = progress
        self._faults: dict[str, ObjectFault] = {}

    def order(self) -> Result[Series[Ref], Fault]:
        """The order that the index remembers; see `Source.order`."""
        if not self._index.order.stacks:
            return Failure(NoPixels(self._index.series, self._index.modalities))
        return Success(self._index.order)

    def slices(self, chosen: Sequence[Ref]) -> Result[tuple[Slice, ...], Fault]:
        """Fetch the objects of the chosen pictures; see `Source.slices`."""
        began, received = monotonic(), self._progress.received
        self._progress.phase("objects")
        names = tuple(dict.fromkeys(ref.name for ref in chosen))
        self._progress.expect(len(names))
        instances: dict[str, Instance] = {}
        tally = Tally()
        for name, read in run_all((partial(self._fetch, name) for name in names), self._threads):
            self._progress.advance()
            tally = tally.counting(read.swap().value_or(None))
            if tally.spoilt is not None:
                return Failure(tally.spoilt)
            if is_successful(read):
                instances[name] = read.unwrap()
            else:
                self._faults[name] = read.failure()
        size, seconds = self._progress.received - received, monotonic() - began
        self._progress.say(f"{len(chosen)} slices by way of the index, {size:,} bytes, in {seconds:.2f} s")
        return Success(tuple(self._slice(ref, instances.get(ref.name)) for ref in chosen))

    def _fetch(self, name: str) -> tuple[str, Result[Instance, HeaderFault]]:
        several = name in self._index.multiframe
        read = self._objects.reader.read(Entry(name, None)) if several else self._whole(name)
        return name, read.map(self._objects.instance)

    def _whole(self, name: str) -> Result[ReadHeader, HeaderFault]:
        fetched = self._objects.reader.fetch(name, 0, None)
        if not is_successful(fetched):
            return Failure(fetched.failure())
        data = fetched.unwrap().data
        scanned = scan_header(data, True, PREVIEW)
        return checked(name, self._objects.reader.place(name), len(data), data, scanned)

    def _slice(self, chosen: Ref, instance: Instance | None) -> Slice:
        if instance is not None and chosen.frame < len(instance.frames):
            return Slice(instance, instance.frames[chosen.frame])
        if instance is not None:
            problem = f"it has no frame {chosen.frame + 1}: it has changed since the index was made"
            self._faults[chosen.name] = NotDicom(self._objects.reader.place(chosen.name), problem)
        return _unreadable(chosen)

    def expect(self, slices: Iterable[Slice]) -> None:
        """See `PictureSource.expect`."""
        self._objects.expect(slices)

    def picture(self, wanted: Slice, at_least: tuple[int, int] | None) -> Result[Decoded, ObjectFault]:
        """The pixels of one slice; see `PictureSource.picture`."""
        fault = self._faults.get(wanted.instance.name)
        return self._objects.picture(wanted, at_least) if fault is None else Failure(fault)


def _unreadable(chosen: Ref) -> Slice:
    """A stand-in that takes the place of a slice of which nothing is known."""
    frame = Frame(chosen.frame, None, None, None, (), Rescale(), None, 1.0)
    return Slice(Instance(chosen.name, None, "", "", "", "", (), None, None, (frame,), ()), frame)
