"""A person made of formulas: axial CT slices from the vertex to the thighs, for trying things out.

Each slice is painted shape over shape, fat first, with edges one pixel soft, and then marked so that an
exchanged left and right, a flip or a wrong order is seen at once: the letters R, L, A and P lie on the
patient's right, left, front and back, a bar at the left edge grows from head to feet, and the slice has its
number in the corner.
"""

from __future__ import annotations

from math import cos, pi, sin
from typing import TYPE_CHECKING

import numpy as np

from dicom_series_preview.core.show.glyphs import ink
from dicom_series_preview.phantom import anatomy
from dicom_series_preview.phantom.anatomy import AIR, BONE, FAT, LUNG, MUSCLE, Organ, Tube
from dicom_series_preview.phantom.shapes import (
    PIXEL_SPACING,
    SIZE,
    Image,
    Point,
    X,
    Y,
    at,
    blend,
    paint,
    paint_rod,
    within,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["PIXEL_SPACING", "SIZE", "SLICES", "SLICE_SPACING", "VERTEX_Z", "phantom_slice", "slice_z"]

SLICES = 120

SLICE_SPACING = 7.5
"""Distance between neighbouring slices, mm."""

VERTEX_Z = 450.0
"""z of the top of the head, mm."""

_MARK = 1500.0


def slice_z(index: int) -> float:
    """z in mm of slice `index`, 0-based from the head; z decreases toward the feet."""
    return VERTEX_Z - SLICE_SPACING * (index + 0.5)


def phantom_slice(index: int) -> NDArray[np.int16]:
    """Slice `index`, 0-based from the head, with its marks: (256 rows, 256 columns) int16, HU.

    Rows run to the patient's back, columns to the left; the middle of the image is x = y = 0.
    """
    image = _body(VERTEX_Z - slice_z(index))
    image += _noise(index)
    _mark(image, index)
    stored: NDArray[np.int16] = np.rint(image.clip(-1024, 3071)).astype(np.int16)
    return stored


# The parts of the body, in the order of painting


def _body(depth: float) -> Image:
    image: Image = np.full((SIZE, SIZE), AIR, dtype=np.float32)
    _couch(image, depth)
    outside = image.copy()
    a, b, y, fat = at(anatomy.OUTLINE, depth)
    skin = within(0, y, a, b, 2.0 if depth < 240 else 2.25)
    for inset, hu in ((0.0, 0.0), (2.0, FAT), (2.0 + fat, MUSCLE)):
        blend(image, skin - inset, hu)
    if depth < 190:
        _head(image, depth)
    if depth > 470:
        _belly(image, depth)
    if depth > 262:
        _chest(image, depth)
    paint(image, anatomy.GREAT_VESSELS, depth)
    _spine(image, depth)
    if 255 < depth < 600:
        _ribs(image, depth)
    paint(image, anatomy.SHOULDERS, depth)
    paint(image, anatomy.PELVIS, depth)
    if depth > 110:
        paint(image, anatomy.NECK, depth)
    blend(image, 1.5 - skin, 0.0)
    blend(image, -skin, outside)
    paint(image, (anatomy.NOSE,), depth)
    return image


def _couch(image: Image, depth: float) -> None:
    """A shell to lie on, nearer under the head."""
    top = anatomy.COUCH_Y - (14 if depth < 225 else 0)
    half = 95.0 if depth < 225 else 190.0
    under = Y - (top - (X / half) ** 2 * (38 if depth < 225 else 16))
    edge = half - np.abs(X)
    for thickness, hu in ((11.0, -20.0), (5.0, -900.0)):
        shell = thickness / 2 - np.abs(under - 5)
        blend(image, np.minimum(shell, edge - (11 - thickness) / 2), hu)


def _head(image: Image, depth: float) -> None:
    paint(image, anatomy.HEAD[:2], depth)
    shrink = max(0.0, 1 - ((depth - 91) / 80) ** 2) ** 0.5
    if depth < 125 and shrink:
        skull = within(0, 12, 65 * shrink, 84 * shrink)
        angle = np.arctan2(Y - 12, np.abs(X)) + 0.15 * np.sign(X)
        folds = np.abs(np.sin(11 * angle + 1.6 * np.sin(4 * angle + depth / 9) + 0.1 * skull))
        groove = np.minimum((0.28 - folds) * 6, np.minimum(15 - skull, skull))
        blend(image, np.asarray(groove, dtype=np.float32), 6)
        blend(image, np.minimum(1.0 - np.abs(X), np.minimum(skull, np.abs(Y - 8) - 46)), 62)
    paint(image, anatomy.HEAD[2:], depth)
    paint(image, anatomy.FACE, depth)


def _belly(image: Image, depth: float) -> None:
    a, b, y = at(anatomy.BELLY, depth)
    room = within(0, y, a, b, 2.3)
    blend(image, room, FAT)
    paint(image, (anatomy.PSOAS,), depth)
    x, y_bent = X + 9 * np.sin(Y / 19 + depth / 23), Y + 9 * np.sin(X / 23 - depth / 31)
    loops = np.sin(x / 9.5 + 1.8 * sin(depth / 29)) * np.sin(y_bent / 9 + 1.8 * cos(depth / 33))
    loops = loops + 0.45 * np.sin((X + 0.7 * Y) / 13 + depth / 17)
    where = np.minimum(
        np.minimum(84 - np.abs(X), 26 - Y),
        np.minimum(room - 6, np.minimum(depth - np.where(X > 6, 615, 660), 842 - depth)),
    )
    for level, hu in ((0.0, 62.0), (0.3, 28.0), (1.0, -700.0)):
        blend(image, np.asarray(np.minimum((loops - level) * 9, where), dtype=np.float32), hu)
    paint(image, (Tube(anatomy.COLON, 60), _narrowed(anatomy.COLON, 3, 0, 0)), depth)
    paint(image, (_narrowed(anatomy.COLON, 7, -4, -880),), depth)
    before = image.copy()
    paint(image, (*anatomy.BELLY_ORGANS, *anatomy.PORTAL), depth)
    blend(image, 2 - room, before)


def _narrowed(points: tuple[Point, ...], by: float, y: float, hu: float) -> Tube:
    return Tube(tuple((x0, y0 + y, z0, r0 - by) for x0, y0, z0, r0 in points), hu)


def _chest(image: Image, depth: float) -> None:
    a, b = at(anatomy.CHEST, depth)
    room = within(0, 4, a, b, 2.2)
    dome_x = np.abs(X - np.where(X < 0, -66, 68))
    diaphragm = np.where(X < 0, 492, 504) + (dome_x / 64) ** 2 * 40 + ((Y + 12) / 84) ** 2 * 62
    above = np.asarray(diaphragm - depth, dtype=np.float32) * 0.5
    if depth < 600:
        blend(image, np.minimum(room, above + 4), 58)
    middle = 20 + 9 * np.cos(Y / 55)
    lungs = np.asarray(np.minimum(np.minimum(room - 2, above), np.abs(X) - middle), dtype=np.float32)
    blend(image, np.minimum(room - 2, np.minimum(above, middle - np.abs(X))), FAT)
    blend(image, lungs, np.asarray(LUNG + 40 * (Y / 90).clip(-1, 1), dtype=np.float32))
    for ends in _LUNG_VESSELS:
        paint_rod(image, ends, depth, 90, lungs - 2)
    paint(image, anatomy.HEART, depth)
    paint(image, anatomy.AIRWAYS, depth)
    if 296 < depth < 480:
        blend(image, within(0, 4 - b - 5, 17 if depth < 340 else 14, 6), BONE)
        blend(image, within(0, 4 - b - 5, 14 if depth < 340 else 11, 3.5), 250)


def _lung_vessels() -> list[tuple[Point, Point]]:
    """Branches from each lung's root in directions spread evenly over the sphere, each forked once."""
    rods = []
    for side in (-1, 1):
        root = (side * 42.0, 8.0, 428.0)
        for i in range(44):
            height = 1 - 2 * (i + 0.5) / 44
            turn = i * pi * (3 - 5**0.5) + side
            ring = (1 - height * height) ** 0.5
            way = (side * abs(ring * cos(turn)) * 0.85 + side * 0.12, ring * sin(turn), height * 1.5)
            start = (*root, 3.4)
            fork = (*(at + 48 * step for at, step in zip(root, way, strict=True)), 2.2)
            rods.append((start, fork))
            for bend in (-0.35, 0.0, 0.35):
                bent = (way[0], way[1] + bend, way[2] + bend * (-1) ** i)
                rods.append((fork, (*(at + 58 * step for at, step in zip(fork[:3], bent, strict=True)), 0.9)))
    return rods


_LUNG_VESSELS = _lung_vessels()


def _spine(image: Image, depth: float) -> None:
    if depth > anatomy.SACRUM[0][0]:
        if depth < anatomy.SACRUM[-1][0]:
            y, a, b = at(anatomy.SACRUM, depth)
            for inset, hu in ((0.0, 700.0), (3.0, 260.0)):
                blend(image, within(0, y, a, b) - inset, hu)
            paint(image, (Organ(16, y - 4, depth, 4, 4, 9, 20, paired=True),), depth)
        return
    if depth < anatomy.SPINE[0][0]:
        return
    y, a, b, level = at(anatomy.SPINE, depth)
    phase = level % 1
    back = y + b
    if phase > 0.45:
        paint(image, (Organ(0, back + 26, depth, 4, 15, 9, 650),), depth)
    for inset, hu in ((0.0, 650.0), (4.0, 250.0)):
        blend(image, within(0, back + 9, 17, 13) - inset / 2, hu)
    if 0.3 < phase < 0.75:
        wing = Tube(((14, back + 8, depth, 5), (30, back + 14, depth, 4)), 600, paired=True)
        paint(image, (wing,), depth)
    disc = phase < 0.2
    for inset, hu in ((0.0, 95.0 if disc else 620.0), (2.0, 85.0 if disc else 230.0)):
        blend(image, within(0, y, a, b, 2.3) - inset, hu)
    blend(image, within(0, back + 8, 9, 8), 15)
    blend(image, within(0, back + 8, 5, 4), 40)


def _ribs(image: Image, depth: float) -> None:
    a, b = at(anatomy.CHEST, depth)
    around = np.arctan2(np.abs(X) / a, (Y - 4) / b)
    beyond = 1 - within(0, 4, a, b, 2.2) / min(a, b)
    drop = 84 * around / pi
    number = np.floor((depth - 258 - drop) / 24)
    off = (depth - 258 - drop) - 24 * number - 12
    inside = 1 - np.sqrt((off / 7) ** 2 + ((beyond - 1) * min(a, b) - 5.0) ** 2 / 4.4**2)
    longest = np.where(number > 9, 1.5, np.where(number > 6, 2.2, 2.55))
    exists = np.minimum(np.minimum(number + 1, 12 - number) * 9, (longest - around) * 30)
    shape = np.asarray(np.minimum(inside * 4.4, exists), dtype=np.float32)
    blend(image, shape, BONE)
    blend(image, shape - 1.8, 350)
    cartilage = np.minimum(inside * 4.4, np.minimum((around - longest) * 30, (2.95 - around) * 30))
    blend(image, np.asarray(np.minimum(cartilage, (8 - number) * 9), dtype=np.float32), 130)


# Grain and marks


def _noise(index: int) -> Image:
    """Grain of about 8 HU, the same on every machine: a hash of the pixel's number, no generator."""
    key = np.arange(SIZE * SIZE, dtype=np.uint32) + np.uint32(index * SIZE * SIZE)
    for factor in (0x7FEB352D, 0x846CA68B):
        key = (key ^ (key >> np.uint32(15))) * np.uint32(factor)
    halves = (key >> np.uint32(16)) + (key & np.uint32(0xFFFF))
    return np.asarray(halves.reshape(SIZE, SIZE) / 65535 - 1, dtype=np.float32) * 20


def _mark(image: Image, index: int) -> None:
    middle = SIZE // 2
    _stamp(image, "R", middle, 19)
    _stamp(image, "L", middle, SIZE - 11)
    _stamp(image, "A", 16, middle)
    _stamp(image, "P", SIZE - 15, middle)
    _stamp(image, f"{index + 1:03}", SIZE - 15, SIZE - 32)
    image[4:-4, 3:8] = -200
    image[4 : 4 + (SIZE - 8) * (index + 1) // SLICES, 3:8] = _MARK


def _stamp(image: Image, text: str, row: int, column: int) -> None:
    """Write `text` at three times its size with its middle at (row, column)."""
    dots = ink(text, 3)
    top, left = row - dots.shape[0] // 2, column - dots.shape[1] // 2
    image[top : top + dots.shape[0], left : left + dots.shape[1]][dots] = _MARK
