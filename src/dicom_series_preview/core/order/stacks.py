"""The reading order of a series: stacks of slices, each ordered along its own axis.

1. Slices are divided by what they show (magnitude, phase, real and imaginary pictures of MR), and those with an
   ImagePositionPatient by orientation.
2. Within a stack they are ordered by their distance along the slice normal, turned into the reading direction
   of its largest component.  Gantry tilt, uneven spacing and in-plane shifts do not disturb that.  Where the
   orientation is unknown or does not separate them, the coordinate with the largest range orders them.
3. Orientations of two slices and more that follow one another along an axis without meeting, as the discs of a
   spine do, are one stack, ordered by the middle of each slice.
4. Slices at one position are ordered by what tells them apart in time, then by InstanceNumber, the place in a
   concatenation, SOPInstanceUID, object name and frame number: the order is total and independent of arrival.
5. Stacks follow one another, the largest first; slices without geometry come last.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import acos, degrees
from typing import Final, TypeAlias

from attrs import frozen

from dicom_series_preview.core.geometry import (
    AXIS_PREFERENCE,
    COMPONENT,
    READING_SIGN,
    SAME_COSINE,
    SAME_PLACE_MM,
    Axis,
    Cosines,
    dominant_axis,
    dot,
    normal_of,
    reading_direction,
)
from dicom_series_preview.core.header.instance import Instance
from dicom_series_preview.core.header.time_keys import TIME_KEYS
from dicom_series_preview.core.order.divide import (
    apart,
    by_component,
    by_orientation,
    centre_of,
    component_rank,
)
from dicom_series_preview.core.order.series import Measure, Series, Slice, Stack

_Placed: TypeAlias = "tuple[float, Slice]"
"""A slice with the distance that orders it, growing in reading order."""

_LAST: Final = float("inf")

_AXES: Final = (*AXIS_PREFERENCE, Axis.INSTANCE)


def order(instances: Sequence[Instance]) -> Series[Slice]:
    """Put all frames of `instances` into reading order; their own order does not matter."""
    slices = [Slice(instance, frame) for instance in instances for frame in instance.frames]
    placed = [slice_ for slice_ in slices if slice_.frame.position is not None]
    if placed:
        stacks = [stack for alike in by_component(placed) for stack in _positioned_stacks(alike)]
        rest = [slice_ for slice_ in slices if slice_.frame.position is None]
    else:
        located = [slice_ for slice_ in slices if slice_.frame.slice_location is not None]
        stacks = [_located_stack(alike) for alike in by_component(located)]
        rest = [slice_ for slice_ in slices if slice_.frame.slice_location is None]
    # Beside others those without geometry are left over, and one stack; by themselves they are a series.
    last = [_numbered_stack(alike) for alike in ([rest] if stacks and rest else by_component(rest))]
    return Series((*sorted(stacks, key=_stack_rank), *sorted(last, key=_stack_rank)))


def in_reading_order(instances: Sequence[Instance], series: Series[Slice]) -> tuple[Instance, ...]:
    """All of these, each once by name: those of the series by their first slice, then those that are not shown.

    Those follow one another by InstanceNumber, SOPInstanceUID and name.
    """
    shown = dict.fromkeys(slice_.instance.name for slice_ in series.slices)
    named = {one.name: one for one in instances}
    rest = sorted((one for one in named.values() if one.name not in shown), key=_rest_rank)
    return (*(named[name] for name in shown), *rest)


def _rest_rank(one: Instance) -> tuple[bool, int, str, str]:
    number = one.instance_number
    return (number is None, number or 0, one.sop_instance_uid, one.name)


@frozen(eq=False)
class _Group:
    """Slices of one orientation, in no order."""

    axis: Axis
    placed: list[_Placed]

    @property
    def middles(self) -> list[_Placed]:
        """The slices, placed by their middle along the axis in mm, as it is read; empty where it is unknown."""
        centres = [(centre, slice_) for _, slice_ in self.placed if (centre := centre_of(slice_)) is not None]
        sign, component = READING_SIGN[self.axis], COMPONENT[self.axis]
        return [(sign * centre[component], slice_) for centre, slice_ in centres]


def _positioned_stacks(slices: list[Slice]) -> list[Stack[Slice]]:
    groups = [_Group(*_placed(cosines, members)) for cosines, members in by_orientation(slices)]
    stacks = []
    for axis in AXIS_PREFERENCE:
        on_axis = [group for group in groups if group.axis is axis]
        chain = _chain(on_axis)
        stacks += [_stack(axis, group.placed) for group in on_axis if group not in chain]
        if chain:
            stacks.append(_stack(axis, [placed for group in chain for placed in group.middles], centred=True))
    return stacks


def _chain(groups: list[_Group]) -> list[_Group]:
    """Those groups of two slices and more on one axis that meet no other of them; empty if there is but one."""
    long = [(group, middles) for group in groups if len(middles := group.middles) > 1]
    depths = [[depth for depth, _ in middles] for _, middles in long]
    found = [
        group
        for (group, _), alone in zip(long, apart([(min(d), max(d)) for d in depths]), strict=True)
        if alone
    ]
    return found if len(found) > 1 else []


def _placed(cosines: Cosines | None, slices: list[Slice]) -> tuple[Axis, list[_Placed]]:
    """The axis of slices of one orientation, and how far along it, as it is read, each of them lies."""
    positions = [position for slice_ in slices if (position := slice_.frame.position) is not None]
    extents = tuple(max(values) - min(values) for values in zip(*positions, strict=True))
    extent = (extents[0], extents[1], extents[2])
    normal = None if cosines is None else normal_of(cosines)
    if normal is not None:
        axis, direction = reading_direction(normal)
        depths = [dot(position, direction) for position in positions]
        separated = max(depths) - min(depths) > SAME_PLACE_MM
        if separated or max(extent) <= SAME_PLACE_MM:
            return axis, list(zip(depths, slices, strict=True))
    axis = dominant_axis(extent, tied=SAME_PLACE_MM)
    along = [READING_SIGN[axis] * position[COMPONENT[axis]] for position in positions]
    return axis, list(zip(along, slices, strict=True))


def _located_stack(slices: list[Slice]) -> Stack[Slice]:
    """SliceLocation stands in for z where no slice has a position."""
    sign = READING_SIGN[Axis.Z]
    return _stack(Axis.Z, [(sign * (slice_.frame.slice_location or 0.0), slice_) for slice_ in slices])


def _numbered_stack(slices: list[Slice]) -> Stack[Slice]:
    numbers = [slice_.instance.instance_number for slice_ in slices]
    ranks = [_LAST if number is None else float(number) for number in numbers]
    return _stack(Axis.INSTANCE, list(zip(ranks, slices, strict=True)))


def _stack(axis: Axis, placed: list[_Placed], centred: bool = False) -> Stack[Slice]:
    """Slices placed along an axis, in reading order; `centred` tells that it is their middles that lie there."""
    places = _places(placed)
    key = _time_key(places)
    ordered = [
        (distance, slice_)
        for distance, group in places
        for slice_ in sorted(group, key=lambda slice_: _tie_rank(slice_, key, axis))
    ]
    slices = tuple(slice_ for _, slice_ in ordered)
    coordinates, measure = _coordinates(axis, ordered, key)
    return Stack(
        axis=axis,
        slices=slices,
        coordinates=coordinates,
        measure=measure,
        time_key=None if key is None else TIME_KEYS[key][0],
        centred=centred,
        tilt=_tilt(slices) if measure is Measure.PLACE else None,
    )


def _places(placed: list[_Placed]) -> list[tuple[float, list[Slice]]]:
    """Gather slices at one position, in reading order; each place has the distance of its first slice.

    On axis I a position is an InstanceNumber: whole numbers are one only where they are equal.
    """
    places: list[tuple[float, list[Slice]]] = []
    for distance, slice_ in sorted(placed, key=lambda pair: pair[0]):
        if not places or distance > places[-1][0] + SAME_PLACE_MM:
            places.append((distance, []))
        places[-1][1].append(slice_)
    return places


def _time_key(places: list[tuple[float, list[Slice]]]) -> int | None:
    """The first time key that has two different values at some position."""
    groups = [group for _, group in places if len(group) > 1]
    for key in range(len(TIME_KEYS)):
        for group in groups:
            if len({slice_.frame.times[key] for slice_ in group} - {None}) > 1:
                return key
    return None


def _tie_rank(
    slice_: Slice, key: int | None, axis: Axis
) -> tuple[float, float, int, str, str, tuple[int, ...], int]:
    """What orders slices at one place.  Frames without geometry and time follow their dimension indices."""
    time = None if key is None else slice_.frame.times[key]
    number = slice_.instance.instance_number
    return (
        _LAST if time is None else time,
        _LAST if number is None else number,
        slice_.instance.in_concatenation or 0,
        slice_.instance.sop_instance_uid,
        slice_.instance.name,
        slice_.frame.dimension_indices or () if axis is Axis.INSTANCE else (),
        slice_.frame.number,
    )


def _coordinates(axis: Axis, ordered: list[_Placed], key: int | None) -> tuple[tuple[float, ...], Measure]:
    first, last = ordered[0][0], ordered[-1][0]
    if axis is not Axis.INSTANCE and last > first:
        return tuple(distance - first for distance, _ in ordered), Measure.PLACE
    if axis is not Axis.INSTANCE and key is not None:
        times = [slice_.frame.times[key] for _, slice_ in ordered]
        known = [time for time in times if time is not None]
        if len(known) == len(times):
            return tuple(float(time - known[0]) for time in known), Measure.TIME
    return tuple(float(index) for index in range(len(ordered))), Measure.INDEX


def _tilt(slices: Sequence[Slice]) -> float | None:
    first, last = slices[0].frame, slices[-1].frame
    if first.cosines is None or last.cosines is None or first.position is None or last.position is None:
        return None
    normal = normal_of(first.cosines)
    turned = max(abs(a - b) for a, b in zip(first.cosines, last.cosines, strict=True))
    if normal is None or turned > 2 * SAME_COSINE:  # each is within that of the commonest one
        return None
    (x, y, z), (u, v, w) = first.position, last.position
    run = (u - x, v - y, w - z)
    length = dot(run, run) ** 0.5
    return degrees(acos(min(1.0, abs(dot(run, normal)) / length)))


def primary_position(axis: Axis, slice_: Slice, centred: bool = False) -> float | None:
    """The plain coordinate of a slice on the axis of its stack, in mm, or its InstanceNumber on axis I.

    In a stack that is `centred` it is that of the slice's middle.
    """
    if axis is Axis.INSTANCE:
        number = slice_.instance.instance_number
        return None if number is None else float(number)
    position = centre_of(slice_) if centred else slice_.frame.position
    return slice_.frame.slice_location if position is None else position[COMPONENT[axis]]


def _stack_rank(stack: Stack[Slice]) -> tuple[int, int, int, float, tuple[float, ...]]:
    numbers = [slice_.instance.instance_number for slice_ in stack.slices]
    lowest = min((number for number in numbers if number is not None), default=_LAST)
    orientation = min(slice_.frame.cosines or () for slice_ in stack.slices)
    component = component_rank(stack.slices[0])
    return (-len(stack.slices), component, _AXES.index(stack.axis), lowest, orientation)
