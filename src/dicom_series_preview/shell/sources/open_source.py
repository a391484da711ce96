"""What was asked for -> the source of its series: a folder that was found, a DICOMweb service, or an index."""

from __future__ import annotations

from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.ask.dicomweb import WebSeries, series_below
from dicom_series_preview.core.ask.preview import IndexFile, Preview
from dicom_series_preview.core.ask.roots import DicomwebRoot, Root, parse_root, show_root
from dicom_series_preview.core.ask.series_id import DicomUid, SeriesId, show_series
from dicom_series_preview.core.faults.fault import Fault
from dicom_series_preview.core.faults.index import OtherSeries
from dicom_series_preview.core.faults.request import BadRoot
from dicom_series_preview.core.index.place import objects_root
from dicom_series_preview.core.index.read import SeriesIndex, is_index_of
from dicom_series_preview.shell.progress import Progress
from dicom_series_preview.shell.sources.dicomweb import DicomwebSource
from dicom_series_preview.shell.sources.folder import FolderSource
from dicom_series_preview.shell.sources.index import IndexSource
from dicom_series_preview.shell.sources.open_index import open_index
from dicom_series_preview.shell.sources.source import Source
from dicom_series_preview.shell.storage.dicomweb import WebService, find_series, open_service
from dicom_series_preview.shell.storage.locate import Located, locate
from dicom_series_preview.shell.storage.open_store import open_store
from dicom_series_preview.shell.storage.store import Network


def open_source(request: Preview, network: Network, progress: Progress) -> Result[Source, Fault]:
    """Find the series; of its objects nothing is read yet."""
    if request.index is not None:
        return _index(request.index, request, network, progress)
    progress.phase("listing")
    service = find_service(request.series, request.root, network, progress)
    if service is not None:
        return service.map(lambda found: DicomwebSource(found, network.concurrency, progress))
    found = locate(request.series, request.root, network)
    if not is_successful(found):
        return Failure(found.failure())
    located = found.unwrap()
    progress.say(f"found {located.folder or located.series} under {located.root}")
    return Success(FolderSource(located, network.concurrency, progress))


def find_service(
    series: SeriesId, root: Root, network: Network, progress: Progress
) -> Result[WebService, Fault] | None:
    """A series at a DICOMweb service; None for one that lies elsewhere."""
    match series, root:
        case WebSeries(), _:
            return open_service(series, network)
        case DicomUid(text=uid), DicomwebRoot(service=service):
            progress.asked()
            return find_series(service, uid, network)
        case _:
            return None


def _index(file: IndexFile, request: Preview, network: Network, progress: Progress) -> Result[Source, Fault]:
    return Result.do(
        source
        for opened in open_index(file.path)
        for index in _of_series(opened, file, request.series)
        for told in parse_root(index.root)
        for source in _indexed(
            index, objects_root(told, file.root, request.series, request.root), network, progress
        )
    )


def _of_series(index: SeriesIndex, file: IndexFile, wanted: SeriesId) -> Result[SeriesIndex, OtherSeries]:
    if is_index_of(wanted, index):
        return Success(index)
    return Failure(OtherSeries(file.path, index.series, show_series(wanted)))


def _indexed(index: SeriesIndex, root: Root, network: Network, progress: Progress) -> Result[Source, Fault]:
    """The objects where the index says they are, below the root it says or the one that was given instead."""
    if isinstance(root, DicomwebRoot):
        at = series_below(root, index.folder)
        if at is None:
            return Failure(
                BadRoot(show_root(root), "the index is of files, and no DICOMweb service has these")
            )
        return open_service(at, network).map(
            lambda service: DicomwebSource(service, network.concurrency, progress, index)
        )
    return open_store(root, network).map(
        lambda store: IndexSource(
            index, Located(store, index.folder, index.series, store.place), network.concurrency, progress
        )
    )
