"""Which window each slice is shown through."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias, assert_never

from attrs import frozen

from dicom_series_preview.core.ask.contrasts import Auto, Contrast, FromFile
from dicom_series_preview.core.grey import Lut, Voi, Window
from dicom_series_preview.core.header.instance import (
    PARAMETRIC_MAP,
    RT_DOSE,
    SEGMENTATIONS,
    Frame,
    Instance,
    Pixels,
)
from dicom_series_preview.core.order.series import Slice


@frozen
class AutoWindow:
    """A window yet to be found, from the pixels of all tiles with an equal `AutoWindow`.

    Pictures of one modality share it, so that they can be compared; label data run from their minimum to
    their maximum.
    """

    modality: str
    label: bool


SliceContrast: TypeAlias = Voi | AutoWindow | None
"""How a tile gets its grey levels; None for colour, which is never windowed."""


def choose_contrasts(contrast: Contrast, slices: Sequence[Slice]) -> tuple[SliceContrast, ...]:
    """The windows of all slices that are shown together.

    PET scales every slice by its own maximum, and often gives it a window to match: uptake could not be
    compared.  Where the files' windows differ, all PET slices share one found from their pixels.
    """
    chosen = tuple(choose_contrast(contrast, slice_) for slice_ in slices)
    pet = [index for index, slice_ in enumerate(slices) if slice_.instance.modality == "PT"]
    own = {chosen[index] for index in pet if isinstance(chosen[index], Window | Lut)}
    if len(own) < 2:
        return chosen
    return tuple(
        _auto(slice_.instance) if index in pet and one in own else one
        for index, (slice_, one) in enumerate(zip(slices, chosen, strict=True))
    )


def choose_contrast(contrast: Contrast, slice_: Slice) -> SliceContrast:
    """The window of one slice: the command line's, else its own, else one found from the pixels.

    The VOI of segmentations, dose grids and parametric maps says nothing about what they hold.
    """
    instance, frame = slice_.instance, slice_.frame
    if isinstance(instance.pixels, Pixels) and instance.pixels.format.samples_per_pixel == 3:
        return None
    if isinstance(instance.pixels, Pixels) and instance.pixels.palette is not None:
        return None
    match contrast:
        case Window():
            return contrast
        case Auto():
            return _auto(instance)
        case FromFile():
            return _own(instance, frame) or _auto(instance)
        case _ as never:
            assert_never(never)


def _own(instance: Instance, frame: Frame) -> Voi | None:
    without = instance.sop_class in SEGMENTATIONS or instance.sop_class in (RT_DOSE, PARAMETRIC_MAP)
    return None if without else frame.voi


def _auto(instance: Instance) -> AutoWindow:
    return AutoWindow(instance.modality, instance.sop_class in SEGMENTATIONS or instance.modality == "SEG")
