"""An index as a Parquet file: what other programs read from it, and what is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas  # type: ignore[import-untyped]
import polars
import pyarrow as pa
import pytest
from pyarrow import parquet
from returns.pipeline import is_successful

from dicom_series_preview.core.faults.index import BadIndex, IndexLacks
from dicom_series_preview.core.index.column_types import Column, ColumnType
from dicom_series_preview.core.index.read import NEEDED, headers, read_index
from dicom_series_preview.core.index.table import Table
from dicom_series_preview.shell.parquet import read_table, write_table
from tests.command.process import environment
from tests.support.dicom import CORONAL, axial_slice, make_object
from tests.support.indexes import index_objects

TABLE = Table(
    (
        Column("Index", ColumnType.UINT32, False, False, (0, 1, 2)),
        Column("Small", ColumnType.INT32, False, True, (-(2**31), None, 2**31 - 1)),
        Column("Large", ColumnType.INT64, False, True, (-(2**63), 0, 2**63 - 1)),
        Column("Unsigned", ColumnType.UINT64, False, True, (0, None, 2**64 - 1)),
        Column("Spacing", ColumnType.FLOAT32, True, True, ((0.5, 0.25), None, (1.0,))),
        Column("Exact", ColumnType.FLOAT64, False, True, (0.1, None, 1e300)),
        Column("Text", ColumnType.TEXT, False, True, ("ä山", None, "a\\b")),
        Column("Texts", ColumnType.TEXT, True, True, (("a", ""), None, ("",))),
    ),
    {"dicom_series_preview.schema_version": "1", "dicom_series_preview.constants": '{"ä":1}'},
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An index of five slices, as a file."""
    at = axial_slice()
    built = index_objects((f"{i}.dcm", at(i)) for i in range(5))
    path = tmp_path / "series.parquet"
    path.write_bytes(write_table(built.table))
    return path


def test_plain_data_comes_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    path.write_bytes(write_table(TABLE))
    assert read_table(str(path)).unwrap() == TABLE
    assert write_table(TABLE) == path.read_bytes()


@pytest.mark.parametrize(
    "column",
    [
        Column("Unknown", ColumnType.FLOAT32, False, True, (None, None, None)),
        Column("Mute", ColumnType.TEXT, False, True, (None, "", None)),
        Column("Empty", ColumnType.INT32, True, True, (None, (), None)),
        Column("Gaps", ColumnType.TEXT, True, True, (("a", None), (), ("", "b"))),
        Column("Nine", ColumnType.UINT32, False, True, (*range(8), None)),
    ],
    ids=lambda column: column.name,
)
def test_what_is_missing_is_missing_again_and_what_is_empty_empty(tmp_path: Path, column: Column) -> None:
    path = tmp_path / "table.parquet"
    path.write_bytes(write_table(Table((column,), {})))
    assert read_table(str(path)).unwrap().columns == (column,)


