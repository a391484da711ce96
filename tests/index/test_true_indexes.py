"""An index shows the objects it was made of, or says that these are others; a damaged one is refused."""

from __future__ import annotations

import os
import shutil
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import pytest
from attrs import evolve

from dicom_series_preview.shell.parquet import read_table, write_table
from dicom_series_preview.shell.sources.open_index import open_index
from tests.command.here import run
from tests.command.process import Ran
from tests.support.dicom import make_object, make_series
from tests.support.peak import GIB, MIB
from tests.support.peak import run as run_measured

_arrow: Final[Any] = import_module("pyarrow")
_parquet: Final[Any] = import_module("pyarrow.parquet")

COUNT = 6
GREY = ("--window-center", "32768", "--window-width", "65536", "--tile-height", "1", "--image-width", "16")


def _slice(number: int, series: str, grey: int) -> bytes:
    pixels = np.full((8, 8), grey + 9000 * number, np.uint16)
    return make_object(
        series=series, position=(0, 0, -number), instance_number=number, pixels=pixels, RescaleIntercept=0
    )


def _made(folder: Path, series: str, grey: int = 2000) -> Path:
    """The folder of a series of its own."""
    made = make_series(folder, COUNT, lambda number: _slice(number, series, grey), series)
    return folder / made.uuid


@pytest.fixture
def series(tmp_path: Path) -> Path:
    return _made(tmp_path / "one", "one")


@pytest.fixture
def index(series: Path, tmp_path: Path) -> Path:
    path = tmp_path / "i.parquet"
    assert run("build-index", f"{series}/", path).status == 0
    return path


def _shown(series: Path | str, out: Path, *options: str | Path) -> Ran:
    return run(series, out, *GREY, *options)


def _refused(ran: Ran, *words: str) -> None:
    assert (ran.status, ran.out) == (1, "")
    (message,) = ran.messages
    assert [word for word in words if word not in message] == []


def test_objects_that_changed_places_are_found_out(series: Path, index: Path, tmp_path: Path) -> None:
    files = sorted(series.iterdir())
    contents = [file.read_bytes() for file in files]
    for file, content in zip(files, reversed(contents), strict=True):
        file.write_bytes(content)
    out = tmp_path / "o.webp"
    for view in ([], ["--position", "0", "--image-width", "8"]):
        ran = run(f"{series}/", out, *view, "--index", index)
        _refused(ran, "SOPInstanceUID", "stale", "build-index")
    assert not out.exists()


def test_another_series_under_the_same_names_is_found_out(series: Path, index: Path, tmp_path: Path) -> None:
    other = _made(tmp_path / "two", "two", 500)
    for mine, theirs in zip(sorted(series.iterdir()), sorted(other.iterdir()), strict=True):
        mine.write_bytes(theirs.read_bytes())
    _refused(_shown(f"{series}/", tmp_path / "o.webp", "--index", index), "stale")


def test_a_location_is_where_objects_are_read(series: Path, index: Path, tmp_path: Path) -> None:
    """The picture of what lies there, and nothing of what the index says of places."""
    expected, out = tmp_path / "e.webp", tmp_path / "o.webp"
    assert _shown(f"{series}/", expected).status == 0
    moved = tmp_path / "moved" / "s"
    moved.parent.mkdir()
    shutil.move(series, moved)
    assert _shown(f"{moved}/", out, "--index", index).messages == []
    assert out.read_bytes() == expected.read_bytes()
    other = _made(tmp_path / "two", "two", 500)
    _refused(_shown(f"{other}/", tmp_path / "x.webp", "--index", index), str(other))


def _damaged(index: Path, key: str, value: str) -> Path:
    table = read_table(str(index)).unwrap()
    metadata = {**table.metadata, f"dicom_series_preview.{key}": value}
    index.write_bytes(write_table(evolve(table, metadata=metadata)))
    return index


def test_a_root_that_makes_no_sense_is_not_needed_where_a_location_is_named(
    series: Path, index: Path, tmp_path: Path
) -> None:
    damaged, out = _damaged(index, "root", "s3:/"), tmp_path / "o.webp"
    assert _shown(f"{series}/", out, "--index", damaged).messages == []
    assert _shown(series.name, out, "--index", damaged, "--root", series.parent).messages == []
    _refused(_shown(series.name, out, "--index", damaged), "s3:/")


@pytest.mark.parametrize("far", ["1.7e308", "Infinity", "-Infinity", "NaN"])
def test_coordinates_that_are_not_finite_are_damage(
    series: Path, index: Path, tmp_path: Path, far: str
) -> None:
    table = read_table(str(index)).unwrap()
    key = "dicom_series_preview.order"
    order = table.metadata[key]
    start = order.index('"coordinates":[') + len('"coordinates":[')
    stop = order.index("]", start)
    count = order[start:stop].count(",") + 1
    ends = [f"-{far}" if far == "1.7e308" else "0", *["0"] * (count - 2), far]
    metadata = {**table.metadata, key: order[:start] + ",".join(ends) + order[stop:]}
    damaged = tmp_path / "d.parquet"
    damaged.write_bytes(write_table(evolve(table, metadata=metadata)))
    for view in (["--start", "0.2", "--end", "0.8"], ["--position", "0.5"]):
        ran = run(f"{series}/", tmp_path / "o.webp", *view, "--index", damaged)
        _refused(ran, "damaged")


