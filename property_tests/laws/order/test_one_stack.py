"""Laws of one stack: Z runs from head to feet, X from right to left, Y from front to back.

See PS3.3 C.7.6.2.1.1."""

from __future__ import annotations

from itertools import pairwise

import pytest
from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st

from dicom_series_preview.core.geometry import Axis, Cosines, Vec3
from dicom_series_preview.core.header.instance import Frame, Instance
from dicom_series_preview.core.header.time_keys import TIME_KEYS
from dicom_series_preview.core.order.series import Measure
from dicom_series_preview.core.order.stacks import order
from property_tests.models import exact_dot
from property_tests.slices import moved, names_in, names_of, only, place_of, shifted, with_frame
from property_tests.strategies import (
    AXIAL,
    CORONAL,
    NO_TIMES,
    READING,
    SAGITTAL,
    SPATIAL,
    Built,
    View,
    add,
    finite,
    make_frame,
    make_instance,
    names,
    primary_positions,
    stacks,
    steps,
    views,
)

KEYS = [name for name, _ in TIME_KEYS]


@given(built=stacks(), data=st.data())
def test_a_stack_is_recovered_from_any_arrival_order(built: Built, data: st.DataObject) -> None:
    """Along any axis, up to 44 degrees oblique, either normal, tilted, uneven, shifted: the order comes back.

    See PS3.3 C.7.6.2.1.1.
    """
    arrived = data.draw(st.permutations(built.instances))
    stack = only(order(arrived))
    assert stack.axis is built.view.axis
    assert [slice_.instance.name for slice_ in stack.slices] == names_in(built.instances)


@given(built=stacks(), data=st.data())
def test_slices_without_orientation_join_the_only_one_there_is(built: Built, data: st.DataObject) -> None:
    """All but one may lack ImageOrientationPatient: by their positions they lie where they did."""
    kept = data.draw(st.integers(0, len(built.instances) - 1))
    without = data.draw(st.sets(st.integers(0, len(built.instances) - 1))) - {kept}
    bare = [
        with_frame(one, evolve(one.frames[0], cosines=None)) if number in without else one
        for number, one in enumerate(built.instances)
    ]
    stack = only(order(data.draw(st.permutations(bare))))
    assert stack.axis is built.view.axis
    assert [slice_.instance.name for slice_ in stack.slices] == names_in(built.instances)


@given(built=stacks())
def test_primary_positions_are_plain_coordinates(built: Built) -> None:
    """A slice's primary position is its ImagePositionPatient on the axis, not the key it is sorted by.

    See PS3.3 C.7.6.2.1.1.
    """
    stack = only(order(built.instances))
    component = "XYZ".index(built.view.axis.value)
    assert primary_positions(stack) == [place_of(instance)[component] for instance in built.instances]


@given(built=stacks())
def test_coordinates_are_the_distances_travelled(built: Built) -> None:
    """Coordinates grow as the slices are read, as much as the slices lie apart along the normal.

    See PS3.3 C.7.6.2.1.1.
    """
    stack = only(order(built.instances))
    assert stack.measure is Measure.PLACE
    travelled = [
        float(exact_dot(place_of(instance), built.view.along))
        - float(exact_dot(place_of(built.instances[0]), built.view.along))
        for instance in built.instances
    ]
    assert list(stack.coordinates) == pytest.approx(travelled, abs=1e-6)
    assert all(a < b for a, b in pairwise(stack.coordinates))


@given(built=stacks(), by=st.tuples(*[finite(10_000.0)] * 3), factor=st.sampled_from((1.0, 2.0, 10.0, 0.5)))
def test_moving_and_scaling_the_patient_changes_no_order(built: Built, by: Vec3, factor: float) -> None:
    """A shift of the frame of reference and a uniform scale leave axis and order alone."""
    changed = [moved(instance, add(by, place_of(instance), factor)) for instance in built.instances[::-1]]
    stack = only(order(changed))
    assert stack.axis is built.view.axis
    assert [slice_.instance.name for slice_ in stack.slices] == names_in(built.instances)


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
        return with_frame(instance, make_frame(_turned(place_of(instance), about), cosines))

    toward = _turned(READING[built.view.axis], about)
    axis = next(axis for axis in SPATIAL if toward["XYZ".index(axis.value)] != 0)
    expected = names_in(built.instances)
    if toward != READING[axis]:
        expected.reverse()
    stack = only(order([turn(instance) for instance in built.instances]))
    assert stack.axis is axis
    assert [slice_.instance.name for slice_ in stack.slices] == expected


@given(built=stacks(), data=st.data())
def test_one_slice_has_the_axis_of_its_series(built: Built, data: st.DataObject) -> None:
    """A series of one instance is read along the axis of the stack it came from."""
    one = data.draw(st.sampled_from(built.instances))
    assert only(order([one])).axis is built.view.axis


