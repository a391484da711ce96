"""Headers as values, and what is read of them: what the laws of `core.header` begin with."""

from __future__ import annotations

from dicom_series_preview.core.header.elements import Element, Elements
from dicom_series_preview.core.header.image_pixel import PixelSpan
from dicom_series_preview.core.header.instance import RT_DOSE, Instance, PixelElement, Pixels
from dicom_series_preview.core.header.read_instance import read_instance
from property_tests.strategies import CT_IMAGE, EXPLICIT_LITTLE, element

BASE: dict[str, Element] = {
    "SOPClassUID": element("UI", CT_IMAGE),
    "SOPInstanceUID": element("UI", "1.2.3.4"),
    "SeriesInstanceUID": element("UI", "1.2.3"),
    "Modality": element("CS", "CT"),
    "Rows": element("US", 4),
    "Columns": element("US", 6),
    "BitsAllocated": element("US", 16),
}

DOSE = {**BASE, "SOPClassUID": element("UI", RT_DOSE)}


def matrix(rows: int, columns: int) -> dict[str, Element]:
    """The size of a slide level in px."""
    return {"TotalPixelMatrixRows": element("UL", rows), "TotalPixelMatrixColumns": element("UL", columns)}


def read(
    source: Elements,
    frames: int = 1,
    keyword: str = "PixelData",
    syntax: str = EXPLICIT_LITTLE,
    size: int | None = None,
) -> Instance:
    """The object of a header with room for so many frames of 4 x 6 words."""
    span = PixelSpan(1000, 48 * frames)
    many = {"NumberOfFrames": element("IS", str(frames))} if frames > 1 else {}
    return read_instance("a.dcm", size, {**many, **source}, syntax, PixelElement(keyword, "OW", span))


def read_pixels(source: Elements, frames: int = 1, keyword: str = "PixelData") -> Pixels:
    """The pixels of a header that describes some."""
    pixels = read(source, frames, keyword).pixels
    assert isinstance(pixels, Pixels)
    return pixels


def items(*elements: Elements) -> Element:
    """A sequence."""
    return Element("SQ", elements)
