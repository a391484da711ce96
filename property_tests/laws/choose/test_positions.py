"""Laws of choosing slices: even distribution, positions, offsets and ranges, on indices alone."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from returns.pipeline import is_successful

from dicom_series_preview.core.choose.positions import nearest, offset_from, round_half_up, spread, within
from dicom_series_preview.core.faults.series import OffsetOutOfBounds
from property_tests.models import nearest_by_hand, rounded_half_up

counts = st.one_of(st.integers(1, 12), st.integers(1, 30_000))
fractions = st.one_of(st.sampled_from((0.0, 0.25, 0.5, 0.75, 1.0)), st.floats(0, 1, allow_subnormal=False))


@st.composite
def ladders(draw: st.DrawFn) -> list[float]:
    """Non-decreasing coordinates that begin anywhere, with several slices at some places.

    Whole millimetres: no two distances are so nearly equal that rounding could tell them apart.
    """
    place = draw(st.integers(-1000, 1000))
    found = []
    for step in draw(st.lists(st.one_of(st.just(0), st.integers(0, 20)), min_size=1, max_size=12)):
        place += step
        found.append(float(place))
    return found


@given(value=st.integers(-(2**40), 2**40), part=st.sampled_from((-0.5, -0.25, 0.0, 0.25, 0.5, 0.75)))
def test_halves_are_rounded_up(value: int, part: float) -> None:
    """The nearest whole number, and of two equally near the greater."""
    assert round_half_up(value + part) == rounded_half_up(Fraction(value) + Fraction(part))


@given(count=counts, places=st.integers(1, 400))
def test_everything_is_shown_when_it_fits(count: int, places: int) -> None:
    """No more slices than tiles: all of them, in order; never more than there are tiles."""
    chosen = spread(count, places)
    assert len(chosen) == min(count, places)
    assert (chosen == tuple(range(count))) == (count <= places)


@given(count=counts, places=st.integers(2, 400))
def test_a_distribution_holds_both_ends_and_repeats_nothing(count: int, places: int) -> None:
    """The first and the last are in, indices grow, and steps differ by at most one."""
    chosen = spread(count, places)
    assert chosen[0] == 0
    assert chosen[-1] == count - 1
    gaps = [b - a for a, b in pairwise(chosen)] or [1]
    assert min(gaps) >= 1
    assert max(gaps) - min(gaps) <= 1


@given(count=st.integers(2, 30_000), places=st.integers(2, 400), tile=st.integers(0, 399))
@example(count=4, places=3, tile=1)
def test_each_tile_shows_the_index_nearest_to_its_place(count: int, places: int, tile: int) -> None:
    """Tile i of k shows index round-half-up(i·(n-1)/(k-1)) of n."""
    assume(count > places)
    wanted = Fraction(tile % places * (count - 1), places - 1)
    assert spread(count, places)[tile % places] == rounded_half_up(wanted)


@given(count=counts)
def test_a_single_tile_shows_the_middle(count: int) -> None:
    """One tile: the middle slice, the later of two middle ones."""
    (middle,) = spread(count, 1)
    before, after = middle, count - 1 - middle
    assert before - after in (0, 1)


@given(count=counts, places=st.integers(1, 200), more=st.integers(0, 200))
def test_more_tiles_never_show_fewer_slices(count: int, places: int, more: int) -> None:
    """Adding tiles never takes away from the number of distinct slices."""
    assert len(set(spread(count, places + more))) >= len(set(spread(count, places)))


@given(coordinates=ladders(), thousandths=st.integers(0, 1000))
def test_the_nearest_slice_is_found_by_looking_at_all(coordinates: list[float], thousandths: int) -> None:
    """A position picks the slice nearest to that fraction of the range."""
    position = thousandths / 1000
    found, expected = nearest(coordinates, position), nearest_by_hand(coordinates, position)
    extent = Fraction(coordinates[-1]) - Fraction(coordinates[0])
    target = Fraction(coordinates[0]) + Fraction(thousandths, 1000) * extent
    off = [abs(Fraction(coordinates[index]) - target) for index in (found, expected)]
    assert off[0] <= off[1] + extent / 10**6
    assert coordinates.index(coordinates[found]) == found


@given(steps=st.integers(1, 1000), start=st.integers(-1000, 1000), pick=st.integers(0, 999))
@example(steps=10, start=0, pick=3)
@example(steps=3, start=-7, pick=1)
def test_the_earlier_of_two_equally_near_slices_wins(steps: int, start: int, pick: int) -> None:
    """Half-way between two slices the earlier one is meant, also where decimals cannot say half exactly."""
    coordinates = [start + index * 0.1 for index in range(steps + 1)]
    chosen = pick % steps
    assert nearest(coordinates, (2 * chosen + 1) / (2 * steps)) == chosen


@given(coordinates=ladders())
def test_the_ends_of_a_position_are_the_ends_of_the_range(coordinates: list[float]) -> None:
    """0 is the first slice; 1 is the first of those at the last place."""
    assert nearest(coordinates, 0.0) == 0
    assert nearest(coordinates, 1.0) == coordinates.index(coordinates[-1])


@given(coordinates=ladders(), one=fractions, other=fractions)
def test_positions_are_monotonic(coordinates: list[float], one: float, other: float) -> None:
    """A greater position never picks an earlier slice."""
    low, high = sorted((one, other))
    assert nearest(coordinates, low) <= nearest(coordinates, high)


@given(coordinates=ladders(), thousandths=st.integers(0, 1000), shift=st.integers(-5000, 5000))
@pytest.mark.parametrize("scale", [1, 2, 8])
def test_shift_and_scale_of_the_range_change_no_choice(
    scale: int, coordinates: list[float], thousandths: int, shift: int
) -> None:
    """Normalized positions do not depend on where the patient lies, nor on the unit of length."""
    position = thousandths / 1000
    moved = [scale * value + shift for value in coordinates]
    assert nearest(moved, position) == nearest(coordinates, position)
    here, there = within(coordinates, position, 1.0), within(moved, position, 1.0)
    assert is_successful(here) == is_successful(there)
    assert here.value_or((0, 0)) == there.value_or((0, 0))


@given(before=st.integers(0, 50), between=st.integers(0, 50), after=st.integers(0, 50), back=st.booleans())
def test_an_offset_walks_the_list(before: int, between: int, after: int, back: bool) -> None:
    """An offset counts slices from the chosen one, forwards or backwards."""
    count, ends = before + between + after + 1, (before, before + between)
    chosen, target = reversed(ends) if back else ends
    assert offset_from(chosen, -between if back else between, count).unwrap() == target


@given(before=st.integers(0, 50), after=st.integers(0, 50), beyond=st.integers(1, 60))
def test_a_step_off_either_end_is_refused(before: int, after: int, beyond: int) -> None:
    """One slice too far or more: refused with what was chosen, and which index is the last."""
    last = before + after
    for offset in (after + beyond, -before - beyond):
        refused = OffsetOutOfBounds(before, offset, last)
        assert offset_from(before, offset, last + 1).failure() == refused


@given(coordinates=ladders(), start=st.integers(0, 1000), length=st.integers(0, 1000))
def test_a_range_holds_the_slices_between_its_ends(coordinates: list[float], start: int, length: int) -> None:
    """A closed range holds each slice whose place lies inside it, by looking at every one.

    Slices within a millionth of an end are in, so that decimals cannot push an end out.
    """
    end = min(1000, start + length)
    extent = Fraction(coordinates[-1]) - Fraction(coordinates[0])
    low, high = (Fraction(coordinates[0]) + Fraction(edge, 1000) * extent for edge in (start, end))
    inside = [i for i, value in enumerate(coordinates) if low <= Fraction(value) <= high]
    found = within(coordinates, start / 1000, end / 1000)
    begin, stop = found.value_or((0, 0))
    assert list(range(begin, stop)) == inside
    assert is_successful(found) == bool(inside)


@given(coordinates=ladders(), start=st.integers(0, 999), length=st.integers(0, 1000))
def test_an_empty_range_names_its_neighbours(coordinates: list[float], start: int, length: int) -> None:
    """Where no slice lies in the range, the refusal tells the positions of the last before and first after."""
    end = min(1000, start + length)
    found = within(coordinates, start / 1000, end / 1000)
    assume(not is_successful(found))
    refusal = found.failure()
    assert (refusal.start, refusal.end) == (start / 1000, end / 1000)
    extent = Fraction(coordinates[-1]) - Fraction(coordinates[0])
    places = [float((Fraction(value) - Fraction(coordinates[0])) / extent) for value in coordinates]
    assert refusal.before == pytest.approx(max(p for p in places if p < start / 1000))
    assert refusal.after == pytest.approx(min(p for p in places if p > end / 1000))


@given(coordinates=ladders(), near=st.floats(-0.9e-6, 0.9e-6), index=st.integers(0, 11))
def test_a_millionth_of_the_range_is_forgiven(coordinates: list[float], near: float, index: int) -> None:
    """A range that misses a slice by less than a millionth still holds it, at either end."""
    extent = coordinates[-1] - coordinates[0]
    assume(extent > 0)
    at = (coordinates[index % len(coordinates)] - coordinates[0]) / extent + near
    begin, stop = within(coordinates, at, at).unwrap()
    assert begin <= index % len(coordinates) < stop
    assert len(set(coordinates[begin:stop])) == 1


@given(sign=st.sampled_from((-1, 1)), miss=st.floats(2e-6, 0.1))
def test_more_than_a_millionth_is_not_forgiven(sign: int, miss: float) -> None:
    """A range that misses a slice by two millionths or more does not hold it."""
    at = 0.5 + sign * miss
    assert not is_successful(within([0.0, 50.0, 100.0], at, at))


@given(coordinates=ladders())
def test_the_whole_range_holds_everything(coordinates: list[float]) -> None:
    """From 0 to 1 nothing is left out."""
    assert within(coordinates, 0.0, 1.0).unwrap() == (0, len(coordinates))


def _held(coordinates: list[float], start: float, end: float) -> set[int]:
    begin, stop = within(coordinates, start, end).value_or((0, 0))
    return set(range(begin, stop))


@given(coordinates=ladders(), ends=st.lists(fractions, min_size=4, max_size=4))
def test_ranges_nest(coordinates: list[float], ends: list[float]) -> None:
    """Widening a range never drops a slice."""
    a, b, c, d = sorted(ends)
    assert _held(coordinates, b, c) <= _held(coordinates, a, d)


@given(coordinates=ladders(), ends=st.lists(fractions, min_size=3, max_size=3))
def test_adjoining_ranges_cover_their_union(coordinates: list[float], ends: list[float]) -> None:
    """What lies from a to c lies from a to b or from b to c, and nothing else does."""
    a, b, c = sorted(ends)
    assert _held(coordinates, a, b) | _held(coordinates, b, c) == _held(coordinates, a, c)