def test_more_rows_than_any_series_has_are_not_unpacked(tmp_path: Path, series: Path) -> None:
    bomb = tmp_path / "bomb.parquet"
    duckdb.sql(f"copy (select 'x' as FileName from range(3000000)) to '{bomb}' (format parquet)")
    _refused(run(f"{series}/", tmp_path / "o.webp", "--index", bomb), "3000000 rows")


def test_a_long_text_that_all_rows_share_is_unpacked_once(index: Path, series: Path, tmp_path: Path) -> None:
    """A dictionary page holds it a single time: 100,000 rows of it would be 100 GB."""
    bomb, rows = tmp_path / "bomb.parquet", 100_000
    table = _parquet.read_table(str(index))
    first, types = table.slice(0, 1).to_pylist()[0], {field.name: field.type for field in table.schema}
    columns = {name: _arrow.array([first[name]] * rows, kind) for name, kind in types.items()}
    columns["Index"] = _arrow.array(range(rows), types["Index"])
    places = _arrow.array([0] * rows, _arrow.int32())
    columns["FileName"] = _arrow.DictionaryArray.from_arrays(places, _arrow.array(["x" * 10**6]))
    _parquet.write_table(
        _arrow.table(columns, metadata=table.schema.metadata),
        str(bomb),
        compression="zstd",
        dictionary_pagesize_limit=1 << 22,
        store_schema=False,
    )
    assert bomb.stat().st_size < MIB
    ran = run_measured(f"{series}/", tmp_path / "o.webp", "--index", bomb)
    assert (ran.status, ran.words.count("\n")) == (1, 1)
    assert ran.peak < GIB
    assert ran.seconds < 20


def test_a_series_of_one_file_is_read_where_it_is(series: Path, tmp_path: Path) -> None:
    """A file may be a series by itself; its index names it, wherever it was moved to."""
    file, moved = series / "only.dcm", tmp_path / "moved" / "only.dcm"
    shutil.copy(next(series.iterdir()), file)
    assert run("build-index", file, tmp_path / "one.parquet").status == 0
    assert _shown(str(file), tmp_path / "e.webp").status == 0
    moved.parent.mkdir()
    shutil.move(file, moved)
    ran = _shown(str(moved), tmp_path / "o.webp", "--index", tmp_path / "one.parquet")
    assert (ran.status, ran.err) == (0, "")
    assert (tmp_path / "o.webp").read_bytes() == (tmp_path / "e.webp").read_bytes()


@pytest.mark.parametrize("nameless", [0, 2])
def test_an_object_that_names_no_series_is_still_the_one_that_was_indexed(
    nameless: int, tmp_path: Path
) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    for number in range(COUNT):
        pixels = np.full((8, 8), 2000 + 9000 * number, np.uint16)
        uid = "" if number == nameless else "1.2.3"
        made = make_object(
            position=(0, 0, -number),
            instance_number=number,
            pixels=pixels,
            RescaleIntercept=0,
            SeriesInstanceUID=uid,
        )
        (folder / f"{number}.dcm").write_bytes(made)
    assert run("build-index", f"{folder}/", tmp_path / "m.parquet").status == 0
    assert open_index(str(tmp_path / "m.parquet")).unwrap().series_instance_uid != ""
    assert _shown(f"{folder}/", tmp_path / "e.webp").status == 0
    ran = _shown(f"{folder}/", tmp_path / "o.webp", "--index", tmp_path / "m.parquet")
    assert (ran.status, ran.err) == (0, "")
    assert (tmp_path / "o.webp").read_bytes() == (tmp_path / "e.webp").read_bytes()


def test_a_pipe_is_no_index(tmp_path: Path, series: Path) -> None:
    pipe = tmp_path / "pipe.parquet"
    os.mkfifo(pipe)
    _refused(run(f"{series}/", tmp_path / "o.webp", "--index", pipe), str(pipe), "it is no file")


def test_a_name_that_is_no_text_is_refused_by_build_index(tmp_path: Path, series: Path) -> None:
    """A preview shows it all the same; an index could not find it again."""
    odd = os.fsencode(str(series)) + b"/\xff\xfe.dcm"
    shutil.copy(os.fsencode(str(next(series.iterdir()))), odd)
    assert run(f"{series}/", tmp_path / "o.webp").status == 0
    _refused(run("build-index", f"{series}/", tmp_path / "i.parquet"), "\\xff\\xfe.dcm", "UTF-8")
    assert not (tmp_path / "i.parquet").exists()
