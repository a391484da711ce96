"""What a person should know about a series: the shape of its stacks, and what is odd about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from attrs import frozen

from dicom_series_preview.core.geometry import Axis
from dicom_series_preview.core.header.instance import Instance
from dicom_series_preview.core.order.series import Item, Measure, Series, Stack
from dicom_series_preview.core.order.sop_classes import name_without_pixels
from dicom_series_preview.core.remarks import (
    ByLocation,
    MendedElement,
    Remark,
    RepeatedUid,
    UnusableElement,
    WithoutOrientation,
    WithoutPixels,
    WithoutPosition,
)

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


def _median(values: Sequence[float]) -> float:
    """The middle one, or what is between the two in the middle."""
    # The module `statistics` takes longer to load than all else here.
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(values) % 2 else (ordered[half - 1] + ordered[half]) / 2


def summarize(stack: Stack[Item]) -> StackSummary:
    """Spacing, gaps, repeated places and gantry tilt of one stack."""
    places = sorted(set(stack.coordinates)) if stack.measure is Measure.PLACE else [0.0]
    count = len(stack.slices) if stack.axis is Axis.INSTANCE else len(places)
    steps = [after - before for before, after in pairwise(places)]
    spacing = _median(steps) if steps else None
    return StackSummary(
        axis=stack.axis,
        count=len(stack.slices),
        places=count,
        spacing=spacing,
        gaps=0 if spacing is None else sum(step > GAP_FACTOR * spacing for step in steps),
        repeated=len(stack.slices) - count,
        tilt=stack.tilt,
        time_key=stack.time_key,
    )


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


def odd_objects(instances: Sequence[Instance]) -> tuple[Remark, ...]:
    """What is odd about the objects themselves."""
    unusable = Counter(keyword for instance in instances for keyword in instance.unusable)
    mended = Counter(one for instance in instances for one in instance.mended)
    uids = Counter(instance.sop_instance_uid for instance in instances if instance.sop_instance_uid)
    repeated = sum(count - 1 for count in uids.values())
    frames = [frame for instance in instances for frame in instance.frames]
    placed = [frame for frame in frames if frame.position is not None]
    locations = [] if placed else [one.slice_location for one in frames if one.slice_location is not None]
    turned = [frame.cosines is not None for frame in placed]
    bare = [instance for instance in instances if instance.pixels is None]
    kinds = tuple(sorted({name_without_pixels(one.sop_class) or one.modality or "unknown" for one in bare}))
    return (
        *(UnusableElement(keyword, count) for keyword, count in sorted(unusable.items())),
        *(
            MendedElement(one.keyword, one.mend, mended[one])
            for one in sorted(mended, key=lambda one: (one.keyword, one.mend.name))
        ),
        *([RepeatedUid(repeated)] if repeated else []),
        *([WithoutOrientation(turned.count(False))] if len(set(turned)) == 2 else []),
        *([ByLocation(len(locations))] if len(set(locations)) > 1 else []),
        *([WithoutPixels(len(bare), kinds)] if bare else []),
    )


def odd_order(series: Series[Item]) -> tuple[Remark, ...]:
    """What is odd about the order: slices that had to be put at the end."""
    axes = [stack.axis for stack in series.stacks]
    if axes and axes[0] is not Axis.INSTANCE and axes[-1] is Axis.INSTANCE:
        return (WithoutPosition(len(series.stacks[-1].slices)),)
    return ()
