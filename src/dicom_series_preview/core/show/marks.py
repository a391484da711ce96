"""Which marks a tile bears: what is known of its slice, as far as it was asked for."""

from __future__ import annotations

from collections.abc import Set

from dicom_series_preview.core.ask.look import Label
from dicom_series_preview.core.choose.plan import Tile, shape
from dicom_series_preview.core.geometry import Axis
from dicom_series_preview.core.header.instance import Pixels
from dicom_series_preview.core.order.stacks import primary_position
from dicom_series_preview.core.show.burn import Marks
from dicom_series_preview.core.show.edge_letters import edge_names


def marks_of(tile: Tile, labels: Set[Label]) -> Marks:
    """The marks of one tile; what its header does not tell has none.

    The number counts slices from 1 in reading order, the position is the coordinate on the axis in mm, and the
    scale is that of the patient: of a spacing that is, or may be, that of a detector there is none.
    """
    chosen, frame = tile.chosen, tile.slice.frame
    position = primary_position(chosen.axis, tile.slice, chosen.centred)
    sided = Label.ORIENTATION in labels and frame.has_sides
    placed = Label.POSITION in labels and position is not None and chosen.axis is not Axis.INSTANCE
    return Marks(
        edges=edge_names(frame.cosines) if sided and frame.cosines else None,
        number=str(chosen.number + 1) if Label.NUMBER in labels else "",
        position=f"{position:z.1f} mm" if placed else "",
        mm_per_px=_mm_per_px(tile) if Label.SCALE in labels else None,
    )


def _mm_per_px(tile: Tile) -> float | None:
    spacing, pixels = tile.slice.frame.spacing, tile.slice.instance.pixels
    if spacing is None or not isinstance(pixels, Pixels):
        return None
    return spacing[1] * shape(pixels)[1] / tile.rect.width
