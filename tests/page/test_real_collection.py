"""A batch of real series with its maps and its page: each tile's command shows just what the tile shows."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.command.here import run
from tests.page.conftest import Opener

DATA = os.environ.get("DSP_TEST_DATA")
NAMES = (
    "ct-thorax-4mm",  # the everyday case
    "ct-ibsi-orientation",  # no window in the file: one is found from all slices
    "mr-localizer-3plane",  # three stacks
    "enh-mr-knee-19f",  # one object of many frames
    "asl-multi",  # several objects of several frames
    "us-sonosite-jpeg-30f",  # colour
)


def _tiles(file: Path) -> list[dict[str, Any]]:
    tiles: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))["tiles"]
    return tiles


@pytest.mark.skipif(DATA is None, reason="DSP_TEST_DATA names no folder of real series")
def test_the_command_of_a_tile_shows_the_same_slice_through_the_same_window(
    tmp_path: Path, opened: Opener
) -> None:
    data = Path(DATA or "")
    table = [line.split("\t") for line in (data / "series.tsv").read_text().splitlines()[1:]]
    series = {name: uuid for name, uuid, *_ in table if name in NAMES}
    listed, out = tmp_path / "list.txt", tmp_path / "out"
    listed.write_text("".join(f"{uuid}\n" for uuid in series.values()))
    assert run("batch", listed, out, "--root", data / "idc", "--map", "--gallery").status == 0
    gallery = opened((out / "index.html").as_uri())
    for uuid in series.values():
        expected = _tiles(out / uuid[:2] / f"{uuid}.json")
        gallery.page.get_by_label("Search series").fill(uuid)
        gallery.page.locator(".card button").click()
        tiles = gallery.page.locator(".tile")
        assert tiles.count() == len(expected)
        chosen = 2 * len(expected) // 3
        tiles.nth(chosen).click()
        command = shlex.split(gallery.page.locator("#said code").inner_text())
        assert run(*command[1:], "--map", "slice.json", folder=tmp_path).status == 0
        (shown,) = _tiles(tmp_path / "slice.json")
        for name in ("object", "frame", "number", "axis", "position", "window"):
            assert shown[name] == expected[chosen][name]
        gallery.page.keyboard.press("Escape")
