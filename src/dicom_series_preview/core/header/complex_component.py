"""What an MR picture shows of its complex values: magnitude, phase, real or imaginary part."""

from __future__ import annotations

from typing import Final

from dicom_series_preview.core.header import usable
from dicom_series_preview.core.header.functional_groups import FrameReading
from dicom_series_preview.core.header.instance import ComplexComponent

_WORDS: Final = {
    word: component
    for component in ComplexComponent
    for word in (
        component.name,
        component.name[0],
    )  # ComplexImageComponent in full, ImageType mostly by letter
}


def complex_component(frame: FrameReading) -> ComplexComponent | None:
    """ComplexImageComponent (PS3.3 C.8.13.3.1.2), else ImageType from its third value on, else GE's number."""
    named = frame.get(usable.COMPLEX_IMAGE_COMPONENT) or ""
    types = frame.get(usable.FRAME_TYPE) or frame.get(usable.IMAGE_TYPE) or ()
    for value in (named, *types[2:]):
        # Philips writes more than one word in a value: M_FFE, PHASE MAP.
        first = value.upper().replace("_", " ").partition(" ")[0]
        if first in _WORDS:
            return _WORDS[first]
    number = frame.get(usable.GE_IMAGE_KIND)
    kinds = tuple(ComplexComponent)
    return kinds[int(number)] if number is not None and 0 <= number < len(kinds) else None
