"""Laws of the reading order.

Z runs from head to feet, X from right to left, Y from front to back (PS3.3 C.7.6.2.1.1); ties go by time, then
InstanceNumber, SOPInstanceUID, name and frame; each orientation is a stack of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import pytest
from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st

from dicom_series_preview.core.geometry import Axis, Cosines, Vec3
from dicom_series_preview.core.header.instance import Frame, Instance
from dicom_series_preview.core.header.time_keys import TIME_KEYS, TimeValues
from dicom_series_preview.core.order.series import Measure, Series, Stack
from dicom_series_preview.core.order.stacks import order
from property_tests.models import exact_dot
from property_tests.strategies import (
    AXIAL,
    CORONAL,
    NO_TIMES,
    READING,
    SAGITTAL,
    SPATIAL,
    Built,
    Timed,
    View,
    add,
    finite,
    make_frame,
    make_instance,
    names,
    positions,
    stacks,
    steps,
    timed_stacks,
    views,
)

KEYS = [name for name, _ in TIME_KEYS]


def _names(series: Series) -> list[str]:
    return [slice_.instance.name for slice_ in series.slices]


def _expected(instances: Sequence[Instance]) -> list[str]:
    return [instance.name for instance in instances]


def _with(instance: Instance, frame: Frame) -> Instance:
    """The instance with another only frame."""
    return evolve(instance, frames=(frame,))


def _moved(instance: Instance, position: Vec3) -> Instance:
    return _with(instance, evolve(instance.frames[0], position=position))


def _shifted(cosines: Cosines, by: Sequence[float]) -> Cosines:
    a, b, c, d, e, f = (value + shift for value, shift in zip(cosines, by, strict=True))
    return (a, b, c, d, e, f)


def _only(series: Series) -> Stack:
    (stack,) = series.stacks
    return stack


def _place(instance: Instance) -> Vec3:
    position = instance.frames[0].position
    assert position is not None
    return position


# --- One stack ---------------------------------------------------------------------------------------------


@given(built=stacks(), data=st.data())
def test_a_stack_is_recovered_from_any_arrival_order(built: Built, data: st.DataObject) -> None:
    """Along any axis, up to 44 degrees oblique, either normal, tilted, uneven, shifted: the order comes back.

    See PS3.3 C.7.6.2.1.1.
    """
    arrived = data.draw(st.permutations(built.instances))
    stack = _only(order(arrived))
    assert stack.axis is built.view.axis
    assert [slice_.instance.name for slice_ in stack.slices] == _expected(built.instances)


@given(built=stacks())
def test_primary_positions_are_plain_coordinates(built: Built) -> None:
    """A slice's primary position is its ImagePositionPatient on the axis, not the key it is sorted by.

    See PS3.3 C.7.6.2.1.1.
    """
    stack = _only(order(built.instances))
    component = "XYZ".index(built.view.axis.value)
    assert list(stack.primary_positions) == [_place(instance)[component] for instance in built.instances]


@given(built=stacks())
def test_coordinates_are_the_distances_travelled(built: Built) -> None:
    """Coordinates grow as the slices are read, as much as the slices lie apart along the normal.

    See PS3.3 C.7.6.2.1.1.
    """
    stack = _only(order(built.instances))
    assert stack.measure is Measure.PLACE
    travelled = [
        float(exact_dot(_place(instance), built.view.along))
        - float(exact_dot(_place(built.instances[0]), built.view.along))
        for instance in built.instances
    ]
    assert list(stack.coordinates) == pytest.approx(travelled, abs=1e-6)
    assert all(a < b for a, b in pairwise(stack.coordinates))


@given(built=stacks(), by=st.tuples(*[finite(10_000.0)] * 3), factor=st.sampled_from((1.0, 2.0, 10.0, 0.5)))
def test_moving_and_scaling_the_patient_changes_no_order(built: Built, by: Vec3, factor: float) -> None:
    """A shift of the frame of reference and a uniform scale leave axis and order alone."""
    changed = [_moved(instance, add(by, _place(instance), factor)) for instance in built.instances[::-1]]
    stack = _only(order(changed))
    assert stack.axis is built.view.axis
    assert [slice_.instance.name for slice_ in stack.slices] == _expected(built.instances)


def _turned(v: Vec3, about: Axis) -> Vec3:
    """A vector turned by 90 degrees about an axis, right-handed."""
    x, y, z = v
    return {Axis.X: (x, -z, y), Axis.Y: (z, y, -x), Axis.Z: (-y, x, z)}[about]


@given(built=stacks(), about=st.sampled_from(SPATIAL))
def test_a_quarter_turn_of_the_patient_permutes_the_axes(built: Built, about: Axis) -> None:
    """Turned by 90 degrees, a stack is read along the turned axis, backwards where the table says so.

    See PS3.3 C.7.6.2.1.1.
    """

    def turn(instance: Instance) -> Instance:
        cosines = (*_turned(built.view.row, about), *_turned(built.view.column, about))
        return _with(instance, make_frame(_turned(_place(instance), about), cosines))

    toward = _turned(READING[built.view.axis], about)
    axis = next(axis for axis in SPATIAL if toward["XYZ".index(axis.value)] != 0)
    expected = _expected(built.instances)
    if toward != READING[axis]:
        expected.reverse()
    stack = _only(order([turn(instance) for instance in built.instances]))
    assert stack.axis is axis
    assert [slice_.instance.name for slice_ in stack.slices] == expected


@given(built=stacks(), data=st.data())
def test_one_slice_has_the_axis_of_its_series(built: Built, data: st.DataObject) -> None:
    """A series of one instance is read along the axis of the stack it came from."""
    one = data.draw(st.sampled_from(built.instances))
    assert _only(order([one])).axis is built.view.axis


@given(built=stacks(most=4), data=st.data())
def test_orientations_off_by_a_little_are_one_stack(built: Built, data: st.DataObject) -> None:
    """Cosines rounded differently from slice to slice (1e-5) do not divide a stack."""
    noise = st.lists(st.sampled_from((0.0, 1e-5, -1e-5)), min_size=6, max_size=6)

    def blur(instance: Instance) -> Instance:
        shift = data.draw(noise)
        return _with(instance, evolve(instance.frames[0], cosines=_shifted(built.view.cosines, shift)))

    # The normal turns by 1e-5: over the stack's width of some meters that is less than the slices' distance.
    spread = [
        _moved(instance, add((0.0, 0.0, 0.0), built.view.along, 5.0 * index))
        for index, instance in enumerate(built.instances)
    ]
    stack = _only(order([blur(instance) for instance in spread[::-1]]))
    assert [slice_.instance.name for slice_ in stack.slices] == _expected(built.instances)


@given(
    view=views(), shift=st.lists(st.floats(-0.0099, 0.0099), min_size=6, max_size=6), more=st.integers(1, 3)
)
@example(
    view=View(Axis.Z, (0, 0, -1), (1, 0, 0), (0, 1, 0)), shift=[0.0, 0.01, -0.01, 0.01, 0.0, 0.01], more=1
)
def test_orientations_within_a_hundredth_are_one(view: View, shift: list[float], more: int) -> None:
    """Cosines that each differ by at most 0.01 are one orientation, and one stack (PS3.3 C.7.6.2.1.1)."""
    frames = [make_frame((0.0, 0.0, 0.0), view.cosines)] * more
    frames.append(make_frame((0.0, 0.0, 0.0), _shifted(view.cosines, shift)))
    assert len(order([make_instance(f"{i}", frame) for i, frame in enumerate(frames)]).stacks) == 1


@given(view=views(), where=st.integers(0, 5), by=st.floats(0.0101, 0.5), sign=st.sampled_from((-1, 1)))
def test_one_cosine_can_make_another_orientation(view: View, where: int, by: float, sign: int) -> None:
    """A single cosine that differs by more than 0.01 makes another orientation, and another stack."""
    shift = [0.0] * 6
    shift[where] = sign * by
    frames = [
        make_frame((0.0, 0.0, 0.0), cosines) for cosines in (view.cosines, _shifted(view.cosines, shift))
    ]
    assert len(order([make_instance(f"{i}", frame) for i, frame in enumerate(frames)]).stacks) == 2


@given(built=stacks(), extra=st.integers(0, 6), data=st.data())
def test_an_added_slice_never_reorders_the_others(built: Built, extra: int, data: st.DataObject) -> None:
    """A slice put between, before or behind the others leaves their order as it is."""
    along = built.view.along
    here = data.draw(st.sampled_from(built.instances))
    moved = add(_place(here), along, data.draw(st.sampled_from((-0.02, 0.02, 1e4, -1e4))))
    added = make_instance(f"added{extra}", make_frame(moved, built.view.cosines), uid="1.9", number=extra)
    found = _names(order([added, *built.instances]))
    assert [name for name in found if name != added.name] == _expected(built.instances)


# --- Where orientation does not help -------------------------------------------------------------------------


@st.composite
def _scattered(draw: st.DrawFn, cosines: Cosines | None, flat: Axis | None) -> tuple[Axis, list[Instance]]:
    """Slices in reading order along the axis of their largest range; none along `flat`."""
    candidates = [axis for axis in SPATIAL if axis is not flat]
    axis, second = draw(st.permutations(candidates))[:2]
    count = draw(st.integers(2, 6))
    places = [0.0]
    for _ in range(count - 1):
        places.append(places[-1] + draw(steps()))
    extent = places[-1]
    start: Vec3 = (draw(finite(500.0)), draw(finite(500.0)), draw(finite(500.0)))
    labels = draw(names(count))
    made = []
    for label, place in zip(labels, places, strict=True):
        aside = draw(st.floats(0.0, 0.4)) * extent
        position = add(add(start, READING[axis], place), READING[second], aside)
        made.append(
            make_instance(label.name, make_frame(position, cosines), uid=label.uid, number=label.number)
        )
    return axis, made


@given(made=_scattered(None, None), data=st.data())
def test_without_orientation_the_largest_range_is_the_axis(
    made: tuple[Axis, list[Instance]], data: st.DataObject
) -> None:
    """Without ImageOrientationPatient the coordinate with the largest range orders the slices.

    See PS3.3 C.7.6.2.1.1.
    """
    axis, instances = made
    stack = _only(order(data.draw(st.permutations(instances))))
    assert stack.axis is axis
    assert [slice_.instance.name for slice_ in stack.slices] == _expected(instances)


@given(
    made=st.one_of(_scattered(AXIAL, Axis.Z), _scattered(SAGITTAL, Axis.X), _scattered(CORONAL, Axis.Y)),
    data=st.data(),
)
def test_slices_apart_in_their_plane_go_by_the_largest_range(
    made: tuple[Axis, list[Instance]], data: st.DataObject
) -> None:
    """Where slices do not differ along their normal, the coordinate with the largest range orders them."""
    axis, instances = made
    stack = _only(order(data.draw(st.permutations(instances))))
    assert stack.axis is axis
    assert [slice_.instance.name for slice_ in stack.slices] == _expected(instances)


@given(view=views(), shift=st.tuples(*[st.one_of(st.just(0.01), st.floats(-0.01, 0.01))] * 3))
@example(view=View(Axis.X, (1, 0, 0), (0, 1, 0), (0, 0, -1)), shift=(0.0, 0.01, 0.01))
def test_slices_at_one_position_have_the_axis_of_their_orientation(view: View, shift: Vec3) -> None:
    """Positions that differ by no more than 0.01 mm are one: there is no range that could name another axis."""
    places = ((0.0, 0.0, 0.0), shift)
    instances = [make_instance(f"{i}", make_frame(place, view.cosines)) for i, place in enumerate(places)]
    assert _only(order(instances)).axis is view.axis


@given(slip=st.one_of(st.just(0.01), st.floats(-0.01, 0.01)), apart=st.floats(0.5, 500.0))
def test_a_slip_of_a_hundredth_does_not_separate_slices(slip: float, apart: float) -> None:
    """Slices that differ by no more than 0.01 mm along their normal go by their largest range."""
    left = make_instance("0", make_frame((apart, 0.0, -slip), AXIAL), number=1)
    right = make_instance("1", make_frame((0.0, 0.0, 0.0), AXIAL), number=2)
    stack = _only(order([left, right]))
    assert stack.axis is Axis.X
    assert [slice_.instance.name for slice_ in stack.slices] == ["1", "0"]


@given(
    pair=st.permutations(SPATIAL),
    sides=st.lists(
        st.tuples(st.sampled_from((-1, 1)), st.one_of(st.just(10.0), st.floats(9.991, 10.0))),
        min_size=3,
        max_size=3,
    ),
)
def test_equal_ranges_prefer_z_then_y_then_x(pair: list[Axis], sides: list[tuple[int, float]]) -> None:
    """Without orientation, of axes with equal ranges (within 0.01 mm) Z wins, then Y, then X."""
    moving = pair[:2]
    end = [
        sign * size if axis in moving else 0.0
        for axis, (sign, size) in zip((Axis.X, Axis.Y, Axis.Z), sides, strict=True)
    ]
    instances = [
        make_instance("a", make_frame((0.0, 0.0, 0.0))),
        make_instance("b", make_frame((end[0], end[1], end[2]))),
    ]
    assert _only(order(instances)).axis is min(moving, key=SPATIAL.index)


def test_one_slice_without_orientation_is_axial() -> None:
    """A single position has no range on any axis: the tie prefers Z."""
    assert _only(order([make_instance("a", make_frame((1.0, 2.0, 3.0)))])).axis is Axis.Z


@given(
    depths=st.lists(finite(1000.0).map(lambda v: round(v, 1)), min_size=1, max_size=6, unique=True),
    data=st.data(),
)
def test_slice_location_stands_in_for_z(depths: list[float], data: st.DataObject) -> None:
    """Without any ImagePositionPatient the slices go by decreasing SliceLocation, on axis Z.

    See PS3.3 C.7.6.2.1.2.
    """
    labels = data.draw(names(len(depths)))
    instances = [
        make_instance(label.name, make_frame(slice_location=depth), uid=label.uid, number=label.number)
        for label, depth in zip(labels, depths, strict=True)
    ]
    stack = _only(order(instances))
    assert stack.axis is Axis.Z
    assert list(stack.primary_positions) == sorted(depths, reverse=True)
    assert [slice_.frame.slice_location for slice_ in stack.slices] == sorted(depths, reverse=True)


@given(built=stacks(), data=st.data())
def test_slice_location_is_ignored_where_a_position_is_known(built: Built, data: st.DataObject) -> None:
    """SliceLocation never overrules ImagePositionPatient: its direction and origin are the vendor's own.

    See PS3.3 C.7.6.2.1.2.
    """
    instances = [
        _with(instance, evolve(instance.frames[0], slice_location=data.draw(finite(1000.0))))
        for instance in built.instances
    ]
    assert _names(order(instances)) == _expected(built.instances)


@given(numbers=st.lists(st.integers(-5, 10**9), min_size=1, max_size=6, unique=True), data=st.data())
def test_without_geometry_instance_numbers_count(numbers: list[int], data: st.DataObject) -> None:
    """Neither position nor SliceLocation: increasing InstanceNumber, on axis I (PS3.3 C.7.6.1)."""
    made = [
        make_instance(f"{data.draw(st.integers(0, 9))}-{number}", make_frame(), number=number)
        for number in numbers
    ]
    stack = _only(order(made))
    assert stack.axis is Axis.INSTANCE
    assert list(stack.primary_positions) == sorted(numbers)
    assert [slice_.instance.instance_number for slice_ in stack.slices] == sorted(numbers)
    assert stack.measure is Measure.INDEX
    assert list(stack.coordinates) == list(range(len(numbers)))


@given(numbers=st.lists(st.integers(0, 99), min_size=2, max_size=6, unique=True), data=st.data())
@pytest.mark.parametrize("key", range(len(KEYS)))
def test_without_geometry_the_number_comes_before_the_time(
    key: int, numbers: list[int], data: st.DataObject
) -> None:
    """On axis I times only tell apart what has one InstanceNumber: the frames of one object, say."""
    made = [
        make_instance(f"{n}", make_frame(times=(*NO_TIMES[:key], float(-n), *NO_TIMES[key + 1 :])), number=n)
        for n in numbers
    ]
    stack = _only(order(data.draw(st.permutations(made))))
    assert [slice_.instance.instance_number for slice_ in stack.slices] == sorted(numbers)
    assert stack.time_key is None
    frames = [make_frame(times=(*NO_TIMES[:key], float(-n), *NO_TIMES[key + 1 :])) for n in range(3)]
    cine = _only(order([make_instance("cine", *frames, number=5)]))
    assert [slice_.frame.number for slice_ in cine.slices] == [2, 1, 0]
    assert cine.time_key == KEYS[key]


@given(count=st.integers(1, 5), data=st.data())
def test_missing_instance_numbers_come_last(count: int, data: st.DataObject) -> None:
    """Without geometry, instances without InstanceNumber follow those that have one (PS3.3 C.7.6.1)."""
    made = [make_instance(f"n{i}", make_frame(), number=10**6 + i) for i in range(count)]
    bare = [make_instance(f"a{i}", make_frame(), uid=f"0.{i}") for i in range(2)]
    stack = _only(order(data.draw(st.permutations([*made, *bare]))))
    assert [slice_.instance.name for slice_ in stack.slices] == _expected([*made, *bare])
    assert stack.primary_positions[-2:] == (None, None)


@given(built=stacks(), location=st.one_of(st.none(), finite(1000.0)), data=st.data())
@pytest.mark.parametrize("with_location", [False, True])
def test_slices_without_position_come_after_those_with_one(
    with_location: bool, built: Built, location: float | None, data: st.DataObject
) -> None:
    """Where others have a position, slices without one form the last stack, by InstanceNumber."""
    numbers = data.draw(st.lists(st.integers(-100, 100), min_size=1, max_size=8, unique=True))
    bare = [
        make_instance(f"bare{n}", make_frame(slice_location=location if with_location else None), number=n)
        for n in numbers
    ]
    series = order(data.draw(st.permutations([*bare, *built.instances])))
    assert [stack.axis for stack in series.stacks] == [built.view.axis, Axis.INSTANCE]
    assert _names(series) == [*_expected(built.instances), *(f"bare{n}" for n in sorted(numbers))]


def test_slices_without_location_come_after_those_with_one() -> None:
    """Where SliceLocation orders, slices without one form the last stack, even if they are more."""
    located = make_instance("z", make_frame(slice_location=5.0), number=9)
    bare = [make_instance(f"a{n}", make_frame(), number=n) for n in (2, 1, 3)]
    series = order([*bare, located])
    assert [stack.axis for stack in series.stacks] == [Axis.Z, Axis.INSTANCE]
    assert _names(series) == ["z", "a1", "a2", "a3"]


# --- Ties --------------------------------------------------------------------------------------------------


@given(timed=timed_stacks(least_places=2), data=st.data())
def test_times_are_recovered_at_every_place(timed: Timed, data: st.DataObject) -> None:
    """Place first, then the time key; a short last volume does not disturb the others."""
    stack = _only(order(data.draw(st.permutations(timed.instances))))
    assert [slice_.instance.name for slice_ in stack.slices] == _expected(timed.instances)
    assert stack.time_key == KEYS[timed.key]
    assert stack.measure is Measure.PLACE


@given(timed=timed_stacks(least_places=2))
def test_slices_at_one_place_share_a_coordinate(timed: Timed) -> None:
    """All times of one place have the same coordinate, and other places have others."""
    stack = _only(order(timed.instances))
    expected = [index for index, place in enumerate(timed.places) for _ in place]
    found = sorted(set(stack.coordinates))
    assert [found.index(value) for value in stack.coordinates] == expected


@given(timed=timed_stacks(), at=st.integers(0, 50))
def test_instances_that_lack_the_time_come_last_at_their_place(timed: Timed, at: int) -> None:
    """Among slices at one place, those without the deciding value follow those with it."""
    place = timed.places[at % len(timed.places)]
    late = make_instance("0", make_frame(_place(place[0]), timed.view.cosines), uid="0", number=-(10**9))
    series = order([late, *timed.instances])
    expected: list[str] = []
    for group in timed.places:
        expected += _expected(group) + (["0"] if group is place else [])
    assert _names(series) == expected


@given(built=stacks(), times=st.lists(finite(), min_size=6, max_size=6, unique=True))
@pytest.mark.parametrize("key", range(len(KEYS)))
def test_what_differs_only_between_places_is_no_time_key(key: int, built: Built, times: list[float]) -> None:
    """A value that differs from place to place but never at one place orders nothing."""
    instances = [
        _with(instance, evolve(instance.frames[0], times=(*NO_TIMES[:key], time, *NO_TIMES[key + 1 :])))
        for instance, time in zip(built.instances, times, strict=False)
    ]
    stack = _only(order(instances))
    assert stack.time_key is None
    assert [slice_.instance.name for slice_ in stack.slices] == _expected(built.instances)


def _at_one_place(times: Sequence[TimeValues], number: Sequence[int | None]) -> list[Instance]:
    return [
        make_instance(f"{i}", make_frame((0.0, 0.0, 0.0), AXIAL, values), uid="1", number=n)
        for i, (values, n) in enumerate(zip(times, number, strict=True))
    ]


def test_the_time_keys_are_tried_in_their_order() -> None:
    """What the scanner meant comes before when a clock was read, the file's making last."""
    assert KEYS == [
        "TemporalPositionIdentifier",
        "TriggerTime",
        "DiffusionBValue",
        "EchoTime",
        "FrameReferenceTime",
        "AcquisitionTime",
        "ContentTime",
        "InstanceCreationTime",
    ]


