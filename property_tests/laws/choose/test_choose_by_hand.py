"""Laws of choosing by views made by hand."""

from __future__ import annotations

from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st
from returns.pipeline import is_successful

from dicom_series_preview.core.ask.views import Mosaic, Single, View
from dicom_series_preview.core.choose.pick import choose
from dicom_series_preview.core.faults.request import OutOfRange
from dicom_series_preview.core.faults.series import NoPixels, OffsetOutOfBounds
from dicom_series_preview.core.geometry import Axis
from dicom_series_preview.core.order.series import Measure, Series, Stack


def _series(count: int) -> Series[int]:
    numbers = tuple(range(count))
    stack = Stack(Axis.Z, numbers, tuple(map(float, numbers)), Measure.PLACE, None)
    return Series((stack,) if count else ())


def _shown(view: View, count: int) -> list[int]:
    return [one.item for one in choose(view, _series(count)).unwrap()]


@given(st.integers(1, 9))
@pytest.mark.parametrize(
    "view", [Mosaic(0, 1), Mosaic(1, 1, 0.6, 0.4), Single(1.5), Single(-0.1), Single(nan), Mosaic(1, 1, nan)]
)
def test_numbers_that_mean_nothing_are_refused(view: View, count: int) -> None:
    """A view without tiles, beyond the series or of no number at all chooses nothing, in words."""
    chosen = choose(view, _series(count))
    assert not is_successful(chosen)
    assert isinstance(chosen.failure(), OutOfRange)


def test_a_series_without_images_has_nothing_to_choose_from() -> None:
    """A series of reports has an order all the same, of nothing."""
    assert choose(Single(0.5), _series(0)).failure() == NoPixels("The series", ())


@given(st.integers(1, 30))
def test_the_defaults_show_the_whole_series(count: int) -> None:
    """A mosaic with a tile for each slice shows them all, in order; a position alone has no offset."""
    assert _shown(Mosaic(count, 1), count) == list(range(count))
    assert _shown(Single(1.0), count) == [count - 1]


@given(st.integers(1, 30), st.integers(1, 99))
def test_an_offset_beyond_the_slices_is_refused(count: int, beyond: int) -> None:
    """From the first slice on, an offset leads to the last one at most."""
    offset = count - 1 + beyond
    chosen = choose(Single(0.0, offset), _series(count))
    assert chosen.failure() == OffsetOutOfBounds(0, offset, count - 1)
