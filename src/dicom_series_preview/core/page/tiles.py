"""A tile map in short: what the page says of each tile, small enough for thousands of series.

A tile map (`--map`) takes about 260 bytes a tile.  Most are regular: tiles stand in a grid, slices are spread
evenly, and lie evenly.  What is regular is held as a rule (a text), and all else as the values themselves (a
list, one for each tile): "105/36" are 36 slices spread over 105, "-488 -4" is -488 mm at the first slice and
4 mm less at each further one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TypeAlias, TypeGuard

from attrs import frozen
from returns.result import Failure, Result, Success

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | None"

DECIMALS = 3
"""Positions are told in mm to so many decimals."""


_FAR = 1e9
"""No pixel and no millimetre lies further off."""


@frozen
class BadTileMap:
    """A tile map that cannot be shown, and why."""

    problem: str


@frozen
class ShortMap:
    """The tiles of one picture; each field a rule or one value for each tile, in reading order."""

    grid: Json
    """"columns x y dx dy width height" in px: tile i stands at (x + dx·(i mod columns), y + dy·(i div columns)).
    Or a list of (x, y, width, height)."""

    index: Json
    """Places of slices in reading order, from 0 on, as `--slice-offset` counts them: the map's number less one.

    "n/k": k of them spread over n slices from 0 to n - 1, both ends in, halves upwards; or a list of them.
    """

    position: Json
    """"p s": the slice of index i lies at p + s·i mm; or a list of positions, None where there is none."""

    axis: Json
    """X, Y, Z or I for all tiles; or a list."""

    window: Json
    """(center, width, function) for all tiles, or None for all; or a list of windows: ((c, w, f), None, …)."""

    time: Json
    """None where no tile has a time; else a list."""


@frozen
class _Tile:
    rect: tuple[float, float, float, float]
    index: int
    position: float | None
    axis: str
    window: tuple[float, float, str] | None
    time: float | str | None


def shorten(text: str, width: int, height: int) -> Result[ShortMap, BadTileMap]:
    """The tile map that `text` holds as JSON, in short; it must be one of a picture of `width` x `height` px."""
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError):
        return Failure(BadTileMap("it is not whole JSON"))
    if not isinstance(found, dict) or found.get("schema") != 1:
        return Failure(BadTileMap("it is no tile map of schema 1"))
    if (found.get("width"), found.get("height")) != (width, height):
        return Failure(BadTileMap("it belongs to a picture of another size"))
    listed = found.get("tiles")
    tiles = [_tile(one) for one in listed] if isinstance(listed, list) else []
    read = [tile for tile in tiles if tile is not None]
    if not read or len(read) < len(tiles):
        return Failure(BadTileMap("its tiles cannot be read"))
    return Success(_short(read))


def _short(tiles: Sequence[_Tile]) -> ShortMap:
    indices = [tile.index for tile in tiles]
    windows = [tile.window for tile in tiles]
    axes = [tile.axis for tile in tiles]
    times = [tile.time for tile in tiles]
    return ShortMap(
        grid=_grid([tile.rect for tile in tiles]),
        index=_spread(indices),
        position=_run(indices, [tile.position for tile in tiles]),
        axis=axes[0] if len(set(axes)) == 1 else axes,
        window=windows[0] if len(set(windows)) == 1 else windows,
        time=None if all(time is None for time in times) else times,
    )


def _grid(rects: Sequence[tuple[float, float, float, float]]) -> Json:
    x, y, width, height = rects[0]
    columns = next((i for i, rect in enumerate(rects) if rect[1] != y), len(rects))
    dx = rects[1][0] - x if columns > 1 else 0
    dy = rects[columns][1] - y if columns < len(rects) else 0
    regular = [(x + dx * (i % columns), y + dy * (i // columns), width, height) for i in range(len(rects))]
    if regular == list(rects):
        return " ".join(_number_text(value) for value in (columns, x, y, dx, dy, width, height))
    return rects


def _spread(indices: Sequence[int]) -> Json:
    k, n = len(indices), indices[-1] + 1
    if k > 1 and list(indices) == [(2 * i * (n - 1) + k - 1) // (2 * (k - 1)) for i in range(k)]:
        return f"{n}/{k}"
    return indices


def _run(indices: Sequence[int], positions: Sequence[float | None]) -> Json:
    known = [position for position in positions if position is not None]
    rounded = [None if position is None else round(position, DECIMALS) for position in positions]
    if len(known) < len(positions) or indices[-1] == indices[0]:
        return rounded
    step = round((known[-1] - known[0]) / (indices[-1] - indices[0]), 6)
    start = round(known[0] - step * indices[0], DECIMALS)
    near = 10.0**-DECIMALS
    if all(abs(start + step * i - at) < near for i, at in zip(indices, known, strict=True)):
        return f"{_number_text(start)} {_number_text(step)}"
    return rounded


def _number_text(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def _tile(found: object) -> _Tile | None:
    """One tile as it stands in the map, or None where it cannot be read."""
    if not isinstance(found, dict):
        return None
    rect, number, axis = found.get("rect"), found.get("number"), found.get("axis")
    position, time = found.get("position"), found.get("time")
    sides = [side for side in rect if _is_near(side)] if isinstance(rect, list) and len(rect) == 4 else []
    if len(sides) != 4:
        return None
    if not (_is_near(number) and isinstance(number, int) and number >= 1) or not isinstance(axis, str):
        return None
    if not (position is None or _is_near(position)):
        return None
    if not (time is None or isinstance(time, str) or _is_near(time)):
        return None
    x, y, width, height = sides
    return _Tile((x, y, width, height), number - 1, position, axis, _window(found.get("window")), time)


def _window(found: object) -> tuple[float, float, str] | None:
    if not isinstance(found, dict):
        return None
    center, width, function = found.get("center"), found.get("width"), found.get("function")
    if not (_is_near(center) and _is_near(width)):
        return None
    return center, width, str(function)


def _is_near(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _FAR