@given(zeros=st.sampled_from((0.0, 1.5)), times=st.lists(finite(), min_size=2, max_size=6, unique=True))
def test_a_constant_key_is_passed_over(zeros: float, times: list[float]) -> None:
    """TriggerTime all zero is no key: the first that differs is."""
    values = [(None, zeros, None, time, *NO_TIMES[4:]) for time in times]
    stack = _only(order(_at_one_place(values, list(range(len(times))))))
    assert stack.time_key == "EchoTime"
    assert [slice_.frame.times[3] for slice_ in stack.slices] == sorted(times)


@given(time=finite(), data=st.data())
def test_one_known_time_beside_missing_ones_is_no_difference(time: float, data: st.DataObject) -> None:
    """A key needs two different values at one place; a value and its absence are not two values."""
    values = [(None, time, *NO_TIMES[2:]), NO_TIMES, NO_TIMES]
    arrived = data.draw(st.permutations(_at_one_place(values, [3, 2, 1])))
    stack = _only(order(arrived))
    assert stack.time_key is None
    assert [slice_.instance.instance_number for slice_ in stack.slices] == [1, 2, 3]


@given(apart=st.one_of(st.just(0.01), st.floats(0.0, 0.0099)), numbers=st.permutations(range(4)))
def test_slices_within_a_hundredth_of_a_millimetre_are_at_one_place(apart: float, numbers: list[int]) -> None:
    """Within 0.01 mm along the normal it is the InstanceNumber that orders, not the distance."""
    instances = [
        make_instance(f"{n}", make_frame((0.0, 0.0, apart * index / 3), AXIAL), number=n)
        for index, n in enumerate(numbers)
    ]
    assert _names(order(instances)) == ["0", "1", "2", "3"]


