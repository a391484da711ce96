"""The straight line of `build-index`: find, read whole headers, order, tabulate, write."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from time import monotonic
from typing import TypeAlias

from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.ask.index_request import IndexRequest
from dicom_series_preview.core.faults.fault import Fault
from dicom_series_preview.core.header.instance import Instance
from dicom_series_preview.core.index.build import Origin, Row, build_index
from dicom_series_preview.core.order.membership import images, one_series
from dicom_series_preview.shell.dicom.dictionary import Everything
from dicom_series_preview.shell.dicom.header_table import HeaderTable
from dicom_series_preview.shell.outputs.output import write_result
from dicom_series_preview.shell.parquet import write_table
from dicom_series_preview.shell.progress import Progress
from dicom_series_preview.shell.sources.folder import FolderSource
from dicom_series_preview.shell.sources.header_reader import Gathered, HeaderFault, ReadHeader, gather
from dicom_series_preview.shell.sources.open_source import find_service
from dicom_series_preview.shell.sources.series import put_in_order, some_readable, tell_headers
from dicom_series_preview.shell.storage.locate import Located, locate
from dicom_series_preview.shell.storage.store import Idle, Network
from dicom_series_preview.version import __version__

ReadRows: TypeAlias = Callable[[int | None, Progress], Result[Gathered[Row], Fault]]
"""Reads the first so many objects in name order, all of them without a limit."""


def write_index(request: IndexRequest, progress: Progress, idle: Idle | None = None) -> Result[None, Fault]:
    """Carry out one request; with `idle`, connections of earlier calls are used again."""
    make = partial(_tabulate, request, progress, idle)
    return write_result(
        (request.path,), request.patience, progress, lambda: make().map(lambda data: (None, (data,)))
    )


def _tabulate(request: IndexRequest, progress: Progress, idle: Idle | None) -> Result[bytes, Fault]:
    """Everything but the writing."""
    patience = request.patience
    network = Network(patience.timeout, patience.concurrency, arrived=progress.arrived, idle=idle)
    progress.phase("listing")
    opened = _open(request, network, progress)
    if not is_successful(opened):
        return Failure(opened.failure())
    located, read = opened.unwrap()
    began, received = monotonic(), progress.received
    progress.phase("headers")
    gathered = read(request.limit, progress)
    if not is_successful(gathered):
        return Failure(gathered.failure())
    rows = gathered.unwrap()
    tell_headers(rows, progress.received - received, monotonic() - began, progress)
    instances = [row.instance for row in rows.made]
    kept = one_series(located.series, instances, located.only, len(rows.foreign))
    return Result.do(
        _encode(rows, objects, located, progress) for _ in some_readable(rows) for objects in kept
    )


def _open(
    request: IndexRequest, network: Network, progress: Progress
) -> Result[tuple[Located, ReadRows], Fault]:
    """Where the series is, and how its headers are read there."""
    threads = network.concurrency
    service = find_service(request.series, request.root, network, progress)
    if service is not None:
        from dicom_series_preview.shell.run.told_rows import located_at, told_rows

        return service.map(lambda found: (located_at(found), partial(told_rows, found, threads)))
    located = locate(request.series, request.root, network)
    return located.map(lambda found: (found, partial(_read_rows, found, threads)))


def _read_rows(
    located: Located, threads: int, limit: int | None, progress: Progress
) -> Result[Gathered[Row], Fault]:
    source = FolderSource(located, threads, progress, held_limit=0, dictionary=Everything())
    table = HeaderTable()

    def make(read: ReadHeader) -> Result[Row, HeaderFault]:
        return Success(Row(source.instance(read), table.cells(read.header)))

    return gather(source.reader, source.reader.entries(limit), make, source.threads, progress)


def _encode(rows: Gathered[Row], objects: Sequence[Instance], located: Located, progress: Progress) -> bytes:
    # An index of reports or of structures has rows, but nothing to show.
    series = put_in_order(images(located.series, objects).value_or(()), progress)
    names = {instance.name for instance in objects}
    origin = Origin(located.root, located.series, located.folder, __version__)
    built = build_index([row for row in rows.made if row.instance.name in names], series, origin)
    for remark in built.warnings:
        progress.remark(remark)
    encoded = write_table(built.table)
    left_out = len(rows.failed) + len(rows.made) - len(objects)
    progress.say(
        f"index of {len(objects)} objects with {len(built.table.columns)} columns, {len(encoded):,} bytes; "
        f"{left_out} objects left out"
    )
    return encoded
