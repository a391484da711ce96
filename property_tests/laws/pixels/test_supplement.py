"""Laws of supplemental palettes (PS3.3 C.7.6.19): grey below the first mapped value, colours from there on."""

from __future__ import annotations

import warnings
from struct import pack

import numpy as np
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from returns.pipeline import is_successful

from dicom_series_preview.core.choose.canvas_layout import Rect
from dicom_series_preview.core.choose.contrast import AutoWindow
from dicom_series_preview.core.choose.pick import Chosen
from dicom_series_preview.core.choose.plan import Tile
from dicom_series_preview.core.geometry import Axis
from dicom_series_preview.core.grey import exact_window
from dicom_series_preview.core.header.elements import Element
from dicom_series_preview.core.header.instance import Pixels
from dicom_series_preview.core.order.series import Slice
from dicom_series_preview.core.pixels.decoding import Decoding
from dicom_series_preview.core.pixels.palette import colour, supplement
from dicom_series_preview.core.show.grey_levels import tally, to_modality
from dicom_series_preview.core.show.tile import Waiting, least_size, show, show_grey
from property_tests.formats import pixel_format
from property_tests.strategies import make_frame, make_instance, make_pixels

CHANNELS = ("Red", "Green", "Blue")


def tables(first: int, colours: list[tuple[int, int, int]]) -> dict[str, Element]:
    """The three tables of 8-bit colours, as 16-bit words."""
    made: dict[str, Element] = {}
    for number, channel in enumerate(CHANNELS):
        words = [one[number] << 8 for one in colours]
        made[f"{channel}PaletteColorLookupTableDescriptor"] = Element("US", (len(colours), first, 16))
        made[f"{channel}PaletteColorLookupTableData"] = Element("OW", (pack(f"<{len(words)}H", *words),))
    return made


def tile(pixels: Pixels, contrast: object) -> Tile:
    frame = make_frame()
    instance = evolve(make_instance("a", frame), pixels=pixels)
    return Tile(Chosen(Slice(instance, frame), 0, Axis.Z, None), Rect(0, 0, 4, 4), contrast)  # type: ignore[arg-type]


byte = st.integers(0, 255)
coloured = st.lists(st.tuples(byte, byte, byte), min_size=1, max_size=6)
values = st.lists(st.integers(0, 40), min_size=1, max_size=12)


@given(first=st.integers(-40, -1), colours=coloured, stored=st.lists(st.integers(-60, 40), min_size=1))
def test_a_table_of_signed_pixels_may_begin_below_zero(
    first: int, colours: list[tuple[int, int, int]], stored: list[int]
) -> None:
    """The first value mapped has the sign of the pixels (PS3.3 C.7.6.3.1.5)."""
    made = tables(first & 0xFFFF, colours)
    signed = evolve(
        make_pixels(), supplemental=made, format=evolve(make_pixels().format, pixel_representation=1)
    )
    found = show(tile(signed, exact_window(40.0, 20.0)), np.array([stored], np.int16))
    assert isinstance(found, np.ndarray)
    for value, shown in zip(stored, found[0].tolist(), strict=True):
        lowest = colours[min(max(value - first, 0), len(colours) - 1)]
        assert value < first or shown == list(lowest)
        assert value >= first or len(set(shown)) == 1


@given(first=st.integers(0, 40), colours=coloured, stored=values)
def test_values_from_the_first_mapped_on_are_colours(
    first: int, colours: list[tuple[int, int, int]], stored: list[int]
) -> None:
    """All below go through the window; all above the table have its last colour."""
    pixels = evolve(make_pixels(), supplemental=tables(first, colours))
    window = exact_window(40.0, 20.0)
    picture = np.array([stored], np.uint16)
    found = show(tile(pixels, window), picture)
    grey = show_grey(tile(make_pixels(), window), picture, window)
    wide = any(level for one in colours for level in one)
    expected = [
        list(colours[min(value - first, len(colours) - 1)]) if value >= first else [int(level)] * 3
        for value, level in zip(stored, grey[0], strict=True)
    ]
    assert isinstance(found, np.ndarray)
    assert found.dtype == np.uint8
    assert found.tolist() == [expected]
    assert wide or found[picture >= first].max(initial=0) == 0
    assert least_size(tile(pixels, window)) is None
    assert least_size(tile(make_pixels(), window)) is not None


@given(first=st.integers(0, 40), colours=coloured)
def test_what_is_no_number_is_black(first: int, colours: list[tuple[int, int, int]]) -> None:
    """Float pixels may be none: no colour is theirs, and no warning is heard."""
    pixels = evolve(make_pixels(), supplemental=tables(first, colours))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = show(tile(pixels, exact_window(40.0, 20.0)), np.array([[np.nan, first]], np.float32))
    assert isinstance(found, np.ndarray)
    assert found.tolist() == [[[0, 0, 0], list(colours[0])]]


@given(first=st.integers(0, 40), colours=coloured, stored=values)
def test_colours_do_not_count_for_a_window(
    first: int, colours: list[tuple[int, int, int]], stored: list[int]
) -> None:
    """An auto window is that of the grey values alone."""
    pixels = evolve(make_pixels(), supplemental=tables(first, colours))
    picture = np.array([stored], np.uint16)
    found = show(tile(pixels, AutoWindow("CT", label=False)), picture)
    assert isinstance(found, Waiting)
    below = np.array([value for value in stored if value < first], np.uint16)
    expected = tally(below, make_frame().modality_lut, None)
    assert (found.tally.values.tolist(), found.tally.counts.tolist()) == (
        expected.values.tolist(),
        expected.counts.tolist(),
    )
    assert to_modality(make_frame().modality_lut, below).tolist() == below.tolist()


@given(first=st.integers(0, 40), colours=coloured, channel=st.sampled_from(CHANNELS))
def test_a_supplement_that_cannot_be_read_is_left_out_and_told(
    first: int, colours: list[tuple[int, int, int]], channel: str
) -> None:
    """The picture is shown in grey; a palette of PALETTE COLOR pixels would be a refusal."""
    broken = tables(first, colours)
    del broken[f"{channel}PaletteColorLookupTableData"]
    decoding = Decoding(np.zeros((4, 6), np.uint16))
    whole = evolve(make_pixels(), supplemental=tables(first, colours))
    lame = evolve(make_pixels(), supplemental=broken)
    assert supplement(whole) is not None
    assert supplement(lame) is None
    assert supplement(make_pixels()) is None
    assert colour(whole, decoding).unwrap().odd == ()
    assert [str(odd) for odd in colour(lame, decoding).unwrap().odd] == [
        "its supplemental palette is left out, only grey is shown. "
        f"The {channel.lower()} palette colour lookup table is unusable: it has no data"
    ]
    assert (
        colour(lame, decoding).unwrap().values is colour(whole, decoding).unwrap().values is decoding.values
    )
    assert colour(make_pixels(), decoding).unwrap() is decoding
    indexed = evolve(make_pixels(), palette=broken, format=pixel_format())
    assert not is_successful(colour(indexed, decoding))
    found = colour(evolve(indexed, palette=tables(0, colours)), decoding).unwrap().values
    assert found.tolist() == [[list(colours[0])] * 6] * 4
