"""Laws of choosing from an index by views made by hand."""

from __future__ import annotations

from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st
from returns.pipeline import is_successful

from dicom_series_preview.core.ask.preview import Mosaic, Single, View
from dicom_series_preview.core.faults.request import OutOfRange
from dicom_series_preview.core.faults.series import NoPixels, OffsetOutOfBounds
from dicom_series_preview.core.geometry import Axis
from dicom_series_preview.core.index.read import IndexedSlice, IndexedStack, SeriesIndex, select
from dicom_series_preview.core.order.series import Measure


def _index(count: int) -> SeriesIndex:
    slices = tuple(IndexedSlice(row, f"{row}.dcm", 0, True) for row in range(count))
    stack = IndexedStack(Axis.Z, Measure.PLACE, None, slices, tuple(float(row) for row in range(count)))
    names = tuple(one.name for one in slices)
    return SeriesIndex("s3://bucket", "a", "a", "1.2", names, (stack,) if count else (), ("CT",))


@given(st.integers(1, 9))
@pytest.mark.parametrize(
    "view", [Mosaic(0, 1), Mosaic(1, 1, 0.6, 0.4), Single(1.5), Single(-0.1), Single(nan), Mosaic(1, 1, nan)]
)
def test_numbers_that_mean_nothing_are_refused(view: View, count: int) -> None:
    """A view without tiles, beyond the series or of no number at all chooses nothing, in words."""
    chosen = select(view, _index(count))
    assert not is_successful(chosen)
    assert isinstance(chosen.failure(), OutOfRange)


def test_a_series_without_images_has_nothing_to_choose_from() -> None:
    """An index of reports is an index all the same."""
    assert select(Single(0.5), _index(0)).failure() == NoPixels("a", ("CT",))


@given(st.integers(1, 30))
def test_the_defaults_show_the_whole_series(count: int) -> None:
    """A mosaic with a tile for each slice shows them all, in order; a position alone has no offset."""
    index = _index(count)
    assert select(Mosaic(count, 1), index).unwrap() == index.slices
    assert select(Single(1.0), index).unwrap() == index.slices[-1:]


@given(st.integers(1, 30), st.integers(1, 99))
def test_an_offset_beyond_the_slices_is_refused(count: int, beyond: int) -> None:
    """From the first slice on, an offset leads to the last one at most."""
    offset = count - 1 + beyond
    chosen = select(Single(0.0, offset), _index(count))
    assert chosen.failure() == OffsetOutOfBounds(0, offset, count - 1)
