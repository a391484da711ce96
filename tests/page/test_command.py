"""The command `gallery`, and what it makes of the results of a batch; the table in a notebook."""

from __future__ import annotations

import os
import re
import shlex
import stat
from collections.abc import Sequence
from pathlib import Path

import pytest
from attrs import evolve

import dicom_series_preview
from dicom_series_preview.core.batch.row import Row, Status
from dicom_series_preview.core.faults.batch import UnusableFolder
from dicom_series_preview.shell.batch.tables import write_rows
from dicom_series_preview.shell.page.gallery import Gallery, open_gallery, write_gallery
from tests.command.here import run
from tests.page.collection import ECHO, LATE, ROWS, THORAX, failed, tile_map, write
from tests.page.conftest import Opener
from tests.support.dicom import make_object, make_series, uuid_for


def _part(folder: Path, name: str, rows: Sequence[Row], when: int = 1_700_000_000) -> Path:
    """Rows as a batch leaves them, written at a time."""
    path = folder / "results" / f"part-{name}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(write_rows(rows))
    os.utime(path, (when, when))
    return path


def _collection(folder: Path) -> Path:
    write(folder, ROWS).unlink()
    _part(folder, "0f-00000", ROWS[:5])
    _part(folder, "0f-00001", ROWS[5:])
    return folder


def test_the_command_writes_the_page_and_says_nothing(tmp_path: Path, opened: Opener) -> None:
    folder = _collection(tmp_path / "my scans")
    ran = run("gallery", folder)
    assert (ran.status, ran.out, ran.err) == (0, "", "")
    gallery = opened((folder / "index.html").as_uri())
    assert sorted(gallery.names()) == sorted(row.description or row.series for row in ROWS)
    assert gallery.page.title() == "my scans"
    gallery.page.get_by_role("button", name="Thorax 4 mm").click()
    assert gallery.page.locator(".tile").count() == 9


def test_it_can_be_written_while_a_batch_runs(tmp_path: Path) -> None:
    """With what there is so far, without what is being written; and again."""
    write(tmp_path, [THORAX])
    _part(tmp_path, "0f-00000", [THORAX])
    (tmp_path / "results" / ".dicom-series-preview-x.part").write_bytes(b"PAR1 half")
    assert [row.series for row in open_gallery(str(tmp_path)).unwrap().rows] == [THORAX.series]
    _part(tmp_path, "0f-00001", [ECHO])
    assert len(open_gallery(str(tmp_path)).unwrap().rows) == 2


def test_the_latest_row_of_a_series_holds(tmp_path: Path) -> None:
    """Names of parts are no order: each run draws its own."""
    late = failed(THORAX, Status.FAILED, "It was cut short.")
    _part(tmp_path, "ff-00000", [late], when=1_700_000_000)
    _part(tmp_path, "00-00000", [THORAX, ECHO], when=1_700_000_100)
    assert set(open_gallery(str(tmp_path)).unwrap().rows) == {THORAX, ECHO}
    _part(tmp_path, "88-00000", [late], when=1_700_000_200)
    assert set(open_gallery(str(tmp_path)).unwrap().rows) == {late, ECHO}


def test_a_refusal_in_python_says_why_when_it_is_unwrapped(tmp_path: Path) -> None:
    with pytest.raises(dicom_series_preview.NoPreview, match="there are no results of a batch in it"):
        dicom_series_preview.open_gallery(tmp_path).unwrap()


def test_what_is_no_output_folder_is_refused(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere"
    (tmp_path / "empty" / "results").mkdir(parents=True)
    (tmp_path / "file").write_text("")
    for folder in (missing, tmp_path, tmp_path / "empty", tmp_path / "file"):
        ran = run("gallery", folder)
        assert (ran.status, ran.out) == (1, "")
        assert ran.messages == [
            f"error: The output folder {folder} cannot be used: there are no results of a batch in it."
        ]
        assert not (folder / "index.html").exists()


@pytest.mark.parametrize("arguments", [(), ("a", "b"), ("--title", "x", "a")])
def test_wrong_arguments_are_refused(arguments: tuple[str, ...]) -> None:
    ran = run("gallery", *arguments)
    assert (ran.status, ran.out) == (1, "")
    assert re.search("OUTDIR is missing|one argument too many|There is no option --title", ran.err)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"no Parquet at all"])
def test_damaged_results_leave_the_old_page(tmp_path: Path, content: bytes) -> None:
    index = write(tmp_path, [THORAX])
    before = index.read_bytes()
    _part(tmp_path, "a", [THORAX]).write_bytes(content)
    ran = run("gallery", tmp_path)
    assert ran.status == 1
    assert "its results cannot be read" in ran.err
    assert index.read_bytes() == before


def test_results_that_may_not_be_read_are_told_as_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: str) -> None:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "scandir", refuse)
    refused = open_gallery(str(tmp_path)).failure()
    assert refused == UnusableFolder(str(tmp_path), "you have no permission to read its results")