@given(apart=st.floats(0.0101, 1.0), numbers=st.permutations(range(4)))
def test_slices_farther_apart_are_at_places_of_their_own(apart: float, numbers: list[int]) -> None:
    """More than 0.01 mm along the normal, and the distance orders, whatever the InstanceNumbers say."""
    instances = [
        make_instance(f"{n}", make_frame((0.0, 0.0, -apart * index), AXIAL), number=n)
        for index, n in enumerate(numbers)
    ]
    assert _names(order(instances)) == [str(n) for n in numbers]


@given(aside=st.floats(0.5, 500.0), numbers=st.permutations(range(3)))
def test_slices_side_by_side_at_one_depth_are_at_one_place(aside: float, numbers: list[int]) -> None:
    """A place is a distance along the normal: slices shifted in their plane share it."""
    deep = make_instance("deep", make_frame((0.0, 0.0, -900.0), AXIAL), number=-5)
    instances = [
        make_instance(f"{n}", make_frame((aside * index, -aside * index, 0.0), AXIAL), number=n)
        for index, n in enumerate(numbers)
    ]
    assert _names(order([deep, *instances])) == ["0", "1", "2", "deep"]


@given(
    rows=st.lists(
        st.tuples(
            st.one_of(st.none(), st.integers(0, 1)),
            st.sampled_from(("1.2", "1.10", "")),
            st.sampled_from(("a", "b", "c", "d", "e")),
        ),
        min_size=2,
        max_size=6,
        unique_by=lambda row: row[2],
    ),
    data=st.data(),
)
@pytest.mark.parametrize("position", [None, (0.0, 0.0, 0.0)])
def test_ties_go_by_number_then_uid_then_name(
    position: Vec3 | None,
    rows: list[tuple[int | None, str, str]],
    data: st.DataObject,
) -> None:
    """At one place: InstanceNumber, missing last; SOPInstanceUID as text; the object's name."""
    made = [make_instance(name, make_frame(position), uid=uid, number=number) for number, uid, name in rows]
    expected = [
        name
        for wanted in (0, 1, None)
        for uid in sorted({"1.2", "1.10", ""})
        for name in sorted("abcde")
        if (wanted, uid, name) in rows
    ]
    assert _names(order(data.draw(st.permutations(made)))) == expected


