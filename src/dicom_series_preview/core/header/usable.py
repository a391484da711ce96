"""What a usable value of each element is: the one list of all that is read of a header (PS3.3, PS3.5 6.2).

An element is read by its key alone, and a key says how.  So whatever is read is also checked: `Reading` notes
every element that is there and whose key makes nothing of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dicom_series_preview.core.grey import VoiFunction
from dicom_series_preview.core.header.clock import day_number, microseconds, microseconds_of_day
from dicom_series_preview.core.header.elements import as_numbers, as_texts
from dicom_series_preview.core.header.value_kinds import (
    FARTHEST,
    Key,
    as_bytes,
    as_cosines,
    as_descriptor,
    as_pair,
    as_vector,
    as_words,
    clock,
    code,
    number,
    private,
    sequence,
    text,
    whole,
    wholes,
)

# --- The object ----------------------------------------------------------------------------------------------

SOP_CLASS_UID: Final = text("SOPClassUID")
SOP_INSTANCE_UID: Final = text("SOPInstanceUID")
SERIES_INSTANCE_UID: Final = text("SeriesInstanceUID")
SERIES_DESCRIPTION: Final = text("SeriesDescription")
MODALITY: Final = code("Modality")
IMAGE_TYPE: Final[Key[tuple[str, ...]]] = Key("ImageType", as_texts)
INSTANCE_NUMBER: Final = whole("InstanceNumber")
IN_CONCATENATION: Final = whole("InConcatenationNumber")
PER_FRAME: Final = sequence("PerFrameFunctionalGroupsSequence")
SHARED: Final = sequence("SharedFunctionalGroupsSequence")
COMPLEX_IMAGE_COMPONENT: Final = code("ComplexImageComponent", macro="MRImageFrameTypeSequence")
FRAME_TYPE: Final[Key[tuple[str, ...]]] = Key("FrameType", as_texts, "MRImageFrameTypeSequence")
GE_IMAGE_KIND: Final = private("(0043,102f)")
"""GE's number of the component, counted in the order of `ComplexComponent`."""

# --- Where frames lie ----------------------------------------------------------------------------------------

IMAGE_POSITION: Final = Key("ImagePositionPatient", as_vector, "PlanePositionSequence")
IMAGE_ORIENTATION: Final = Key("ImageOrientationPatient", as_cosines, "PlaneOrientationSequence")
VOLUME_POSITION: Final = Key("ImagePositionVolume", as_vector, "PlanePositionVolumeSequence")
VOLUME_ORIENTATION: Final = Key("ImageOrientationVolume", as_cosines, "PlaneOrientationVolumeSequence")
ANATOMICAL_ORIENTATION: Final = code("AnatomicalOrientationType", ("BIPED", "QUADRUPED"))
SLICE_LOCATION: Final = number("SliceLocation", usable=lambda mm: abs(mm) <= FARTHEST)
GRID_FRAME_OFFSETS: Final[Key[tuple[float, ...]]] = Key("GridFrameOffsetVector", as_numbers)
SPACING_BETWEEN_SLICES: Final = number("SpacingBetweenSlices", usable=lambda mm: abs(mm) <= FARTHEST)
DETECTOR_INFORMATION: Final = sequence("DetectorInformationSequence")
DIMENSION_INDEX_VALUES: Final = wholes("DimensionIndexValues", "FrameContentSequence")
FRAME_INCREMENT_POINTER: Final[Key[tuple[str, ...]]] = Key("FrameIncrementPointer", as_texts)
SLICE_VECTOR: Final = wholes("SliceVector")
FRAME_VECTORS: Final[dict[str, Key[tuple[int, ...]]]] = {
    "(0054,0010)": wholes("EnergyWindowVector"),
    "(0054,0020)": wholes("DetectorVector"),
    "(0054,0030)": wholes("PhaseVector"),
    "(0054,0050)": wholes("RotationVector"),
    "(0054,0060)": wholes("RRIntervalVector"),
    "(0054,0070)": wholes("TimeSlotVector"),
    "(0054,0090)": wholes("AngularViewVector"),
    "(0054,0100)": wholes("TimeSliceVector"),
}
"""What tells the frames of one slice apart, by tag (PS3.3 C.8.4.8)."""

PIXEL_SPACING: Final = Key("PixelSpacing", as_pair, "PixelMeasuresSequence")
IMAGER_PIXEL_SPACING: Final = Key("ImagerPixelSpacing", as_pair)
NOMINAL_SCANNED_PIXEL_SPACING: Final = Key("NominalScannedPixelSpacing", as_pair)
PIXEL_ASPECT_RATIO: Final = Key("PixelAspectRatio", as_pair)
CALIBRATION_TYPE: Final = code("PixelSpacingCalibrationType", ("GEOMETRY", "FIDUCIAL"))
MATRIX_ROWS: Final = whole("TotalPixelMatrixRows", usable=lambda px: px > 0)
MATRIX_COLUMNS: Final = whole("TotalPixelMatrixColumns", usable=lambda px: px > 0)
TILE_ROW: Final = whole("RowPositionInTotalImagePixelMatrix", "PlanePositionSlideSequence")
TILE_COLUMN: Final = whole("ColumnPositionInTotalImagePixelMatrix", "PlanePositionSlideSequence")

# --- When frames were made -----------------------------------------------------------------------------------

