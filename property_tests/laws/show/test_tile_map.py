"""Laws of the tile map: what stands where, through which window, at which time."""

from __future__ import annotations

import json

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.choose.canvas_layout import Rect
from dicom_series_preview.core.choose.contrast import AutoWindow
from dicom_series_preview.core.choose.pick import Chosen
from dicom_series_preview.core.choose.plan import Tile
from dicom_series_preview.core.faults.objects import NotDicom
from dicom_series_preview.core.geometry import Axis
from dicom_series_preview.core.grey import Window
from dicom_series_preview.core.header.instance import Pixels
from dicom_series_preview.core.header.time_keys import TIME_KEYS
from dicom_series_preview.core.order.series import Slice
from dicom_series_preview.core.show.tile_map import map_json, tile_map
from property_tests.strategies import AXIAL, finite, make_frame, make_instance, windows

KEYS = [key for key, _ in TIME_KEYS]
rects = st.builds(Rect, *[st.integers(0, 999)] * 4)


def _tile(
    rect: Rect, window: Window | AutoWindow, z: float, number: int, times: bool, key: int | None
) -> Tile:
    values = tuple(float(place) for place in range(len(KEYS))) if times else ()
    instance = make_instance(f"o{number}", make_frame((1.0, 2.0, z), AXIAL, values), uid=f"1.2.{number}")
    name = None if key is None else KEYS[key]
    return Tile(Chosen(Slice(instance, instance.frames[0]), number, Axis.Z, name), rect, window)


@given(rect=rects, window=windows(), z=finite(), number=st.integers(0, 99), key=st.integers(0, len(KEYS) - 1))
def test_a_tile_says_what_it_shows(rect: Rect, window: Window, z: float, number: int, key: int) -> None:
    """Slice numbers and frames count from 1 in the file, rows of an index from 0; the time is that of its key."""
    shown = tile_map([_tile(rect, window, z, number, True, key)], {f"o{number}": 7}, {}, {})
    assert json.loads(map_json("a.webp", 5, 6, "s", shown)) == {
        "schema": 1,
        "image": "a.webp",
        "width": 5,
        "height": 6,
        "series": "s",
        "tiles": [
            {
                "rect": [rect.left, rect.top, rect.width, rect.height],
                "index": 7,
                "number": number + 1,
                "object": f"o{number}",
                "sop_instance_uid": f"1.2.{number}",
                "frame": 1,
                "axis": "Z",
                "position": z,
                "window": {
                    "center": window.center,
                    "width": window.width,
                    "function": window.function.value,
                },
                "time": float(key),
            }
        ],
    }


def test_names_are_written_as_they_are() -> None:
    """People read the map too."""
    text = map_json("köln.webp", 5, 6, "s3://b/日", [])
    assert "köln.webp" in text
    assert "s3://b/日" in text
    assert text.endswith("}\n")


@given(rect=rects, window=windows(), key=st.none() | st.integers(0, len(KEYS) - 1))
def test_a_time_that_is_not_known_is_none(rect: Rect, window: Window, key: int | None) -> None:
    """No time where nothing orders the slices in time, or where the object's times were not read."""
    shown = tile_map([_tile(rect, window, 0.0, 0, False, key)], {"o0": 0}, {}, {})
    untimed = tile_map([_tile(rect, window, 0.0, 0, True, None)], {"o0": 0}, {}, {})
    assert (shown[0].time, untimed[0].time) == (None, None)


@given(rect=rects, window=windows(), black=st.integers(0, 2))
def test_a_black_tile_has_its_fault_and_no_window(rect: Rect, window: Window, black: int) -> None:
    """The fault is that of the tile of its number, and of no other."""
    fault = NotDicom("o", "cut")
    tiles = [_tile(rect, window, 0.0, number, True, 0) for number in range(3)]
    shown = tile_map(tiles, {f"o{number}": number for number in range(3)}, {}, {black: fault})
    assert [one.fault for one in shown] == [fault if number == black else None for number in range(3)]
    assert [one.window for one in shown] == [None if number == black else window for number in range(3)]
    assert json.loads(map_json("a", 1, 1, "s", shown))["tiles"][black]["window"] is None


@given(rect=rects, found=windows())
def test_a_window_found_from_pixels_is_told_as_found(rect: Rect, found: Window) -> None:
    """A window yet to be found is that of its modality; one that nothing was found for is none."""
    tiles = [_tile(rect, AutoWindow(kind, False), 0.0, 0, True, 0) for kind in ("CT", "MR")]
    ct, mr = tile_map(tiles, {"o0": 0}, {AutoWindow("CT", False): found}, {})
    assert (ct.window, mr.window) == (found, None)


@given(rect=rects, window=windows(), z=finite(200.0))
def test_in_a_stack_of_middles_the_position_is_that_of_the_middle(
    rect: Rect, window: Window, z: float
) -> None:
    """As the marks say; by its spacing the corner of such a slice lies elsewhere."""
    tile = _tile(rect, window, z, 0, False, None)
    leaning = evolve(tile.slice.frame, cosines=(1.0, 0.0, 0.0, 0.0, 0.6, -0.8), spacing=(2.0, 1.0))
    one = Slice(evolve(tile.slice.instance, frames=(leaning,)), leaning)
    assert isinstance(one.instance.pixels, Pixels)
    below = 0.8 * 2.0 * (one.instance.pixels.format.rows - 1) / 2
    for centred, at in ((True, z - below), (False, z)):
        (shown,) = tile_map(
            [evolve(tile, chosen=evolve(tile.chosen, item=one, centred=centred))], {"o0": 0}, {}, {}
        )
        assert shown.position == pytest.approx(at)