def test_every_column_is_compressed_with_zstd(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    path.write_bytes(write_table(TABLE))
    group = parquet.ParquetFile(str(path)).metadata.row_group(0)
    assert {group.column(place).compression for place in range(group.num_columns)} == {"ZSTD"}


def test_other_programs_read_these_types(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    path.write_bytes(write_table(TABLE))
    relation = duckdb.sql(f"from '{path}'")
    assert relation is not None
    assert [str(kind) for kind in relation.types] == [
        *("UINTEGER", "INTEGER", "BIGINT", "UBIGINT", "FLOAT[]", "DOUBLE", "VARCHAR", "VARCHAR[]")
    ]
    assert list(polars.read_parquet_schema(path).values()) == [
        *(polars.UInt32, polars.Int32, polars.Int64, polars.UInt64),
        *(polars.List(polars.Float32), polars.Float64, polars.String, polars.List(polars.String)),
    ]
    frame = pandas.read_parquet(path)
    assert frame["Text"].tolist()[0] == "ä山"
    assert str(frame["Index"].dtype) == "uint32"
    expected = [
        [list(entry) if isinstance(entry, tuple) else entry for entry in column.values]
        for column in TABLE.columns
    ]
    assert [
        list(values) for values in polars.read_parquet(path).to_dict(as_series=False).values()
    ] == expected
    assert [list(values) for values in zip(*relation.fetchall(), strict=True)] == expected


def test_the_metadata_are_where_every_reader_looks(path: Path) -> None:
    metadata = parquet.ParquetFile(str(path)).schema_arrow.metadata
    assert metadata is not None
    assert {key.decode().partition(".")[0] for key in metadata} == {"dicom_series_preview"}
    assert json.loads(metadata[b"dicom_series_preview.constants"])["00080060"] == {
        "vr": "CS",
        "Value": ["CT"],
    }
    found = duckdb.sql(f"select key from parquet_kv_metadata('{path}')")
    assert found is not None
    assert {bytes(key) for (key,) in found.fetchall()} == set(metadata)


def test_only_what_is_asked_for_is_read(path: Path) -> None:
    read = read_table(str(path), NEEDED).unwrap()
    assert "ImagePositionPatient" not in {column.name for column in read.columns}
    assert read_index(str(path), read) == read_index(str(path), read_table(str(path)).unwrap())


def test_an_index_that_was_filtered_or_sorted_elsewhere(path: Path, tmp_path: Path) -> None:
    whole = parquet.ParquetFile(str(path)).read()
    backwards, some = tmp_path / "backwards.parquet", tmp_path / "some.parquet"
    parquet.write_table(whole.take(pa.array([4, 3, 2, 1, 0], pa.int64())), str(backwards))
    parquet.write_table(whole.slice(1, 3), str(some))
    index = read_index("i", read_table(str(path)).unwrap()).unwrap()
    assert read_index("i", read_table(str(backwards)).unwrap()).unwrap() == index
    refused = read_index("some", read_table(str(some)).unwrap()).failure()
    assert "does not count its rows" in str(refused)


def test_files_that_are_no_index(path: Path, tmp_path: Path) -> None:
    data = path.read_bytes()
    for name, content in {
        "empty": b"",
        "text": b"FileName,Index\na.dcm,0\n",
        "cut": data[: len(data) // 2],
        "head missing": data[4:],
    }.items():
        file = tmp_path / name
        file.write_bytes(content)
        refused = read_table(str(file)).failure()
        assert str(refused).startswith(f"{file} cannot be used as an index: it is no whole Parquet file")
        assert "\n" not in str(refused)
    missing = read_table(str(tmp_path / "missing")).failure()
    assert missing == BadIndex(str(tmp_path / "missing"), "there is no such file")
    assert not is_successful(read_table(str(tmp_path)))


def test_a_file_that_may_not_be_read_is_told_as_that(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str, *_: object) -> None:
        raise PermissionError(13, "Permission denied", name)

    monkeypatch.setattr("builtins.open", refuse)
    assert read_table(str(path)).failure() == BadIndex(str(path), "you have no permission to read it")


def test_a_table_of_something_else_is_no_index(tmp_path: Path) -> None:
    path = tmp_path / "other.parquet"
    polars.DataFrame({"FileName": ["a"]}).write_parquet(path)
    refused = read_index("other.parquet", read_table(str(path)).unwrap()).failure()
    assert str(refused) == (
        "other.parquet cannot be used as an index: it does not say that it is one. Make one with build-index."
    )


_DAMAGE = """
import sys
from pathlib import Path
from dicom_series_preview.shell.parquet import read_table
data, damaged = Path(sys.argv[1]).read_bytes(), Path(sys.argv[2])
for at in range(len(data) - 8 - int.from_bytes(data[-8:-4], "little"), len(data) - 8, 7):
    for byte in (0, data[at] ^ 1):
        damaged.write_bytes(data[:at] + bytes([byte]) + data[at + 1 :])
        read_table(str(damaged))
"""


def test_a_damaged_footer_never_ends_the_process(path: Path, tmp_path: Path) -> None:
    """Arrow does so where it is asked about some columns."""
    command = [sys.executable, "-c", _DAMAGE, str(path), str(tmp_path / "damaged.parquet")]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_what_pages_unpack_to_counts_and_not_what_the_footer_says(tmp_path: Path) -> None:
    path = tmp_path / "lying.parquet"
    texts = tuple(f"{number:0500}" for number in range(400))
    table = Table((Column("Text", ColumnType.TEXT, False, False, texts),), {})
    path.write_bytes(write_table(table))
    told = parquet.ParquetFile(str(path)).metadata.row_group(0).column(0).total_uncompressed_size
    assert told > 200_000
    number, varint = 2 * told, b""
    while number > 127:
        varint, number = varint + bytes([number & 127 | 128]), number >> 7
    varint += bytes([number])
    data = path.read_bytes()
    assert varint in data[-2000:]
    # The same number of bytes that mean 0.
    path.write_bytes(data.replace(varint, b"\x80" * (len(varint) - 1) + b"\0"))
    assert "more than any series" in str(read_table(str(path), largest=100_000).failure())


def test_a_column_of_another_type_is_named(path: Path, tmp_path: Path) -> None:
    whole = parquet.ParquetFile(str(path)).read()
    place = whole.schema.names.index("FileName")
    changed = whole.set_column(place, "FileName", pa.array(list(range(5)), pa.int32()))
    other = tmp_path / "other.parquet"
    parquet.write_table(changed, str(other))
    refused = read_index("i", read_table(str(other)).unwrap()).failure()
    assert refused == BadIndex("i", "its column FileName is not of type text")
    dropped = tmp_path / "dropped.parquet"
    parquet.write_table(whole.remove_column(place), str(dropped))
    assert read_index("i", read_table(str(dropped)).unwrap()).failure() == IndexLacks("i", "FileName")


def test_headers_come_back_in_the_order_of_the_index(path: Path) -> None:
    found = headers(read_table(str(path)).unwrap())
    assert [header["00200013"] for header in found] == [{"vr": "IS", "Value": [n]} for n in (1, 2, 3, 4, 5)]
    assert found[2]["00200032"] == {"vr": "DS", "Value": [-3.0, -2.0, 92.0]}
    assert found[2]["00280010"] == {"vr": "US", "Value": [4]}


def test_the_order_of_arrival_does_not_show_in_the_bytes() -> None:
    objects = [
        ("b.dcm", make_object(instance_number=1, position=(0, 5, 0), orientation=CORONAL)),
        ("a.dcm", make_object(instance_number=2, position=(0, 9, 0), orientation=CORONAL)),
        ("c.dcm", make_object(has_pixels=False, Modality="SR", position=None, orientation=None)),
    ]
    assert write_table(index_objects(objects).table) == write_table(index_objects(reversed(objects)).table)
