"""Laws of tilted groups that follow one another along an axis, as the discs of a spine do: they are one stack."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import cos, radians, sin

import pytest
from attrs import evolve, frozen
from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.faults.objects import BadPixelModule
from dicom_series_preview.core.geometry import Axis, Cosines, Vec3
from dicom_series_preview.core.header.instance import Instance
from dicom_series_preview.core.order.series import Measure, Slice, Stack
from dicom_series_preview.core.order.stacks import order
from property_tests.slices import names_in, names_of, only
from property_tests.strategies import (
    READING,
    SPATIAL,
    add,
    make_frame,
    make_instance,
    make_pixels,
    primary_positions,
)

ACROSS = {
    Axis.X: ((0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    Axis.Y: ((0.0, 0.0, 1.0), (1.0, 0.0, 0.0)),
    Axis.Z: ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
}
ORIGIN: Vec3 = (0.0, 0.0, 0.0)


@frozen
class Plane:
    """A slice plane near an axis: its normal in reading direction, a row and a column."""

    along: Vec3
    row: Vec3
    column: Vec3

    @property
    def cosines(self) -> Cosines:
        """ImageOrientationPatient."""
        return (*self.row, *self.column)


def plane(axis: Axis, degrees: float, flipped: bool = False) -> Plane:
    """A plane across an axis, leaning by so many degrees; `flipped` turns its normal."""
    row, second = ACROSS[axis]
    c, s = cos(radians(degrees)), sin(radians(degrees))
    along = add(add(ORIGIN, READING[axis], c), second, s)
    column = add(add(ORIGIN, second, c), READING[axis], -s)
    return Plane(along, column, row) if flipped else Plane(along, row, column)


@frozen
class Extent:
    """Rows and columns of a picture in px, and mm from row to row and from column to column."""

    rows: int
    columns: int
    spacing: tuple[float, float]


SMALL = Extent(1, 1, (1.0, 1.0))

extents = st.builds(
    Extent, st.integers(1, 512), st.integers(1, 512), st.tuples(st.floats(0.2, 2.0), st.floats(0.2, 2.0))
)


def centred(
    name: str, centre: Vec3, lies: Plane, extent: Extent = SMALL, number: int | None = None
) -> Instance:
    """An instance whose middle is at `centre`: its position, the first pixel, is half a picture away."""
    across = extent.spacing[1] * (extent.columns - 1) / 2
    down = extent.spacing[0] * (extent.rows - 1) / 2
    corner = add(add(centre, lies.row, -across), lies.column, -down)
    frame = evolve(make_frame(corner, lies.cosines), spacing=extent.spacing)
    pixels = make_pixels(extent.rows, extent.columns)
    return evolve(make_instance(name, frame, uid=name, number=number, modality="MR"), pixels=pixels)


def group(axis: Axis, degrees: float, depths: Sequence[float], extent: Extent = SMALL) -> list[Instance]:
    """Slices of one orientation whose middles lie at these depths in mm along the axis, as it is read."""
    lies = plane(axis, degrees)
    return [
        centred(f"{degrees:+g} {depth:g}", add((7.0, -3.0, 11.0), READING[axis], depth), lies, extent)
        for depth in depths
    ]


@frozen
class Chain:
    """Groups of slices in reading order."""

    axis: Axis
    groups: tuple[tuple[Instance, ...], ...]
    depths: tuple[float, ...]
    """Of the middle of each slice along the axis, as it is read."""

    @property
    def instances(self) -> list[Instance]:
        """In reading order."""
        return [instance for members in self.groups for instance in members]


@st.composite
def chains(draw: st.DrawFn, least: int = 2) -> Chain:
    """Two to four groups of two to four slices, each leaning by its own angle, none meeting another.

    Pictures are large beside the distances of the groups, so that the positions of their first pixels tell
    another order than their middles; names and InstanceNumbers know nothing of places.
    """
    axis = draw(st.sampled_from(SPATIAL))
    leans = draw(st.lists(st.integers(-13, 13), min_size=least, max_size=4, unique=True))
    start: Vec3 = draw(st.tuples(*[st.integers(-300, 300).map(float)] * 3))
    extent, depth = draw(extents), 0.0
    names = draw(st.permutations(range(4 * len(leans))))
    made, depths = [], []
    for lean in leans:
        lies = plane(axis, 3.0 * lean, draw(st.booleans()))
        members = []
        for _ in range(draw(st.integers(2, 4))):
            depth += draw(st.sampled_from((0.05, 1.0, 5.0)))
            depths.append(depth)
            # Slices of one orientation follow their normal; where that leads aside it changes no depth.
            token = names[len(depths) - 1]
            middle = add(start, READING[axis], depth)
            members.append(centred(f"{token:02}", middle, lies, extent, -token))
        made.append(tuple(members))
        depth += draw(st.sampled_from((0.05, 3.0, 40.0)))
    return Chain(axis, tuple(made), tuple(depths))


@given(chain=chains(), data=st.data())
def test_groups_that_follow_one_another_are_one_stack(chain: Chain, data: st.DataObject) -> None:
    """Ordered by their middles along the axis, however each group leans (PS3.3 C.7.6.2.1.1)."""
    stack = only(order(data.draw(st.permutations(chain.instances))))
    assert stack.axis is chain.axis
    assert stack.measure is Measure.PLACE
    assert [slice_.instance.name for slice_ in stack.slices] == names_in(chain.instances)


@given(chain=chains())
def test_positions_of_a_chain_are_those_of_the_middles(chain: Chain) -> None:
    """What positions are fractions of, and the plain coordinate on the axis, speak of the slices' middles."""
    stack = only(order(chain.instances))
    expected = [depth - chain.depths[0] for depth in chain.depths]
    assert list(stack.coordinates) == pytest.approx(expected, abs=1e-6)
    sign = sum(READING[chain.axis])
    walked = [sign * (after - before) for before, after in pairwise(chain.depths)]
    plain = [position for position in primary_positions(stack) if position is not None]
    assert [b - a for a, b in pairwise(plain)] == pytest.approx(walked, abs=1e-6)