@given(count=st.integers(1, 12))
def test_frames_of_one_place_keep_their_order(count: int) -> None:
    """Frames that nothing tells apart come in the order of the object."""
    movie = make_instance("cine", *[make_frame() for _ in range(count)], number=1)
    stack = _only(order([movie]))
    assert [slice_.frame.number for slice_ in stack.slices] == list(range(count))
    assert stack.measure is Measure.INDEX


# --- Temporal stacks -----------------------------------------------------------------------------------------


@given(times=st.lists(st.integers(0, 10**9).map(float), min_size=2, max_size=6, unique=True))
def test_a_stack_at_one_place_is_measured_in_time(times: list[float]) -> None:
    """At one position with a time key the coordinates are the times, from the first on."""
    values = [(*NO_TIMES[:-2], time, None) for time in times]
    stack = _only(order(_at_one_place(values, list(range(len(times))))))
    assert stack.measure is Measure.TIME
    assert list(stack.coordinates) == [time - min(times) for time in sorted(times)]


@given(count=st.integers(1, 6), known=st.integers(0, 2))
def test_a_stack_at_one_place_without_times_is_measured_by_index(count: int, known: int) -> None:
    """At one position without a time for every slice, the coordinates are the indices."""
    values: list[TimeValues] = [(None, float(i), *NO_TIMES[2:]) for i in range(known)]
    values += [NO_TIMES] * count
    stack = _only(order(_at_one_place(values, [None] * len(values))))
    assert stack.measure is Measure.INDEX
    assert list(stack.coordinates) == list(range(len(values)))
    assert stack.axis is Axis.Z


