"""Laws of slide levels: where tiles lie (PS3.3 C.7.6.17.3, C.8.12.14)."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from dicom_series_preview.core.header.instance import (
    SLIDE_MICROSCOPY,
)
from property_tests.headers import BASE, items, matrix, read, read_pixels
from property_tests.strategies import (
    element,
    with_elements,
)

SLIDE = {**BASE, "SOPClassUID": element("UI", SLIDE_MICROSCOPY)}


@given(down=st.integers(1, 4), across=st.integers(1, 4), cut=st.integers(0, 5))
def test_tiles_of_a_full_level_lie_row_by_row(down: int, across: int, cut: int) -> None:
    """Without positions, tiles fill the level from left to right and top to bottom (PS3.3 C.7.6.17.3)."""
    rows, columns = 4 * down, 6 * across - cut
    pixels = read_pixels({**SLIDE, **matrix(rows, columns)}, down * across)
    assert pixels.tiling is not None
    assert (pixels.tiling.rows, pixels.tiling.columns) == (rows, columns)
    assert list(pixels.tiling.corners) == [(4 * i, 6 * j) for i in range(down) for j in range(across)]


@given(corners=st.lists(st.tuples(st.integers(1, 50), st.integers(1, 50)), min_size=1, max_size=5))
def test_tiles_of_a_sparse_level_lie_where_they_say(corners: list[tuple[int, int]]) -> None:
    """Positions in the total pixel matrix count from 1 (PS3.3 C.8.12.14)."""
    groups = [
        {
            "PlanePositionSlideSequence": items(
                {
                    "RowPositionInTotalImagePixelMatrix": element("SL", row),
                    "ColumnPositionInTotalImagePixelMatrix": element("SL", column),
                }
            )
        }
        for row, column in corners
    ]
    source = {**SLIDE, **matrix(99, 99), "PerFrameFunctionalGroupsSequence": items(*groups)}
    tiling = read_pixels(source, len(corners)).tiling
    assert tiling is not None
    assert list(tiling.corners) == [(row - 1, column - 1) for row, column in corners]


def test_a_level_may_be_one_row_or_one_column() -> None:
    """A level of a single row or column of pixels is one too."""
    for rows, columns in ((1, 12), (8, 1), (1, 1)):
        tiling = read_pixels({**SLIDE, **matrix(rows, columns)}, 2).tiling
        assert tiling is not None
        assert (tiling.rows, tiling.columns) == (rows, columns)


def test_half_a_tile_position_is_none() -> None:
    """A row without a column, or the reverse, does not place a tile (PS3.3 C.8.12.4)."""
    for name in ("RowPositionInTotalImagePixelMatrix", "ColumnPositionInTotalImagePixelMatrix"):
        group = {"PlanePositionSlideSequence": items({name: element("SL", 30)})}
        source = {**SLIDE, **matrix(8, 12), "PerFrameFunctionalGroupsSequence": items({}, {}, {}, group)}
        tiling = read_pixels(source, 4).tiling
        assert tiling is not None
        assert tiling.corners[3] == (4, 6)


@given(count=st.integers(2, 9))
def test_a_slide_level_is_one_slice(count: int) -> None:
    """The tiles of a level make one image: one frame, however many tiles (PS3.3 C.8.12.4)."""
    assert len(read({**SLIDE, **matrix(40, 40)}, count).frames) == 1


@given(rows=st.integers(-1, 1), columns=st.integers(-1, 1))
def test_without_a_matrix_there_is_no_tiling(rows: int, columns: int) -> None:
    """Frames of other classes, or of a level without size, are slices of their own (PS3.3 C.8.12.4)."""
    assume(rows < 1 or columns < 1)
    assert read_pixels({**SLIDE, **matrix(rows, columns)}, 3).tiling is None
    assert len(read({**SLIDE, **matrix(rows, columns)}, 3).frames) == 3
    for name in ("TotalPixelMatrixRows", "TotalPixelMatrixColumns"):
        assert read_pixels(with_elements({**SLIDE, **matrix(8, 12)}, **{name: None}), 3).tiling is None
    assert read_pixels({**BASE, **matrix(8, 12)}, 3).tiling is None
