"""The phantom is a person, the right way round, and each slice tells where it is."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from dicom_series_preview.core.show.glyphs import ink
from dicom_series_preview.phantom import slices as phantom

INK = 1500
R = ["####.", "#...#", "#...#", "####.", "#.#..", "#..#.", "#...#"]
L = ["#....", "#....", "#....", "#....", "#....", "#....", "#####"]
A = [".###.", "#...#", "#...#", "#####", "#...#", "#...#", "#...#"]
P = ["####.", "#...#", "#...#", "####.", "#....", "#....", "#...."]


def _index(depth: float) -> int:
    """The slice nearest to `depth` mm below the vertex."""
    return min(range(phantom.SLICES), key=lambda i: abs(phantom.VERTEX_Z - phantom.slice_z(i) - depth))


def _tissue(depth: float, x: float, y: float) -> float:
    """The median HU of 3 x 3 pixels about (x, y), mm from the middle toward the left and the back."""
    middle = (phantom.SIZE - 1) / 2
    row, column = round(middle + y / phantom.PIXEL_SPACING), round(middle + x / phantom.PIXEL_SPACING)
    return float(np.median(phantom.phantom_slice(_index(depth))[row - 1 : row + 2, column - 1 : column + 2]))


def _places(image: NDArray[np.int16], shape: list[str]) -> list[tuple[int, int]]:
    """(row, column) of every place where `shape` lies in the image as ink, three pixels a dot."""
    dots = np.array([[dot == "#" for dot in row] for row in shape]).repeat(3, axis=0).repeat(3, axis=1)
    marked = image >= INK
    windows = np.lib.stride_tricks.sliding_window_view(marked, dots.shape)
    rows, columns = np.nonzero((windows == dots).all(axis=(2, 3)))
    return list(zip(rows.tolist(), columns.tolist(), strict=True))


def test_z_runs_from_head_to_feet_in_equal_steps() -> None:
    steps = {phantom.slice_z(i) - phantom.slice_z(i + 1) for i in range(phantom.SLICES - 1)}
    assert steps == {phantom.SLICE_SPACING}


@pytest.mark.parametrize(
    ("organ", "depth", "x", "y", "low", "high"),
    [
        ("brain", 60, 20, 0, 10, 60),
        ("skull, at the left", 92, 68, 12, 500, 1200),
        ("trachea", 300, 0, 6, -1024, -700),
        ("right lung", 440, -85, 10, -1000, -600),
        ("left lung", 440, 95, 20, -1000, -600),
        ("heart, left of the middle", 476, 45, -25, 30, 220),
        ("liver, on the right", 572, -80, -10, 80, 140),
        ("spleen, on the left", 568, 80, 44, 80, 160),
        ("right kidney", 648, -76, 46, 120, 220),
        ("left kidney", 632, 76, 46, 120, 220),
        ("lumbar vertebra, at the back", 690, 0, 50, 60, 700),
        ("bladder", 862, 0, -20, -15, 25),
        ("right femoral head", 864, -92, 0, 300, 1000),
        ("air in front", 500, 0, -160, -1024, -950),
    ],
)
def test_organs_lie_where_they_should(
    organ: str, depth: float, x: float, y: float, low: float, high: float
) -> None:
    assert low < _tissue(depth, x, y) < high, organ


@pytest.mark.parametrize("index", [0, 45, 60, 119])
def test_each_side_carries_its_letter_once(index: int) -> None:
    image = phantom.phantom_slice(index)
    [(r_row, r_column)] = _places(image, R)
    [(l_row, l_column)] = _places(image, L)
    [(a_row, a_column)] = _places(image, A)
    [(p_row, p_column)] = _places(image, P)
    third = phantom.SIZE / 3
    assert r_column < third
    assert l_column > 2 * third
    assert a_row < third
    assert p_row > 2 * third
    assert third < r_row < 2 * third
    assert r_row == l_row
    assert third < a_column < 2 * third
    assert a_column == p_column


def test_the_bar_grows_from_head_to_feet() -> None:
    lengths = [int((phantom.phantom_slice(i)[:, 5] >= INK).sum()) for i in range(phantom.SLICES)]
    assert all(shorter < longer for shorter, longer in pairwise(lengths))
    assert lengths[-1] == phantom.SIZE - 8


def test_slices_are_numbered_from_the_head() -> None:
    seven = ["#####", "....#", "...#.", "..#..", "..#..", ".#...", ".#..."]
    four = ["...#.", "..##.", ".#.#.", "#..#.", "#####", "...#.", "...#."]
    [(row, column)] = _places(phantom.phantom_slice(46), seven)
    assert _places(phantom.phantom_slice(46), four) == [(row, column - 18)]


def test_slices_are_the_same_each_time_and_fit_twelve_bits() -> None:
    first = phantom.phantom_slice(70)
    assert np.array_equal(first, phantom.phantom_slice(70))
    assert first.shape == (256, 256)
    assert first.dtype == np.int16
    assert int(first.min()) >= -1024
    assert int(first.max()) <= 3071


def test_letters_and_digits_can_be_told_apart() -> None:
    shapes = {ink(letter).tobytes() for letter in "0123456789ALPR"}
    assert len(shapes) == 14
