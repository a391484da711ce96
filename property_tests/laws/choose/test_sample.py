"""Laws of sampling slices of which several lie at a place: times, echoes, b-values."""

from __future__ import annotations

from fractions import Fraction
from itertools import accumulate

from hypothesis import example, given
from hypothesis import strategies as st

from dicom_series_preview.core.choose.positions import sample, spread
from property_tests.models import rounded_half_up

sizes = st.lists(st.integers(1, 9), min_size=1, max_size=60)
tiles = st.integers(1, 50)


def _where(places: list[int], index: int) -> tuple[int, int]:
    """(place, which of the slices there) of an index, by counting."""
    for place, size in enumerate(places):
        if index < size:
            return place, index
        index -= size
    raise IndexError(index)


def _sampled(places: list[int], count: int) -> list[tuple[int, int]]:
    return [_where(places, index) for index in sample(places, count)]


@given(places=sizes, count=tiles)
def test_a_sample_is_in_order_and_repeats_nothing(places: list[int], count: int) -> None:
    """Indices grow, none is beyond the list, and there are no more than tiles."""
    found = sample(places, count)
    assert sorted(set(found)) == list(found)
    assert 1 <= len(found) <= count
    assert found[0] >= 0
    assert found[-1] < sum(places)


@given(places=sizes, more=st.integers(0, 50))
def test_everything_is_sampled_when_it_fits(places: list[int], more: int) -> None:
    """No more slices than tiles: all of them."""
    assert sample(places, sum(places) + more) == tuple(range(sum(places)))


@given(count=st.integers(1, 300), shown=tiles)
def test_one_slice_a_place_is_spread_evenly(count: int, shown: int) -> None:
    """Without times a sample is an even distribution of the slices."""
    assert sample([1] * count, shown) == spread(count, shown)


@given(count=st.integers(1, 300), shown=tiles)
def test_one_place_is_spread_evenly_over_its_times(count: int, shown: int) -> None:
    """A cine at one place is an even distribution too."""
    assert sample([count], shown) == spread(count, shown)


@given(shown=st.integers(2, 40), more=st.integers(0, 40), data=st.data())
def test_more_places_than_tiles_run_through_time_once(shown: int, more: int, data: st.DataObject) -> None:
    """Places spread evenly, and tile i of k shows number round-half-up(i (m - 1) / (k - 1)) of m there."""
    count = shown + more
    places = data.draw(
        st.lists(st.integers(1, 9), min_size=count, max_size=count).filter(lambda s: max(s) > 1)
    )
    found = _sampled(places, shown)
    assert [place for place, _ in found] == list(spread(count, shown))
    for tile, (place, time) in enumerate(found):
        assert time == rounded_half_up(Fraction(tile * (places[place] - 1), shown - 1))


@given(count=st.integers(2, 40), times=st.integers(2, 9), shown=tiles)
def test_both_ends_of_places_and_times_are_in(count: int, times: int, shown: int) -> None:
    """The first slice of all and the last: the first time of the first place, the last time of the last."""
    found = sample([times] * count, max(2, shown))
    assert found[0] == 0
    assert found[-1] == count * times - 1


@given(count=st.integers(1, 20), times=st.integers(2, 12), each=st.integers(2, 12), left=st.integers(0, 19))
@example(count=15, times=10, each=2, left=6)
@example(count=10, times=7, each=3, left=6)
def test_fewer_places_than_tiles_are_shown_at_the_same_times(
    count: int, times: int, each: int, left: int
) -> None:
    """Every place as often as all of them fit, each at the times that an even distribution takes."""
    found = _sampled([times] * count, count * each + left % count)
    assert found == [(place, time) for place in range(count) for time in spread(times, each)]


@given(places=st.lists(st.integers(1, 9), min_size=1, max_size=20), each=st.integers(2, 5))
@example(places=[9, 1, 4], each=2)
def test_places_with_fewer_slices_show_what_they_have(places: list[int], each: int) -> None:
    """Where a volume is short, its places are shown as often as they can be, and none is left out."""
    places = [*places, each + 1]
    for place in range(len(places)):
        shown = [time for where, time in _sampled(places, each * len(places)) if where == place]
        assert len(shown) >= min(each, places[place])
        assert shown[0] == 0
        assert shown[-1] == places[place] - 1


@given(places=sizes)
def test_a_single_tile_shows_the_middle_of_the_middle(places: list[int]) -> None:
    """One tile: the middle place at its middle time, the later of two middle ones."""
    middle = len(places) // 2
    starts = [0, *accumulate(places)]
    assert sample(places, 1) == (starts[middle] + places[middle] // 2,)
