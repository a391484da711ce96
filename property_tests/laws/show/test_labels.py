"""Laws of what is burnt into tiles: the patient's sides above all (PS3.3 C.7.6.1.1.1, C.7.6.2.1.1)."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, radians, sin
from typing import Any, Final, TypeAlias

import numpy as np
import pytest
from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from dicom_series_preview.core.geometry import Cosines
from dicom_series_preview.core.show.burn import SMALLEST, Marks, bar_length, burn
from dicom_series_preview.core.show.edge_letters import Edges, direction_name, edge_names
from dicom_series_preview.core.show.glyphs import HEIGHT, KNOWN, ink
from property_tests.inked import places

# The three views as every radiologist knows them, and the cosines that the standard gives them.
AXIAL: Final = ((1.0, 0.0, 0.0, 0.0, 1.0, 0.0), Edges(left="R", right="L", top="A", bottom="P"))
CORONAL: Final = ((1.0, 0.0, 0.0, 0.0, 0.0, -1.0), Edges(left="R", right="L", top="H", bottom="F"))
SAGITTAL: Final = ((0.0, 1.0, 0.0, 0.0, 0.0, -1.0), Edges(left="A", right="P", top="H", bottom="F"))

Turn: TypeAlias = tuple[Callable[[Cosines], Cosines], Callable[[Edges], Edges]]


def _turned_clockwise(c: Cosines) -> Cosines:
    """Walking right in the turned picture is walking up in the old one; walking down is walking right."""
    return (-c[3], -c[4], -c[5], c[0], c[1], c[2])


def _mirrored(c: Cosines) -> Cosines:
    return (-c[0], -c[1], -c[2], c[3], c[4], c[5])


def _upside_down(c: Cosines) -> Cosines:
    return (c[0], c[1], c[2], -c[3], -c[4], -c[5])


TURNS: Final[tuple[Turn, ...]] = (
    (_turned_clockwise, lambda e: Edges(left=e.bottom, right=e.top, top=e.left, bottom=e.right)),
    (_mirrored, lambda e: evolve(e, left=e.right, right=e.left)),
    (_upside_down, lambda e: evolve(e, top=e.bottom, bottom=e.top)),
)

views = st.sampled_from((AXIAL, CORONAL, SAGITTAL))
greys = st.integers(1, 254)


@given(view=views, turns=st.lists(st.sampled_from(TURNS), max_size=6))
@example(view=AXIAL, turns=[])
@example(view=CORONAL, turns=[])
@example(view=SAGITTAL, turns=[])
def test_the_letters_turn_with_the_picture(view: tuple[Cosines, Edges], turns: list[Turn]) -> None:
    """Turn a known picture by 90 degrees, mirror it, stand it on its head, in any order: its letters go along."""
    cosines, edges = view
    for turn_cosines, turn_edges in turns:
        cosines, edges = turn_cosines(cosines), turn_edges(edges)
    assert edge_names(cosines) == edges


@given(degrees=st.floats(-44, 44))
@example(degrees=14.0)
@example(degrees=15.0)
@example(degrees=-14.0)
@example(degrees=-15.0)
def test_a_leaning_direction_has_a_second_letter(degrees: float) -> None:
    """The head nods: what pointed to the left stays, what pointed to the back leans to the feet or to the head.

    From 14.48 degrees on (a cosine of 0.25) that is said; the largest component stands first.
    """
    lean = radians(degrees)
    down = (0.0, cos(lean), sin(lean))
    towards = "H" if degrees > 0 else "F"
    opposite = {"H": "F", "F": "H"}[towards]
    expected = ("P" + towards, "A" + opposite) if abs(degrees) > 14.48 else ("P", "A")
    edges = edge_names((1.0, 0.0, 0.0, *down))
    assert edges == Edges(left="R", right="L", top=expected[1], bottom=expected[0])


@given(
    vector=st.tuples(*[st.sampled_from((-0.9, -0.6, -0.2, 0.0, 0.2, 0.6, 0.9))] * 3).filter(
        lambda v: any(abs(x) > 0.5 for x in v)
    )
)
def test_each_letter_is_on_the_side_it_names(vector: tuple[float, float, float]) -> None:
    """+x is the patient's left, +y the back, +z the head; one or two letters, the nearest side first."""
    sides = {
        "L": vector[0],
        "R": -vector[0],
        "P": vector[1],
        "A": -vector[1],
        "H": vector[2],
        "F": -vector[2],
    }
    name = direction_name(vector)
    assert len(name) in (1, 2)
    assert sides[name[0]] == max(sides.values())
    assert all(sides[letter] >= 0.25 for letter in name[1:])
    others = sorted(sides.values())[:-1]
    assert (len(name) == 2) == (others[-1] >= 0.25)


