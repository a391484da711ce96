"""The views of the command, in processes of their own: formats, grounds, compared windows, maps, refusals."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.command.conftest import SLICES, SPACING, TOP
from tests.command.here import run
from tests.command.process import COMMAND, environment, s3
from tests.support.dicom import MadeSeries
from tests.support.s3server import serve


def opened(path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """All samples of a picture."""
    with Image.open(path) as image:
        return np.asarray(image)


def test_png_and_lossless_webp_hold_the_same_pixels(root: Path, series: MadeSeries, tmp_path: Path) -> None:
    png, webp = tmp_path / "out.png", tmp_path / "out.webp"
    assert run(series.uuid, png, "--root", root).err == ""
    assert run(series.uuid, webp, "--root", root, "--lossless").err == ""
    assert png.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    with Image.open(webp) as image:
        shown = np.asarray(image.convert("L"))
    assert np.array_equal(opened(png), shown)


@pytest.mark.parametrize("format_", ["png", "webp", "jpg", "jpeg"])
def test_standard_output_is_the_file_and_nothing_else(
    root: Path, series: MadeSeries, tmp_path: Path, format_: str
) -> None:
    out = tmp_path / f"out.{format_}"
    assert run(series.uuid, out, "--root", root).status == 0
    words = [*COMMAND, series.uuid, "-", "--format", format_, "--root", str(root), "-v"]
    piped = subprocess.run(words, env=environment(), capture_output=True, check=False)
    assert piped.returncode == 0
    assert piped.stdout == out.read_bytes()
    with Image.open(BytesIO(piped.stdout)) as image:
        image.load()


def test_a_closed_pipe_ends_quietly(root: Path, series: MadeSeries) -> None:
    words = [*COMMAND, series.uuid, "-", "--format", "png", "--root", str(root)]
    with subprocess.Popen(
        words, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()
    assert (process.returncode, said) == (1, b"")


def test_gaps_show_the_ground(root: Path, series: MadeSeries, tmp_path: Path) -> None:
    out, found = tmp_path / "out.png", tmp_path / "map.json"
    grid = ("--tile-width", "3", "--tile-height", "2", "--image-width", "40")
    look = ("--gap", "5", "--background", "#102030")
    assert run(series.uuid, out, "--root", root, *grid, *look, "--map", found).status == 0
    canvas = opened(out)
    assert canvas.shape == (2 * 40 + 5, 3 * 40 + 2 * 5, 3)
    ground = np.ones(canvas.shape[:2], np.bool_)
    for tile in json.loads(found.read_text())["tiles"]:
        left, top, width, height = tile["rect"]
        ground[top : top + height, left : left + width] = False
    assert np.count_nonzero(ground) == 85 * 130 - 6 * 1600
    assert (canvas[ground] == (16, 32, 48)).all()
    assert (np.ptp(canvas[~ground], axis=1) == 0).all()


def test_a_preset_by_its_name_and_by_its_numbers_is_one_picture(
    root: Path, series: MadeSeries, tmp_path: Path
) -> None:
    given = {
        "name": ("--contrast-preset", "lung"),
        "numbers": ("--contrast-preset", "1500/-500"),
        "comma": ("--contrast-preset", "1500,-500"),
    }
    made = []
    for name, words in given.items():
        assert run(series.uuid, tmp_path / f"{name}.webp", "--root", root, *words).status == 0
        made.append((tmp_path / f"{name}.webp").read_bytes())
    assert len(set(made)) == 1


def test_compared_windows_are_columns_and_each_slice_is_asked_for_once(
    root: Path, series: MadeSeries, tmp_path: Path
) -> None:
    """A slice of one value v is shown as 255·(v - (center - width/2))/width, PS3.3 C.11.2.1.3.2."""
    index, out, found = tmp_path / "index.parquet", tmp_path / "out.png", tmp_path / "map.json"
    windows = [(105.0, 52.5), (400.0, 100.0), (60.0, 50.0), (1000.0, 0.0)]
    presets = [word for width, level in windows for word in ("--contrast-preset", f"{width}/{level}")]
    with serve(root) as server:
        at = ("--root", "s3://bucket")
        assert run("build-index", series.uuid, index, *at, env=s3(server.endpoint)).status == 0
        server.forget()
        done = run(series.uuid, out, *at, "--index", index, *presets, "--map", found, env=s3(server.endpoint))
        assert (done.status, done.err) == (0, "")
        assert server.counts.gets == 3
    canvas, tiles = opened(out), json.loads(found.read_text())["tiles"]
    assert [tile["index"] for tile in tiles] == [0] * 4 + [52] * 4 + [104] * 4
    for number, tile in enumerate(tiles):
        left, top, width, height = tile["rect"]
        across, level = windows[number % 4]
        grey = np.clip((tile["index"] - level + across / 2) / across * 255, 0, 255)
        assert (left // width, top // height) == (number % 4, number // 4)
        assert (tile["window"]["width"], tile["window"]["center"]) == (across, level)
        seen = canvas[top + height // 4, left + width // 4]
        assert abs(float(seen) - grey) <= 1


def test_the_map_says_what_stands_where(root: Path, series: MadeSeries, tmp_path: Path) -> None:
    out, found = tmp_path / "out.png", tmp_path / "map.json"
    assert run(series.uuid, out, "--root", root, "--map", found).status == 0
    canvas, told = opened(out), json.loads(found.read_text())
    head = (told["schema"], told["image"], told["width"], told["height"], told["series"])
    assert head == (1, "out.png", 768, 768, series.uuid)
    assert len(told["tiles"]) == 36
    for tile in told["tiles"]:
        left, top, width, height = tile["rect"]
        number = round(canvas[top : top + height, left : left + width].mean() * SLICES / 255)
        assert (tile["index"], tile["number"], tile["frame"]) == (number, number + 1, 1)
        assert tile["object"] == series.names[number]
        assert (tile["axis"], tile["position"]) == ("Z", TOP - SPACING * number)
        assert tile["window"] == {"center": SLICES / 2, "width": SLICES, "function": "LINEAR_EXACT"}
        assert tile["time"] is None


def test_a_picture_and_its_map_are_written_both_or_neither(
    root: Path, series: MadeSeries, tmp_path: Path
) -> None:
    outputs, elsewhere = tmp_path / "outputs", tmp_path / "missing"
    outputs.mkdir()
    (tmp_path / "folder.json").mkdir()
    for found in (elsewhere / "map.json", tmp_path / "folder.json", Path("/proc/map.json")):
        done = run(series.uuid, outputs / "out.png", "--root", root, "--map", found)
        assert (done.status, len(done.messages)) == (1, 1)
        assert f"{found} cannot be written" in done.err
        assert list(outputs.iterdir()) == []
    done = run(series.uuid, elsewhere / "out.png", "--root", root, "--map", outputs / "map.json")
    assert (done.status, len(done.messages)) == (1, 1)
    assert list(outputs.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("out.webp --cine --position 0.5", "--position"),
        ("out.webp --cine --tile-width 3", "--tile-width"),
        ("out.webp --cine --contrast-preset lung --contrast-preset bone", "--contrast-preset"),
        ("out.webp --cine --frames 0", "--frames"),
        ("out.webp --cine --rate 0", "--rate"),
        ("out.png --cine", ".mp4"),
        ("out.mp4", "--cine"),
        ("out.webp --rate 5", "--cine"),
        ("out.webp --frames 5", "--cine"),
        ("- --map map.json", "--map"),
        ("out.webp --map -", "--map"),
        ("out.webp --map map.txt", ".json"),
        ("out.webp --labels sides", "sides"),
        ("out.webp --labels number,", "number,"),
        ("out.webp --gap -1", "--gap"),
        ("out.webp --background blue", "blue"),
        ("out.webp --background 256", "256"),
        ("out.webp --format png", "--format"),
        ("- --format bmp", "bmp"),
        ("- --format mp4", "mp4"),
        ("out.jpg --lossless", "--lossless"),
        ("out.webp --contrast-preset lungs", "lungs"),
        ("out.webp --contrast-preset 0/40", "0/40"),
        ("out.webp --contrast-preset lung --contrast-preset bone --tile-width 2", "--tile-width"),
        ("out.webp --contrast-preset lung --window-width 3 --window-center", "--window-center"),
    ],
)
def test_what_does_not_go_together_is_one_paragraph(
    root: Path, series: MadeSeries, tmp_path: Path, words: str, told: str
) -> None:
    done = run(series.uuid, *words.split(), "--root", root, folder=tmp_path)
    assert (done.status, done.out, len(done.messages)) == (1, "", 1)
    assert done.err.startswith("error: ")
    assert told in done.err
    assert list(tmp_path.iterdir()) == []


def test_a_reader_of_the_pipe_gets_a_whole_picture(root: Path, series: MadeSeries) -> None:
    reader = "import sys; from PIL import Image; i = Image.open(sys.stdin.buffer); i.load(); print(*i.size)"
    words = [*COMMAND, series.uuid, "-", "--format", "png", "--root", str(root)]
    with subprocess.Popen(words, env=environment(), stdout=subprocess.PIPE) as process:
        read = subprocess.run(
            [sys.executable, "-c", reader],
            stdin=process.stdout,
            capture_output=True,
            check=True,
            env=dict(os.environ),
        )
    assert (process.returncode, read.stdout.split()) == (0, [b"768", b"768"])
