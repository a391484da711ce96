"""An index file -> the series it remembers."""

from __future__ import annotations

from returns.pipeline import is_successful
from returns.result import Failure, Result

from dicom_series_preview.core.faults.index import IndexRefusal
from dicom_series_preview.core.index.read import NEEDED, SeriesIndex, read_index


def open_index(path: str) -> Result[SeriesIndex, IndexRefusal]:
    """Read an index that `build-index` wrote; refused if it is damaged, incomplete or of a newer schema."""
    from dicom_series_preview.shell.parquet import read_table  # pyarrow is slow to load

    table = read_table(path, NEEDED)
    if not is_successful(table):
        return Failure(table.failure())
    return read_index(path, table.unwrap())
