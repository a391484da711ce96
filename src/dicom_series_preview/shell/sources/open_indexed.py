"""An index file -> the source of the series it remembers, which reads only the objects that are shown."""

from __future__ import annotations

import os

from attrs import evolve
from returns.result import Failure, Result, Success

from dicom_series_preview.core.ask.dicomweb import series_below
from dicom_series_preview.core.ask.preview import IndexFile, Preview
from dicom_series_preview.core.ask.roots import (
    DicomwebRoot,
    LocalRoot,
    Root,
    join_root,
    parse_root,
    show_root,
)
from dicom_series_preview.core.ask.series_id import SeriesId, SeriesPlace, show_series
from dicom_series_preview.core.faults.fault import Fault
from dicom_series_preview.core.faults.index import OtherSeries
from dicom_series_preview.core.faults.request import BadRoot
from dicom_series_preview.core.index.place import objects_root
from dicom_series_preview.core.index.read import SeriesIndex, is_index_of
from dicom_series_preview.shell.progress import Progress
from dicom_series_preview.shell.sources.index import IndexSource
from dicom_series_preview.shell.sources.open_index import open_index
from dicom_series_preview.shell.sources.source import Source
from dicom_series_preview.shell.storage.folder import absolute
from dicom_series_preview.shell.storage.locate import Located
from dicom_series_preview.shell.storage.open_store import open_store
from dicom_series_preview.shell.storage.store import Network


def open_indexed(
    file: IndexFile, request: Preview, network: Network, progress: Progress
) -> Result[Source, Fault]:
    """Open an index of the series that was asked for; of the objects nothing is read yet."""
    return Result.do(
        source
        for opened in open_index(file.path)
        for index in _of_series(opened, file, request.series)
        for wanted in Success(_in_its_folder(request.series, index))
        for root in objects_root(parse_root(index.root), file.root, wanted, request.root)
        for source in _indexed(_at_place(index, wanted), root, network, progress)
    )


def _of_series(index: SeriesIndex, file: IndexFile, wanted: SeriesId) -> Result[SeriesIndex, OtherSeries]:
    if is_index_of(wanted, index):
        return Success(index)
    return Failure(OtherSeries(file.path, index.series, show_series(wanted)))


def _in_its_folder(wanted: SeriesId, index: SeriesIndex) -> SeriesId:
    """What is wanted; of a file that is a series by itself, the folder that holds it."""
    if isinstance(wanted, SeriesPlace) and isinstance(wanted.root, LocalRoot):
        path = absolute(LocalRoot(show_root(join_root(wanted.root, wanted.folder))))
        folder, name = os.path.split(path)
        if index.names == (name,) and os.path.isfile(path):
            return SeriesPlace(LocalRoot(folder), "")
    return wanted


def _at_place(index: SeriesIndex, wanted: SeriesId) -> SeriesIndex:
    """The index of what lies in a folder that was named itself."""
    return evolve(index, folder="") if isinstance(wanted, SeriesPlace) else index


def _indexed(index: SeriesIndex, root: Root, network: Network, progress: Progress) -> Result[Source, Fault]:
    """The objects where the index says they are, below the root it says or the one that was given instead."""
    if isinstance(root, DicomwebRoot):
        at = series_below(root, index.folder)
        if at is None:
            return Failure(
                BadRoot(show_root(root), "the index is of files, and no DICOMweb service has these")
            )
        from dicom_series_preview.shell.sources.dicomweb import DicomwebSource
        from dicom_series_preview.shell.storage.dicomweb import open_service

        return open_service(at, network).map(
            lambda service: DicomwebSource(service, network.concurrency, progress, index)
        )
    return open_store(root, network).map(
        lambda store: IndexSource(
            index, Located(store, index.folder, index.series, store.place), network.concurrency, progress
        )
    )
