"""pyarrow: tables of series, IDC's own, and the rows of a batch <-> Parquet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Final

import pyarrow as pa
from attrs import fields
from pyarrow import compute, csv, dataset, parquet
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


ERRORS: Final = (pa.ArrowException, OSError, ValueError)
"""What reading a damaged file raises."""


def read_list(path: str) -> Result[Columns, UnusableList]:
    """The columns of a Parquet, CSV or TSV file that may name series, as text."""
    try:
        if path.lower().endswith(".parquet"):
            known = [name for name in parquet.read_schema(path).names if name in COLUMNS]
            others = parquet.read_schema(path).names
            table = parquet.read_table(path, columns=known)
        else:
            table = _read_csv(path)
            others = table.column_names
    except ERRORS as error:
        return Failure(UnusableList(path, str(error).partition("\n")[0]))
    columns = {
        name: table.column(name).cast(pa.string()).to_pylist()
        for name in table.column_names
        if name in COLUMNS
    }
    # A table that names no series is refused by the names that it has.
    return Success(columns or {name: [] for name in others})


def _read_csv(path: str) -> pa.Table:
    delimiter = "\t" if path.lower().endswith(".tsv") else ","
    as_text = csv.ConvertOptions(
        column_types=dict.fromkeys(COLUMNS, pa.string()), strings_can_be_null=True, null_values=[""]
    )
    return csv.read_csv(path, parse_options=csv.ParseOptions(delimiter=delimiter), convert_options=as_text)


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
    wanted = ["SeriesInstanceUID", "collection_id", "aws_bucket", "crdc_series_uuid"]
    try:
        found = dataset.dataset(path).to_table(
            columns=wanted, filter=compute.field(column).isin(list(values)), batch_size=1 << 16
        )
    except ERRORS as error:
        raise NoTable(
            f"the table of idc-index-data cannot be read ({str(error).partition(chr(10))[0]})"
        ) from error
    uids, collections, buckets, uuids = (found.column(name).to_pylist() for name in wanted)
    roots: Mapping[str, S3Root] = {bucket: S3Root(bucket) for bucket in set(buckets)}
    return {
        uid: Wanted(SeriesPlace(roots[bucket], uuid), collection)
        for uid, collection, bucket, uuid in zip(uids, collections, buckets, uuids, strict=True)
    }
