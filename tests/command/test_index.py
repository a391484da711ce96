"""`build-index`, and previews by way of an index: the same picture for fewer requests, or one clear paragraph."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import polars
import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.command.here import run
from tests.command.process import Ran, s3
from tests.support.dicom import make_object, series_objects, uuid_for
from tests.support.s3server import serve

SLICES = 12
UUID = uuid_for("indexed")


def big_slice(i: int) -> bytes:
    """A slice of 32 KB; InstanceNumber runs against the order."""
    pixels = np.full((128, 128), 900 + 40 * i, np.uint16)
    return make_object(series="indexed", instance_number=SLICES - i, position=(0, 0, -2.5 * i), pixels=pixels)


OBJECTS = series_objects(SLICES, big_slice, "indexed")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("root")
    for name, content in OBJECTS.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def index(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("index") / "series.parquet"
    succeed(run("build-index", UUID, path, "--root", str(root)))
    return path


def succeed(done: Ran) -> None:
    assert (done.status, done.out, done.err) == (0, "", "")


def refuse(done: Ran, out: Path) -> str:
    """The one paragraph of a refusal that left no file."""
    assert (done.status, done.out, out.exists()) == (1, "", False)
    assert done.err.startswith("error: ")
    assert done.err.count("\n") == 1
    return done.err


def test_other_programs_read_the_index_in_reading_order(index: Path) -> None:
    query = f"SELECT Index, PrimaryPosition, InstanceNumber FROM '{index}'"
    assert duckdb.execute(query).fetchall() == [(i, -2.5 * i, SLICES - i) for i in range(SLICES)]
    assert polars.read_parquet(index)["PrimaryPosition"].to_list() == [-2.5 * i for i in range(SLICES)]


def test_the_same_series_gives_the_same_bytes(root: Path, index: Path, tmp_path: Path) -> None:
    succeed(run("build-index", UUID, tmp_path / "again.parquet", "--root", str(root)))
    assert (tmp_path / "again.parquet").read_bytes() == index.read_bytes()


def test_a_limit_takes_the_first_names(root: Path, tmp_path: Path) -> None:
    succeed(run("build-index", UUID, tmp_path / "few.parquet", "--root", str(root), "--limit", "5"))
    first = sorted(name.split("/")[1] for name in OBJECTS)[:5]
    assert sorted(polars.read_parquet(tmp_path / "few.parquet")["FileName"].to_list()) == first


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--position", "0.4"),
        ("--position", "1", "--slice-offset", "-2"),
        ("--start", "0.3", "--end", "0.8"),
    ],
    ids=" ".join,
)
def test_the_picture_is_the_same_with_an_index(
    root: Path, index: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    succeed(run(UUID, tmp_path / "with.webp", "--index", str(index), *options))
    succeed(run(UUID, tmp_path / "without.webp", "--root", str(root), *options))
    assert (tmp_path / "with.webp").read_bytes() == (tmp_path / "without.webp").read_bytes()


def test_an_index_serves_a_copy_elsewhere_for_one_request_an_image(index: Path, tmp_path: Path) -> None:
    """Nothing is listed and no header is asked for: four tiles are four requests."""
    with serve(OBJECTS) as server:
        done = run(
            UUID,
            tmp_path / "out.webp",
            *("--index", str(index), "--root", "s3://bucket", "--tile-width", "2"),
            env=s3(server.endpoint),
        )
        succeed(done)
        assert (server.counts.lists, server.counts.heads, server.counts.gets) == (0, 0, 4)


def test_one_object_that_is_gone_is_a_black_tile(root: Path, index: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(root, copy)
    gone = polars.read_parquet(index)["FileName"][3]
    (copy / UUID / gone).unlink()
    done = run(UUID, tmp_path / "out.webp", "--index", str(index), "--root", str(copy))
    assert (done.status, (tmp_path / "out.webp").exists()) == (0, True)
    assert gone in done.err


def without_column(table: pa.Table) -> pa.Table:
    return table.drop_columns(["FileName"])


def of_a_newer_schema(table: pa.Table) -> pa.Table:
    metadata = {**(table.schema.metadata or {}), b"dicom_series_preview.schema_version": b"99"}
    return table.replace_schema_metadata(metadata)


def without_metadata(table: pa.Table) -> pa.Table:
    return table.replace_schema_metadata(None)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (without_column, "FileName"),
        (of_a_newer_schema, "99"),
        (without_metadata, "cannot be used as an index"),
    ],
)
def test_an_index_that_cannot_be_used_is_refused(
    index: Path, tmp_path: Path, change: Callable[[pa.Table], pa.Table], words: str
) -> None:
    parquet.write_table(change(parquet.read_table(str(index))), str(tmp_path / "bad.parquet"))
    out = tmp_path / "out.webp"
    assert words in refuse(run(UUID, out, "--index", str(tmp_path / "bad.parquet")), out)


def test_a_damaged_index_is_refused(index: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.webp"
    (tmp_path / "cut.parquet").write_bytes(index.read_bytes()[:-100])
    assert "cut.parquet" in refuse(run(UUID, out, "--index", str(tmp_path / "cut.parquet")), out)
    assert "missing.parquet" in refuse(run(UUID, out, "--index", str(tmp_path / "missing.parquet")), out)


def test_the_index_of_another_series_is_refused(index: Path, tmp_path: Path) -> None:
    out, other = tmp_path / "out.webp", uuid_for("another")
    message = refuse(run(other, out, "--index", str(index)), out)
    assert UUID in message
    assert other in message


def test_wrong_arguments_of_build_index_are_told_at_once(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    done = run("build-index", "xyz", out, "--limit", "0", "--timeout", "-1")
    assert (done.status, done.out, out.exists()) == (1, "", False)
    for words in ("'xyz'", "out.csv", "--limit 0", "--timeout -1"):
        assert words in done.err


def test_what_is_no_dicom_is_left_out_of_the_index(root: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(root, copy)
    (copy / UUID / "broken.dcm").write_bytes(b"\0" * 128 + b"DICM" + b"\x08\0\x16\0UI\x1a\0" + b"1.2.840")
    done = run("build-index", UUID, tmp_path / "out.parquet", "--root", str(copy), "-v")
    assert done.status == 0
    assert "broken.dcm" in done.err
    assert polars.read_parquet(tmp_path / "out.parquet").height == SLICES
