"""Slow, obvious ways to the same answers, sharing no arithmetic with the code: lists, Fractions, brute force."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import exp

from dicom_series_preview.core.geometry import Axis, Cosines, Vec3
from dicom_series_preview.core.grey import VoiFunction, Window


def exact_dot(a: Sequence[float], b: Sequence[float]) -> Fraction:
    """The scalar product without rounding."""
    return sum((Fraction(p) * Fraction(q) for p, q in zip(a, b, strict=True)), Fraction(0))


def determinant(a: Vec3, b: Vec3, c: Vec3) -> Fraction:
    """The determinant of three columns, by permutations: positive for a right-handed system."""
    signs = {(0, 1, 2): 1, (1, 2, 0): 1, (2, 0, 1): 1, (0, 2, 1): -1, (2, 1, 0): -1, (1, 0, 2): -1}
    return sum(
        (sign * Fraction(a[i]) * Fraction(b[j]) * Fraction(c[k]) for (i, j, k), sign in signs.items()),
        Fraction(0),
    )


def normal_squared(cosines: Cosines) -> tuple[list[Fraction], Fraction]:
    """Row x column without rounding, and its squared length; each component is a 2 x 2 minor."""
    row, column = [Fraction(v) for v in cosines[:3]], [Fraction(v) for v in cosines[3:]]
    cross = [
        row[(i + 1) % 3] * column[(i + 2) % 3] - row[(i + 2) % 3] * column[(i + 1) % 3] for i in range(3)
    ]
    return cross, sum((v * v for v in cross), Fraction(0))


def largest_axis(direction: Sequence[float]) -> Axis:
    """The axis of the largest component, Z before Y before X."""
    best = Axis.Z
    for axis, component in ((Axis.Y, direction[1]), (Axis.X, direction[0])):
        if abs(component) > abs(direction["XYZ".index(best.value)]):
            best = axis
    return best


def nearest_by_hand(coordinates: Sequence[float], position: float) -> int:
    """Look at every slice; the first of the nearest ones wins."""
    target = Fraction(coordinates[0]) + Fraction(position) * (
        Fraction(coordinates[-1]) - Fraction(coordinates[0])
    )
    best = 0
    for index, coordinate in enumerate(coordinates):
        if abs(Fraction(coordinate) - target) < abs(Fraction(coordinates[best]) - target):
            best = index
    return best


def rounded_half_up(value: Fraction) -> int:
    """Count up from below until the next whole number is more than a half away."""
    whole = value.numerator // value.denominator
    return whole + 1 if value - whole >= Fraction(1, 2) else whole


def windowed(window: Window, value: float) -> float:
    """One value through a window, straight from PS3.3 C.11.2.1.2.1, C.11.2.1.3.2 and C.11.2.1.3.1."""
    x, c, w = Fraction(value), Fraction(window.center), Fraction(window.width)
    half = Fraction(1, 2)
    if window.function is VoiFunction.SIGMOID:
        power = float(-4 * (x - c) / w)
        return 0.0 if power > 600 else 1 / (1 + exp(power))
    if window.function is VoiFunction.LINEAR:
        if x <= c - half - (w - 1) / 2:
            return 0.0
        if x > c - half + (w - 1) / 2:
            return 1.0
        return float((x - (c - half)) / (w - 1) + half)
    if x <= c - w / 2:
        return 0.0
    if x > c + w / 2:
        return 1.0
    return float((x - c) / w + half)
