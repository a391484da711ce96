"""Laws of mosaics of series with several slices a place: each place at the same times, kinds one after another."""

from __future__ import annotations

from itertools import groupby

from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st

from dicom_series_preview.core.ask.views import Mosaic
from dicom_series_preview.core.choose.pick import choose
from dicom_series_preview.core.choose.positions import spread
from dicom_series_preview.core.geometry import Axis
from dicom_series_preview.core.header.instance import ComplexComponent, Instance
from dicom_series_preview.core.order.stacks import order
from property_tests.slices import only
from property_tests.strategies import (
    AXIAL,
    NO_TIMES,
    SAGITTAL,
    Built,
    Timed,
    make_frame,
    make_instance,
    stacks,
    timed_stacks,
)


def volume(places: int, times: int, component: ComplexComponent | None = None) -> list[Instance]:
    """Instances named by place and time, whose InstanceNumbers know nothing of either."""
    return [
        make_instance(
            f"{component and component.name} {place} {time}",
            evolve(
                make_frame((0.0, 0.0, -3.0 * place), AXIAL, (None, float(time), *NO_TIMES[2:])),
                component=component,
            ),
            number=(7 * place + 5 * time) % 11,
        )
        for place in range(places)
        for time in range(times)
    ]


def _shown(view: Mosaic, instances: list[Instance]) -> list[str]:
    return [one.item.instance.name for one in choose(view, order(instances[::-1])).unwrap()]


def _places_and_times(names: list[str]) -> list[tuple[int, int]]:
    return [(int(name.split()[1]), int(name.split()[2])) for name in names]


# --- Where slices lie --------------------------------------------------------------------------------------


@given(timed=timed_stacks(least_places=2))
def test_slices_are_counted_at_each_place(timed: Timed) -> None:
    """As many as were put there, in reading order."""
    assert only(order(timed.instances)).places() == tuple(len(place) for place in timed.places)


@given(built=stacks())
def test_a_plain_stack_has_one_slice_a_place(built: Built) -> None:
    """Slices that are all apart are each at a place by itself."""
    assert only(order(built.instances)).places() == (1,) * len(built.instances)


@given(count=st.integers(1, 9), timed=st.booleans())
def test_slices_at_one_position_are_at_one_place(count: int, timed: bool) -> None:
    """Whether they are told apart by time or by number alone."""
    frames = [
        make_frame((1.0, 2.0, 3.0), SAGITTAL, (float(i), *NO_TIMES[1:]) if timed else NO_TIMES)
        for i in range(count)
    ]
    assert only(order([make_instance("one", *frames)])).places() == (count,)


@given(count=st.integers(1, 9), objects=st.integers(1, 3))
def test_without_geometry_each_slice_is_a_place(count: int, objects: int) -> None:
    """A cine that says nothing of where it is, and pages: there is nothing to compare."""
    cines = [make_instance(f"{n}", *[make_frame()] * count, number=n) for n in range(objects)]
    stack = only(order(cines))
    assert stack.axis is Axis.INSTANCE
    assert stack.places() == (1,) * (count * objects)


# --- Which are shown ---------------------------------------------------------------------------------------


@given(places=st.integers(1, 12), times=st.integers(2, 9), each=st.integers(2, 4), left=st.integers(0, 11))
@example(places=15, times=10, each=2, left=6)
@example(places=10, times=7, each=3, left=6)
def test_every_place_is_shown_at_the_same_times(places: int, times: int, each: int, left: int) -> None:
    """Tiles for each place more than once: all places, each as often and at the same times."""
    view = Mosaic(each * places + left % places, 1)
    found = _places_and_times(_shown(view, volume(places, times)))
    assert found == [(place, time) for place in range(places) for time in spread(times, each)]


@given(tiles=st.integers(2, 12), more=st.integers(0, 12), times=st.integers(2, 5))
def test_many_places_are_spread_while_time_runs_through(tiles: int, more: int, times: int) -> None:
    """Fewer tiles than places: places spread evenly, and time goes from the first to the last once."""
    found = _places_and_times(_shown(Mosaic(tiles, 1), volume(tiles + more, times)))
    assert [place for place, _ in found] == list(spread(tiles + more, tiles))
    moments = [time for _, time in found]
    assert moments == sorted(moments)
    assert (moments[0], moments[-1]) == (0, times - 1)


@given(places=st.integers(1, 10), echoes=st.integers(1, 3), tiles=st.integers(2, 40))
@example(places=30, echoes=2, tiles=36)
def test_kinds_follow_one_another_in_a_mosaic(places: int, echoes: int, tiles: int) -> None:
    """Magnitude first, then phase, each from head to feet; never a mixture."""
    everything = [
        *volume(places, echoes, ComplexComponent.MAGNITUDE),
        *volume(places, echoes, ComplexComponent.PHASE),
    ]
    shown = _shown(Mosaic(tiles, 1), everything)
    kinds = [kind for kind, _ in groupby(name.split()[0] for name in shown)]
    assert kinds == ["MAGNITUDE", "PHASE"]
    for kind in kinds:
        walked = [int(name.split()[1]) for name in shown if name.startswith(kind)]
        assert walked == sorted(walked)


@given(
    places=st.integers(2, 12),
    times=st.integers(2, 5),
    first=st.integers(0, 11),
    more=st.integers(0, 11),
    tiles=st.integers(1, 30),
)
def test_a_part_of_the_range_is_sampled_like_a_whole(
    places: int, times: int, first: int, more: int, tiles: int
) -> None:
    """Places inside --start and --end are shown as if there were no others."""
    begin = first % places
    stop = min(places - 1, begin + more)
    view = Mosaic(tiles, 1, begin / (places - 1), stop / (places - 1))
    inside = [one for one in volume(places, times) if begin <= int(one.name.split()[1]) <= stop]
    assert _shown(view, volume(places, times)) == _shown(Mosaic(tiles, 1), inside)
