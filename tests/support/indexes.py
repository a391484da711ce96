"""Indexes of whole folders, made without listing or range requests."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from dicom_series_preview.core.header.scan import Header, scan_header
from dicom_series_preview.core.index.table import BuiltIndex, Origin, Row, build_index
from dicom_series_preview.core.order.membership import images
from dicom_series_preview.core.order.series import Series, Slice
from dicom_series_preview.core.order.stacks import order
from dicom_series_preview.shell.dicom.dictionary import Everything
from dicom_series_preview.shell.dicom.header_table import HeaderTable
from tests.support.headers import instance_of

ORIGIN = Origin("/root", "series", "series", "0")


def read_row(table: HeaderTable, name: str, data: bytes) -> Row:
    """The row of one object; TypeError when it has no readable header."""
    header = scan_header(data, True, Everything())
    if not isinstance(header, Header):
        raise TypeError(f"{name}: {header}")
    return Row(instance_of(name, data), table.cells(header))


def series_of(rows: Iterable[Row]) -> Series[Slice]:
    """The order of those objects that a preview shows."""
    return images("series", [row.instance for row in rows]).map(order).value_or(Series(()))


def index_objects(objects: Iterable[tuple[str, bytes]], origin: Origin = ORIGIN) -> BuiltIndex:
    """The index of objects, (name, bytes) each."""
    table = HeaderTable()
    rows = [read_row(table, name, data) for name, data in objects]
    return build_index(rows, series_of(rows), origin)


def index_folder(
    folder: Path, origin: Origin = ORIGIN, arrange: Callable[[list[Path]], list[Path]] = sorted
) -> BuiltIndex:
    """The index of all files of a folder, read in the order that `arrange` puts them in."""
    files = arrange(list(folder.iterdir()))
    return index_objects(((file.name, file.read_bytes()) for file in files), origin)
