"""All elements of all headers of a series, wherever it lies, and what is made of each."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from returns.result import Result, Success

from dicom_series_preview.core.ask.roots import Root
from dicom_series_preview.core.ask.series_id import SeriesId
from dicom_series_preview.core.faults.fault import Fault
from dicom_series_preview.shell.dicom.dictionary import Everything
from dicom_series_preview.shell.progress import Progress
from dicom_series_preview.shell.sources.folder import FolderSource
from dicom_series_preview.shell.sources.header_reader import (
    Gathered,
    HeaderFault,
    Made,
    MakeOfHeader,
    ReadHeader,
    gather,
)
from dicom_series_preview.shell.sources.open_source import find_service
from dicom_series_preview.shell.sources.series import read_and_told
from dicom_series_preview.shell.storage.locate import Located, locate
from dicom_series_preview.shell.storage.store import Network

Maker: TypeAlias = Callable[[bool], MakeOfHeader[Made]]
"""Told whether all text is UTF-8, gives what makes something of each object."""

_Read: TypeAlias = Callable[[], Result[Gathered[Made], Fault]]


def read_whole_headers(
    series: SeriesId,
    root: Root,
    network: Network,
    progress: Progress,
    maker: Maker[Made],
    limit: int | None = None,
) -> Result[tuple[Located, Gathered[Made]], Fault]:
    """Where a series is, and what is made of its objects, or of the first so many in name order; told."""
    progress.phase("listing")
    return Result.do(
        (located, gathered)
        for located, read in _open(series, root, network, progress, maker, limit)
        for gathered in read_and_told("headers", read, progress)
    )


def _open(
    series: SeriesId,
    root: Root,
    network: Network,
    progress: Progress,
    maker: Maker[Made],
    limit: int | None,
) -> Result[tuple[Located, _Read[Made]], Fault]:
    """Where the series is, and how its headers are read there."""
    threads = network.concurrency
    service = find_service(series, root, network, progress)
    if service is not None:
        from dicom_series_preview.shell.sources.told_headers import located_at, told_headers

        return service.map(
            lambda found: (
                located_at(found),
                partial(told_headers, found, threads, progress, maker(True), limit),
            )
        )
    located = locate(series, root, network)
    return located.map(lambda found: (found, partial(_stored, found, threads, progress, maker(False), limit)))


def _stored(
    located: Located, threads: int, progress: Progress, make: MakeOfHeader[Made], limit: int | None
) -> Result[Gathered[Made], Fault]:
    source = FolderSource(located, threads, progress, held_limit=0, dictionary=Everything())

    def made(read: ReadHeader) -> Result[Made, HeaderFault]:
        return Success(make(source.instance(read), read.header))

    return gather(source.reader, source.stored.entries(limit), made, source.threads, progress)
