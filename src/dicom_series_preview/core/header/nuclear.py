"""Nuclear medicine: what tells the frames of an object apart, and where reconstructed slices lie.

The Multi-frame module gives every frame a number in each of several vectors (PS3.3 C.8.4.8); the
Reconstruction module says how far apart slices are (C.8.4.15).
"""

from __future__ import annotations

from dicom_series_preview.core.geometry import Cosines, Vec3, normal_of
from dicom_series_preview.core.header import usable
from dicom_series_preview.core.header.reading import Reading
from dicom_series_preview.core.header.value_kinds import Key


def vector(root: Reading, key: Key[tuple[int, ...]], count: int) -> tuple[int, ...] | None:
    """The vector of one key if it has a number for each of `count` frames; noted if it has not."""
    found = root.get(key)
    if found is not None and len(found) != count:
        root.notes.unusable.add(key.keyword)
        return None
    return found


def frame_increments(root: Reading, count: int) -> tuple[int, ...] | None:
    """For each of `count` frames a number that grows as the vectors do that tell frames of one slice apart.

    The vectors count in the order of the FrameIncrementPointer.  None where there are none.
    """
    named = root.get(usable.FRAME_INCREMENT_POINTER) or ()
    tags = sorted(usable.FRAME_VECTORS, key=lambda tag: named.index(tag) if tag in named else len(named))
    vectors = [found for tag in tags if (found := vector(root, usable.FRAME_VECTORS[tag], count)) is not None]
    if not vectors:
        return None
    numbers = [0] * count
    for one in vectors:
        low, high = min(one), max(one)
        numbers = [number * (high - low + 1) + own - low for number, own in zip(numbers, one, strict=True)]
    return tuple(numbers)


def slice_planes(
    root: Reading, count: int, increments: tuple[int, ...] | None
) -> tuple[Cosines, tuple[Vec3, ...]] | None:
    """Orientation and the position in mm of each of `count` frames of a reconstruction; None for all else.

    The first slice lies where its detector says, each next one SpacingBetweenSlices along row x column, or
    against it where the spacing is negative (C.8.4.15).
    """
    detector = root.first(usable.DETECTOR_INFORMATION.keyword)
    kinds = root.get(usable.IMAGE_TYPE) or ()
    slices = vector(root, usable.SLICE_VECTOR, count)
    if detector is None or not (slices is not None or (len(kinds) > 2 and kinds[2].startswith("RECON"))):
        return None
    if slices is None and len(set(increments or (0,))) == 1:
        slices = tuple(range(1, count + 1))
    first = detector.get(usable.IMAGE_POSITION) or root.get(usable.IMAGE_POSITION)
    cosines = detector.get(usable.IMAGE_ORIENTATION) or root.get(usable.IMAGE_ORIENTATION)
    normal = None if cosines is None else normal_of(cosines)
    spacing = root.get(usable.SPACING_BETWEEN_SLICES)
    if spacing == 0:
        root.notes.unusable.add(usable.SPACING_BETWEEN_SLICES.keyword)
    if cosines is None or normal is None or first is None or not spacing or slices is None:
        return None
    return cosines, tuple(along(first, normal, (number - 1) * spacing) for number in slices)


def along(start: Vec3, direction: Vec3, distance: float) -> Vec3:
    """The point `distance` mm from `start`."""
    return (
        start[0] + distance * direction[0],
        start[1] + distance * direction[1],
        start[2] + distance * direction[2],
    )
