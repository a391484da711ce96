"""A series by way of its index: no listing and no headers, only the objects that are shown."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from returns.result import Failure, Result

from dicom_series_preview.core.faults.fault import Fault, ObjectFault
from dicom_series_preview.core.header.instance import Instance
from dicom_series_preview.core.index.read import SeriesIndex
from dicom_series_preview.core.order.series import Ref, Series, Slice
from dicom_series_preview.core.pixels.decoding import Decoding
from dicom_series_preview.core.storage.entries import Entry
from dicom_series_preview.shell.progress import Progress
from dicom_series_preview.shell.sources.chosen import ChosenObjects, read_whole, remembered_order
from dicom_series_preview.shell.sources.folder import FolderSource
from dicom_series_preview.shell.sources.header_reader import HeaderFault
from dicom_series_preview.shell.sources.open_index import indexed_objects
from dicom_series_preview.shell.storage.locate import Located


class IndexSource:
    """Objects by their names; a `Source`.

    An object that holds a single frame costs one request, header and pixels together.
    """

    def __init__(self, index: SeriesIndex, located: Located, threads: int, progress: Progress) -> None:
        # What is fetched is shown, so all of it is kept until then.
        self._objects = FolderSource(located, threads, progress, held_limit=sys.maxsize)
        self.threads = self._objects.threads
        self._index = index
        self._progress = progress
        self._chosen = ChosenObjects(self._fetch, self._objects.stored.place, self.threads, progress, index)

    def order(self) -> Result[Series[Ref], Fault]:
        """The order that the index remembers; see `Source.order`."""
        return remembered_order(self._index, self._progress)

    def objects(self) -> Result[tuple[Instance, ...], Fault]:
        """See `Source.objects`."""
        return indexed_objects(self._index)

    def slices(self, chosen: Sequence[Ref]) -> Result[tuple[Slice, ...], Fault]:
        """Fetch the objects of the chosen pictures; see `Source.slices`."""
        return self._chosen.slices(chosen)

    def _fetch(self, name: str, _: Sequence[int]) -> Result[Instance, HeaderFault]:
        if name in self._index.multiframe:
            return self._objects.reader.read(Entry(name, None)).map(self._objects.instance)
        return read_whole(self._objects, name)

    def expect(self, slices: Iterable[Slice]) -> None:
        """See `PictureSource.expect`."""
        self._objects.expect(slices)

    def picture(self, wanted: Slice, at_least: tuple[int, int] | None) -> Result[Decoding, ObjectFault]:
        """The pixels of one slice; see `PictureSource.picture`."""
        fault = self._chosen.fault(wanted.instance.name)
        return self._objects.picture(wanted, at_least) if fault is None else Failure(fault)
