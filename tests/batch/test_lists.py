"""Lists of series as files: however they are written, and whatever else is given for one."""

from __future__ import annotations

import gzip
from pathlib import Path

import pandas as pd  # type: ignore[import-untyped]
import pytest
from returns.result import Result, Success

from dicom_series_preview.core.ask.options import Options
from dicom_series_preview.core.ask.series_id import SeriesUid
from dicom_series_preview.core.batch.request import BatchOptions, check_batch
from dicom_series_preview.core.batch.wanted import Wanted
from dicom_series_preview.shell.batch.lists import ListFault, read_series
from tests.support.dicom import uuid_for

UUIDS = [uuid_for("one"), uuid_for("two")]
LINES = "\n".join(UUIDS)


def _read(file: Path) -> Result[tuple[Wanted, ...], ListFault]:
    options = BatchOptions("out", Options("", "", root="here"), str(file))
    return read_series(check_batch(options).unwrap())


def _refusal(file: Path) -> str:
    return str(_read(file).failure())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("name", ["list.txt", "list.csv", "list.TSV"])
def test_each_way_to_write_a_text_is_read(tmp_path: Path, encoding: str, ends: str, name: str) -> None:
    file = tmp_path / name
    text = LINES if name == "list.txt" else f"series\n{LINES}\n"
    file.write_bytes(text.replace("\n", ends).encode(encoding))
    assert _read(file) == Success(tuple(Wanted(SeriesUid(uuid)) for uuid in UUIDS))


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("list.txt", b"", "it names no series"),
        ("list.txt", b"\n# none\n", "it names no series"),
        ("list.csv", b"series\n", "it names no series"),
        ("list.txt.gz", gzip.compress(LINES.encode(), mtime=0), "unpack it first"),
        ("list.csv", gzip.compress(LINES.encode(), mtime=0), "unpack it first"),
        ("list.txt", bytes(99), "it is no text"),
        ("list.txt", f"\ufeff{LINES}".encode("utf-16-le") + b"x", "it is no text"),
        ("list.csv", b"series,series\n1.2,1.3\n", "more than one column series"),
        ("list.csv", b"series,other\n1.2\n", "Expected 2 columns"),
        ("list.csv", b"", "Empty"),
        ("list.parquet", b"PAR1", "file"),
    ],
)
def test_what_is_no_list_is_told_as_a_whole(tmp_path: Path, name: str, content: bytes, told: str) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    assert _refusal(file).startswith(f"{file} is no list of series: ")
    assert told in _refusal(file)


@pytest.mark.parametrize("value", [["1.2"], {"uid": "1.2"}, b"\xff"])
def test_a_column_that_holds_no_text_is_refused(tmp_path: Path, value: object) -> None:
    file = tmp_path / "list.parquet"
    pd.DataFrame({"series": [value]}).to_parquet(file)
    assert _refusal(file).startswith(f"{file} is no list of series: ")


def test_a_folder_is_no_list(tmp_path: Path) -> None:
    assert "directory" in _refusal(tmp_path)
