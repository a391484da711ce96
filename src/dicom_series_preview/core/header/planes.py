"""Where the frames of an object lie: the places where modalities keep their geometry, looked through in order.

1. Image Position and Orientation (Patient), by frame (PS3.3 C.7.6.2, C.7.6.16.2.3, .4).
2. Position and orientation in an ultrasound volume (C.8.24.3), which is a coordinate system of its own.
3. The detector of a nuclear medicine reconstruction (C.8.4.15).
4. RT Dose adds its Grid Frame Offset Vector (C.8.8.3.2).
5. Objects of several frames without functional groups, as converters of volumes write them, tell the place of the
   first frame alone: Spacing Between Slices places the others, and that is noted.
"""

from __future__ import annotations

from attrs import frozen

from dicom_series_preview.core.geometry import Cosines, Vec3, normal_of
from dicom_series_preview.core.header import usable
from dicom_series_preview.core.header.functional_groups import FrameReading
from dicom_series_preview.core.header.instance import RT_DOSE
from dicom_series_preview.core.header.nuclear import along, slice_planes
from dicom_series_preview.core.header.reading import Mended, Reading
from dicom_series_preview.core.remarks import Mend


@frozen
class Planes:
    """What the root of a header says of where its frames lie."""

    offsets: tuple[float, ...]
    """GridFrameOffsetVector in mm, empty where frames are not shifted."""
    slices: tuple[Cosines, tuple[Vec3, ...]] | None
    """The slices of a reconstruction, or of a volume without functional groups."""

    @property
    def described(self) -> int:
        """How many frames have a place of their own."""
        return max(len(self.offsets), 0 if self.slices is None else len(self.slices[1]))

    def of(self, frame: FrameReading) -> tuple[Vec3 | None, Cosines | None]:
        """Position in mm and orientation of one frame."""
        if self.slices is not None:
            return self.slices[1][frame.number], self.slices[0]
        position, cosines = frame.get(usable.IMAGE_POSITION), frame.get(usable.IMAGE_ORIENTATION)
        if position is None:
            position = frame.get(usable.VOLUME_POSITION)
        if cosines is None:
            cosines = frame.get(usable.VOLUME_ORIENTATION)
        if position is None or not self.offsets:
            return position, cosines
        return _shifted(position, cosines, self.offsets, frame), cosines


def read_planes(root: Reading, count: int, increments: tuple[int, ...] | None) -> Planes:
    """What the root says of the places of `count` frames."""
    offsets = root.get(usable.GRID_FRAME_OFFSETS) if root.get(usable.SOP_CLASS_UID) == RT_DOSE else None
    if offsets is not None and len(offsets) < count:
        root.notes.unusable.add(usable.GRID_FRAME_OFFSETS.keyword)
    slices = slice_planes(root, count, increments)
    if slices is None and count > 1 and offsets is None and increments is None:
        slices = _volume(root, count)
    return Planes((offsets or ())[:count], slices)


def _volume(root: Reading, count: int) -> tuple[Cosines, tuple[Vec3, ...]] | None:
    """Orientation and positions in mm of frames that follow one another along row x column, not in time."""
    first, cosines = root.get(usable.IMAGE_POSITION), root.get(usable.IMAGE_ORIENTATION)
    spacing = root.get(usable.SPACING_BETWEEN_SLICES)
    normal = None if cosines is None else normal_of(cosines)
    grouped = root.get(usable.PER_FRAME) is not None
    timed = root.get(usable.FRAME_TIME) or root.get(usable.FRAME_TIME_VECTOR)
    if grouped or timed or first is None or cosines is None or normal is None or not spacing:
        return None
    root.notes.mended.add(Mended(usable.SPACING_BETWEEN_SLICES.keyword, Mend.PLACES))
    return cosines, tuple(along(first, normal, number * spacing) for number in range(count))


def _shifted(
    position: Vec3, cosines: Cosines | None, offsets: tuple[float, ...], frame: FrameReading
) -> Vec3:
    """The position of one RT Dose frame, by its GridFrameOffsetVector (PS3.3 C.8.8.3.2)."""
    normal = normal_of(cosines) if cosines is not None else None
    if frame.number >= len(offsets) or normal is None:
        return position
    offset = offsets[frame.number]
    if offsets[0] != 0:  # the vector holds z coordinates of a transverse grid
        return (position[0], position[1], offset)
    return along(position, normal, offset)