# --- Several stacks ------------------------------------------------------------------------------------------


@st.composite
def _several(draw: st.DrawFn) -> list[Built]:
    """Stacks of different axes and different sizes, the largest first, with names of their own."""
    axes = draw(st.permutations(SPATIAL))[: draw(st.integers(2, 3))]
    sizes = sorted(draw(st.lists(st.integers(1, 6), min_size=3, max_size=3, unique=True)), reverse=True)
    made = []
    for index, axis in enumerate(axes):
        built = draw(stacks(sizes[index], sizes[index], axis, largest_tip=30.0))
        own = tuple(evolve(one, name=f"{9 - index}-{one.name}") for one in built.instances)
        made.append(Built(built.view, own))
    return made


@given(built=_several(), data=st.data())
def test_stacks_follow_one_another_the_largest_first(built: list[Built], data: st.DataObject) -> None:
    """Each orientation is a stack, ordered by itself; larger stacks come before smaller ones."""
    everything = [instance for one in built for instance in one.instances]
    series = order(data.draw(st.permutations(everything)))
    assert [stack.axis for stack in series.stacks] == [one.view.axis for one in built]
    assert _names(series) == _expected(everything)


@given(numbers=st.permutations(range(6)), size=st.integers(1, 2))
def test_equal_stacks_come_in_order_z_y_x(numbers: list[int], size: int) -> None:
    """Stacks of one size come in order Z, Y, X, whatever their InstanceNumbers say."""
    instances: list[Instance] = []
    for cosines, axis in ((SAGITTAL, Axis.X), (CORONAL, Axis.Y), (AXIAL, Axis.Z)):
        for index in range(size):
            place = add((0.0, 0.0, 0.0), READING[axis], 3.0 * index)
            number = numbers[len(instances)]
            instances.append(make_instance(f"{axis.value}{index}", make_frame(place, cosines), number=number))
    expected = [f"{axis}{index}" for axis in "ZYX" for index in range(size)]
    assert _names(order(instances)) == expected


