"""Laws of showing a decoded picture: windowed grey or colour as it is, alone or waiting for the others.

The chain is that of PS3.3 C.11: modality transformation, VOI transformation, inversion.
"""

from __future__ import annotations

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.choose.canvas_layout import Rect
from dicom_series_preview.core.choose.contrast import AutoWindow, SliceContrast
from dicom_series_preview.core.choose.pick import Chosen
from dicom_series_preview.core.choose.plan import Tile
from dicom_series_preview.core.faults.objects import BadPixelModule
from dicom_series_preview.core.geometry import Axis
from dicom_series_preview.core.grey import Lut, ModalityLut, Rescale, Voi, Window, exact_window
from dicom_series_preview.core.header.instance import Pixels
from dicom_series_preview.core.order.series import Slice
from dicom_series_preview.core.show.grey_levels import Chain, auto_window, pooled, tally, to_grey
from dicom_series_preview.core.show.tile import Decoded, Waiting, least_size, settle, show, show_grey
from property_tests.strategies import make_frame, make_instance, make_pixels, windows

LUT = Lut(0, 8, b"\5\0\7\0")


def _tile(
    contrast: SliceContrast = None,
    modality_lut: ModalityLut | None = None,
    pixels: Pixels | BadPixelModule | None = None,
    modality: str = "CT",
    rect: Rect | None = None,
) -> Tile:
    frame = evolve(make_frame(), modality_lut=modality_lut or Rescale())
    instance = evolve(make_instance("a", frame, modality=modality), pixels=pixels or make_pixels())
    chosen = Chosen(Slice(instance, frame), 0, Axis.Z, None)
    return Tile(chosen, rect or Rect(0, 0, 4, 4), contrast)


@st.composite
def pictures(draw: st.DrawFn) -> Decoded:
    """Small grey pictures of signed 16 bit."""
    values = draw(st.lists(st.integers(-50, 50), min_size=1, max_size=12))
    return np.array([values], dtype=np.int16)


rescales = st.builds(
    Rescale, slope=st.sampled_from((1.0, -1.0, 0.5)), intercept=st.sampled_from((0.0, -10.0))
)
modality_luts: st.SearchStrategy[ModalityLut] = st.one_of(rescales, st.just(LUT))
vois: st.SearchStrategy[Voi] = st.one_of(windows(), st.just(LUT))
paddings = st.one_of(st.none(), st.just((-50.0, -40.0)), st.just((0.0, 0.0)))


@given(picture=pictures(), modality=modality_luts, voi=vois, inverted=st.booleans(), padding=paddings)
def test_grey_goes_through_the_whole_chain(
    picture: Decoded,
    modality: ModalityLut,
    voi: Voi,
    inverted: bool,
    padding: tuple[float, float] | None,
) -> None:
    """A picture with a window of its own is shown at once: modality of its frame, window, inversion, padding.

    See PS3.3 C.11.
    """
    pixels = evolve(make_pixels(), inverted=inverted, padding=padding)
    found = show(_tile(voi, modality, pixels), picture)
    assert not isinstance(found, Waiting)
    expected = to_grey(Chain(modality, voi, inverted, padding), picture)
    assert found.tolist() == expected.tolist()
    assert show_grey(_tile(None, modality, pixels), picture, voi).tolist() == expected.tolist()


@given(voi=vois, picture=pictures())
def test_a_picture_without_pixel_module_is_neither_inverted_nor_padded(voi: Voi, picture: Decoded) -> None:
    """Where the header says nothing of the pixels, their values are shown as they come."""
    found = show(_tile(voi, pixels=BadPixelModule("Rows", "", "")), picture)
    assert not isinstance(found, Waiting)
    assert found.tolist() == to_grey(Chain(Rescale(), voi, False, None), picture).tolist()


