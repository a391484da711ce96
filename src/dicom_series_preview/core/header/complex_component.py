"""What an MR picture shows of its complex values: magnitude, phase, real or imaginary part."""

from __future__ import annotations

from typing import Final

from dicom_series_preview.core.header.elements import Elements, data, integer, text, texts
from dicom_series_preview.core.header.instance import ComplexComponent
from dicom_series_preview.core.header.time_keys import Lookup

GE_IMAGE_KIND: Final = "(0043,102f)"
"""GE's private number of the component, counted in the order of `ComplexComponent`."""

_FRAME_TYPE: Final = "MRImageFrameTypeSequence"

_WORDS: Final = {
    word: component
    for component in ComplexComponent
    for word in (
        component.name,
        component.name[0],
    )  # ComplexImageComponent in full, ImageType mostly by letter
}


def complex_component(lookup: Lookup) -> ComplexComponent | None:
    """ComplexImageComponent (PS3.3 C.8.13.3.1.2), else ImageType from its third value on, else GE's number."""
    named = text(lookup("ComplexImageComponent", _FRAME_TYPE), "ComplexImageComponent")
    types = texts(lookup("FrameType", _FRAME_TYPE), "FrameType") or texts(
        lookup("ImageType", None), "ImageType"
    )
    for value in (named or "", *types[2:]):
        # Philips writes more than one word in a value: M_FFE, PHASE MAP.
        first = value.strip().upper().replace("_", " ").partition(" ")[0]
        if first in _WORDS:
            return _WORDS[first]
    number = _ge_number(lookup(GE_IMAGE_KIND, None))
    kinds = tuple(ComplexComponent)
    return kinds[number] if number is not None and 0 <= number < len(kinds) else None


def _ge_number(elements: Elements) -> int | None:
    """A private element of VR SS, whose bytes are undecoded in implicit VR."""
    raw = data(elements, GE_IMAGE_KIND)
    if raw is None:
        return integer(elements, GE_IMAGE_KIND)
    return int.from_bytes(raw, "little", signed=True) if len(raw) == 2 else None
