"""Pictures taken apart again, and what they should hold."""

from __future__ import annotations

from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Picture = NDArray[np.uint8]


def open_grey(path: Path) -> Picture:
    """A picture as (height, width) grey levels."""
    with Image.open(path) as image:
        return np.asarray(image.convert("L"))


def tiles(path: Path, columns: int, rows: int) -> list[Picture]:
    """The tiles of a mosaic, row by row."""
    picture = open_grey(path)
    height, width = picture.shape[0] // rows, picture.shape[1] // columns
    return [
        picture[row * height : (row + 1) * height, column * width : (column + 1) * width]
        for row in range(rows)
        for column in range(columns)
    ]


def numbers(path: Path, columns: int, rows: int, count: int) -> list[int]:
    """Which slices of a numbered series of `count` a mosaic shows: slice i is the grey level 255·i/count."""
    return [round(float(tile.mean()) * count / 255) for tile in tiles(path, columns, rows)]


def evenly(count: int, over: int) -> list[int]:
    """Which of `count` slices stand for all of them in `over` tiles: both ends, and even steps between."""
    if count <= over:
        return list(range(count))
    if over == 1:
        return [floor(Fraction(count - 1, 2) + Fraction(1, 2))]
    return [floor(Fraction(i * (count - 1), over - 1) + Fraction(1, 2)) for i in range(over)]


def shrunk(values: NDArray[Any], side: int) -> NDArray[np.float64]:
    """The mean of each block of a square image, (side, side)."""
    step = values.shape[0] // side
    return np.asarray(values.reshape(side, step, side, step).mean(axis=(1, 3)), np.float64)