@given(built=stacks(most=4), data=st.data())
def test_orientations_off_by_a_little_are_one_stack(built: Built, data: st.DataObject) -> None:
    """Cosines rounded differently from slice to slice (1e-5) do not divide a stack."""
    noise = st.lists(st.sampled_from((0.0, 1e-5, -1e-5)), min_size=6, max_size=6)

    def blur(instance: Instance) -> Instance:
        shift = data.draw(noise)
        return with_frame(instance, evolve(instance.frames[0], cosines=shifted(built.view.cosines, shift)))

    # The normal turns by 1e-5: over the stack's width of some meters that is less than the slices' distance.
    spread = [
        moved(instance, add((0.0, 0.0, 0.0), built.view.along, 5.0 * index))
        for index, instance in enumerate(built.instances)
    ]
    stack = only(order([blur(instance) for instance in spread[::-1]]))
    assert [slice_.instance.name for slice_ in stack.slices] == names_in(built.instances)


@given(
    view=views(), shift=st.lists(st.floats(-0.0099, 0.0099), min_size=6, max_size=6), more=st.integers(1, 3)
)
@example(
    view=View(Axis.Z, (0, 0, -1), (1, 0, 0), (0, 1, 0)), shift=[0.0, 0.01, -0.01, 0.01, 0.0, 0.01], more=1
)
def test_orientations_within_a_hundredth_are_one(view: View, shift: list[float], more: int) -> None:
    """Cosines that each differ by at most 0.01 are one orientation, and one stack (PS3.3 C.7.6.2.1.1)."""
    frames = [make_frame((0.0, 0.0, 0.0), view.cosines)] * more
    frames.append(make_frame((0.0, 0.0, 0.0), shifted(view.cosines, shift)))
    assert len(order([make_instance(f"{i}", frame) for i, frame in enumerate(frames)]).stacks) == 1


@given(view=views(), where=st.integers(0, 5), by=st.floats(0.0101, 0.5), sign=st.sampled_from((-1, 1)))
def test_one_cosine_can_make_another_orientation(view: View, where: int, by: float, sign: int) -> None:
    """A single cosine that differs by more than 0.01 makes another orientation, and another stack."""
    shift = [0.0] * 6
    shift[where] = sign * by
    frames = [
        make_frame((0.0, 0.0, 0.0), cosines) for cosines in (view.cosines, shifted(view.cosines, shift))
    ]
    assert len(order([make_instance(f"{i}", frame) for i, frame in enumerate(frames)]).stacks) == 2


@given(built=stacks(), extra=st.integers(0, 6), data=st.data())
def test_an_added_slice_never_reorders_the_others(built: Built, extra: int, data: st.DataObject) -> None:
    """A slice put between, before or behind the others leaves their order as it is."""
    along = built.view.along
    here = data.draw(st.sampled_from(built.instances))
    moved = add(place_of(here), along, data.draw(st.sampled_from((-0.02, 0.02, 1e4, -1e4))))
    added = make_instance(f"added{extra}", make_frame(moved, built.view.cosines), uid="1.9", number=extra)
    found = names_of(order([added, *built.instances]))
    assert [name for name in found if name != added.name] == names_in(built.instances)


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
    stack = only(order(data.draw(st.permutations(instances))))
    assert stack.axis is axis
    assert [slice_.instance.name for slice_ in stack.slices] == names_in(instances)


@given(
    made=st.one_of(_scattered(AXIAL, Axis.Z), _scattered(SAGITTAL, Axis.X), _scattered(CORONAL, Axis.Y)),
    data=st.data(),
)
def test_slices_apart_in_their_plane_go_by_the_largest_range(
    made: tuple[Axis, list[Instance]], data: st.DataObject
) -> None:
    """Where slices do not differ along their normal, the coordinate with the largest range orders them."""
    axis, instances = made
    stack = only(order(data.draw(st.permutations(instances))))
    assert stack.axis is axis
    assert [slice_.instance.name for slice_ in stack.slices] == names_in(instances)


@given(view=views(), shift=st.tuples(*[st.one_of(st.just(0.01), st.floats(-0.01, 0.01))] * 3))
@example(view=View(Axis.X, (1, 0, 0), (0, 1, 0), (0, 0, -1)), shift=(0.0, 0.01, 0.01))
def test_slices_at_one_position_have_the_axis_of_their_orientation(view: View, shift: Vec3) -> None:
    """Positions that differ by no more than 0.01 mm are one: there is no range that could name another axis."""
    places = ((0.0, 0.0, 0.0), shift)
    instances = [make_instance(f"{i}", make_frame(place, view.cosines)) for i, place in enumerate(places)]
    assert only(order(instances)).axis is view.axis


