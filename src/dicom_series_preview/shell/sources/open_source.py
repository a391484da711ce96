"""What was asked for -> the source of its series: a folder that was found, or an index."""

from __future__ import annotations

from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.ask.preview import IndexFile, Preview
from dicom_series_preview.core.ask.roots import parse_root
from dicom_series_preview.core.ask.series_id import SeriesId, show_series
from dicom_series_preview.core.faults.fault import Fault
from dicom_series_preview.core.faults.index import OtherSeries
from dicom_series_preview.core.index.read import SeriesIndex, is_index_of
from dicom_series_preview.shell.progress import Progress
from dicom_series_preview.shell.sources.folder import FolderSource
from dicom_series_preview.shell.sources.index import IndexSource
from dicom_series_preview.shell.sources.open_index import open_index
from dicom_series_preview.shell.sources.source import Source
from dicom_series_preview.shell.storage.locate import Located, locate
from dicom_series_preview.shell.storage.open_store import open_store
from dicom_series_preview.shell.storage.store import Network


def open_source(request: Preview, network: Network, progress: Progress) -> Result[Source, Fault]:
    """Find the series; of its objects nothing is read yet."""
    if request.index is not None:
        return _index(request.index, request.series, network, progress)
    progress.phase("listing")
    found = locate(request.series, request.root, network)
    if not is_successful(found):
        return Failure(found.failure())
    located = found.unwrap()
    progress.say(f"found {located.folder or located.series} under {located.root}")
    return Success(FolderSource(located, network.concurrency, progress))


def _index(file: IndexFile, wanted: SeriesId, network: Network, progress: Progress) -> Result[Source, Fault]:
    return Result.do(
        IndexSource(index, located, network.concurrency, progress)
        for opened in open_index(file.path)
        for index in _of_series(opened, file, wanted)
        for located in _located(index, file, network)
    )


def _of_series(index: SeriesIndex, file: IndexFile, wanted: SeriesId) -> Result[SeriesIndex, OtherSeries]:
    if is_index_of(wanted, index):
        return Success(index)
    return Failure(OtherSeries(file.path, index.series, show_series(wanted)))


def _located(index: SeriesIndex, file: IndexFile, network: Network) -> Result[Located, Fault]:
    """The series folder where the index says it is, or under the root that was given instead."""
    root = parse_root(index.root) if file.root is None else Success(file.root)
    return Result.do(
        Located(store, index.folder, index.series, store.place)
        for place in root
        for store in open_store(place, network)
    )