def test_equal_sides_prefer_the_head_then_the_back() -> None:
    """Two sides that are equally near are always told in one order."""
    half = 0.5**0.5
    assert direction_name((half, 0.0, half)) == "HL"
    assert direction_name((half, half, 0.0)) == "PL"
    assert direction_name((0.0, -half, -half)) == "FA"


# --- Burning in ---------------------------------------------------------------------------------------------


def _found(tile: NDArray[np.uint8], text: str, scale: int) -> list[tuple[int, int]]:
    """Where a text stands in white with black around, (top, left) of each place."""
    dots = np.pad(ink(text, scale), 1)
    grey = tile if tile.ndim == 2 else tile[:, :, 0]
    halo = np.zeros_like(dots)
    for top, left in np.argwhere(dots):
        halo[max(0, top - 1) : top + 2, max(0, left - 1) : left + 2] = True
    around = halo & ~dots
    return [
        (top + 1, left + 1)
        for top, left in places(grey == 255, dots)
        if not grey[top : top + dots.shape[0], left : left + dots.shape[1]][around].any()
    ]


@pytest.mark.parametrize(("side", "scale"), [(64, 1), (128, 1), (255, 1), (256, 2), (512, 3), (900, 4)])
@pytest.mark.parametrize("colour", [True, False])
def test_the_four_letters_stand_at_their_edges(side: int, scale: int, colour: bool) -> None:
    """Each is in the middle of its edge, as large as the tile allows, in white on black."""
    tile = np.full((side, side, 3) if colour else (side, side), 90, np.uint8)
    marked = burn(tile, Marks(edges=Edges("R", "L", "A", "P")))
    assert marked.shape == tile.shape
    third = side // 3
    for text, rows, columns in (
        ("R", range(third, 2 * third), range(third)),
        ("L", range(third, 2 * third), range(2 * third, side)),
        ("A", range(third), range(third, 2 * third)),
        ("P", range(2 * third, side), range(third, 2 * third)),
    ):
        ((top, left),) = _found(marked, text, scale)
        assert top in rows
        assert left in columns


@given(grey=greys, width=st.integers(SMALLEST, 600), height=st.integers(SMALLEST, 600), data=st.data())
def test_what_is_not_marked_stays(grey: int, width: int, height: int, data: st.DataObject) -> None:
    """Marks are white with a dot of black around, however large the dots are; every other pixel is as it was.

    The tile itself is not touched.
    """
    dot = 1 + min(width, height) // 256
    tile = np.full((height, width), grey, np.uint8)
    marks = Marks(
        edges=data.draw(st.none() | st.just(Edges("RA", "LP", "H", "F"))),
        number=data.draw(st.sampled_from(("", "1", "1044"))),
        position=data.draw(st.sampled_from(("", "-38.4 mm"))),
        mm_per_px=data.draw(st.none() | st.floats(0.01, 50)),
    )
    marked = burn(tile, marks)
    assert set(np.unique(marked)) <= {0, grey, 255}
    assert (tile == grey).all()
    white = marked == 255
    for edge in (white[:dot], white[-dot:], white[:, :dot], white[:, -dot:]):
        assert not edge.any()
    near = white
    for axis in (0, 1):
        near = np.any([np.roll(near, by, axis) for by in range(-dot, dot + 1)], axis=0)
    assert ((marked == 0) == (near & ~white)).all()


@given(short=st.integers(1, SMALLEST - 1), long=st.integers(1, 300), upright=st.booleans())
def test_a_small_tile_bears_no_mark(short: int, long: int, upright: bool) -> None:
    """Below 64 px there is no room: nothing is shrunk."""
    tile = np.full((long, short) if upright else (short, long), 90, np.uint8)
    marks = Marks(edges=Edges("R", "L", "A", "P"), number="1", position="0 mm", mm_per_px=1.0)
    assert (burn(tile, marks) == 90).all()


@given(letters=st.integers(11, 30))
def test_a_mark_is_left_out_where_no_black_fits_around_it(letters: int) -> None:
    """It stands two dots from the left; a letter is six wide but for the last gap, and a black dot is its end."""
    text = "1" * letters
    least = 2 + (6 * letters - 1) + 1
    for width, drawn in ((least, 1), (least - 1, 0)):
        marked = burn(np.full((SMALLEST, width), 90, np.uint8), Marks(number=text))
        assert len(_found(marked, text, 1)) == drawn


def test_a_mark_that_would_meet_another_is_left_out() -> None:
    """A long number in a narrow tile would run into the letter of the upper edge."""
    tile = np.full((200, SMALLEST), 90, np.uint8)
    marked = burn(tile, Marks(edges=Edges("R", "L", "A", "P"), number="12345"))
    assert len(_found(marked, "A", 1)) == 1
    assert _found(marked, "12345", 1) == []
    assert len(_found(burn(tile, Marks(number="12345")), "12345", 1)) == 1


