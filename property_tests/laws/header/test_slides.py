"""Laws of slide levels: where tiles lie (PS3.3 C.7.6.17.3, C.8.12.14)."""

from __future__ import annotations

from hypothesis import assume, example, given
from hypothesis import strategies as st

from dicom_series_preview.core.header.instance import SLIDE_MICROSCOPY, Pixels
from dicom_series_preview.core.header.reading import Mended
from dicom_series_preview.core.remarks import Mend
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


@given(corners=st.lists(st.tuples(st.integers(1, 50), st.integers(1, 3)), min_size=1, max_size=9))
@example(corners=[(1, 1), (2, 1), (1, 1)])
def test_tiles_of_a_sparse_level_lie_where_they_say(corners: list[tuple[int, int]]) -> None:
    """Positions in the total pixel matrix count from 1 (PS3.3 C.8.12.14).

    The first tile at a place is shown: a picture of several focal planes or optical paths would be of none.
    """
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
    found = read(source, len(corners))
    assert isinstance(found.pixels, Pixels)
    tiling = found.pixels.tiling
    assert tiling is not None
    for number, ((row, column), corner) in enumerate(zip(corners, tiling.corners, strict=True)):
        assert corner == ((99, 99) if (row, column) in corners[:number] else (row - 1, column - 1))
    several = len(set(corners)) < len(corners)
    assert found.mended == ((Mended("NumberOfFrames", Mend.PLANES),) if several else ())


@given(down=st.integers(1, 3), across=st.integers(1, 3), planes=st.integers(1, 3))
def test_the_first_plane_of_a_full_level_is_shown(down: int, across: int, planes: int) -> None:
    """Focal planes and optical paths follow one another, each a whole level (PS3.3 C.7.6.17.3)."""
    count = down * across
    found = read({**SLIDE, **matrix(4 * down, 6 * across)}, count * planes)
    assert isinstance(found.pixels, Pixels)
    assert found.pixels.tiling is not None
    corners = found.pixels.tiling.corners
    assert list(corners[:count]) == [(4 * i, 6 * j) for i in range(down) for j in range(across)]
    assert set(corners[count:]) <= {(4 * down, 6 * across)}
    assert found.mended == ((Mended("NumberOfFrames", Mend.PLANES),) if planes > 1 else ())


@given(count=st.integers(1, 8), tiles=st.integers(1, 9))
def test_a_full_level_that_is_not_full_is_told(count: int, tiles: int) -> None:
    """As one of several objects that share a level (a concatenation, PS3.3 C.7.6.16.1) holds a part of it."""
    assume(count < tiles)
    found = read({**SLIDE, **matrix(4, 6 * tiles)}, count)
    assert found.mended == (Mended("NumberOfFrames", Mend.FEW),)


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
