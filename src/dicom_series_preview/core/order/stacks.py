"""The reading order of a series: stacks of slices, each ordered along its own axis.

1. Slices with an ImagePositionPatient are divided by orientation into stacks.
2. Within a stack they are ordered by their distance along the slice normal, turned into the reading direction
   of its largest component.  Gantry tilt, uneven spacing and in-plane shifts do not disturb that.  Where the
   orientation is unknown or does not separate them, the coordinate with the largest range orders them.
3. Slices at one position are ordered by what tells them apart in time, then by InstanceNumber,
   SOPInstanceUID, object name and frame number: the order is total and independent of arrival.
4. Stacks follow one another, the largest first; slices without geometry come last.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np

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
from dicom_series_preview.core.order.series import Measure, Series, Slice, Stack

_Placed: TypeAlias = "tuple[float, Slice]"
"""A slice with the distance that orders it, growing in reading order."""

_LAST: Final = float("inf")


def order(instances: Sequence[Instance]) -> Series:
    """Put all frames of `instances` into reading order; their own order does not matter."""
    slices = [Slice(instance, frame) for instance in instances for frame in instance.frames]
    placed = [slice_ for slice_ in slices if slice_.frame.position is not None]
    if placed:
        groups = _by_orientation(placed)
        stacks = [_positioned_stack(cosines, group) for cosines, group in groups]
        rest = [slice_ for slice_ in slices if slice_.frame.position is None]
    else:
        located = [slice_ for slice_ in slices if slice_.frame.slice_location is not None]
        stacks = [_located_stack(located)] if located else []
        rest = [slice_ for slice_ in slices if slice_.frame.slice_location is None]
    stacks.sort(key=_stack_rank)
    if rest:
        stacks.append(_numbered_stack(rest))
    return Series(tuple(stacks))


def _by_orientation(slices: list[Slice]) -> list[tuple[Cosines | None, list[Slice]]]:
    """Divide slices by orientation; the key is the commonest orientation of each group.

    The commonest orientation not yet taken leads a group of all within tolerance of it, so that the division
    depends on the orientations alone and not on which slice came first.
    """
    counts = Counter(slice_.frame.cosines for slice_ in slices)
    known = sorted(
        (cosines for cosines in counts if cosines is not None),
        key=lambda cosines: (-counts[cosines], cosines),
    )
    leader_of: dict[Cosines | None, Cosines | None] = {None: None}
    values = np.array(known)
    free = np.ones(len(known), dtype=np.bool_)
    for index, leader in enumerate(known):
        if free[index]:
            near = free & (np.abs(values - values[index]) <= SAME_COSINE).all(axis=1)
            free &= ~near
            leader_of.update((known[member], leader) for member in np.flatnonzero(near))
    groups: dict[Cosines | None, list[Slice]] = {}
    for slice_ in slices:
        groups.setdefault(leader_of[slice_.frame.cosines], []).append(slice_)
    return list(groups.items())


def _positioned_stack(cosines: Cosines | None, slices: list[Slice]) -> Stack:
    positions = [position for slice_ in slices if (position := slice_.frame.position) is not None]
    extents = tuple(max(values) - min(values) for values in zip(*positions, strict=True))
    extent = (extents[0], extents[1], extents[2])
    normal = None if cosines is None else normal_of(cosines)
    if normal is not None:
        axis, direction = reading_direction(normal)
        depths = [dot(position, direction) for position in positions]
        separated = max(depths) - min(depths) > SAME_PLACE_MM
        if separated or max(extent) <= SAME_PLACE_MM:
            return _stack(axis, list(zip(depths, slices, strict=True)))
    axis = dominant_axis(extent, tied=SAME_PLACE_MM)
    along = [READING_SIGN[axis] * position[COMPONENT[axis]] for position in positions]
    return _stack(axis, list(zip(along, slices, strict=True)))


def _located_stack(slices: list[Slice]) -> Stack:
    """SliceLocation stands in for z where no slice has a position."""
    sign = READING_SIGN[Axis.Z]
    return _stack(Axis.Z, [(sign * (slice_.frame.slice_location or 0.0), slice_) for slice_ in slices])


def _numbered_stack(slices: list[Slice]) -> Stack:
    numbers = [slice_.instance.instance_number for slice_ in slices]
    ranks = [_LAST if number is None else float(number) for number in numbers]
    return _stack(Axis.INSTANCE, list(zip(ranks, slices, strict=True)))


def _stack(axis: Axis, placed: list[_Placed]) -> Stack:
    places = _places(placed)
    key = _time_key(places)
    ordered = [
        (distance, slice_)
        for distance, group in places
        for slice_ in sorted(group, key=lambda slice_: _tie_rank(slice_, key))
    ]
    slices = tuple(slice_ for _, slice_ in ordered)
    coordinates, measure = _coordinates(axis, ordered, key)
    return Stack(
        axis=axis,
        slices=slices,
        primary_positions=tuple(_primary_position(axis, slice_) for slice_ in slices),
        coordinates=coordinates,
        measure=measure,
        time_key=None if key is None else TIME_KEYS[key][0],
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
    for key in range(len(TIME_KEYS)):
        for _, group in places:
            if len({slice_.frame.times[key] for slice_ in group} - {None}) > 1:
                return key
    return None


def _tie_rank(slice_: Slice, key: int | None) -> tuple[float, float, str, str, int]:
    time = None if key is None else slice_.frame.times[key]
    number = slice_.instance.instance_number
    return (
        _LAST if time is None else time,
        _LAST if number is None else number,
        slice_.instance.sop_instance_uid,
        slice_.instance.name,
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


def _primary_position(axis: Axis, slice_: Slice) -> float | None:
    if axis is Axis.INSTANCE:
        number = slice_.instance.instance_number
        return None if number is None else float(number)
    position = slice_.frame.position
    return slice_.frame.slice_location if position is None else position[COMPONENT[axis]]


def _stack_rank(stack: Stack) -> tuple[int, int, float, tuple[float, ...]]:
    numbers = [slice_.instance.instance_number for slice_ in stack.slices]
    lowest = min((number for number in numbers if number is not None), default=_LAST)
    orientation = min(slice_.frame.cosines or () for slice_ in stack.slices)
    return (-len(stack.slices), AXIS_PREFERENCE.index(stack.axis), lowest, orientation)
