"""Animations: which slices they show, how fast, and what they cost."""

from __future__ import annotations

import json
import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
import pydicom
import pytest
from PIL import Image, ImageSequence
from returns.pipeline import is_successful

from dicom_series_preview import Options, preview
from tests.command.conftest import SLICES
from tests.command.here import run
from tests.command.process import run_process, s3
from tests.command.test_labels import series as real_series
from tests.support.dicom import MadeSeries
from tests.support.s3server import serve

DATA: Final = Path(os.environ.get("DSP_TEST_DATA", ""))
needs_data = pytest.mark.skipif("DSP_TEST_DATA" not in os.environ, reason="DSP_TEST_DATA names no real data")
needs_av = pytest.mark.skipif(find_spec("av") is None, reason="PyAV, the extra `video`, is not installed")


def moving(path: Path) -> tuple[list[np.ndarray[Any, np.dtype[np.uint8]]], list[float]]:
    """The frames of an animation as grey levels, and how long each lasts, in ms."""
    shown, lasting = [], []
    with Image.open(path) as image:
        for frame in ImageSequence.Iterator(image):
            shown.append(np.asarray(frame.convert("L")))
            lasting.append(float(frame.info["duration"]))
    return shown, lasting


def test_every_slice_is_a_frame_and_asked_for_once(root: Path, series: MadeSeries, tmp_path: Path) -> None:
    index, out, found = tmp_path / "index.parquet", tmp_path / "out.webp", tmp_path / "map.json"
    with serve(root) as server:
        at = ("--root", "s3://bucket")
        assert run("build-index", series.uuid, index, *at, env=s3(server.endpoint)).status == 0
        server.forget()
        words = ("--index", index, "--cine", "--lossless", "--map", found)
        done = run(series.uuid, out, *at, *words, env=s3(server.endpoint))
        assert (done.status, done.err) == (0, "")
        assert server.counts.gets == SLICES
    shown, lasting = moving(out)
    assert [round(float(frame.mean()) * SLICES / 255) for frame in shown] == list(range(SLICES))
    assert set(lasting) == {100.0}
    assert {frame.shape for frame in shown} == {(256, 256)}
    told = json.loads(found.read_text())
    assert [tile["index"] for tile in told["tiles"]] == list(range(SLICES))
    assert {tuple(tile["rect"]) for tile in told["tiles"]} == {(0, 0, 256, 256)}


def test_a_part_of_the_range_in_fewer_frames(root: Path, series: MadeSeries, tmp_path: Path) -> None:
    out = tmp_path / "out.webp"
    words = ("--cine", "--lossless", "--frames", "3", "--start", "0.5", "--rate", "4", "--image-width", "64")
    assert run(series.uuid, out, "--root", root, *words).status == 0
    shown, lasting = moving(out)
    assert [round(float(frame.mean()) * SLICES / 255) for frame in shown] == [52, 78, 104]
    assert (set(lasting), shown[0].shape) == ({250.0}, (64, 64))


@needs_data
@pytest.mark.parametrize(("name", "frames"), [("xa-cine-96f", 96), ("us-sonosite-jpeg-30f", 30)])
def test_an_animation_is_as_fast_as_its_header_says(name: str, frames: int, tmp_path: Path) -> None:
    out, folder = tmp_path / "out.webp", DATA / "idc" / real_series()[name]
    (file,) = folder.iterdir()
    milliseconds = float(pydicom.dcmread(file, stop_before_pixels=True).FrameTime)
    assert run(folder.name, out, "--root", DATA / "idc", "--cine", "--image-width", "64").status == 0
    shown, lasting = moving(out)
    assert (len(shown), set(lasting)) == (frames, {round(milliseconds)})


@needs_data
@pytest.mark.parametrize(
    ("name", "times", "told"),
    [("fmri-ge-15x10", 10, False), ("asl-multi", 7, True), ("mr-cine-sax", 2, True)],
)
def test_times_at_one_place_are_what_moves(name: str, times: int, told: bool) -> None:
    """`told` is whether anything but the number of the instance tells the time."""
    made = preview(Options(real_series()[name], root=DATA / "idc", cine=True, image_width=64))
    assert is_successful(made)
    tiles = made.unwrap().tiles
    assert len(made.unwrap().frames) == len(tiles) == times
    assert len({tile.position for tile in tiles}) == 1
    assert len({(tile.object, tile.frame) for tile in tiles}) == times
    seconds = [tile.time for tile in tiles if tile.time is not None]
    assert seconds == sorted(set(seconds))
    assert len(seconds) == (times if told else 0)


@needs_av
def test_mp4_has_every_frame_at_its_rate(root: Path, series: MadeSeries, tmp_path: Path) -> None:
    import av

    out = tmp_path / "out.mp4"
    words = ("--cine", "--rate", "12.5", "--image-width", "64", "--quality", "90")
    done = run(series.uuid, out, "--root", root, *words)
    assert (done.status, done.out, done.err) == (0, "", "")
    with av.open(str(out)) as container:
        stream = container.streams.video[0]
        assert stream.average_rate == 12.5
        shown = [float(frame.to_ndarray(format="gray").mean()) for frame in container.decode(stream)]
    assert len(shown) == SLICES
    assert np.abs(np.array(shown) - np.arange(SLICES) * 255 / SLICES).max() < 4


def test_without_its_extra_an_mp4_is_refused_before_anything_is_asked(
    series: MadeSeries, tmp_path: Path
) -> None:
    blocked = tmp_path / "blocked"
    blocked.mkdir()
    (blocked / "sitecustomize.py").write_text("import sys\nsys.modules['av'] = None\n")
    with serve({}) as server:
        path = os.pathsep.join([str(blocked), *sys.path])
        done = run_process(
            *(series.uuid, tmp_path / "out.mp4", "--cine", "--root", "s3://bucket"),
            env={**s3(server.endpoint), "PYTHONPATH": path},
        )
        assert server.requests == []
    assert (done.status, done.out, len(done.messages)) == (1, "", 1)
    assert "'video'" in done.err or "extra video" in done.err or "[video]" in done.err
    assert not (tmp_path / "out.mp4").exists()