BROAD = "80"
"""Letters with dots at all four of their edges: what they cover is what their ink spans."""


@given(
    size=st.tuples(st.integers(SMALLEST, 300), st.integers(SMALLEST, 300)),
    edges=st.none() | st.builds(Edges, *[st.text("RLHF", min_size=1, max_size=4)] * 4),
    number=st.text(BROAD, max_size=9),
    position=st.text(BROAD, max_size=9),
    room=st.none() | st.floats(2.0, 9.9),
)
def test_a_mark_is_left_out_only_where_it_would_touch_a_more_important_one(
    size: tuple[int, int], edges: Edges | None, number: str, position: str, room: float | None
) -> None:
    """The sides of the patient first, left and right before top and bottom, then number, position, scale.

    The halo belongs to a mark.  Each stands where it would stand alone.
    """
    tile = np.full(size, 90, np.uint8)
    mm_per_px = None if room is None else room / (0.4 * size[1])
    marks = Marks(edges, number, position, mm_per_px)
    alone = [Marks(number=number), Marks(position=position), Marks(mm_per_px=mm_per_px)]
    if edges is not None:
        blank = Edges("", "", "", "")
        names = ("left", "right", "top", "bottom")
        alone = [*(Marks(evolve(blank, **{name: getattr(edges, name)})) for name in names), *alone]
    expected, taken = tile.copy(), np.zeros(size, np.bool_)
    for one in alone:
        marked = burn(tile, one)
        rows, columns = (np.flatnonzero((marked != 90).any(axis=axis)) for axis in (1, 0))
        span = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)) if len(rows) else None
        if span is not None and not taken[span].any():
            taken[span] = True
            expected[span] = marked[span]
    assert burn(tile, marks).tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("marks", "text", "corner"),
    [
        (Marks(number="17"), "17", (0, 0)),
        (Marks(position="-38.4 mm"), "-38.4 mm", (1, 0)),
        (Marks(mm_per_px=1.0), "50 mm", (1, 1)),
    ],
)
def test_the_other_marks_stand_in_their_corners(marks: Marks, text: str, corner: tuple[int, int]) -> None:
    """The number in the upper left corner, the position in the lower left one, the scale in the lower right."""
    marked = burn(np.full((128, 128), 90, np.uint8), marks)
    ((top, left),) = _found(marked, text, 1)
    assert (top > 64, left + ink(text).shape[1] > 100) == (corner[0] == 1, corner[1] == 1)


@given(mm_per_px=st.floats(0.05, 20), width=st.integers(SMALLEST, 500))
def test_the_bar_is_as_long_as_it_says(mm_per_px: float, width: int) -> None:
    """Its pixels times their size is the length written above it, to a pixel."""
    marked = burn(np.full((100, width), 90, np.uint8), Marks(mm_per_px=mm_per_px))
    scale = 1
    rows = np.flatnonzero((marked == 255).any(axis=1))
    bar = np.flatnonzero(marked[rows[-1]] == 255)
    mm = bar_length(mm_per_px * width * 0.4)
    assert bar[-1] - bar[0] + 1 == len(bar)
    assert abs(len(bar) * mm_per_px - mm) <= mm_per_px / 2 + 1e-9
    assert len(_found(marked, f"{mm:g} mm", scale)) == 1


@given(mm=st.floats(1e-6, 1e6))
def test_a_bar_has_a_round_length(mm: float) -> None:
    """It is 1, 2 or 5 of a power of ten, and more than two fifths of what there is room for."""
    found = bar_length(mm)
    assert 0.4 * mm - 1e-9 < found <= mm * (1 + 1e-8)
    digits = f"{found:.6e}"
    assert digits[0] in "125"
    assert set(digits[2:8]) == {"0"}


@given(text=st.text(sorted(KNOWN), min_size=1, max_size=8), scale=st.integers(1, 4))
def test_ink_is_as_large_as_it_says(text: str, scale: int) -> None:
    """Seven dots high, six a letter but for the last gap; a larger scale is the same in larger dots."""
    dots = ink(text, scale)
    assert dots.shape == (HEIGHT * scale, (6 * len(text) - 1) * scale)
    assert (dots[::scale, ::scale] == ink(text)).all()
    assert (dots[scale - 1 :: scale, scale - 1 :: scale] == ink(text)).all()


def test_no_two_letters_look_the_same() -> None:
    """Nobody takes an R for an A."""
    shapes: dict[bytes, Any] = {ink(letter).tobytes(): letter for letter in sorted(KNOWN)}
    assert len(shapes) == len(KNOWN)
