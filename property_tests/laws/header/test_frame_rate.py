"""Laws of how fast the frames of an object follow one another (PS3.3 C.7.6.5)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from property_tests.headers import BASE, read
from property_tests.strategies import decimals, element

rates = st.integers(1, 200)


@given(recommended=rates, cine=rates, time=rates)
def test_the_recommended_rate_goes_before_that_of_the_cine_and_that_before_the_time(
    recommended: int, cine: int, time: int
) -> None:
    """Each counts only where those before it are missing or 0; a FrameTime is in ms."""
    told = {"FrameTime": decimals(time), "CineRate": element("IS", str(cine))}
    both = {**BASE, **told, "RecommendedDisplayFrameRate": element("IS", str(recommended))}
    assert read(both).frame_rate == recommended
    assert read({**both, "RecommendedDisplayFrameRate": element("IS", "0")}).frame_rate == cine
    assert read({**BASE, **told}).frame_rate == cine
    assert read({**BASE, "FrameTime": decimals(time)}).frame_rate == pytest.approx(1000 / time)


@given(first=st.integers(0, 5000), middle=st.integers(10, 500), spread=st.integers(0, 9))
def test_times_between_frames_count_by_their_median(first: int, middle: int, spread: int) -> None:
    """The first value belongs to no interval, and intervals of 0 are none."""
    vector = decimals(first, middle + spread, 0, middle, middle - spread)
    assert read({**BASE, "FrameTimeVector": vector}).frame_rate == pytest.approx(1000 / middle)


@pytest.mark.parametrize("vector", [(), (40,), (40, 0)])
def test_no_interval_tells_no_rate(vector: tuple[float, ...]) -> None:
    """Where the header tells no time between frames, it tells no rate."""
    assert read({**BASE, "FrameTimeVector": decimals(*vector)}).frame_rate is None
    assert read(BASE).frame_rate is None
