"""A small collection as a batch leaves it: pictures, tile maps, rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from attrs import evolve
from PIL import Image

from dicom_series_preview.core.batch.row import Row, Status
from dicom_series_preview.shell.page.gallery import gallery_page

SIDE: Final = 96
"""px of a picture's sides: a mosaic of 3 x 3 tiles of 32."""


def uuid(number: int) -> str:
    """The identifier of series `number` of the collection."""
    return f"{number:02x}0a4f7e-0000-4000-8000-000000000000"


def row(number: int, description: str, modality: str, collection: str | None = None, slices: int = 9) -> Row:
    """A series of which there is a picture."""
    series = uuid(number)
    return Row(
        series=series,
        collection=collection,
        location="s3://bucket/dicom",
        path=f"{series[:2]}/{series}.webp",
        status=Status.MADE,
        bytes=1234,
        width=SIDE,
        height=SIDE,
        slices=slices,
        stacks=1,
        axis="Z",
        window="width 400, center 40, LINEAR",
        modality=modality,
        description=description,
        requests=10,
        bytes_read=1_500_000,
        seconds=number / 4,
        cpu=0.5,
        version="1.2.3",
    )


def failed(made: Row, status: Status, words: str) -> Row:
    """The same series, had it gone wrong."""
    return evolve(made, path="", status=status, fault="Undecodable", words=words, width=0, height=0, bytes=0)


THORAX: Final = row(1, "Thorax 4 mm", "CT", "lungs", slices=105)
ABDOMEN: Final = evolve(
    row(2, "Abdomen portal", "CT", "livers", 60), remarks=("7 objects repeat.", "No axis.")
)
SAGITTAL: Final = row(3, "T1 sagittal", "MR", "brains", 35)
SKULL: Final = row(4, "Schädel T2", "MR", "brains", 20)
UNNAMED: Final = row(5, "", "PT", "lungs", 1)
ECHO: Final = row(6, "Echo", "US", None, 30)
UNDECODABLE: Final = failed(
    row(7, "Mammography", "MG"), Status.FAILED, "None of 19 objects could be shown: no such codec."
)
KILLED: Final = failed(row(8, "Whole slide", "SM"), Status.KILLED, "It ended its worker twice.")
LATE: Final = failed(row(9, "fMRI", "MR", "brains"), Status.TIMED_OUT, "It took longer than 300 s.")
ROWS: Final = (THORAX, ABDOMEN, SAGITTAL, SKULL, UNNAMED, ECHO, UNDECODABLE, KILLED, LATE)

INDICES: Final = (0, 13, 26, 39, 52, 65, 78, 91, 104)
"""Nine slices spread over the 105 of `THORAX`."""


def tile_map(made: Row, indices: Sequence[int] = INDICES) -> str:
    """A map of a mosaic of 3 x 3 tiles: slices lie 4 mm apart, from -488.5 mm on."""
    tiles = [
        {
            "rect": [i % 3 * 32, i // 3 * 32, 32, 32],
            "index": index,
            "number": index + 1,
            "object": f"{index}.dcm",
            "sop_instance_uid": f"1.2.{index}",
            "frame": 1,
            "axis": "Z",
            "position": -488.5 - 4 * index,
            "window": {"center": 40.0, "width": 400.0, "function": "LINEAR"},
            "time": None,
        }
        for i, index in enumerate(indices)
    ]
    return json.dumps(
        {
            "schema": 1,
            "image": made.path,
            "width": SIDE,
            "height": SIDE,
            "series": made.series,
            "tiles": tiles,
        }
    )


def write(folder: Path, rows: Sequence[Row]) -> Path:
    """Pictures and tile maps of the rows, and the page of them all; gives the page's path."""
    for number, made in enumerate(rows):
        if made.path:
            path = folder / made.path
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (SIDE, SIDE), (40 + number * 17 % 200, 90, 60)).save(path, lossless=True)
    if THORAX in rows:
        (folder / THORAX.path).with_suffix(".json").write_text(tile_map(THORAX))
    index = folder / "index.html"
    index.write_text(gallery_page(str(folder), rows), encoding="utf-8")
    return index