def test_a_table_of_something_else_is_refused(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    (tmp_path / "results").mkdir()
    for columns in ({"a": [1]}, {"series": ["x"], "status": ["melted"], "remarks": [["x"]]}):
        parquet.write_table(pyarrow.table(columns), tmp_path / "results" / "part-a.parquet")
        refused = open_gallery(str(tmp_path)).failure()
        assert isinstance(refused, UnusableFolder)
        assert "its results cannot be read" in str(refused)


def test_the_page_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    folder = _collection(tmp_path)
    (folder / "index.html").mkdir()
    ran = run("gallery", folder)
    assert ran.status == 1
    assert "index.html cannot be written" in ran.err
    assert not [name for name in os.listdir(folder) if name.endswith(".part")]


def test_a_page_that_is_there_is_replaced_and_keeps_its_mode(tmp_path: Path) -> None:
    folder = _collection(tmp_path)
    assert write_gallery(str(folder)).unwrap() == str(folder / "index.html")
    first = (folder / "index.html").read_bytes()
    (folder / "index.html").chmod(0o640)
    assert write_gallery(str(folder)).unwrap() == str(folder / "index.html")
    assert (folder / "index.html").read_bytes() == first
    assert stat.S_IMODE((folder / "index.html").stat().st_mode) == 0o640


def test_the_command_of_a_tile_shows_its_slice(tmp_path: Path, opened: Opener) -> None:
    """As it is copied, run where anybody would paste it: byte for byte the slice that lies there."""
    assert run("demo", tmp_path / "de mo").status == 0
    (series,) = (path for path in (tmp_path / "de mo").iterdir() if path.is_dir())
    last = len(list(series.iterdir())) - 1
    made = evolve(THORAX, series=series.name, location=str(tmp_path / "de mo"), slices=last + 1)
    write(tmp_path, [made])
    chosen = (0, 7, last)
    (tmp_path / made.path).with_suffix(".json").write_text(tile_map(made, chosen))
    looked = opened(write(tmp_path, [made]).as_uri())
    looked.page.get_by_role("button", name="Thorax 4 mm").click()
    for place, index in enumerate(chosen):
        looked.page.locator(".tile").nth(place).click()
        said = looked.page.locator("#said code")
        looked.until(f"document.querySelector('#said code')?.textContent.includes('set {index} ')")
        assert run(*shlex.split(said.inner_text())[1:], folder=tmp_path).status == 0
        there = ("--position", str(index / last), "--image-width", "512")
        assert run(series, "there.webp", *there, folder=tmp_path).status == 0
        assert (tmp_path / "slice.webp").read_bytes() == (tmp_path / "there.webp").read_bytes()


def test_a_batch_writes_the_page_at_its_end(tmp_path: Path, opened: Opener) -> None:
    """With the series that failed, in words; what is only tried leaves none."""
    root, out = tmp_path / "root", tmp_path / "out"
    for name in ("one", "two"):

        def slice_of(i: int, name: str = name) -> bytes:
            return make_object(series=name, instance_number=i)

        make_series(root, 3, slice_of, name)
    (root / uuid_for("none")).mkdir()
    listed = tmp_path / "list.txt"
    listed.write_text("".join(f"{uuid_for(name)}\n" for name in ("one", "two", "none")))
    batch = ("batch", listed, out, "--root", root, "--workers", "1", "--gallery")
    assert run(*batch, "--dry-run").status == 0
    assert not (out / "index.html").exists()
    ran = run(*batch)
    assert (ran.status, ran.out[:20]) == (1, "2 of 3 series have a")
    looked = opened((out / "index.html").as_uri())
    assert looked.page.locator("#count").inner_text() == "3 series"
    assert uuid_for("none") in looked.page.locator(".picture.none").inner_text()
    looked.until("[...document.images].every((one) => one.complete && one.naturalWidth > 0)")
    assert "3 slices" in looked.page.locator(".card", has=looked.page.locator("img")).first.inner_text()


# --- In a notebook ----------------------------------------------------------------------------------------


def test_in_a_notebook_the_rows_are_a_table_of_pictures(tmp_path: Path, opened: Opener) -> None:
    folder = _collection(tmp_path)
    opened_gallery = dicom_series_preview.open_gallery(folder).unwrap()
    page = tmp_path / "cell.html"
    page.write_text(f"<meta charset='utf-8'><link rel=icon href='data:,'>{opened_gallery._repr_html_()}")
    looked = opened(page.as_uri())
    looked.until("[...document.images].every((one) => one.complete)")
    assert looked.script("[...document.images].map((one) => one.naturalWidth)") == [96] * 6
    assert looked.page.locator("tbody tr").count() == len(ROWS)
    assert "None of 19 objects could be shown" in looked.page.locator("table").inner_text()


def test_a_notebook_shows_the_first_rows_of_those_chosen(tmp_path: Path) -> None:
    folder = _collection(tmp_path)
    rows = [evolve(THORAX, series=f"1.2.{i}", description=f"number {i}") for i in range(60)]
    html = Gallery(rows, str(folder))._repr_html_()
    assert html.count("<img") == html.count("<tr>") - 1 == 50
    assert html.endswith("<p>The first 50 of 60 series.</p>")
    assert Gallery([LATE], str(folder), most=0)._repr_html_().endswith("<p>The first 0 of 1 series.</p>")


def test_a_picture_that_is_gone_leaves_its_row(tmp_path: Path) -> None:
    html = Gallery([THORAX], str(tmp_path))._repr_html_()
    assert "Thorax 4 mm" in html
    assert "<img" not in html