TEMPORAL_POSITION: Final = number("TemporalPositionIdentifier")
TEMPORAL_POSITION_INDEX: Final = number("TemporalPositionIndex", "FrameContentSequence")
TRIGGER_TIME: Final = number("TriggerTime")
TRIGGER_DELAY: Final = number("NominalCardiacTriggerDelayTime", "CardiacSynchronizationSequence")
DIFFUSION_B_VALUE: Final = number("DiffusionBValue", "MRDiffusionSequence")
GE_B_VALUE: Final = private("(0043,1039)")
SIEMENS_B_VALUE: Final = private("(0019,100c)")
PHILIPS_B_VALUE: Final = private("(2001,1003)")
ECHO_TIME: Final = number("EchoTime")
EFFECTIVE_ECHO_TIME: Final = number("EffectiveEchoTime", "MREchoSequence")
FRAME_REFERENCE_TIME: Final = number("FrameReferenceTime")
FRAME_ACQUISITION: Final = clock("FrameAcquisitionDateTime", microseconds, "FrameContentSequence")
ACQUISITION: Final = clock("AcquisitionDateTime", microseconds)
ACQUISITION_DATE: Final = clock("AcquisitionDate", day_number)
ACQUISITION_TIME: Final = clock("AcquisitionTime", microseconds_of_day)
CONTENT_DATE: Final = clock("ContentDate", day_number)
CONTENT_TIME: Final = clock("ContentTime", microseconds_of_day)
CREATION_DATE: Final = clock("InstanceCreationDate", day_number)
CREATION_TIME: Final = clock("InstanceCreationTime", microseconds_of_day)

# Zero is no rate, but common where there is none: it says nothing, and nothing is wrong with it.
RECOMMENDED_RATE: Final = number("RecommendedDisplayFrameRate", usable=lambda rate: rate >= 0)
CINE_RATE: Final = number("CineRate", usable=lambda rate: rate >= 0)
FRAME_TIME: Final = number("FrameTime", usable=lambda ms: ms >= 0)
FRAME_TIME_VECTOR: Final[Key[tuple[float, ...]]] = Key("FrameTimeVector", as_numbers)

# --- Pixels --------------------------------------------------------------------------------------------------

NUMBER_OF_FRAMES: Final = whole("NumberOfFrames", usable=lambda count: count > 0)
PRESENTATION_LUT_SHAPE: Final = code("PresentationLUTShape", ("IDENTITY", "INVERSE", "LIN OD"))
PIXEL_PRESENTATION: Final = code(
    "PixelPresentation", ("MONOCHROME", "COLOR", "MIXED", "COLOR_RANGE", "TRUE_COLOR")
)
OFFSET_TABLE: Final = Key("ExtendedOffsetTable", as_bytes)
OFFSET_TABLE_LENGTHS: Final = Key("ExtendedOffsetTableLengths", as_bytes)
PADDING: Final[dict[str, tuple[Key[float], Key[float]]]] = {
    f"{prefix}PixelData": (number(f"{prefix}PixelPaddingValue"), number(f"{prefix}PixelPaddingRangeLimit"))
    for prefix in ("", "Float", "DoubleFloat")
}
"""The padding value and its other end, for each of the three pixel data elements."""

SAMPLES_PER_PIXEL: Final = whole("SamplesPerPixel")
BITS_STORED: Final = whole("BitsStored")
HIGH_BIT: Final = whole("HighBit")
_FORMAT: Final = (
    *(whole("Rows"), whole("Columns"), code("PhotometricInterpretation"), whole("BitsAllocated")),
    whole("PixelRepresentation", usable=lambda value: value in (0, 1)),
    whole("PlanarConfiguration", usable=lambda value: value in (0, 1)),
)
"""What else `read_pixel_format` reads."""

_COLOURS: Final = ("Red", "Green", "Blue")
_DESCRIPTORS: Final = tuple(
    Key(f"{colour}PaletteColorLookupTableDescriptor", as_descriptor) for colour in _COLOURS
)
_TABLES: Final = tuple(
    Key(f"{prefix}{colour}PaletteColorLookupTableData", as_words)
    for prefix in ("", "Segmented")
    for colour in _COLOURS
)
PALETTE: Final = tuple(key.keyword for key in (*_DESCRIPTORS, *_TABLES))
"""What `read_palette` reads."""

# --- Grey values ---------------------------------------------------------------------------------------------

FRAME_VOI_LUT: Final = "FrameVOILUTSequence"
"""The macro of windows and VOI tables, which are read together from one place (PS3.3 C.7.6.16.2.10)."""
MODALITY_LUT: Final = sequence("ModalityLUTSequence")
VOI_LUT: Final = sequence("VOILUTSequence")
LUT_DESCRIPTOR: Final = Key("LUTDescriptor", as_descriptor)
LUT_DATA: Final[Key[tuple[int, ...] | bytes]] = Key("LUTData", as_words)
RESCALE_SLOPE: Final = number("RescaleSlope", "PixelValueTransformationSequence", bool)
RESCALE_INTERCEPT: Final = number("RescaleIntercept", "PixelValueTransformationSequence")
DOSE_GRID_SCALING: Final = number("DoseGridScaling", usable=bool)
WINDOW_CENTER: Final = number("WindowCenter")
WINDOW_WIDTH: Final = number("WindowWidth", usable=lambda width: width > 0)
VOI_LUT_FUNCTION: Final = code("VOILUTFunction", tuple(function.value for function in VoiFunction))

_KEYS: Final[tuple[Key[object], ...]] = (
    *(value for value in tuple(globals().values()) if isinstance(value, Key)),
    *(*FRAME_VECTORS.values(), *_FORMAT, *_DESCRIPTORS, *_TABLES),
    *(key for pair in PADDING.values() for key in pair),
)
KEYS: Final[Mapping[str, Key[object]]] = {
    **{key.keyword: key for key in _KEYS},
    **{key.macro: sequence(key.macro) for key in _KEYS if key.macro is not None},
    FRAME_VOI_LUT: sequence(FRAME_VOI_LUT),
}
"""Every element that is read, by keyword, or `(gggg,eeee)` for private ones."""
