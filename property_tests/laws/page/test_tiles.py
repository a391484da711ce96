"""Laws of tile maps in short: they say of each tile what the whole map says, and regular ones say it briefly.

The page's script reads the short form; the reader here follows the words of its description.
"""

from __future__ import annotations

import json
from fractions import Fraction
from math import floor
from typing import Any

import pytest
from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st

from dicom_series_preview.core.page.tiles import BadTileMap, ShortMap, shorten
from property_tests.strategies_page import MadeTile, made_tiles

WIDTH, HEIGHT = 768, 512


def _text(tiles: list[Any], **other: object) -> str:
    return json.dumps({"schema": 1, "width": WIDTH, "height": HEIGHT, "tiles": tiles, **other})


def _short(tiles: list[MadeTile]) -> ShortMap:
    return shorten(_text([tile.plain() for tile in tiles]), WIDTH, HEIGHT).unwrap()


def _spread(n: int, k: int) -> list[int]:
    """Exact fractions and a rounding of their own: halves go up."""
    return [floor(Fraction(i * (n - 1), k - 1) + Fraction(1, 2)) for i in range(k)]


def _read(short: ShortMap, count: int) -> list[MadeTile]:
    """What the short form says, rule by rule."""
    found: Any = short
    index = _spread(*map(int, found.index.split("/"))) if isinstance(found.index, str) else list(found.index)
    if isinstance(found.position, str):
        start, step = map(float, found.position.split(" "))
        places = [start + step * i for i in index]
    else:
        places = list(found.position)
    if isinstance(found.grid, str):
        columns, x, y, dx, dy, width, height = map(int, found.grid.split(" "))
        rects = [(x + dx * (i % columns), y + dy * (i // columns), width, height) for i in range(count)]
    else:
        rects = [tuple(rect) for rect in found.grid]
    axes = [found.axis] * count if isinstance(found.axis, str) else found.axis
    one = found.window is None or isinstance(found.window[0], float)
    windows = [found.window] * count if one else found.window
    times = [None] * count if found.time is None else found.time
    lists = zip(rects, index, places, axes, windows, times, strict=True)
    return [MadeTile(*values) for values in lists]


@given(tiles=made_tiles())
def test_the_short_form_says_of_each_tile_what_the_map_says(tiles: list[MadeTile]) -> None:
    read = _read(_short(tiles), len(tiles))
    assert [evolve(tile, position=None) for tile in read] == [evolve(tile, position=None) for tile in tiles]
    assert [tile.position is None for tile in read] == [tile.position is None for tile in tiles]
    apart = [abs((a.position or 0) - (b.position or 0)) for a, b in zip(read, tiles, strict=True)]
    assert max(apart) < 0.0011


@given(
    n=st.integers(2, 400),
    k=st.integers(2, 36),
    columns=st.integers(1, 9),
    start=st.integers(-500_000, 500_000),
    step=st.integers(-9_000, 9_000),
    corner=st.tuples(st.integers(0, 99), st.integers(0, 99)),
)
@example(n=105, k=36, columns=6, start=-488_000, step=-4_000, corner=(0, 0))
@example(n=2, k=2, columns=1, start=0, step=0, corner=(0, 0))
def test_tiles_in_a_grid_of_slices_spread_evenly_take_no_more_than_rules(
    n: int, k: int, columns: int, start: int, step: int, corner: tuple[int, int]
) -> None:
    """Wherever the first stands.  Positions are told in mm; scanners place slices to a hundredth of that."""
    k = min(n, k)
    tiles = [
        MadeTile(
            (corner[0] + i % columns * 128, corner[1] + i // columns * 96, 128, 96),
            at,
            (start + step * at) / 1000,
            "Z",
            None,
            None,
        )
        for i, at in enumerate(_spread(n, k))
    ]
    short = _short(tiles)
    assert short.index == f"{n}/{k}"
    assert isinstance(short.grid, str)
    assert [tile.rect for tile in _read(short, k)] == [tile.rect for tile in tiles]
    assert isinstance(short.position, str)
    assert (short.axis, short.window, short.time) == ("Z", None, None)
    assert len(short.grid + short.index + short.position) < 60


def test_a_rule_is_written_as_the_page_reads_it() -> None:
    tiles = [
        MadeTile(
            (i % 2 * 130, i // 2 * 100, 128, 98), 2 * i, -488.5 - 8 * i, "Z", (40.0, 400.0, "LINEAR"), None
        )
        for i in range(3)
    ]
    assert _short(tiles) == ShortMap(
        "2 0 0 130 100 128 98", "5/3", "-488.5 -4", "Z", (40.0, 400.0, "LINEAR"), None
    )


def test_a_single_tile_needs_no_second_one() -> None:
    tile = MadeTile((0, 0, 512, 512), 52, -100.25, "Z", None, "diastole")
    assert _short([tile]) == ShortMap("1 0 0 0 0 512 512", [52], [-100.25], "Z", None, ["diastole"])


TILE = MadeTile((0, 0, 10, 10), 0, 1.0, "Z", (1.0, 2.0, "LINEAR"), None).plain()


@pytest.mark.parametrize(
    "text",
    ["", "{", '{"schema": 1', "[" * 100_000, "9" * 5000],
    ids=["empty", "brace", "cut", "deep", "long number"],
)
def test_what_is_no_json_is_refused(text: str) -> None:
    assert shorten(text, WIDTH, HEIGHT).failure() == BadTileMap("it is not whole JSON")


@pytest.mark.parametrize("text", ["[]", "1", "null", '"tiles"', "{}", _text([TILE], schema=2)])
def test_what_is_no_tile_map_of_this_schema_is_refused(text: str) -> None:
    assert shorten(text, WIDTH, HEIGHT).failure() == BadTileMap("it is no tile map of schema 1")


@given(width=st.integers(0, 2000), height=st.integers(0, 2000))
@example(width=WIDTH, height=HEIGHT + 1)
@example(width=WIDTH + 1, height=HEIGHT)
def test_a_map_of_another_picture_is_refused(width: int, height: int) -> None:
    """Its tiles would name the wrong slices."""
    is_same = (width, height) == (WIDTH, HEIGHT)
    refused = shorten(_text([TILE]), width, height).swap().value_or(None)
    assert refused == (None if is_same else BadTileMap("it belongs to a picture of another size"))


ABSURD: dict[str, list[object]] = {
    "rect": [None, [], [0, 0, 10], [0, 0, 10, 10, 10], [0, 0, "10", 10], [0, 0, True, 10]],
    "number": [None, "1", 0, -1, 1.5, True, 10**10, 10**400],
    "position": ["1", True, [], float("nan"), float("inf"), 1e10, -1e10],
    "axis": [None, 1, ["Z"]],
    "time": [True, [], {}, float("nan")],
}
ABSURD["rect"] += [[0, 0, 1e400, 10], [0, 0, 10**400, 10], "0 0 1 1"]


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in ABSURD.items() for value in values]
)
def test_a_map_with_a_tile_that_cannot_be_read_is_refused(name: str, value: object) -> None:
    """All of it: which tile a reader points at would no longer be sure."""
    bad = BadTileMap("its tiles cannot be read")
    for tiles in ([TILE, {**TILE, name: value}], [{**TILE, name: value}, TILE]):
        assert shorten(_text(tiles), WIDTH, HEIGHT).failure() == bad


@pytest.mark.parametrize("tiles", [None, [], {}, 5, [None], [TILE, "tile"]])
def test_a_map_without_tiles_is_refused(tiles: Any) -> None:
    assert shorten(_text(tiles), WIDTH, HEIGHT).failure() == BadTileMap("its tiles cannot be read")


@pytest.mark.parametrize("edge", [1e9, -1e9, 0])
def test_coordinates_up_to_a_thousand_kilometres_are_taken(edge: float) -> None:
    tile = {**TILE, "position": edge, "rect": [abs(edge)] * 4, "number": int(abs(edge)) or 1}
    assert shorten(_text([tile]), WIDTH, HEIGHT).unwrap().position == [edge]


@pytest.mark.parametrize(
    "window",
    [
        None,
        {},
        5,
        [1, 2],
        {"center": 1},
        {"width": 2},
        {"center": None, "width": 3},
        {"center": 1, "width": "2"},
    ],
)
def test_a_window_that_is_no_center_and_width_is_not_told(window: object) -> None:
    """A look-up table has neither."""
    assert shorten(_text([{**TILE, "window": window}]), WIDTH, HEIGHT).unwrap().window is None
