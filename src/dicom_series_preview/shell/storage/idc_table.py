"""The table of all series of the Imaging Data Commons, which the extra `idc` installs."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Final

from attrs import frozen
from pyarrow import ArrowException, parquet

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
    """Look up a SeriesInstanceUID; None if the table does not hold it."""
    package = find_spec("idc_index_data")  # importing it would read much that is not needed here
    if package is None or package.origin is None:
        return NoTable(_HINT)
    table = Path(package.origin).with_name("idc_index.parquet")
    columns = ["aws_bucket", "crdc_series_uuid"]
    try:
        found = parquet.read_table(
            str(table), columns=columns, filters=[("SeriesInstanceUID", "=", series_instance_uid)]
        )
    except (ArrowException, OSError) as error:
        return NoTable(f"The table of idc-index-data cannot be read ({str(error).partition(chr(10))[0]}).")
    rows = found.to_pylist()
    return IdcSeries(rows[0]["aws_bucket"], rows[0]["crdc_series_uuid"]) if rows else None
