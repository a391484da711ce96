"""Laws of slides (PS3.3 C.8.12.14): each tile's pixels stand where its corner says."""

from __future__ import annotations

import itertools

import numpy as np
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.header.instance import Tiling
from dicom_series_preview.core.pixels.decoding import Samples
from dicom_series_preview.core.pixels.items import FrameRange
from dicom_series_preview.core.pixels.slide import NEAR, TOGETHER, empty_level, level_flaw, put, reads
from property_tests.formats import pixel_format
from property_tests.strategies import make_pixels

side = st.integers(1, 6)


@given(
    rows=side, columns=side, corners=st.lists(st.tuples(st.integers(-5, 8), st.integers(-5, 8)), max_size=4)
)
def test_each_pixel_is_that_of_the_last_tile_over_it(
    rows: int, columns: int, corners: list[tuple[int, int]]
) -> None:
    """What no tile covers stays black, what lies beyond the level is left out."""
    tiling = Tiling(rows, columns, tuple(corners))
    level: Samples | None = None
    tiles = [
        np.arange(12, dtype=np.uint8).reshape(3, 4) + 20 * (number + 1) for number in range(len(corners))
    ]
    for number, tile in enumerate(tiles):
        level = put(level, tiling, number, tile)
    expected = [[0] * columns for _ in range(rows)]
    for (top, left), tile in zip(corners, tiles, strict=True):
        for row in range(3):
            for column in range(4):
                if 0 <= top + row < rows and 0 <= left + column < columns:
                    expected[top + row][left + column] = int(tile[row, column])
    found = empty_level(make_pixels(), tiling) if level is None else level
    assert found.tolist() == expected


def test_levels_are_in_colour_where_tiles_are() -> None:
    """Three samples a pixel, of the type of the tiles."""
    tiling = Tiling(2, 3, ((0, 0),))
    found = put(None, tiling, 0, np.full((2, 3, 3), 9, np.uint8))
    assert found.dtype == empty_level(make_pixels(), tiling).dtype == np.uint8
    assert put(None, tiling, 0, np.full((2, 3), 9, np.uint16)).dtype == np.uint16
    assert found.shape == empty_level(make_pixels(samples=3, photometric="RGB"), tiling).shape == (2, 3, 3)
    assert empty_level(make_pixels(), tiling).shape == (2, 3)


@given(
    st.lists(
        st.tuples(st.sampled_from([0, 1, NEAR, NEAR + 1, 2**30]), st.sampled_from([1, 9, TOGETHER - 1])),
        min_size=1,
        max_size=6,
    ),
    st.randoms(use_true_random=False),
)
def test_reads_hold_all_frames_and_little_else(made: list[tuple[int, int]], order: object) -> None:
    """Frames that lie near one another come together, up to a size; none is asked for twice."""
    ranges, position = [], 7
    for gap, length in made:
        ranges.append(FrameRange(position + gap, position + gap + length))
        position += gap + length
    order.shuffle(ranges)  # type: ignore[attr-defined]
    found = reads(ranges)
    assert sorted(number for read in found for number in read.numbers) == list(range(len(ranges)))
    for read in found:
        inside = sorted((ranges[number].start, ranges[number].stop) for number in read.numbers)
        assert (read.start, read.stop) == (inside[0][0], inside[-1][1])
        assert all(after[0] - before[1] <= NEAR for before, after in itertools.pairwise(inside))
        assert len(inside) == 1 or read.stop - read.start <= TOGETHER
    ends = [(read.start, read.stop) for read in found]
    assert ends == sorted(ends)
    for before, after in itertools.pairwise(ends):
        assert after[0] - before[1] > NEAR or after[1] - before[0] > TOGETHER


def test_overlapping_frames_are_read_once() -> None:
    """A frame inside another one adds nothing."""
    (read,) = reads([FrameRange(0, 100), FrameRange(10, 20)])
    assert (read.start, read.stop, read.numbers) == (0, 100, (0, 1))


def test_levels_too_large_for_a_preview_are_refused_in_words() -> None:
    """By their size, or by the number of their tiles."""
    pixels = evolve(make_pixels(), format=pixel_format(rows=256, columns=256, bits_allocated=8))
    assert level_flaw(pixels, Tiling(8192, 16384, ((0, 0),))) is None
    assert level_flaw(pixels, Tiling(8193, 16384, ())) == (
        "its smallest level has 16384 x 8193 px, too many for a preview"
    )
    assert level_flaw(pixels, Tiling(9, 9, ((0, 0),) * 8192)) is None
    assert level_flaw(pixels, Tiling(9, 9, ((0, 0),) * 8193)) == (
        "its smallest level has 8193 tiles, too many for a preview"
    )
