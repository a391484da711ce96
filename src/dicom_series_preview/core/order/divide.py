"""What divides a series: what its pictures show, how they lie, and where groups of them run into one another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import inf
from typing import Final

from dicom_series_preview.core.geometry import SAME_COSINE, SAME_PLACE_MM, Cosines, Vec3
from dicom_series_preview.core.header.instance import ComplexComponent, Pixels
from dicom_series_preview.core.order.series import Slice

COMPONENTS: Final = tuple(ComplexComponent)
"""In the order of their stacks."""


def component_rank(slice_: Slice) -> int:
    """The place of a slice's component among `COMPONENTS`; what does not tell one is taken for a magnitude."""
    return COMPONENTS.index(slice_.frame.component or ComplexComponent.MAGNITUDE)


def by_component(slices: Iterable[Slice]) -> list[list[Slice]]:
    """Divide slices by what they show; no group is empty."""
    groups: dict[int, list[Slice]] = {}
    for slice_ in slices:
        groups.setdefault(component_rank(slice_), []).append(slice_)
    return list(groups.values())


def by_orientation(slices: Iterable[Slice]) -> list[tuple[Cosines | None, list[Slice]]]:
    """Divide slices by orientation; the key is the commonest orientation of each group.

    The commonest orientation not yet taken leads a group of all within tolerance of it, so that the division
    depends on the orientations alone and not on which slice came first.  Slices without an orientation join the
    only one there is: nothing says that they lie otherwise.
    """
    import numpy as np  # loaded while the first headers are awaited

    slices = list(slices)
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
    leaders = set(leader_of.values()) - {None}
    if len(leaders) == 1:
        leader_of[None] = leaders.pop()
    groups: dict[Cosines | None, list[Slice]] = {}
    for slice_ in slices:
        groups.setdefault(leader_of[slice_.frame.cosines], []).append(slice_)
    return list(groups.items())


def apart(ranges: Sequence[tuple[float, float]]) -> list[bool]:
    """Which of these (lowest, highest) ranges in mm lie at no place where another one does."""
    found = [False] * len(ranges)
    ascending = sorted(range(len(ranges)), key=lambda index: ranges[index])
    lows = [*(ranges[index][0] for index in ascending), inf]
    reach = -inf
    for index, next_low in zip(ascending, lows[1:], strict=True):
        low, high = ranges[index]
        found[index] = low > reach + SAME_PLACE_MM and next_low > high + SAME_PLACE_MM
        reach = max(reach, high)
    return found


def centre_of(slice_: Slice) -> Vec3 | None:
    """The middle of a slice in mm (PS3.3 C.7.6.2.1.1); None without position or orientation.

    The position is the middle of the first pixel; where the spacing is unknown it stands for the whole slice.
    """
    frame, pixels = slice_.frame, slice_.instance.pixels
    if frame.position is None or frame.cosines is None:
        return None
    if frame.spacing is None or not isinstance(pixels, Pixels):
        return frame.position
    down = frame.spacing[0] * (pixels.format.rows - 1) / 2
    across = frame.spacing[1] * (pixels.format.columns - 1) / 2
    (x, y, z), (rx, ry, rz, cx, cy, cz) = frame.position, frame.cosines
    return (x + across * rx + down * cx, y + across * ry + down * cy, z + across * rz + down * cz)
