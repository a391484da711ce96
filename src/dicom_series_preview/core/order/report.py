"""What a person should know about a series: the shape of its stacks, and what is odd about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from math import acos, degrees
from statistics import median
from typing import Final, TypeAlias, assert_never

from attrs import frozen

from dicom_series_preview.core.geometry import SAME_COSINE, Axis, dot, normal_of
from dicom_series_preview.core.header.instance import Instance
from dicom_series_preview.core.header.reading import Mend
from dicom_series_preview.core.order.series import Measure, Series, Stack

GAP_FACTOR: Final = 1.5
"""A step this many times the usual spacing is a gap."""

DIRECTIONS: Final = {
    Axis.X: "right to left",
    Axis.Y: "anterior to posterior",
    Axis.Z: "superior to inferior",
    Axis.INSTANCE: "by InstanceNumber",
}


@frozen
class StackSummary:
    """One stack in numbers; lengths in mm, angles in degrees."""

    axis: Axis
    count: int
    places: int
    """Different positions; on axis I, where there are none, all slices."""
    spacing: float | None
    """Median distance of neighbouring places."""
    gaps: int
    """Steps of more than `GAP_FACTOR` times the spacing."""
    repeated: int
    """Slices that share their place with an earlier one."""
    tilt: float | None
    """Angle between the slice normal and the line along which the stack runs; None for several orientations."""
    time_key: str | None


def summarize(stack: Stack) -> StackSummary:
    """Spacing, gaps, repeated places and gantry tilt of one stack."""
    places = sorted(set(stack.coordinates)) if stack.measure is Measure.PLACE else [0.0]
    count = len(stack.slices) if stack.axis is Axis.INSTANCE else len(places)
    steps = [after - before for before, after in pairwise(places)]
    spacing = median(steps) if steps else None
    return StackSummary(
        axis=stack.axis,
        count=len(stack.slices),
        places=count,
        spacing=spacing,
        gaps=0 if spacing is None else sum(step > GAP_FACTOR * spacing for step in steps),
        repeated=len(stack.slices) - count,
        tilt=_tilt(stack) if steps else None,
        time_key=stack.time_key,
    )


def _tilt(stack: Stack) -> float | None:
    first, last = stack.slices[0].frame, stack.slices[-1].frame
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


def show_summary(summary: StackSummary) -> str:
    """One line about a stack."""
    slices = "1 slice" if summary.count == 1 else f"{summary.count} slices"
    parts = [f"{slices}, axis {summary.axis.value} ({DIRECTIONS[summary.axis]})"]
    if summary.spacing is not None:
        parts.append(f"{summary.places} positions {summary.spacing:.3g} mm apart")
    if summary.gaps:
        parts.append(f"{summary.gaps} {'gap' if summary.gaps == 1 else 'gaps'}")
    if summary.repeated:
        parts.append(f"{summary.repeated} at a position seen before")
    if summary.time_key:
        parts.append(f"ordered by {summary.time_key} there")
    if summary.tilt is not None and summary.tilt >= 0.05:
        parts.append(f"tilted by {summary.tilt:.1f} degrees")
    return ", ".join(parts)


@frozen
class UnusableElement:
    """An element is present but makes no sense in `count` objects, where it is treated as missing."""

    keyword: str
    count: int


@frozen
class MendedElement:
    """An element is used otherwise than it stands in `count` objects; see `Mend`."""

    keyword: str
    mend: Mend
    count: int


@frozen
class WithoutPosition:
    """`count` slices have no position although others do; they come last."""

    count: int


@frozen
class RepeatedUid:
    """`count` objects repeat the SOPInstanceUID of another one; all are shown."""

    count: int


@frozen
class WithoutPixels:
    """`count` objects have no pixel data and are not shown; `kinds` are their modalities."""

    count: int
    kinds: tuple[str, ...]


Oddity: TypeAlias = UnusableElement | MendedElement | WithoutPosition | RepeatedUid | WithoutPixels


def odd_objects(instances: Sequence[Instance]) -> tuple[Oddity, ...]:
    """What is odd about the objects themselves."""
    unusable = Counter(keyword for instance in instances for keyword in instance.unusable)
    mended = Counter(one for instance in instances for one in instance.mended)
    uids = Counter(instance.sop_instance_uid for instance in instances if instance.sop_instance_uid)
    repeated = sum(count - 1 for count in uids.values())
    bare = [instance for instance in instances if instance.pixels is None]
    kinds = tuple(sorted({instance.modality or "unknown" for instance in bare}))
    return (
        *(UnusableElement(keyword, count) for keyword, count in sorted(unusable.items())),
        *(
            MendedElement(one.keyword, one.mend, mended[one])
            for one in sorted(mended, key=lambda one: (one.keyword, one.mend.name))
        ),
        *([RepeatedUid(repeated)] if repeated else []),
        *([WithoutPixels(len(bare), kinds)] if bare else []),
    )


def odd_order(series: Series) -> tuple[Oddity, ...]:
    """What is odd about the order: slices that had to be put at the end."""
    axes = [stack.axis for stack in series.stacks]
    if axes and axes[0] is not Axis.INSTANCE and axes[-1] is Axis.INSTANCE:
        return (WithoutPosition(len(series.stacks[-1].slices)),)
    return ()


def describe_oddity(warning: Oddity) -> str:
    """One sentence for a warning."""
    match warning:
        case UnusableElement(keyword=keyword, count=count):
            return f"{keyword} cannot be used in {_objects(count)}: treated as missing."
        case MendedElement(keyword=keyword, mend=mend, count=count):
            return f"{keyword} {mend.value} (in {_objects(count)})."
        case WithoutPosition(count=count):
            return f"{count} {'slice has' if count == 1 else 'slices have'} no position: placed at the end."
        case RepeatedUid(count=count):
            verb = "repeats" if count == 1 else "repeat"
            return f"{_objects(count)} {verb} the SOPInstanceUID of another one: all are shown."
        case WithoutPixels(count=count, kinds=kinds):
            return f"{_objects(count)} without pixel data skipped ({', '.join(kinds)})."
        case _ as never:
            assert_never(never)


def _objects(count: int) -> str:
    return f"{count} {'object' if count == 1 else 'objects'}"
