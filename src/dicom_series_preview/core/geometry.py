"""The patient's coordinates (PS3.3 C.7.6.2.1.1): millimetres, +x to the left, +y to the back, +z to the head.

The reading direction of each axis is written down once, in `READING_SIGN`; everything that says which slice
comes first follows from it.
"""

from __future__ import annotations

from enum import Enum
from math import inf
from typing import Final, TypeAlias

Vec3: TypeAlias = tuple[float, float, float]
"""(x, y, z) in the patient's coordinate system: mm for positions, no unit for directions."""

Cosines: TypeAlias = tuple[float, float, float, float, float, float]
"""ImageOrientationPatient: direction cosines of a row, then of a column (PS3.3 C.7.6.2.1.1)."""


class Axis(Enum):
    """The axis along which slices follow one another; the value is the label of an index's PrimaryAxis."""

    X = "X"
    Y = "Y"
    Z = "Z"
    INSTANCE = "I"


READING_SIGN: Final[dict[Axis, int]] = {
    Axis.X: +1,  # right to left: x increases towards the patient's left
    Axis.Y: +1,  # anterior to posterior: y increases towards the back
    Axis.Z: -1,  # superior to inferior: z increases towards the head
    Axis.INSTANCE: +1,  # no geometry: InstanceNumber as it counts
}

AXIS_PREFERENCE: Final = (Axis.Z, Axis.Y, Axis.X)
"""Which axis wins a tie."""

COMPONENT: Final[dict[Axis, int]] = {Axis.X: 0, Axis.Y: 1, Axis.Z: 2}

SAME_COSINE: Final = 0.01
"""Direction cosines nearer than this belong to one orientation (about 0.6 degrees)."""

SAME_PLACE_MM: Final = 0.01
"""Slices nearer than this, in mm, are at one position."""

TIED_COMPONENT: Final = 1e-4
"""Components of a normal nearer than this are tied: a decimal string of four digits cannot tell them apart."""

DEGENERATE_NORMAL: Final = 0.1
"""Two directions whose cross product is shorter than this span no plane."""

NO_COSINES: Final = 0.1
"""Directions whose products are further than this from those of unit vectors at a right angle are none."""


def dot(a: Vec3, b: Vec3) -> float:
    """The scalar product."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def normal_of(cosines: Cosines) -> Vec3 | None:
    """The unit normal of a slice, row x column; None where the two directions span no plane."""
    rx, ry, rz, cx, cy, cz = cosines
    cross = (ry * cz - rz * cy, rz * cx - rx * cz, rx * cy - ry * cx)
    length = dot(cross, cross) ** 0.5
    if not DEGENERATE_NORMAL <= length < inf:  # numbers so large that they overflow are no cosines either
        return None
    return (cross[0] / length, cross[1] / length, cross[2] / length)


def are_cosines(cosines: Cosines) -> bool:
    """Whether both directions have the length 1 and stand at a right angle (PS3.3 C.7.6.2.1.1), to a tenth.

    >>> are_cosines((1.0, 0.0, 0.0, 0.0, 0.99, 0.0)), are_cosines((1.0, 0.0, 0.0, 1.0, 0.3, 0.0))
    (True, False)
    """
    row, column = cosines[:3], cosines[3:]
    products = (dot(row, row) - 1, dot(column, column) - 1, dot(row, column))
    return max(map(abs, products)) <= NO_COSINES


def dominant_axis(direction: Vec3, tied: float = TIED_COMPONENT) -> Axis:
    """The axis of the largest component; components within `tied` of the largest prefer Z, then Y, then X."""
    largest = max(abs(component) for component in direction)
    return next(axis for axis in AXIS_PREFERENCE if abs(direction[COMPONENT[axis]]) >= largest - tied)


def reading_direction(normal: Vec3) -> tuple[Axis, Vec3]:
    """The axis of a slice normal, and the normal turned to run in that axis's reading direction."""
    axis = dominant_axis(normal)
    if normal[COMPONENT[axis]] * READING_SIGN[axis] < 0:
        return axis, (-normal[0], -normal[1], -normal[2])
    return axis, normal