def _tipped(cosines: Cosines, by: float) -> Cosines:
    return (*cosines[:3], cosines[3], cosines[4], cosines[5] + by)


@given(
    numbers=st.lists(st.integers(-3, 10**6), min_size=2, max_size=5, unique=True),
    size=st.integers(1, 3),
    data=st.data(),
)
def test_equal_stacks_of_one_axis_come_by_lowest_number(
    numbers: list[int], size: int, data: st.DataObject
) -> None:
    """Stacks equal in size and axis come in order of their lowest InstanceNumber; one without comes last."""
    instances = []
    for index, number in enumerate([*numbers, None]):
        cosines = _tipped(AXIAL, 0.03 * index)
        for place in range(size):
            own = number if place == 0 else None
            frame = make_frame((0.0, 0.0, -5.0 * place), cosines)
            instances.append(make_instance(f"{number}/{place}", frame, uid=f"{index}", number=own))
    expected = [f"{number}/{place}" for number in (*sorted(numbers), None) for place in range(size)]
    assert _names(order(data.draw(st.permutations(instances)))) == expected


@given(count=st.integers(2, 5), data=st.data())
def test_stacks_that_nothing_tells_apart_keep_one_order(count: int, data: st.DataObject) -> None:
    """Even stacks equal in everything but orientation come in one order, whatever arrives first."""
    instances = [
        make_instance(f"{index}", make_frame((0.0, 0.0, 0.0), _tipped(AXIAL, 0.03 * index)))
        for index in range(count)
    ]
    first = order(data.draw(st.permutations(instances)))
    assert len(first.stacks) == count
    assert _names(first) == _names(order(instances))


