"""A series by way of its index: no listing and no headers, only the objects that are shown."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from functools import partial

from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.fault import ObjectFault
from dicom_series_preview.core.faults.objects import NotDicom
from dicom_series_preview.core.faults.tally import Tally
from dicom_series_preview.core.grey import Rescale
from dicom_series_preview.core.header.instance import Frame, Instance
from dicom_series_preview.core.header.scan import scan_header
from dicom_series_preview.core.header.wanted import PREVIEW
from dicom_series_preview.core.index.read import IndexedSlice
from dicom_series_preview.core.order.series import Slice
from dicom_series_preview.core.show.tile import Picture
from dicom_series_preview.core.storage.entries import Entry
from dicom_series_preview.shell.progress import Progress
from dicom_series_preview.shell.sources.folder import ObjectSource
from dicom_series_preview.shell.sources.header_reader import HeaderFault, ReadHeader, checked
from dicom_series_preview.shell.storage.locate import Located
from dicom_series_preview.shell.workers import run_all


class IndexedSource:
    """Objects by their names: one that holds a single frame costs one request, header and pixels together."""

    def __init__(self, located: Located, threads: int) -> None:
        # What is fetched is shown, so all of it is kept until then.
        self._objects = ObjectSource(located, threads, held_limit=sys.maxsize)
        self._threads = threads
        self._faults: dict[str, ObjectFault] = {}

    def slices(
        self, chosen: Sequence[IndexedSlice], progress: Progress
    ) -> Result[tuple[Slice, ...], ObjectFault]:
        """The headers of the chosen slices, in their order; one that cannot be read has no pixels."""
        wanted = {one.name: one.alone for one in chosen}
        progress.expect(len(wanted))
        instances: dict[str, Instance] = {}
        tally = Tally()
        for name, read in run_all((partial(self._fetch, *item) for item in wanted.items()), self._threads):
            progress.advance()
            tally = tally.counting(read.swap().value_or(None))
            if tally.spoilt is not None:
                return Failure(tally.spoilt)
            if is_successful(read):
                instances[name] = read.unwrap()
            else:
                self._faults[name] = read.failure()
        return Success(tuple(self._slice(one, instances.get(one.name)) for one in chosen))

    def _fetch(self, name: str, alone: bool) -> tuple[str, Result[Instance, HeaderFault]]:
        read = self._whole(name) if alone else self._objects.reader.read(Entry(name, None))
        return name, read.map(self._objects.instance)

    def _whole(self, name: str) -> Result[ReadHeader, HeaderFault]:
        fetched = self._objects.reader.fetch(name, 0, None)
        if not is_successful(fetched):
            return Failure(fetched.failure())
        data = fetched.unwrap().data
        scanned = scan_header(data, True, PREVIEW)
        return checked(name, self._objects.reader.place(name), len(data), data, scanned)

    def _slice(self, chosen: IndexedSlice, instance: Instance | None) -> Slice:
        if instance is not None and chosen.frame < len(instance.frames):
            return Slice(instance, instance.frames[chosen.frame])
        if instance is not None:
            problem = f"it has no frame {chosen.frame + 1}: it has changed since the index was made"
            self._faults[chosen.name] = NotDicom(self._objects.reader.place(chosen.name), problem)
        return _unreadable(chosen)

    def expect(self, slices: Iterable[Slice]) -> None:
        """See `PixelSource.expect`."""
        self._objects.expect(slices)

    def picture(self, wanted: Slice, at_least: tuple[int, int] | None) -> Result[Picture, ObjectFault]:
        """The pixels of one slice; see `PixelSource.picture`."""
        fault = self._faults.get(wanted.instance.name)
        return self._objects.picture(wanted, at_least) if fault is None else Failure(fault)


def _unreadable(chosen: IndexedSlice) -> Slice:
    """A stand-in that takes the place of a slice of which nothing is known."""
    frame = Frame(chosen.frame, None, None, None, (), Rescale(), None, 1.0)
    return Slice(Instance(chosen.name, None, "", "", "", "", (), None, None, (frame,), ()), frame)