@given(axis=st.sampled_from(SPATIAL), depth=st.integers(-90, 90), extent=extents)
def test_the_middle_is_half_the_picture_away_from_its_first_pixel(
    axis: Axis, depth: int, extent: Extent
) -> None:
    """The plain coordinate on the axis is that of the middle, with half the rows and columns in mm."""
    near = group(axis, 12.0, (depth, depth + 1.0), extent)
    far = group(axis, -9.0, (depth + 900.0, depth + 901.0), extent)
    stack = only(order([*far, *near]))
    component = "XYZ".index(axis.value)
    expected = [add((7.0, -3.0, 11.0), READING[axis], depth + d)[component] for d in (0, 1, 900, 901)]
    assert primary_positions(stack) == pytest.approx(expected, abs=1e-6)


@given(axis=st.sampled_from(SPATIAL), extent=extents, blind=st.booleans())
def test_without_a_size_the_position_stands_for_the_middle(axis: Axis, extent: Extent, blind: bool) -> None:
    """No spacing, or no picture: the first pixel is all that is known of where a slice lies."""

    def bare(instance: Instance) -> Instance:
        if blind:
            return evolve(instance, pixels=BadPixelModule("Rows", "", "it is missing"))
        return evolve(instance, frames=tuple(evolve(frame, spacing=None) for frame in instance.frames))

    instances = [*group(axis, 12.0, (0.0, 2.0), extent), *group(axis, -12.0, (5000.0, 5002.0), extent)]
    stack = only(order([bare(instance) for instance in instances]))
    component = "XYZ".index(axis.value)
    corners = [instance.frames[0].position for instance in instances]
    assert primary_positions(stack) == [corner and corner[component] for corner in corners]


def _lengths(instances: Sequence[Instance]) -> list[int]:
    return [len(stack.slices) for stack in order(instances).stacks]


@given(
    axis=st.sampled_from(SPATIAL),
    gap=st.one_of(st.just(-4.0), st.floats(-50.0, 0.009)),
    data=st.data(),
)
def test_groups_that_meet_are_stacks_of_their_own(axis: Axis, gap: float, data: st.DataObject) -> None:
    """One place that two groups share, within 0.01 mm, and neither is read on into the other."""
    first = group(axis, 12.0, (0.0, 25.0, 50.0))
    second = group(axis, -12.0, (50.0 + gap, 100.0 + gap))
    assert _lengths(data.draw(st.permutations([*first, *second]))) == [3, 2]