@given(levels=st.lists(st.integers(0, 255), min_size=3, max_size=3), contrast=st.one_of(st.none(), windows()))
def test_colour_is_shown_as_it_is(levels: list[int], contrast: Window | None) -> None:
    """RGB is never windowed, whatever the plan says (PS3.3 C.7.6.3.1.2)."""
    picture = np.array([[levels]], dtype=np.uint8)
    found = show(_tile(contrast), picture)
    assert not isinstance(found, Waiting)
    assert found.tolist() == [[levels]]
    assert found.dtype == np.uint8


@given(picture=pictures(), modality=modality_luts, padding=paddings, kind=st.sampled_from(("CT", "PT")))
def test_a_picture_without_a_window_waits_for_the_others(
    picture: Decoded, modality: ModalityLut, padding: tuple[float, float] | None, kind: str
) -> None:
    """It waits in its group with a tally of its shown values; without a group, in that of its modality."""
    pixels = evolve(make_pixels(), padding=padding)
    expected = tally(picture, modality, padding)
    for contrast, group in (
        (AutoWindow("MR", label=True), AutoWindow("MR", label=True)),
        (None, AutoWindow(kind, label=False)),
    ):
        found = show(_tile(contrast, modality, pixels, kind), picture)
        assert isinstance(found, Waiting)
        assert found.group == group
        assert found.picture is picture
        assert found.tally.values.tolist() == expected.values.tolist()
        assert found.tally.counts.tolist() == expected.counts.tolist()


def test_an_undescribed_picture_waits_without_padding() -> None:
    """Where the header says nothing of the pixels, all of them count."""
    picture = np.array([[1, 2]], dtype=np.int16)
    found = show(_tile(AutoWindow("CT", False), pixels=BadPixelModule("Rows", "", "")), picture)
    assert isinstance(found, Waiting)
    assert found.tally.values.tolist() == [1, 2]


@given(
    parts=st.lists(
        st.tuples(pictures(), st.sampled_from(("CT", "PT")), st.booleans()), min_size=1, max_size=5
    ),
    data=st.data(),
)
def test_pictures_of_one_group_share_a_window(
    parts: list[tuple[Decoded, str, bool]], data: st.DataObject
) -> None:
    """Each group has one window, from the values of all its pictures, in whatever order they arrived."""
    waiting = [
        Waiting(picture, AutoWindow(kind, label), tally(picture, Rescale(), None))
        for picture, kind, label in data.draw(st.permutations(parts))
    ]
    found = settle(waiting)
    assert set(found) == {AutoWindow(kind, label) for _, kind, label in parts}
    for group, window in found.items():
        members = [one.tally for one in waiting if one.group == group]
        assert window == auto_window(pooled(members), group.label)


@given(width=st.integers(1, 500), height=st.integers(1, 500), contrast=st.one_of(st.none(), windows()))
def test_pictures_may_be_decoded_at_twice_the_size_of_their_tile(
    width: int, height: int, contrast: Window | None
) -> None:
    """A decoder that can reduce has to leave twice the tile's rows and columns."""
    assert least_size(_tile(contrast, rect=Rect(3, 5, width, height))) == (2 * height, 2 * width)
    undescribed = _tile(contrast, rect=Rect(3, 5, width, height), pixels=BadPixelModule("Rows", "", ""))
    assert least_size(undescribed) == (2 * height, 2 * width)


@pytest.mark.parametrize(
    "tile",
    [
        _tile(LUT),
        _tile(exact_window(1, 1), modality_lut=LUT),
        _tile(None, pixels=evolve(make_pixels(), padding=(0.0, 0.0))),
        _tile(AutoWindow("SEG", label=True)),
    ],
)
def test_pictures_with_tables_padding_or_labels_are_decoded_whole(tile: Tile) -> None:
    """Averages of padding, of labels, or of values that go through a table, mean nothing: no reduced decoding."""
    assert least_size(tile) is None


def test_pictures_whose_values_are_a_quantity_may_be_averaged() -> None:
    """Where the window is found from grey values, averages of them serve as well."""
    assert least_size(_tile(AutoWindow("CT", label=False))) == (8, 8)
