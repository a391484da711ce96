"""An index file -> the series it remembers."""

from __future__ import annotations

from collections.abc import Sequence

from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.fault import Fault
from dicom_series_preview.core.faults.index import BadIndex, IndexRefusal
from dicom_series_preview.core.header.dicom_json import JsonObject, show_json
from dicom_series_preview.core.header.instance import Instance
from dicom_series_preview.core.header.wanted import PREVIEW
from dicom_series_preview.core.index.read import NEEDED, SeriesIndex, headers, read_index


def open_index(path: str) -> Result[SeriesIndex, IndexRefusal]:
    """Read an index that `build-index` wrote; refused if it is damaged, incomplete or of a newer schema."""
    from dicom_series_preview.shell.parquet import read_table  # pyarrow is slow to load

    return Result.do(index for table in read_table(path, NEEDED) for index in read_index(path, table))


def indexed_objects(index: SeriesIndex) -> Result[tuple[Instance, ...], Fault]:
    """All objects as an index has them: see `Source.objects`.  Numbers are rounded as its columns are."""
    # A preview by way of an index has no need of these.
    from dicom_series_preview.shell.parquet import read_table

    return read_table(index.path).bind(lambda table: _instances(index, headers(table)))


def _instances(index: SeriesIndex, told: Sequence[JsonObject]) -> Result[tuple[Instance, ...], BadIndex]:
    from dicom_series_preview.core.dicomweb.instances import read_metadata_instance, with_syntax
    from dicom_series_preview.core.dicomweb.json_model import read_metadata

    read = read_metadata(show_json(told).encode("utf-8"), PREVIEW)
    if not is_successful(read) or len(told) != len(index.names):
        return Failure(BadIndex(index.path, "its headers cannot be read"))
    return Success(
        tuple(
            with_syntax(read_metadata_instance(name, metadata), _transfer_syntax(header))
            for name, metadata, header in zip(index.names, read.unwrap(), told, strict=True)
        )
    )


def _transfer_syntax(header: JsonObject) -> str:
    match header.get("00020010"):
        case {"Value": [str(uid), *_]}:
            return uid
        case _:
            return ""
