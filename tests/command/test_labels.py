"""The letters that stand on a picture, read back from its file, against what pydicom says of the same objects."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from functools import cache
from itertools import product
from pathlib import Path
from typing import Final

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from dicom_series_preview import Options, preview
from tests.command.here import run
from tests.command.pictures import open_grey
from tests.test_real_series import SHOWN

DATA: Final = Path(os.environ.get("DSP_TEST_DATA", ""))
pytestmark = pytest.mark.skipif("DSP_TEST_DATA" not in os.environ, reason="DSP_TEST_DATA names no real data")

SHAPES: Final = {
    "R": "####. #...# #...# ####. #.#.. #..#. #...#",
    "L": "#.... #.... #.... #.... #.... #.... #####",
    "A": ".###. #...# #...# ##### #...# #...# #...#",
    "P": "####. #...# #...# ####. #.... #.... #....",
    "H": "#...# #...# #...# ##### #...# #...# #...#",
    "F": "##### #.... #.... ####. #.... #.... #....",
}
NAMES: Final = sorted((*SHAPES, *map("".join, product(SHAPES, repeat=2))), key=len, reverse=True)
"""Longest first: the end of a long name may be a short one."""

TURNED: Final = str.maketrans("RLAPHF", "LRPAFH")


def series() -> dict[str, str]:
    """The folder of each of the real series, by its name."""
    if not DATA.name:
        return {}
    rows = (line.split("\t") for line in (DATA / "series.tsv").read_text().splitlines()[1:])
    return {row[0]: row[1] for row in rows}


def towards(direction: Sequence[float]) -> str:
    """The side of a patient that a direction points to: x grows to the left, y to the back, z to the head."""
    parts = {"L": direction[0], "P": direction[1], "H": direction[2]}
    parts |= {"R": -direction[0], "A": -direction[1], "F": -direction[2]}
    leaning = sorted((name for name in parts if parts[name] >= 0.25), key=lambda name: -parts[name])
    return "".join(leaning[:2])


def orientation(path: Path, frame: int) -> list[float] | None:
    """ImageOrientationPatient of a frame, which counts from 1, wherever it stands."""
    dataset = pydicom.dcmread(path, force=True, stop_before_pixels=True)
    places: list[Dataset] = [dataset]
    for sequence, number in (
        ("PerFrameFunctionalGroupsSequence", frame - 1),
        ("SharedFunctionalGroupsSequence", 0),
        ("DetectorInformationSequence", 0),
    ):
        items = dataset.get(sequence) or []
        found = [] if number >= len(items) else [items[number]]
        places += [*found, *(one for item in found for one in item.get("PlaneOrientationSequence") or [])]
    values = [place.ImageOrientationPatient for place in places if place.get("ImageOrientationPatient")]
    return [float(value) for value in values[0]] if values else None


@cache
def bitmap(name: str, scale: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """A name as dots, and what lies around them, both with a rim of one pixel."""
    rows = [".".join(SHAPES[letter].split()[row] for letter in name) for row in range(7)]
    dots = np.array([[dot == "#" for dot in row] for row in rows])
    dots = np.pad(dots.repeat(scale, axis=0).repeat(scale, axis=1), 1)
    grown = np.zeros_like(dots)
    for down, right in product((-1, 0, 1), repeat=2):
        grown |= np.roll(np.roll(dots, down, axis=0), right, axis=1)
    return dots, grown & ~dots


def stands(tile: NDArray[np.uint8], name: str, scale: int, side: str) -> bool:
    """Whether a name stands at one side of a tile: white where it is, black all around."""
    dots, around = bitmap(name, scale)
    rows, columns = dots.shape[0] - 2, dots.shape[1] - 2
    height, width = tile.shape
    top = {"top": 2 * scale, "bottom": height - 2 * scale - rows}.get(side, (height - 7 * scale) // 2)
    free = width - 4 * scale - columns
    left = 2 * scale + {"left": 0, "right": free}.get(side, round(free / 2))
    seen = tile[top - 1 : top + rows + 1, left - 1 : left + columns + 1]
    return bool((seen[dots] == 255).all() and (seen[around] == 0).all())


def letters(tile: NDArray[np.uint8]) -> dict[str, str]:
    """What is read at the sides of a tile; nothing where no letter stands."""
    scale = min(4, 1 + min(tile.shape) // 256)
    return {
        side: next((name for name in NAMES if stands(tile, name, scale, side)), "")
        for side in ("left", "right", "top", "bottom")
    }


def compared(picture: Path, found: Path, folder: Path) -> int:
    """Compare all tiles of a picture with their objects; the number of those that have letters."""
    canvas = open_grey(picture)
    lettered = 0
    for tile in json.loads(found.read_text())["tiles"]:
        left, top, width, height = tile["rect"]
        read = letters(canvas[top : top + height, left : left + width])
        large = min(width, height) >= 64  # a smaller tile bears no marks
        cosines = orientation(folder / tile["object"], tile["frame"]) if large else None
        right, bottom = ("", "") if cosines is None else (towards(cosines[:3]), towards(cosines[3:]))
        sides = (right.translate(TURNED), right, bottom.translate(TURNED), bottom)
        assert tuple(read.values()) == sides, tile
        lettered += cosines is not None
    return lettered


@pytest.mark.parametrize("name", SHOWN)
def test_the_letters_are_those_of_the_header(name: str, tmp_path: Path) -> None:
    out, found = tmp_path / "out.png", tmp_path / "map.json"
    uuid = series()[name]
    options = Options(
        uuid,
        output=out,
        root=DATA / "idc",
        map=found,
        labels="orientation",
        image_width=240,
        tile_width=4,
        contrast_preset="auto",
    )
    preview(options).unwrap()
    compared(out, found, DATA / "idc" / uuid)


@pytest.mark.parametrize(
    ("name", "right", "bottom"),
    [("ct-thorax-4mm", "L", "P"), ("mr-sag-t1-csa", "P", "F"), ("mr-cor-genesis", "L", "F")],
)
def test_known_planes_have_the_letters_of_a_textbook(
    name: str, right: str, bottom: str, tmp_path: Path
) -> None:
    out, found = tmp_path / "out.png", tmp_path / "map.json"
    uuid = series()[name]
    words = ("--root", DATA / "idc", "--labels", "all", "--position", "0.5", "--image-width", "300")
    done = run(uuid, out, *words, "--map", found)
    assert (done.status, done.out) == (0, "")
    assert compared(out, found, DATA / "idc" / uuid) == 1
    read = letters(open_grey(out))
    assert (read["right"][0], read["bottom"][0]) == (right, bottom)
