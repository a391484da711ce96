"""Laws of magnitude, phase, real and imaginary pictures: stacks of their own in one MR series."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.geometry import Axis
from dicom_series_preview.core.header.instance import ComplexComponent, Instance
from dicom_series_preview.core.order.report import odd_order
from dicom_series_preview.core.order.stacks import order
from property_tests.slices import names_in, names_of
from property_tests.strategies import AXIAL, READING, SAGITTAL, Built, add, make_frame, make_instance, stacks

WRITTEN = ("MAGNITUDE", "PHASE", "REAL", "IMAGINARY")
"""The order in which equal stacks follow one another."""

components = st.one_of(st.none(), st.sampled_from(ComplexComponent))


def showing(instance: Instance, component: ComplexComponent | None) -> Instance:
    """The instance, all of whose frames show this."""
    return evolve(instance, frames=tuple(evolve(frame, component=component) for frame in instance.frames))


def _word(component: ComplexComponent | None) -> str:
    return "MAGNITUDE" if component is None else component.name


def _divided(instances: Sequence[Instance]) -> list[list[Instance]]:
    """By what they show, the largest first, equal ones as `WRITTEN`."""
    kinds = [
        [instance for instance in instances if _word(instance.frames[0].component) == word]
        for word in WRITTEN
    ]
    return sorted((kind for kind in kinds if kind), key=lambda kind: -len(kind))


@given(built=stacks(2, 8), shown=st.lists(components, min_size=8, max_size=8), data=st.data())
def test_each_component_is_a_stack(
    built: Built, shown: list[ComplexComponent | None], data: st.DataObject
) -> None:
    """Divided by what they show, each stack in its own reading order; what tells nothing is a magnitude."""
    instances = [showing(instance, one) for instance, one in zip(built.instances, shown, strict=False)]
    series = order(data.draw(st.permutations(instances)))
    found = [[slice_.instance.name for slice_ in stack.slices] for stack in series.stacks]
    assert found == [names_in(kind) for kind in _divided(instances)]
    assert {stack.axis for stack in series.stacks} == {built.view.axis}


@given(numbers=st.permutations(range(8)), per=st.integers(1, 2))
def test_equal_stacks_come_by_component_before_axis(numbers: list[int], per: int) -> None:
    """All that is magnitude comes before what is phase, in equal stacks of any axis and number."""
    made = [
        showing(
            make_instance(
                f"{component.name} {axis.value} {i}",
                make_frame(add((0.0, 0.0, 0.0), READING[axis], 4.0 * i), cosines),
                number=numbers[4 * i + 2 * place + (axis is Axis.X)],
            ),
            component,
        )
        for place, component in enumerate((ComplexComponent.MAGNITUDE, ComplexComponent.PHASE))
        for axis, cosines in ((Axis.Z, AXIAL), (Axis.X, SAGITTAL))
        for i in range(per)
    ]
    assert names_of(order(made[::-1])) == names_in(made)


@given(shown=st.lists(components, min_size=1, max_size=8), located=st.booleans(), data=st.data())
def test_components_divide_what_has_no_position_too(
    shown: list[ComplexComponent | None], located: bool, data: st.DataObject
) -> None:
    """By SliceLocation or by InstanceNumber alone: still a stack for each component, and nothing is odd."""
    instances = [
        showing(
            make_instance(f"{i}", make_frame(slice_location=-3.0 * i if located else None), number=i), one
        )
        for i, one in enumerate(shown)
    ]
    series = order(data.draw(st.permutations(instances)))
    assert {stack.axis for stack in series.stacks} == {Axis.Z if located else Axis.INSTANCE}
    found = [[slice_.instance.name for slice_ in stack.slices] for stack in series.stacks]
    assert found == [names_in(kind) for kind in _divided(instances)]
    assert odd_order(series) == ()


@given(built=stacks(1, 3), shown=st.lists(components, min_size=1, max_size=6), data=st.data())
def test_what_lacks_geometry_beside_others_is_one_last_stack(
    built: Built, shown: list[ComplexComponent | None], data: st.DataObject
) -> None:
    """Pages without a position are left over, whatever they show."""
    pages = [showing(make_instance(f"page {i}", make_frame(), number=i), one) for i, one in enumerate(shown)]
    series = order(data.draw(st.permutations([*pages, *built.instances])))
    assert [len(stack.slices) for stack in series.stacks] == [len(built.instances), len(pages)]
    assert names_of(series)[-len(pages) :] == names_in(pages)


@given(echoes=st.integers(1, 3), places=st.integers(1, 5), data=st.data())
def test_frames_of_one_object_are_divided_alike(echoes: int, places: int, data: st.DataObject) -> None:
    """An enhanced object may hold all components of all places (PS3.3 C.8.13.3.1.2)."""
    frames = [
        evolve(make_frame((0.0, 0.0, -3.0 * place), AXIAL), component=component)
        for component in ComplexComponent
        for place in range(places)
        for _ in range(echoes)
    ]
    series = order([make_instance("all", *data.draw(st.permutations(frames)))])
    found = [(slice_.frame.component, slice_.frame.position) for slice_ in series.slices]
    assert found == [(frame.component, frame.position) for frame in frames]
    assert len(series.stacks) == 4