@given(slip=st.one_of(st.just(0.01), st.floats(-0.01, 0.01)), apart=st.floats(0.5, 500.0))
def test_a_slip_of_a_hundredth_does_not_separate_slices(slip: float, apart: float) -> None:
    """Slices that differ by no more than 0.01 mm along their normal go by their largest range."""
    left = make_instance("0", make_frame((apart, 0.0, -slip), AXIAL), number=1)
    right = make_instance("1", make_frame((0.0, 0.0, 0.0), AXIAL), number=2)
    stack = only(order([left, right]))
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
    assert only(order(instances)).axis is min(moving, key=SPATIAL.index)


def test_one_slice_without_orientation_is_axial() -> None:
    """A single position has no range on any axis: the tie prefers Z."""
    assert only(order([make_instance("a", make_frame((1.0, 2.0, 3.0)))])).axis is Axis.Z


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
    stack = only(order(instances))
    assert stack.axis is Axis.Z
    assert primary_positions(stack) == sorted(depths, reverse=True)
    assert [slice_.frame.slice_location for slice_ in stack.slices] == sorted(depths, reverse=True)


@given(built=stacks(), data=st.data())
def test_slice_location_is_ignored_where_a_position_is_known(built: Built, data: st.DataObject) -> None:
    """SliceLocation never overrules ImagePositionPatient: its direction and origin are the vendor's own.

    See PS3.3 C.7.6.2.1.2.
    """
    instances = [
        with_frame(instance, evolve(instance.frames[0], slice_location=data.draw(finite(1000.0))))
        for instance in built.instances
    ]
    assert names_of(order(instances)) == names_in(built.instances)


@given(numbers=st.lists(st.integers(-5, 10**9), min_size=1, max_size=6, unique=True), data=st.data())
def test_without_geometry_instance_numbers_count(numbers: list[int], data: st.DataObject) -> None:
    """Neither position nor SliceLocation: increasing InstanceNumber, on axis I (PS3.3 C.7.6.1)."""
    made = [
        make_instance(f"{data.draw(st.integers(0, 9))}-{number}", make_frame(), number=number)
        for number in numbers
    ]
    stack = only(order(made))
    assert stack.axis is Axis.INSTANCE
    assert primary_positions(stack) == sorted(numbers)
    assert [slice_.instance.instance_number for slice_ in stack.slices] == sorted(numbers)
    assert stack.measure is Measure.INDEX
    assert list(stack.coordinates) == list(range(len(numbers)))


@given(numbers=st.lists(st.integers(0, 99), min_size=2, max_size=6, unique=True))
def test_without_geometry_the_number_comes_before_the_time(numbers: list[int]) -> None:
    """On axis I times only tell apart what has one InstanceNumber: the frames of one object, say."""
    for key in range(len(KEYS)):

        def timed(n: int, key: int = key) -> Frame:
            return make_frame(times=(*NO_TIMES[:key], float(-n), *NO_TIMES[key + 1 :]))

        stack = only(order([make_instance(f"{n}", timed(n), number=n) for n in numbers]))
        assert [slice_.instance.instance_number for slice_ in stack.slices] == sorted(numbers)
        assert stack.time_key is None
        cine = only(order([make_instance("cine", *map(timed, range(3)), number=5)]))
        assert [slice_.frame.number for slice_ in cine.slices] == [2, 1, 0]
        assert cine.time_key == KEYS[key]


@given(count=st.integers(1, 5), data=st.data())
def test_missing_instance_numbers_come_last(count: int, data: st.DataObject) -> None:
    """Without geometry, instances without InstanceNumber follow those that have one (PS3.3 C.7.6.1)."""
    made = [make_instance(f"n{i}", make_frame(), number=10**6 + i) for i in range(count)]
    bare = [make_instance(f"a{i}", make_frame(), uid=f"0.{i}") for i in range(2)]
    stack = only(order(data.draw(st.permutations([*made, *bare]))))
    assert [slice_.instance.name for slice_ in stack.slices] == names_in([*made, *bare])
    assert primary_positions(stack)[-2:] == [None, None]


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
    assert names_of(series) == [*names_in(built.instances), *(f"bare{n}" for n in sorted(numbers))]


def test_slices_without_location_come_after_those_with_one() -> None:
    """Where SliceLocation orders, slices without one form the last stack, even if they are more."""
    located = make_instance("z", make_frame(slice_location=5.0), number=9)
    bare = [make_instance(f"a{n}", make_frame(), number=n) for n in (2, 1, 3)]
    series = order([*bare, located])
    assert [stack.axis for stack in series.stacks] == [Axis.Z, Axis.INSTANCE]
    assert names_of(series) == ["z", "a1", "a2", "a3"]
