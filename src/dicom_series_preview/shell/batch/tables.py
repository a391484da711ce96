"""pyarrow: tables of series, IDC's own, and the rows of a batch <-> Parquet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import IO, Final

import pyarrow as pa
from attrs import fields
from pyarrow import compute, csv, parquet
from returns.result import Failure, Result, Success

from dicom_series_preview.core.ask.roots import S3Root
from dicom_series_preview.core.ask.series_id import SeriesPlace
from dicom_series_preview.core.batch.manifest import COLUMNS, Columns
from dicom_series_preview.core.batch.resume import Told
from dicom_series_preview.core.batch.row import Row, Status
from dicom_series_preview.core.batch.table import from_plain, to_plain
from dicom_series_preview.core.batch.wanted import Wanted
from dicom_series_preview.core.faults.batch import UnusableList

_NUMBERS: Final = {
    **dict.fromkeys(("bytes", "bytes_read", "requests"), pa.int64()),
    **dict.fromkeys(("width", "height", "slices", "stacks", "attempts"), pa.int32()),
    **dict.fromkeys(("seconds", "cpu"), pa.float64()),
    "remarks": pa.list_(pa.string()),
}
_SCHEMA: Final = pa.schema(
    [
        pa.field(field.name, _NUMBERS.get(field.name, pa.string()), nullable=field.name == "collection")
        for field in fields(Row)
    ],
    metadata={"dicom_series_preview.batch.schema_version": "1"},
)


def write_rows(rows: Sequence[Row]) -> bytes:
    """Rows as a Parquet file, compressed with zstd."""
    out = BytesIO()
    parquet.write_table(
        pa.Table.from_pylist([to_plain(row) for row in rows], _SCHEMA), out, compression="zstd"
    )
    return out.getvalue()


def read_rows(path: str) -> tuple[Row, ...]:
    """The rows of a file that `write_rows` made; raises what `ERRORS` names."""
    return tuple(from_plain(values) for values in parquet.read_table(path).to_pylist())


def read_told(path: str) -> dict[str, Told]:
    """What the rows of a file tell, by series; raises what `ERRORS` names."""
    table = parquet.read_table(path, columns=["series", "status", "path"])
    series, status, pictures = (table.column(name).to_pylist() for name in ("series", "status", "path"))
    return {
        key: Told(Status(ended), picture)
        for key, ended, picture in zip(series, status, pictures, strict=True)
    }


ERRORS: Final = (pa.ArrowException, OSError, ValueError, KeyError, TypeError)
"""What reading a file raises that is damaged, or that another program has written."""


def read_parquet(path: str) -> Result[Columns, UnusableList]:
    """The columns of a Parquet file that may name series, as text."""
    try:
        names = parquet.read_schema(path).names
        return Success(_as_text(names, parquet.read_table(path, columns=_known(names))))
    except ERRORS as error:
        return Failure(_unusable(path, error))


def read_csv(path: str, file: IO[bytes], delimiter: str, encoding: str) -> Result[Columns, UnusableList]:
    """The columns of a text table, open in `file`, that may name series, as text."""
    kept = csv.ConvertOptions(
        column_types=dict.fromkeys(COLUMNS, pa.string()), strings_can_be_null=True, null_values=[""]
    )
    try:
        table = csv.read_csv(
            file, csv.ReadOptions(encoding=encoding), csv.ParseOptions(delimiter=delimiter), kept
        )
        return Success(_as_text(table.column_names, table))
    except ERRORS as error:
        return Failure(_unusable(path, error))


def _as_text(names: Sequence[str], table: pa.Table) -> Columns:
    """The columns that may name series; of a table that has none, all names: it is refused by them."""
    known = _known(names)
    twice = [name for name in known if names.count(name) > 1]
    if twice:
        raise ValueError(f"it has more than one column {twice[0]}")
    columns = {name: table.column(name).cast(pa.string()).to_pylist() for name in known}
    return columns or {name: [] for name in names}


def _known(names: Sequence[str]) -> list[str]:
    return [name for name in COLUMNS if name in names]


def _unusable(path: str, error: Exception) -> UnusableList:
    return UnusableList(path, str(error).partition("\n")[0].removesuffix("."))


_PLACES: Final = ("SeriesInstanceUID", "collection_id", "aws_bucket", "crdc_series_uuid")
_AT_ONCE: Final = 1 << 14  # rows: the table has a million


class NoTable(Exception):
    """The table of the Imaging Data Commons is not there, or cannot be read."""


def find_in_idc(column: str, values: Iterable[str]) -> dict[str, Wanted]:
    """All series of the Imaging Data Commons with one of these values, by SeriesInstanceUID, in one pass.

    `column` is `SeriesInstanceUID`, `StudyInstanceUID` or `collection_id`.  Raises `NoTable`.
    """
    package = find_spec("idc_index_data")  # importing it would read much that is not needed here
    if package is None or package.origin is None:
        raise NoTable("the extra idc is not installed: pip install 'dicom-series-preview[idc]'")
    path = Path(package.origin).with_name("idc_index.parquet")
    names = [column, *(name for name in _PLACES if name != column)]
    wanted = pa.array(sorted(values), pa.string())
    found: dict[str, Wanted] = {}
    roots: dict[str, S3Root] = {}
    try:
        table = parquet.ParquetFile(str(path))
        for rows in table.iter_batches(_AT_ONCE, columns=names, use_threads=False):
            those = compute.is_in(rows.column(rows.schema.names.index(column)), value_set=wanted)
            for row in rows.filter(those).to_pylist() if those.true_count else ():
                root = roots.setdefault(row["aws_bucket"], S3Root(row["aws_bucket"]))
                place = SeriesPlace(root, row["crdc_series_uuid"])
                found[row["SeriesInstanceUID"]] = Wanted(place, row["collection_id"])
    except ERRORS as error:
        told = str(error).partition("\n")[0]
        raise NoTable(f"the table of idc-index-data cannot be read ({told})") from error
    return found
