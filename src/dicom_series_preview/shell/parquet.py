"""pyarrow: an index as plain data <-> a Parquet file."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Collection, Iterable, Sequence, Sized
from io import BytesIO
from itertools import accumulate, chain, pairwise
from typing import Any, BinaryIO, Final

import numpy as np
import pyarrow as pa
from pyarrow import parquet
from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.index import BadIndex
from dicom_series_preview.core.index.column_types import Column, ColumnType
from dicom_series_preview.core.index.parquet_pages import TAIL, FileSize, footer_length, read_sizes
from dicom_series_preview.core.index.table import Table

_TYPES: Final = {
    ColumnType.UINT32: pa.uint32(),
    ColumnType.INT32: pa.int32(),
    ColumnType.INT64: pa.int64(),
    ColumnType.UINT64: pa.uint64(),
    ColumnType.FLOAT32: pa.float32(),
    ColumnType.FLOAT64: pa.float64(),
    ColumnType.TEXT: pa.string(),
}
MOST_ROWS: Final = 200_000
"""Rows of an index: a folder with more objects is no series either."""

LARGEST: Final = 1 << 28
"""Bytes of the columns of an index, unpacked."""

MOST_VALUES: Final = 1 << 24
"""Values of one column, those in its lists counted singly."""

_COLUMN_TYPES: Final = {arrow: column_type for column_type, arrow in _TYPES.items()}


def write_table(table: Table) -> bytes:
    """A Parquet file, compressed with zstd; the same table gives the same bytes."""
    arrays = [
        _lists(column) if column.many else _array(column.type, column.values) for column in table.columns
    ]
    schema = pa.schema(
        pa.field(column.name, array.type, nullable=column.nullable)
        for column, array in zip(table.columns, arrays, strict=True)
    )
    out = BytesIO()
    # Arrow's own copy of the schema would repeat the metadata in Base64: nobody needs it to read these types.
    with parquet.ParquetWriter(out, schema, compression="zstd", store_schema=False) as writer:
        writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
        writer.add_key_value_metadata(table.metadata)
    return out.getvalue()


def _array(kind: ColumnType, values: Sequence[Any]) -> pa.Array:
    """Values as Arrow has them, from buffers: `pa.array` loads pandas where that is installed, and its 60 MB."""
    known = _known(values)
    if kind is ColumnType.TEXT:
        texts = [(value or "").encode() for value in values]
        buffers = [known, _bounds(texts), pa.py_buffer(b"".join(texts))]
        return pa.Array.from_buffers(pa.large_string(), len(values), buffers)
    numbers = np.array([0 if value is None else value for value in values], kind.value)
    return pa.Array.from_buffers(_TYPES[kind], len(values), [known, pa.py_buffer(numbers)])


def _lists(column: Column) -> pa.Array:
    entries = [entry if isinstance(entry, tuple) else () for entry in column.values]
    items = _array(column.type, tuple(chain.from_iterable(entries)))
    buffers = [_known(column.values), _bounds(entries)]
    return pa.Array.from_buffers(pa.large_list(items.type), len(entries), buffers, children=[items])


def _known(values: Sequence[Any]) -> pa.Buffer:
    """A bit for each value: whether there is one."""
    known = np.array([value is not None for value in values], np.bool_)
    return pa.py_buffer(np.packbits(known, bitorder="little"))


def _bounds(entries: Sequence[Sized]) -> pa.Buffer:
    """Where each entry begins in what all of them hold, and where the last one ends."""
    return pa.py_buffer(np.fromiter(accumulate(map(len, entries), initial=0), np.int64))


def read_table(
    path: str, only: Collection[str] | None = None, largest: int = LARGEST
) -> Result[Table, BadIndex]:
    """Read an index, or some of its columns, from a file; columns of other types than an index has are left out.

    Names in `only` that the file does not have are not missed here.  Of more than `largest` bytes, unpacked,
    nothing is read.
    """
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return Failure(BadIndex(path, "it is no file"))
        with open(path, "rb") as file:
            return (
                _sizes(file)
                .alt(lambda told: BadIndex(path, f"it is no whole Parquet file ({told})"))
                .bind(lambda sizes: _read(path, file, sizes, only, largest))
            )
    except FileNotFoundError:
        return Failure(BadIndex(path, "there is no such file"))
    except PermissionError:
        return Failure(BadIndex(path, "you have no permission to read it"))
    except (pa.ArrowException, OSError, LookupError, ValueError) as error:
        return Failure(BadIndex(path, f"it is no whole Parquet file ({str(error).partition(chr(10))[0]})"))


def _read(
    path: str, file: BinaryIO, sizes: FileSize, only: Collection[str] | None, largest: int
) -> Result[Table, BadIndex]:
    if sizes.rows > MOST_ROWS:
        return Failure(BadIndex(path, f"it has {sizes.rows} rows, more than a series has objects"))
    opened = parquet.ParquetFile(file)
    fields = [
        field
        for field in opened.schema_arrow
        if (only is None or field.name in only) and _item_type(field.type) in _COLUMN_TYPES
    ]
    known = {field.name for field in fields}
    chunks = [chunk for chunk in sizes.columns if chunk.name in known]
    values = Counter[str]()
    for chunk in chunks:
        values[chunk.name] += chunk.values
    if sum(chunk.unpacked for chunk in chunks) > largest or max(values.values(), default=0) > MOST_VALUES:
        return Failure(BadIndex(path, "it holds more than any series does"))
    # A text that a file holds once, for any number of rows, stays one text.
    texts = sorted({chunk.path for chunk in chunks if chunk.is_binary})
    file.seek(0)
    read = parquet.ParquetFile(file, read_dictionary=texts).read([field.name for field in fields])
    metadata = {
        key.decode("utf-8"): value.decode("utf-8")
        for key, value in (opened.schema_arrow.metadata or {}).items()
    }
    columns = tuple(_column(field, _entries(read.column(field.name).chunks)) for field in fields)
    return Success(Table(columns, metadata))


def _sizes(file: BinaryIO) -> Result[FileSize, str]:
    """What the file is, unpacked; Arrow ends the process over some damaged columns that it is asked about."""

    def read(start: int, stop: int) -> bytes:
        file.seek(start)
        return file.read(stop - start)

    size = file.seek(0, os.SEEK_END)
    length = footer_length(read(max(0, size - TAIL), size))
    if length is None or not 0 < length <= size - TAIL:
        return Failure("it has no footer")
    return read_sizes(read(size - TAIL - length, size - TAIL), size, read)


def _entries(chunks: Iterable[pa.Array]) -> list[Any]:
    """Values as Python has them; equal texts of a dictionary are one object."""
    found: list[Any] = []
    for chunk in chunks:
        if isinstance(chunk, pa.DictionaryArray):
            texts = chunk.dictionary.to_pylist()
            found += (None if place is None else texts[place] for place in chunk.indices.to_pylist())
        elif isinstance(chunk, pa.ListArray):
            values, bounds = _entries([chunk.values]), chunk.offsets.to_pylist()
            lists = (values[start:stop] for start, stop in pairwise(bounds))
            found += (
                one if there else None for one, there in zip(lists, chunk.is_valid().to_pylist(), strict=True)
            )
        else:
            found += chunk.to_pylist()
    return found


def _item_type(arrow: pa.DataType) -> pa.DataType:
    return arrow.value_type if isinstance(arrow, pa.ListType) else arrow


def _column(field: pa.Field, entries: list[Any]) -> Column:
    values = (tuple(entry) if isinstance(entry, list) else entry for entry in entries)
    many = isinstance(field.type, pa.ListType)
    return Column(field.name, _COLUMN_TYPES[_item_type(field.type)], many, field.nullable, tuple(values))
