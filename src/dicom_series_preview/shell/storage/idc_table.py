"""The table of all series of the Imaging Data Commons, which the extra `idc` installs."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Final

from attrs import frozen
from pyarrow import ArrowException, parquet
from pyarrow.compute import starts_with

_AT_ONCE: Final = 16_384  # rows

_HINT: Final = (
    "A SeriesInstanceUID of the Imaging Data Commons can be looked up once the extra idc is installed: "
    "pip install 'dicom-series-preview[idc]'."
)


@frozen
class IdcSeries:
    """Where a series is: the S3 bucket, and the uuid its folder is named for."""

    bucket: str
    uuid: str


@frozen
class NoTable:
    """The table is not installed or cannot be read; `hint` is a sentence that says so."""

    hint: str


def find_series(series_instance_uid: str) -> IdcSeries | NoTable | None:
    """Look up a SeriesInstanceUID; None if the table does not hold it.

    The table is read in pieces: first the one column that tells the row, then of that row the others.
    """
    package = find_spec("idc_index_data")  # importing it would read much that is not needed here
    if package is None or package.origin is None:
        return NoTable(_HINT)
    try:
        table = parquet.ParquetFile(str(Path(package.origin).with_name("idc_index.parquet")))
        row = _row_of(table, series_instance_uid)
        return None if row is None else _read_row(table, row)
    except (ArrowException, OSError) as error:
        return NoTable(f"The table of idc-index-data cannot be read ({str(error).partition(chr(10))[0]}).")


def _row_of(table: parquet.ParquetFile, uid: str) -> int | None:
    before = 0
    for batch in table.iter_batches(_AT_ONCE, columns=["SeriesInstanceUID"], use_threads=False):
        uids = batch.column(0)
        if starts_with(uids, uid).true_count:
            texts = uids.to_pylist()
            if uid in texts:
                return before + texts.index(uid)
        before += batch.num_rows
    return None


def _read_row(table: parquet.ParquetFile, row: int) -> IdcSeries | None:
    before = 0
    for batch in table.iter_batches(_AT_ONCE, columns=["aws_bucket", "crdc_series_uuid"], use_threads=False):
        if row < before + batch.num_rows:
            (found,) = batch.slice(row - before, 1).to_pylist()
            return IdcSeries(found["aws_bucket"], found["crdc_series_uuid"])
        before += batch.num_rows
    return None
