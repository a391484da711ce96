"""The straight line of `build-index`: find, read whole headers, order, tabulate, write."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from returns.result import Result

from dicom_series_preview.core.ask.index_request import IndexRequest
from dicom_series_preview.core.faults.fault import Fault
from dicom_series_preview.core.header.instance import Instance
from dicom_series_preview.core.index.table import Origin, Row, build_index, storable
from dicom_series_preview.core.order.membership import images, one_series
from dicom_series_preview.shell.dicom.header_table import HeaderTable
from dicom_series_preview.shell.outputs.output import write_result
from dicom_series_preview.shell.parquet import write_table
from dicom_series_preview.shell.progress import Progress
from dicom_series_preview.shell.sources.header_reader import Gathered, MakeOfHeader
from dicom_series_preview.shell.sources.series import put_in_order, some_readable
from dicom_series_preview.shell.sources.whole_headers import read_whole_headers
from dicom_series_preview.shell.storage.locate import Located
from dicom_series_preview.shell.storage.store import watched_network
from dicom_series_preview.version import __version__


def write_index(request: IndexRequest, progress: Progress) -> Result[None, Fault]:
    """Carry out one request."""
    make = partial(_tabulate, request, progress)
    return write_result(
        (request.path,), request.patience, progress, lambda: make().map(lambda data: (None, (data,)))
    )


def _tabulate(request: IndexRequest, progress: Progress) -> Result[bytes, Fault]:
    """Everything but the writing."""
    network = watched_network(request.patience, progress)
    read = read_whole_headers(request.series, request.root, network, progress, _rows_of, request.limit)
    return read.bind(lambda both: _table_of(*both, progress))


def _table_of(located: Located, rows: Gathered[Row], progress: Progress) -> Result[bytes, Fault]:
    instances = [row.instance for row in rows.made]
    kept = one_series(located.series, instances, located.only, len(rows.foreign))
    return Result.do(
        _encode(rows, objects, located, progress)
        for _ in some_readable(rows)
        for objects in kept
        for _ in storable((located.root, located.folder, *(one.name for one in objects)))
    )


def _rows_of(utf_8: bool) -> MakeOfHeader[Row]:
    table = HeaderTable(utf_8=utf_8)
    return lambda instance, header: Row(instance, table.cells(header))


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
