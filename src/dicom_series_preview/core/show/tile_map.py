"""What stands where on a canvas: which slice, at which place, through which window."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final

from attrs import frozen

from dicom_series_preview.core.choose.canvas_layout import Rect
from dicom_series_preview.core.choose.contrast import AutoWindow
from dicom_series_preview.core.choose.plan import Tile
from dicom_series_preview.core.faults.fault import ObjectFault
from dicom_series_preview.core.grey import Lut, Window
from dicom_series_preview.core.header.time_keys import TIME_KEYS
from dicom_series_preview.core.order.stacks import primary_position

MAP_SCHEMA: Final = 1


@frozen
class ShownTile:
    """One tile of a finished canvas."""

    rect: Rect
    index: int
    """0-based place of its object in reading order, as in the column Index of an index."""
    number: int
    """0-based place of its slice in reading order: what `--position 0 --slice-offset` counts."""
    object: str
    """The object's name below the series folder."""
    sop_instance_uid: str
    frame: int
    """1-based number of the frame in its object, as in DICOM."""
    axis: str
    """X, Y, Z, or I where there is no position."""
    position: float | None
    """The plain coordinate on the axis in mm, or the InstanceNumber on axis I."""
    window: Window | Lut | None
    """The window it is shown through; None for colour, which is never windowed, and for a black tile."""
    time: float | None
    """The value of the element that orders slices at its position; clock times and dates are microseconds."""
    fault: ObjectFault | None
    """Why the tile is black, None for all others."""


def tile_map(
    tiles: Sequence[Tile],
    rows: Mapping[str, int],
    windows: Mapping[AutoWindow, Window],
    faults: Mapping[int, ObjectFault],
) -> tuple[ShownTile, ...]:
    """The tiles of a plan once they are rendered.

    `rows` is the place of each object in reading order, `windows` what was found from pixels, and `faults` are
    by the number of their tile.
    """
    return tuple(_shown(tile, rows, windows, faults.get(number)) for number, tile in enumerate(tiles))


def _shown(
    tile: Tile,
    rows: Mapping[str, int],
    windows: Mapping[AutoWindow, Window],
    fault: ObjectFault | None,
) -> ShownTile:
    chosen, one = tile.chosen, tile.slice
    contrast = windows.get(tile.contrast) if isinstance(tile.contrast, AutoWindow) else tile.contrast
    keys = [key for key, _ in TIME_KEYS]
    known = chosen.time_key in keys and len(one.frame.times) == len(keys)
    return ShownTile(
        rect=tile.rect,
        index=rows[one.instance.name],
        number=chosen.number,
        object=one.instance.name,
        sop_instance_uid=one.instance.sop_instance_uid,
        frame=one.frame.number + 1,
        axis=chosen.axis.value,
        position=primary_position(chosen.axis, one, chosen.centred),
        window=None if fault is not None else contrast,
        time=one.frame.times[keys.index(chosen.time_key)] if known and chosen.time_key else None,
        fault=fault,
    )


def map_json(name: str, width: int, height: int, series: str, tiles: Sequence[ShownTile]) -> str:
    """The tile map as JSON, for the picture in the file `name`, `width` x `height` px; see docs/tile-map.md."""
    found = {
        "schema": MAP_SCHEMA,
        "image": name,
        "width": width,
        "height": height,
        "series": series,
        "tiles": [_tile_json(tile) for tile in tiles],
    }
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def _tile_json(tile: ShownTile) -> dict[str, object]:
    rect, window = tile.rect, tile.window
    return {
        "rect": [rect.left, rect.top, rect.width, rect.height],
        "index": tile.index,
        "number": tile.number + 1,
        "object": tile.object,
        "sop_instance_uid": tile.sop_instance_uid,
        "frame": tile.frame,
        "axis": tile.axis,
        "position": tile.position,
        "window": {"center": window.center, "width": window.width, "function": window.function.value}
        if isinstance(window, Window)
        else None,
        "time": tile.time,
    }
