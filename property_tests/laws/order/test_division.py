"""Laws of several stacks: what divides a series, and in what order its stacks follow one another."""

from __future__ import annotations

from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st

from dicom_series_preview.core.geometry import SAME_PLACE_MM, Axis
from dicom_series_preview.core.header.instance import Instance
from dicom_series_preview.core.order.divide import apart
from dicom_series_preview.core.order.stacks import order
from property_tests.slices import names_in, names_of, shifted, tipped
from property_tests.strategies import (
    AXIAL,
    CORONAL,
    READING,
    SAGITTAL,
    SPATIAL,
    Built,
    add,
    make_frame,
    make_instance,
    stacks,
)


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
    assert names_of(series) == names_in(everything)


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
    assert names_of(order(instances)) == expected


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
        cosines = tipped(AXIAL, 0.03 * index)
        for place in range(size):
            own = number if place == 0 else None
            frame = make_frame((0.0, 0.0, -5.0 * place), cosines)
            instances.append(make_instance(f"{number}/{place}", frame, uid=f"{index}", number=own))
    expected = [f"{number}/{place}" for number in (*sorted(numbers), None) for place in range(size)]
    assert names_of(order(data.draw(st.permutations(instances)))) == expected


@given(count=st.integers(2, 5), data=st.data())
def test_stacks_that_nothing_tells_apart_keep_one_order(count: int, data: st.DataObject) -> None:
    """Even stacks equal in everything but orientation come in one order, whatever arrives first."""
    instances = [
        make_instance(f"{index}", make_frame((0.0, 0.0, 0.0), tipped(AXIAL, 0.03 * index)))
        for index in range(count)
    ]
    first = order(data.draw(st.permutations(instances)))
    assert len(first.stacks) == count
    assert names_of(first) == names_of(order(instances))


@given(built=stacks(1, 4), pages=st.integers(1, 6), data=st.data())
def test_pages_without_geometry_are_the_last_stack(built: Built, pages: int, data: st.DataObject) -> None:
    """A dose report in a CT series comes last, however many pages it has."""
    report = [make_instance(f"0-{n}", make_frame(), number=n) for n in range(pages)]
    series = order(data.draw(st.permutations([*report, *built.instances])))
    assert series.stacks[-1].axis is Axis.INSTANCE
    assert names_of(series)[-pages:] == names_in(report)


@given(built=stacks(2, 5), others=st.integers(1, 5), data=st.data())
def test_size_type_and_modality_divide_nothing(built: Built, others: int, data: st.DataObject) -> None:
    """Only orientation divides: slices of another size, type or class stay in their stack."""
    changed = [
        evolve(instance, modality="MR", sop_class="1.2", image_type=("DERIVED",), pixels=None)
        if index % (others + 1)
        else instance
        for index, instance in enumerate(built.instances)
    ]
    assert names_of(order(data.draw(st.permutations(changed)))) == names_in(built.instances)


@given(data=st.data())
def test_the_commonest_orientation_gathers_those_near_it(data: st.DataObject) -> None:
    """Orientations on either side of the commonest one belong to it, though not to each other."""
    tips = (0.0, 0.007, 0.007, 0.007, 0.014)
    instances = [
        make_instance(f"{index}", make_frame((0.0, 0.0, -2.0 * index), tipped(AXIAL, tip)))
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
            make_frame((0.0, 0.0, -9.0 * which - index), shifted(AXIAL, (0, 0, x, 0, 0, y))),
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
        make_instance(f"{index}", make_frame((0.0, 0.0, -2.0 * index), tipped(AXIAL, 0.007 * tip)))
        for index, tip in enumerate(tips)
    ]
    divided = [
        {tuple(slice_.instance.name for slice_ in stack.slices) for stack in order(arrived).stacks}
        for arrived in (instances, data.draw(st.permutations(instances)))
    ]
    assert divided[0] == divided[1]


steps = st.integers(-12, 12)


@given(ranges=st.lists(st.tuples(steps, st.integers(0, 8)), max_size=7))
@example(ranges=[(0, 8), (1, 1), (9, 1)])
@example(ranges=[(0, 0), (1, 0), (3, 0)])
def test_ranges_lie_apart_where_no_other_one_is_near(ranges: list[tuple[int, int]]) -> None:
    """From the end of one to the beginning of the next is more than what counts as one place."""
    step = 0.75 * SAME_PLACE_MM
    found = apart([(low * step, (low + length) * step) for low, length in ranges])
    gaps = [
        [max(low - (a + b), a - (low + length)) for m, (a, b) in enumerate(ranges) if m != n]
        for n, (low, length) in enumerate(ranges)
    ]
    assert found == [all(gap >= 2 for gap in others) for others in gaps]
