"""Laws of putting tiles onto a canvas."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from dicom_series_preview.core.ask.formats import PNG, Encoder
from dicom_series_preview.core.choose.canvas_layout import Layout, Rect, grid, pages
from dicom_series_preview.core.show.canvas import compose, frames

Picture = NDArray[np.uint8]
Made = tuple[Layout, list[Picture | None]]


@st.composite
def made_canvases(draw: st.DrawFn, colour: bool | None = None) -> Made:
    """A layout, and for each rectangle a tile of its size: missing, grey (1-127) or in colour (128-255)."""
    columns, rows, width = draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(st.integers(1, 4))
    heights = draw(st.lists(st.integers(1, 5), min_size=1, max_size=columns * rows))
    layout = grid(width, heights, columns, rows, Encoder("Roomy", 10**6)).unwrap()
    tiles: list[Picture | None] = []
    for index, rect in enumerate(layout.rects):
        kind = draw(
            st.sampled_from(("grey", "missing") if colour is False else ("grey", "missing", "colour"))
        )
        shape = (rect.height, rect.width, 3) if kind == "colour" else (rect.height, rect.width)
        base = 128 if kind == "colour" else 1
        made = (np.arange(np.prod(shape)) % 100 + base + index).astype(np.uint8).reshape(shape)
        tiles.append(None if kind == "missing" else made)
    return layout, tiles


def _at(rect: Rect, x: int, y: int) -> bool:
    return rect.left <= x < rect.left + rect.width and rect.top <= y < rect.top + rect.height


@given(made=made_canvases())
def test_every_pixel_is_that_of_its_tile_or_black(made: Made) -> None:
    """A canvas pixel is the pixel of the tile that covers it; where none does, or the tile is missing, black."""
    layout, tiles = made
    canvas = compose(layout, tiles)
    assert canvas.dtype == np.uint8
    assert canvas.shape[:2] == (layout.height, layout.width)
    for y in range(layout.height):
        for x in range(layout.width):
            over = [
                tile[y - rect.top, x - rect.left].tolist()
                for rect, tile in zip(layout.rects, tiles, strict=True)
                if _at(rect, x, y) and tile is not None
            ]
            levels = over[0] if over else 0
            rgb = levels if isinstance(levels, list) else [levels] * 3
            assert canvas[y, x].tolist() == (rgb if canvas.ndim == 3 else levels)


@given(made=made_canvases())
def test_one_tile_in_colour_makes_the_canvas_coloured(made: Made) -> None:
    """A canvas is grey unless a tile has colour."""
    layout, tiles = made
    coloured = any(tile is not None and tile.ndim == 3 for tile in tiles)
    assert compose(layout, tiles).shape == (layout.height, layout.width, *([3] if coloured else []))


@given(made=made_canvases(colour=False), data=st.data())
def test_tiles_may_arrive_in_any_order(made: Made, data: st.DataObject) -> None:
    """Rectangles and their tiles given in another order make the same canvas."""
    layout, tiles = made
    order = data.draw(st.permutations(range(len(tiles))))
    shuffled = Layout(layout.width, layout.height, tuple(layout.rects[i] for i in order))
    assert compose(shuffled, [tiles[i] for i in order]).tolist() == compose(layout, tiles).tolist()


@given(made=made_canvases(), right=st.integers(0, 5), down=st.integers(0, 5))
def test_moving_the_rectangles_moves_the_picture(made: Made, right: int, down: int) -> None:
    """All rectangles shifted on a larger canvas: the same picture, shifted, with black around."""
    layout, tiles = made
    moved = Layout(
        layout.width + right,
        layout.height + down,
        tuple(Rect(rect.left + right, rect.top + down, rect.width, rect.height) for rect in layout.rects),
    )
    canvas = compose(moved, tiles)
    assert canvas[down:, right:].tolist() == compose(layout, tiles).tolist()
    assert not canvas[:down].any()
    assert not canvas[:, :right].any()


@given(
    background=st.tuples(*[st.integers(0, 255)] * 3),
    colour=st.booleans(),
    gap=st.integers(1, 3),
)
def test_the_ground_shows_between_and_behind_tiles(
    background: tuple[int, int, int], colour: bool, gap: int
) -> None:
    """Between tiles and around lower ones is the background; a tile that could not be read is black on it."""
    layout = grid(4, [4, 2, 4], 2, 2, PNG, gap).unwrap()
    shape = (4, 4, 3) if colour else (4, 4)
    canvas = compose(
        layout, [np.full(shape, 77, np.uint8), np.full((2, *shape[1:]), 88, np.uint8), None], background
    )
    is_colour = colour or len(set(background)) > 1
    assert canvas.shape == ((8 + gap, 8 + gap, 3) if is_colour else (8 + gap, 8 + gap))
    ground = np.array(background if is_colour else background[0])
    assert (canvas[:4, :4] == 77).all()
    assert (canvas[1:3, 4 + gap :] == 88).all()
    assert (canvas[4 + gap :, :4] == 0).all()
    for rest in (
        canvas[4 : 4 + gap],
        canvas[:, 4 : 4 + gap],
        canvas[4 + gap :, 4 + gap :],
        canvas[:1, 4 + gap :],
    ):
        assert (rest == ground).all()


@given(
    colours=st.lists(st.booleans(), min_size=1, max_size=5),
    background=st.sampled_from(((0, 0, 0), (9, 9, 9))),
)
def test_frames_are_canvases_of_one_kind(colours: list[bool], background: tuple[int, int, int]) -> None:
    """Each tile stands on its own; where one is in colour all are RGB."""
    layout = pages(3, [3] * len(colours), PNG).unwrap()
    tiles = [np.full((3, 3, 3) if colour else (3, 3), 10 + n, np.uint8) for n, colour in enumerate(colours)]
    found = frames(layout, [*tiles[:-1], None], background)
    rgb = any(colours[:-1])
    assert [one.shape for one in found] == [(3, 3, 3) if rgb else (3, 3)] * len(colours)
    assert [int(one.min()) for one in found] == [*range(10, 9 + len(colours)), 0]