@given(built=stacks(1, 4), pages=st.integers(1, 6), data=st.data())
def test_pages_without_geometry_are_the_last_stack(built: Built, pages: int, data: st.DataObject) -> None:
    """A dose report in a CT series comes last, however many pages it has."""
    report = [make_instance(f"0-{n}", make_frame(), number=n) for n in range(pages)]
    series = order(data.draw(st.permutations([*report, *built.instances])))
    assert series.stacks[-1].axis is Axis.INSTANCE
    assert _names(series)[-pages:] == _expected(report)


@given(built=stacks(2, 5), others=st.integers(1, 5), data=st.data())
def test_size_type_and_modality_divide_nothing(built: Built, others: int, data: st.DataObject) -> None:
    """Only orientation divides: slices of another size, type or class stay in their stack."""
    changed = [
        evolve(instance, modality="MR", sop_class="1.2", image_type=("DERIVED",), pixels=None)
        if index % (others + 1)
        else instance
        for index, instance in enumerate(built.instances)
    ]
    assert _names(order(data.draw(st.permutations(changed)))) == _expected(built.instances)


@given(data=st.data())
def test_the_commonest_orientation_gathers_those_near_it(data: st.DataObject) -> None:
    """Orientations on either side of the commonest one belong to it, though not to each other."""
    tips = (0.0, 0.007, 0.007, 0.007, 0.014)
    instances = [
        make_instance(f"{index}", make_frame((0.0, 0.0, -2.0 * index), _tipped(AXIAL, tip)))
        for index, tip in enumerate(tips)
    ]
    assert len(order(data.draw(st.permutations(instances))).stacks) == 1


@given(data=st.data())
def test_an_orientation_once_gathered_is_not_given_away(data: st.DataObject) -> None:
    """A slice near the commonest orientation stays with it, though rarer ones are nearer."""
    shifts = ((0.0, 0.0), (0.016, -0.005), (0.011, 0.009), (0.008, 0.0))  # the last is near the first three
    instances = [
        make_instance(
            f"{which}-{index}",
            make_frame((0.0, 0.0, -9.0 * which - index), _shifted(AXIAL, (0, 0, x, 0, 0, y))),
        )
        for which, (count, (x, y)) in enumerate(zip((4, 3, 2, 1), shifts, strict=True))
        for index in range(count)
    ]
    stacks_ = order(data.draw(st.permutations(instances))).stacks
    assert [len(stack.slices) for stack in stacks_] == [5, 3, 2]
    assert {slice_.instance.name[0] for slice_ in stacks_[0].slices} == {"0", "3"}


