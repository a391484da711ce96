"""The objects of a series as values: an `Instance` with a `Frame` for each slice it holds.

A frame is the unit of everything that follows, so a multi-frame object is simply an instance with more of
them.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from attrs import frozen

from dicom_series_preview.core.faults.objects import BadPixelModule
from dicom_series_preview.core.geometry import Cosines, Vec3
from dicom_series_preview.core.grey import ModalityLut, Voi
from dicom_series_preview.core.header.elements import Elements
from dicom_series_preview.core.header.image_pixel import PixelFormat, PixelSpan
from dicom_series_preview.core.header.reading import Mended
from dicom_series_preview.core.header.time_keys import TimeValues

SEGMENTATIONS: Final = frozenset(
    {"1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7"}  # Segmentation, Label Map Segmentation
)
PARAMETRIC_MAP: Final = "1.2.840.10008.5.1.4.1.1.30"
RT_DOSE: Final = "1.2.840.10008.5.1.4.1.1.481.2"
SLIDE_MICROSCOPY: Final = "1.2.840.10008.5.1.4.1.1.77.1.6"


class ComplexComponent(Enum):
    """What an MR picture shows of its complex values (PS3.3 C.8.13.3.1.2), in the order of its stacks."""

    MAGNITUDE = "magnitude"
    PHASE = "phase"
    REAL = "real"
    IMAGINARY = "imaginary"


@frozen
class Frame:
    """One slice of an instance."""

    number: int
    """0-based place in its object."""
    position: Vec3 | None
    """Where the first pixel lies, in mm (ImagePositionPatient, or what stands in for it)."""
    cosines: Cosines | None
    """ImageOrientationPatient, spanning a plane."""
    slice_location: float | None
    """SliceLocation in mm."""
    times: TimeValues
    modality_lut: ModalityLut
    voi: Voi | None
    pixel_aspect: float
    """Height of a pixel divided by its width."""
    spacing: tuple[float, float] | None = None
    """From row to row, and from column to column, in mm in the patient; None where it is not known."""
    has_sides: bool = True
    """Its cosines are those of a patient whose sides are right, left, anterior, posterior, head and feet.

    An ultrasound volume has coordinates of its own, and a quadruped's sides have other names.
    """
    component: ComplexComponent | None = None
    """None where it is not told, and for everything but MR."""
    dimension_indices: tuple[int, ...] | None = None
    """DimensionIndexValues (PS3.3 C.7.6.17), the slowest first."""


@frozen
class Tiling:
    """How the frames of a slide microscopy level make up one image (PS3.3 C.7.6.17.3, C.8.12.14)."""

    rows: int
    """TotalPixelMatrixRows, px."""
    columns: int
    """TotalPixelMatrixColumns, px."""
    corners: tuple[tuple[int, int], ...]
    """(row, column) of each frame's top left pixel, 0-based, in frame order; off the image if it is not shown."""


@frozen
class PixelElement:
    """The pixel data element as the parser met it: which of the three it is, and where its value lies."""

    keyword: str
    vr: str
    span: PixelSpan


@frozen
class Pixels:
    """Where an instance's pixels are, and how stored values become what a viewer shows."""

    format: PixelFormat
    span: PixelSpan
    offset_table: tuple[bytes, bytes] | None
    """Extended Offset Table and its lengths, as stored (PS3.3 C.7.6.3.1.8)."""
    padding: tuple[float, float] | None
    """Lowest and highest stored value that is padding, inclusive (PS3.3 C.7.5.1.1.2)."""
    inverted: bool
    """MONOCHROME1 or Presentation LUT Shape INVERSE: the lowest value is white."""
    palette: Elements | None
    """The Palette Color Lookup Table elements (PS3.3 C.7.9), for PALETTE COLOR."""
    tiling: Tiling | None
    supplemental: Elements | None = None
    """The same elements where they colour only the stored values from the first mapped one on (PS3.3 C.7.6.19)."""


@frozen
class Instance:
    """One DICOM object of a series."""

    name: str
    """The object's name below the series folder."""
    size: int | None
    """Bytes in the object, where the listing or an answer told it."""
    sop_class: str
    sop_instance_uid: str
    series_instance_uid: str
    modality: str
    image_type: tuple[str, ...]
    instance_number: int | None
    pixels: Pixels | BadPixelModule | None
    """None for an object without pixel data."""
    frames: tuple[Frame, ...]
    """Empty without pixel data, one for a slide microscopy level."""
    unusable: tuple[str, ...]
    """Keywords of elements that are present and cannot be used."""
    series_description: str = ""
    frame_rate: float | None = None
    """Frames a second, None where the header tells none."""
    in_concatenation: int | None = None
    """Its number among the objects that one was divided into, and that share its number (PS3.3 C.7.6.16.2.2.4)."""
    mended: tuple[Mended, ...] = ()
    """Elements that are used otherwise than they stand."""
