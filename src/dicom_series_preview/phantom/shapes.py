"""Shapes painted into a slice: ellipsoids, rods and plates, cut at one depth, with edges one pixel soft."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias, assert_never

import numpy as np

from dicom_series_preview.phantom.anatomy import Organ, Plate, Profile, Tube

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIZE = 256
"""Rows and columns of a slice."""

PIXEL_SPACING = 1.65
"""Distance between the centres of neighbouring pixels, mm."""

Image: TypeAlias = "NDArray[np.float32]"
Point: TypeAlias = tuple[float, float, float, float]
"""x, y, depth and radius, mm."""

# The x of each column and the y of each row, mm: (1, columns) and (rows, 1).
_EDGE = PIXEL_SPACING * (SIZE - 1) / 2
X: Image = np.linspace(-_EDGE, _EDGE, SIZE, dtype=np.float32)[np.newaxis, :]
Y: Image = np.linspace(-_EDGE, _EDGE, SIZE, dtype=np.float32)[:, np.newaxis]


def blend(image: Image, inside: Image, hu: float | Image) -> None:
    """Paint `hu` where `inside`, the distance in mm from a shape's edge inward, is positive."""
    image += (inside / PIXEL_SPACING + 0.5).clip(0, 1) * (hu - image)


def _span(low: float, high: float) -> slice:
    return slice(
        max(0, int((low + _EDGE) / PIXEL_SPACING) - 1),
        max(0, min(SIZE, int((high + _EDGE) / PIXEL_SPACING) + 3)),
    )


def within(x: float, y: float, a: float, b: float, power: float = 2.0) -> Image:
    """The distance from the edge of an ellipse inward, about; (256, 256), mm."""
    reach = np.abs((X - x) / a) ** power + np.abs((Y - y) / b) ** power
    return np.asarray((1 - reach ** (1 / power)) * min(a, b), dtype=np.float32)


def _paint_organ(image: Image, organ: Organ, depth: float) -> None:
    height = (depth - organ.depth) / organ.c
    if abs(height) >= 1:
        return
    shrink = (1 - height * height) ** 0.5
    a, b = max(organ.a * shrink, 0.5), max(organ.b * shrink, 0.5)
    rows, columns = _span(organ.y - b, organ.y + b), _span(organ.x - a, organ.x + a)
    reach = ((X[:, columns] - organ.x) / a) ** 2 + ((Y[rows] - organ.y) / b) ** 2
    inside = np.asarray((1 - np.sqrt(reach)) * min(a, b), dtype=np.float32)
    blend(image[rows, columns], inside, organ.hu)


def paint_rod(
    image: Image, ends: tuple[Point, Point], depth: float, hu: float, only: Image | None = None
) -> None:
    """A rod with round ends between two points, `only` where that is positive."""
    (x0, y0, z0, r0), (x1, y1, z1, r1) = ends
    thickest = max(r0, r1) + 1
    if not min(z0, z1) - thickest < depth < max(z0, z1) + thickest:
        return
    rows = _span(min(y0, y1) - thickest, max(y0, y1) + thickest)
    columns = _span(min(x0, x1) - thickest, max(x0, x1) + thickest)
    x, y, z = X[:, columns] - x0, Y[rows] - y0, depth - z0
    dx, dy, dz = x1 - x0, y1 - y0, z1 - z0
    along = ((x * dx + y * dy + z * dz) / (dx * dx + dy * dy + dz * dz or 1)).clip(0, 1)
    away = np.sqrt((x - along * dx) ** 2 + (y - along * dy) ** 2 + (z - along * dz) ** 2)
    inside = np.asarray(r0 + along * (r1 - r0) - away, dtype=np.float32)
    blend(image[rows, columns], inside if only is None else np.minimum(inside, only[rows, columns]), hu)


def at(profile: Profile, depth: float) -> list[float]:
    """The profile's numbers at `depth`; beyond its ends, those of the end."""
    first, *columns = zip(*profile, strict=True)
    return [float(np.interp(depth, first, column)) for column in columns]


def _paint_plate(image: Image, plate: Plate, depth: float) -> None:
    if not plate.rows[0][0] <= depth <= plate.rows[-1][0]:
        return
    radius, *corners = at(plate.rows, depth)
    points = list(zip(corners[::2], corners[1::2], strict=True))
    for half, hu in ((radius, plate.hu), (radius - 2.5, plate.marrow)):
        for (x0, y0), (x1, y1) in pairwise(points):
            if half > 0:
                paint_rod(image, ((x0, y0, depth, half), (x1, y1, depth, half)), depth, hu)


def paint(image: Image, shapes: Iterable[Organ | Tube | Plate], depth: float) -> None:
    """Paint the shapes, one over the other, as they are at `depth`."""
    for shape in shapes:
        for side in (image, image[:, ::-1]) if shape.paired else (image,):
            match shape:
                case Organ():
                    _paint_organ(side, shape, depth)
                case Tube(points=points, hu=hu):
                    for ends in pairwise(points):
                        paint_rod(side, ends, depth, hu)
                case Plate():
                    _paint_plate(side, shape, depth)
                case _ as never:
                    assert_never(never)
