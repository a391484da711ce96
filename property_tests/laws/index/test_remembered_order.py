"""Laws of the order that an index remembers: the very stacks, to the last digit, and what they speak of."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.geometry import Cosines
from dicom_series_preview.core.header.instance import ComplexComponent, Instance
from dicom_series_preview.core.index.read import read_index
from dicom_series_preview.core.index.table import Origin, Row, build_index
from dicom_series_preview.core.order.series import Ref, Series, Slice
from dicom_series_preview.core.order.stacks import order
from property_tests.strategies import AXIAL, Timed, make_frame, make_instance, timed_stacks

LEANING: Cosines = (1.0, 0.0, 0.0, 0.0, 0.96, 0.28)


def _remembered(series: Series[Slice], instances: list[Instance]) -> Series[Ref]:
    built = build_index([Row(one, {}) for one in instances], series, Origin("/", "series", "series", "1"))
    return read_index("i.parquet", built.table).unwrap().order


@given(timed=timed_stacks(least_places=2), kinds=st.booleans())
def test_stacks_and_places_are_remembered(timed: Timed, kinds: bool) -> None:
    """Axis, measure, time key and coordinates, and so how many slices lie at each place."""
    shown = (*ComplexComponent,) if kinds else (None,)
    instances = [
        evolve(one, frames=tuple(evolve(frame, component=shown[i % len(shown)]) for frame in one.frames))
        for i, one in enumerate(timed.instances)
    ]
    series = order(instances)
    found = _remembered(series, instances)
    for stack, remembered in zip(series.stacks, found.stacks, strict=True):
        assert [slice_.ref for slice_ in stack.slices] == list(remembered.slices)
        assert stack.axis is remembered.axis
        assert stack.measure is remembered.measure
        assert stack.time_key == remembered.time_key
        assert (stack.coordinates, stack.places()) == (remembered.coordinates, remembered.places())


@given(gap=st.integers(1, 500))
@pytest.mark.parametrize("meeting", [False, True])
def test_it_is_remembered_that_positions_are_those_of_middles(meeting: bool, gap: int) -> None:
    """Stacks that run through groups of several tilts speak of their slices' middles; others do not."""
    start = 0.0 if meeting else -4.0 - gap
    places = [(0.0, AXIAL), (-4.0, AXIAL), (start, LEANING), (start - 4.0, LEANING)]
    instances = [make_instance(f"{i}", make_frame((0, 0, z), plane)) for i, (z, plane) in enumerate(places)]
    series = order(instances)
    found = _remembered(series, instances)
    assert [stack.centred for stack in series.stacks] == ([False, False] if meeting else [True])
    assert [stack.centred for stack in found.stacks] == [stack.centred for stack in series.stacks]