@given(tips=st.lists(st.integers(0, 9), min_size=1, max_size=8), data=st.data())
def test_the_division_into_stacks_is_independent_of_arrival(tips: list[int], data: st.DataObject) -> None:
    """Even orientations that drift by less than the tolerance each are divided the same way every time."""
    instances = [
        make_instance(f"{index}", make_frame((0.0, 0.0, -2.0 * index), _tipped(AXIAL, 0.007 * tip)))
        for index, tip in enumerate(tips)
    ]
    divided = [
        {tuple(slice_.instance.name for slice_ in stack.slices) for stack in order(arrived).stacks}
        for arrived in (instances, data.draw(st.permutations(instances)))
    ]
    assert divided[0] == divided[1]


# --- Everything at once --------------------------------------------------------------------------------------


@st.composite
def _anything(draw: st.DrawFn) -> list[Instance]:
    """Any mixture of frames: all that may be missing is missing sometimes, and much is equal."""
    near = st.sampled_from((0.0, 0.004, 0.008, 0.012, 1.0, -3.0, 1e5))
    place = st.one_of(st.none(), st.tuples(near, near, near))
    plane = st.one_of(
        st.none(),
        st.sampled_from((AXIAL, SAGITTAL, CORONAL, _tipped(AXIAL, 0.006))),
        views().map(lambda view: view.cosines),
    )
    time = st.one_of(st.none(), st.sampled_from((0.0, 1.0)))
    frame = st.builds(
        make_frame,
        position=place,
        cosines=plane,
        times=st.tuples(*[time] * len(KEYS)),
        slice_location=st.one_of(st.none(), near),
    )
    count = draw(st.integers(1, 7))
    labels = draw(names(count))
    return [
        make_instance(
            label.name, *draw(st.lists(frame, min_size=1, max_size=3)), uid=label.uid, number=label.number
        )
        for label in labels
    ]


@given(instances=_anything(), data=st.data())
def test_the_order_is_independent_of_arrival(instances: list[Instance], data: st.DataObject) -> None:
    """Whatever a folder holds, its order never depends on the order of listing."""
    assert order(data.draw(st.permutations(instances))) == order(instances)


@given(instances=_anything())
def test_stacks_partition_the_frames(instances: list[Instance]) -> None:
    """Every frame of every instance is in exactly one stack, once, and no stack is empty."""
    series = order(instances)
    found = Counter((slice_.instance.name, slice_.frame.number) for slice_ in series.slices)
    assert found == Counter((one.name, frame.number) for one in instances for frame in one.frames)
    for stack in series.stacks:
        assert stack.slices
        assert len(stack.slices) == len(stack.primary_positions) == len(stack.coordinates)


@given(instances=_anything())
def test_coordinates_never_decrease(instances: list[Instance]) -> None:
    """The coordinates of a stack start at 0 and never fall, so that they can be searched."""
    for stack in order(instances).stacks:
        assert stack.coordinates[0] == 0
        assert all(a <= b for a, b in pairwise(stack.coordinates))


@given(timed=timed_stacks(least_places=2), cut=st.integers(0, 100), data=st.data())
def test_frames_in_one_object_are_ordered_like_instances(timed: Timed, cut: int, data: st.DataObject) -> None:
    """Enhanced objects hold frames in any order (PS3.3 C.7.6.16): they are read as if each were an object."""
    frames: list[Frame] = [instance.frames[0] for instance in timed.instances]
    shuffled = data.draw(st.permutations(frames))
    parts = [part for part in (shuffled[: cut % len(frames)], shuffled[cut % len(frames) :]) if part]
    objects = [make_instance(f"{i}", *part) for i, part in enumerate(parts)]
    stack = _only(order(objects))
    found = [(slice_.frame.position, slice_.frame.times) for slice_ in stack.slices]
    assert found == [(frame.position, frame.times) for frame in frames]


@given(view=views(), count=st.integers(2, 5), data=st.data())
def test_multi_frame_and_single_frame_mix(view: View, count: int, data: st.DataObject) -> None:
    """A stack spread over a multi-frame object and single ones is one stack (PS3.3 C.7.6.16)."""
    places = data.draw(positions(view, count))
    frames = [make_frame(place, view.cosines) for place in places]
    one = make_instance("single", frames[0])
    many = make_instance("many", *frames[1:][::-1])
    stack = _only(order([many, one]))
    assert [slice_.frame.position for slice_ in stack.slices] == list(places)
    assert [slice_.instance.name for slice_ in stack.slices] == ["single"] + ["many"] * (count - 1)


@example(numbers=[None, None])
@given(numbers=st.lists(st.one_of(st.none(), st.integers(0, 2)), min_size=2, max_size=4))
def test_repeated_uids_are_all_kept(numbers: list[int | None]) -> None:
    """Copies of one object in a folder are all there, in one fixed order (PS3.3 C.12.1)."""
    copies = [
        make_instance(f"{i}.dcm", make_frame((0.0, 0.0, 0.0), AXIAL), uid="1.2.3", number=number)
        for i, number in enumerate(numbers)
    ]
    found = _names(order(copies))
    assert sorted(found) == [f"{i}.dcm" for i in range(len(numbers))]
    assert found == _names(order(copies[::-1]))