@given(axis=st.sampled_from(SPATIAL), gap=st.floats(0.0101, 50.0))
def test_groups_just_apart_are_one_stack(axis: Axis, gap: float) -> None:
    """More than 0.01 mm between the last of one and the first of the next is enough."""
    first, second = group(axis, 12.0, (0.0, 50.0)), group(axis, -12.0, (50.0 + gap, 100.0))
    assert _lengths([*second, *first]) == [4]


@given(axis=st.sampled_from(SPATIAL), data=st.data())
def test_only_groups_that_meet_no_other_are_joined(axis: Axis, data: st.DataObject) -> None:
    """Of four groups the two that meet stay by themselves, wherever they lie; the other two are one stack."""
    free = [group(axis, 20.0, (0.0, 1.0)), group(axis, 10.0, (100.0, 101.0, 102.0))]
    where = data.draw(st.sampled_from((-50.0, 50.0, 150.0)))
    meeting = [group(axis, -10.0, (where, where + 9.0)), group(axis, -20.0, (where + 1.0, where + 2.0))]
    everything = [instance for members in (*free, *meeting) for instance in members]
    stacks = order(data.draw(st.permutations(everything))).stacks
    assert [len(stack.slices) for stack in stacks] == [5, 2, 2]
    assert [slice_.instance.name for slice_ in stacks[0].slices] == names_in([*free[0], *free[1]])


@given(axis=st.sampled_from(SPATIAL), inner=st.integers(1, 3), data=st.data())
def test_a_long_group_meets_all_that_lie_inside_it(axis: Axis, inner: int, data: st.DataObject) -> None:
    """A group that spans the others is met by each, though they do not meet one another."""
    long = group(axis, 0.0, [20.0 * i for i in range(9)])
    others = [group(axis, 5.0 * i, (30.0 * i, 30.0 * i + 1.0)) for i in range(1, inner + 1)]
    everything = [*long, *(instance for members in others for instance in members)]
    assert _lengths(data.draw(st.permutations(everything))) == [9] + [2] * inner


@given(chain=chains(), data=st.data())
def test_a_single_slice_joins_no_chain(chain: Chain, data: st.DataObject) -> None:
    """An orientation of one slice is a scout, wherever it lies: it neither joins others nor keeps them apart."""
    depth = data.draw(st.sampled_from((-500.0, 5.0, 500.0)))
    lone = centred("lone", add(ORIGIN, READING[chain.axis], depth), plane(chain.axis, 44.0))
    series = order(data.draw(st.permutations([lone, *chain.instances])))
    assert [len(stack.slices) for stack in series.stacks] == [len(chain.instances), 1]
    assert names_of(series) == [*names_in(chain.instances), "lone"]


@given(axis=st.sampled_from(SPATIAL), count=st.integers(2, 5))
def test_single_slices_are_no_chain(axis: Axis, count: int) -> None:
    """Orientations of one slice each are that many stacks."""
    lone = [group(axis, 6.0 * i, (100.0 * i,))[0] for i in range(count)]
    assert _lengths(lone) == [1] * count


@given(chain=chains(), data=st.data())
def test_other_axes_keep_no_groups_apart(chain: Chain, data: st.DataObject) -> None:
    """Slices that are read along another axis are a stack of their own, and the chain stays one."""
    across = data.draw(st.sampled_from([axis for axis in SPATIAL if axis is not chain.axis]))
    scouts = group(across, 0.0, (-3.0, 0.0, 3.0))
    found = {stack.axis: stack for stack in order([*scouts, *chain.instances]).stacks}
    assert set(found) == {chain.axis, across}
    assert _named(found[chain.axis]) == names_in(chain.instances)


def _named(stack: Stack[Slice]) -> list[str]:
    return [slice_.instance.name for slice_ in stack.slices]


@given(axis=st.sampled_from(SPATIAL), copies=st.integers(2, 3))
def test_places_of_a_chain_may_repeat(axis: Axis, copies: int) -> None:
    """Several pictures at one place of a chain follow one another there, by InstanceNumber."""
    places = [*group(axis, 12.0, (0.0, 5.0)), *group(axis, -12.0, (30.0, 35.0))]
    expected = [
        evolve(instance, name=f"{instance.name} {n}", instance_number=n)
        for instance in places
        for n in range(copies)
    ]
    stack = only(order(expected[::-1]))
    assert _named(stack) == names_in(expected)
    assert len(set(stack.coordinates)) == len(places)
