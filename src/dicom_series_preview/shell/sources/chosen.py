"""The objects of chosen pictures, fetched when they are chosen: what is fetched is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from time import monotonic
from typing import TypeAlias

from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.fault import Fault, ObjectFault
from dicom_series_preview.core.faults.index import StaleIndex
from dicom_series_preview.core.faults.objects import NotDicom
from dicom_series_preview.core.faults.series import NoPixels
from dicom_series_preview.core.faults.tally import Tally
from dicom_series_preview.core.grey import Rescale
from dicom_series_preview.core.header.instance import Frame, Instance
from dicom_series_preview.core.header.scan import scan_header
from dicom_series_preview.core.header.wanted import PREVIEW
from dicom_series_preview.core.index.read import SeriesIndex, stale
from dicom_series_preview.core.order.report import odd_order
from dicom_series_preview.core.order.series import Ref, Series, Slice
from dicom_series_preview.shell.progress import Progress
from dicom_series_preview.shell.sources.folder import FolderSource
from dicom_series_preview.shell.sources.header_reader import HeaderFault, ReadHeader, checked
from dicom_series_preview.shell.workers import run_all

Fetch: TypeAlias = Callable[[str, Sequence[int]], Result[Instance, HeaderFault]]
"""Fetches an object by its name, with at least those of its frames (0-based)."""


class ChosenObjects:
    """Fetches each object once, on so many threads; what befell one is remembered until it is shown.

    `place` names an object in messages.  Where an `index` remembers the objects, they must still be those.
    """

    def __init__(
        self,
        fetch: Fetch,
        place: Callable[[str], str],
        threads: int,
        progress: Progress,
        index: SeriesIndex | None = None,
    ) -> None:
        self._index = index
        self._fetch = fetch
        self._place = place
        self._threads = threads
        self._progress = progress
        self._faults: dict[str, ObjectFault] = {}

    def slices(self, chosen: Sequence[Ref]) -> Result[tuple[Slice, ...], Fault]:
        """The headers of chosen pictures, in their order; see `Source.slices`."""
        began, received = monotonic(), self._progress.received
        self._progress.phase("objects")
        wanted: dict[str, list[int]] = {}
        for ref in chosen:
            wanted.setdefault(ref.name, []).append(ref.frame)
        self._progress.expect(len(wanted))
        instances: dict[str, Instance] = {}
        tally = Tally()
        for name, read in run_all((partial(self._named, *one) for one in wanted.items()), self._threads):
            self._progress.advance()
            tally = tally.counting(read.swap().value_or(None))
            if tally.spoilt is not None:
                return Failure(tally.spoilt)
            if is_successful(read):
                instances[name] = read.unwrap()
            else:
                self._faults[name] = read.failure()
        if tally.down is not None:
            return Failure(tally.down)
        others = self._others(instances.values())
        if others is not None:
            return Failure(others)
        size, seconds = self._progress.received - received, monotonic() - began
        self._progress.say(f"{len(wanted)} objects fetched, {size:,} bytes, in {seconds:.2f} s")
        return Success(tuple(self._slice(ref, instances.get(ref.name)) for ref in chosen))

    def _others(self, instances: Iterable[Instance]) -> StaleIndex | None:
        if self._index is None:
            return None
        index = self._index
        told = (stale(index, one, self._place(one.name)) for one in instances)
        return next((found for found in told if found is not None), None)

    def fault(self, name: str) -> ObjectFault | None:
        """What befell an object when it was fetched, if anything did."""
        return self._faults.get(name)

    def _named(self, name: str, frames: Sequence[int]) -> tuple[str, Result[Instance, HeaderFault]]:
        return name, self._fetch(name, frames)

    def _slice(self, chosen: Ref, instance: Instance | None) -> Slice:
        if instance is not None and chosen.frame < len(instance.frames):
            return Slice(instance, instance.frames[chosen.frame])
        if instance is not None:
            missing = f"it has no frame {chosen.frame + 1}" if instance.frames else "it holds no pixel data"
            problem = f"{missing}, though the order of the series knows of it"
            self._faults[chosen.name] = NotDicom(self._place(chosen.name), problem)
        return _unreadable(chosen)


def remembered_order(index: SeriesIndex, progress: Progress) -> Result[Series[Ref], NoPixels]:
    """The order that an index remembers, with what it remembers to be odd; see `Source.order`."""
    if not index.order.stacks:
        return Failure(NoPixels(index.series, index.kinds))
    for remark in (*index.remarks, *odd_order(index.order)):
        progress.remark(remark)
    return Success(index.order)


def read_whole(objects: FolderSource, name: str) -> Result[Instance, HeaderFault]:
    """One object by one request, its header and its pixels together; the bytes are kept."""
    return Result.do(
        objects.instance(read)
        for fetched in objects.stored.fetch(name, 0, None)
        for read in _scanned(name, objects.stored.place(name), fetched.data)
    )


def _scanned(name: str, place: str, data: bytes) -> Result[ReadHeader, NotDicom]:
    return checked(name, place, len(data), data, scan_header(data, True, PREVIEW))


def _unreadable(chosen: Ref) -> Slice:
    """A stand-in that takes the place of a slice of which nothing is known."""
    frame = Frame(chosen.frame, None, None, None, (), Rescale(), None, 1.0)
    return Slice(Instance(chosen.name, None, "", "", "", "", (), None, None, (frame,), ()), frame)
