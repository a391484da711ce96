"""Laws of tiles and canvas: whole pixels, true shapes, nothing overlaps."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

from hypothesis import assume, example, given
from hypothesis import strategies as st
from returns.pipeline import is_successful

from dicom_series_preview.core.ask.formats import Encoder
from dicom_series_preview.core.choose.canvas_layout import Layout, Rect, fitted, grid, tile_height
from dicom_series_preview.core.faults.request import CanvasTooLarge
from property_tests.models import rounded_half_up

ROOMY = Encoder("Roomy", 10**9)

sides = st.integers(1, 4000)
aspects = st.sampled_from((0.125, 0.25, 0.5, 1.0, 1.5, 2.0, 4.0))
"""Pixel aspects that are exact in binary, so that halves are halves."""


@given(width=sides, rows=sides, columns=sides, aspect=aspects)
@example(width=128, rows=3, columns=256, aspect=1.0)
def test_heights_follow_the_shape_in_millimetres(width: int, rows: int, columns: int, aspect: float) -> None:
    """Height = width · (rows · row spacing) / (columns · column spacing), rounded half up, at least 1."""
    exact = Fraction(width * rows) * Fraction(aspect) / columns
    assert tile_height(width, rows, columns, aspect) == max(1, rounded_half_up(exact))


@given(width=sides, rows=sides, columns=sides, aspect=st.floats(1e-3, 1e3))
def test_heights_are_within_half_a_pixel(width: int, rows: int, columns: int, aspect: float) -> None:
    """Whatever the spacings, a height is the true one to half a pixel."""
    exact = Fraction(width * rows) * Fraction(aspect) / columns
    found = tile_height(width, rows, columns, aspect)
    assert found >= 1
    assert found == 1 or abs(found - exact) <= Fraction(1, 2) + exact / 10**12


@given(count=st.integers(1, 400), most=st.integers(1, 12))
@example(count=36, most=6)
@example(count=37, most=7)
def test_a_grid_that_fits_is_as_square_as_can_be(count: int, most: int) -> None:
    """The fewest columns whose square holds all tiles, but no more than `most`, and no row without a tile."""
    columns, rows = fitted(count, most)
    square = next(side for side in range(1, 400) if side * side >= count)
    assert columns == min(square, most)
    assert (rows - 1) * columns < count <= rows * columns


@st.composite
def grids(draw: st.DrawFn) -> tuple[int, list[int | None], int, int]:
    """A tile width, the heights of the tiles that are shown, columns and rows with room for them."""
    columns, rows = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    height = st.one_of(st.none(), st.integers(1, 40))
    heights = draw(st.lists(height, min_size=1, max_size=columns * rows))
    return draw(st.integers(1, 40)), heights, columns, rows


def _layout(made: tuple[int, list[int | None], int, int]) -> Layout:
    width, heights, columns, rows = made
    return grid(width, heights, columns, rows, ROOMY).unwrap()


def _pixels(rect: Rect) -> set[tuple[int, int]]:
    return {
        (x, y)
        for x in range(rect.left, rect.left + rect.width)
        for y in range(rect.top, rect.top + rect.height)
    }


@given(made=grids())
def test_the_canvas_has_room_for_all_tiles(made: tuple[int, list[int | None], int, int]) -> None:
    """The canvas has columns x rows cells, shown or not; a cell is as high as the highest tile."""
    width, heights, columns, rows = made
    layout = _layout(made)
    cell = max([height for height in heights if height is not None] or [width])
    assert (layout.width, layout.height) == (columns * width, rows * cell)
    assert len(layout.rects) == len(heights)


@given(made=grids())
def test_tiles_lie_on_the_canvas_and_never_overlap(made: tuple[int, list[int | None], int, int]) -> None:
    """Every pixel of a tile is on the canvas and belongs to no other tile."""
    layout = _layout(made)
    for rect in layout.rects:
        assert rect.left >= 0
        assert rect.top >= 0
        assert rect.left + rect.width <= layout.width
        assert rect.top + rect.height <= layout.height
    for one, other in combinations(layout.rects[:6], 2):
        assert not _pixels(one) & _pixels(other)


@given(made=grids())
def test_tiles_are_read_row_by_row(made: tuple[int, list[int | None], int, int]) -> None:
    """Tiles follow one another from left to right, then from top to bottom, each inside its own cell."""
    width, _, columns, rows = made
    layout = _layout(made)
    cell = layout.height // rows
    places = [(row, column) for row in range(rows) for column in range(columns)]
    for rect, (row, column) in zip(layout.rects, places, strict=False):
        assert rect.left == column * width
        assert row * cell <= rect.top
        assert rect.top + rect.height <= (row + 1) * cell


@given(made=grids())
def test_a_tile_has_its_own_shape_in_the_middle_of_its_cell(
    made: tuple[int, list[int | None], int, int],
) -> None:
    """A lower tile is centred, an odd pixel going below; one of unknown height fills its cell."""
    width, heights, columns, rows = made
    layout = _layout(made)
    cell = layout.height // rows
    for index, (rect, height) in enumerate(zip(layout.rects, heights, strict=True)):
        above = rect.top - index // columns * cell
        below = cell - above - rect.height
        assert (rect.width, rect.height) == (width, cell if height is None else height)
        assert below - above in (0, 1)


@given(made=grids(), less=st.integers(0, 250), more=st.integers(0, 250))
def test_a_canvas_beyond_the_encoder_is_refused(
    made: tuple[int, list[int | None], int, int], less: int, more: int
) -> None:
    """A side longer than the encoder holds is refused with both sizes; one just as long is not."""
    layout = _layout(made)
    longest = max(layout.width, layout.height)
    assume(longest > 1)
    limit = longest - 1 - less % (longest - 1)
    refused = CanvasTooLarge(layout.width, layout.height, "Some", limit)
    assert grid(*made, Encoder("Some", limit)).failure() == refused
    assert grid(*made, Encoder("Some", longest + more)).unwrap() == layout


@given(made=grids())
def test_an_encoder_that_just_fits_is_enough(made: tuple[int, list[int | None], int, int]) -> None:
    """The limit is inclusive."""
    width, heights, columns, rows = made
    layout = _layout(made)
    longest = max(layout.width, layout.height)
    assert is_successful(grid(width, heights, columns, rows, Encoder("Just", longest)))
    assume(longest > 1)
    assert not is_successful(grid(width, heights, columns, rows, Encoder("Less", longest - 1)))
