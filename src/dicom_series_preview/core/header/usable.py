"""What a usable value of each element is: the one list of all that is read of a header (PS3.3, PS3.5 6.2).

An element is read by its key alone, and a key says how.  So whatever is read is also checked: `Reading` notes
every element that is there and whose key makes nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Generic, TypeAlias, TypeVar

from attrs import frozen

from dicom_series_preview.core.geometry import Cosines, Vec3, normal_of
from dicom_series_preview.core.grey import VoiFunction
from dicom_series_preview.core.header.clock import day_number, microseconds, microseconds_of_day
from dicom_series_preview.core.header.elements import (
    Element,
    Elements,
    as_integer,
    as_number,
    as_numbers,
    as_text,
    as_texts,
    private_number,
)

Value_co = TypeVar("Value_co", covariant=True)
Items: TypeAlias = tuple[Elements, ...]
Pair: TypeAlias = tuple[float, float]

FARTHEST: Final = 1e6
"""A coordinate beyond a kilometre, in mm, is no place in a patient; it would drown all differences."""

STRANGEST_ASPECT: Final = 1000.0
"""Pixels this many times as high as wide, or as wide as high, are a mistake."""


@frozen
class Key(Generic[Value_co]):
    """An element that is read, and how."""

    keyword: str
    read: Callable[[Element], Value_co | None]
    """A usable value of an element that is not empty, else None."""
    macro: str | None = None
    """The sequence in the functional groups that holds the element for single frames (PS3.3 C.7.6.16)."""


# --- Kinds of values -----------------------------------------------------------------------------------------


def _number(
    keyword: str, macro: str | None = None, usable: Callable[[float], bool] | None = None
) -> Key[float]:
    def read(element: Element) -> float | None:
        value = as_number(element)
        return None if value is None or (usable is not None and not usable(value)) else value

    return Key(keyword, read, macro)


def _whole(keyword: str, macro: str | None = None, usable: Callable[[int], bool] | None = None) -> Key[int]:
    def read(element: Element) -> int | None:
        value = as_integer(element)
        return None if value is None or (usable is not None and not usable(value)) else value

    return Key(keyword, read, macro)


def _wholes(keyword: str, macro: str | None = None) -> Key[tuple[int, ...]]:
    def read(element: Element) -> tuple[int, ...] | None:
        values = as_numbers(element)
        whole = values is not None and all(value.is_integer() for value in values)
        return tuple(int(value) for value in values) if whole and values is not None else None

    return Key(keyword, read, macro)


def _private(keyword: str) -> Key[float]:
    return Key(keyword, private_number)


def _code(keyword: str, codes: tuple[str, ...] = (), macro: str | None = None) -> Key[str]:
    """A CS value, of a set where only certain ones mean anything here."""

    def read(element: Element) -> str | None:
        value = as_text(element)
        return None if value is None or (codes and value.upper() not in codes) else value.upper()

    return Key(keyword, read, macro)


def _text(keyword: str) -> Key[str]:
    return Key(keyword, as_text)


def _clock(keyword: str, read: Callable[[str], int | None], macro: str | None = None) -> Key[int]:
    def value(element: Element) -> int | None:
        written = as_text(element)
        return None if written is None else read(written)

    return Key(keyword, value, macro)


def _vector(element: Element) -> Vec3 | None:
    found = as_numbers(element, 3)
    if found is None or max(abs(value) for value in found) > FARTHEST:
        return None
    return (found[0], found[1], found[2])


def _cosines(element: Element) -> Cosines | None:
    found = as_numbers(element, 6)
    if found is None:
        return None
    cosines = (found[0], found[1], found[2], found[3], found[4], found[5])
    return cosines if normal_of(cosines) is not None else None


def _pair(element: Element) -> Pair | None:
    """Two lengths or a ratio, row by row and column by column, of pixels that can be."""
    found = as_numbers(element, 2)
    if (
        found is None
        or min(found) <= 0
        or not 1 / STRANGEST_ASPECT <= found[0] / found[1] <= STRANGEST_ASPECT
    ):
        return None
    return (found[0], found[1])


def _descriptor(element: Element) -> tuple[int, int, int] | None:
    """The number of entries, the first input and the bits of a table (PS3.3 C.11.1.1.1)."""
    found = as_numbers(element, 3)
    return None if found is None else (int(found[0]) & 0xFFFF or 0x10000, int(found[1]), int(found[2]))


def _words(element: Element) -> tuple[int, ...] | bytes | None:
    """The data of a table: words as numbers, or bytes that are yet to be taken apart."""
    if isinstance(element.values[0], bytes):
        return element.values[0]
    values = tuple(value & 0xFFFF for value in element.values if isinstance(value, int))
    return values if len(values) == len(element.values) else None


def _bytes(element: Element) -> bytes | None:
    return element.values[0] if isinstance(element.values[0], bytes) else None


def _items(element: Element) -> Items | None:
    items = tuple(value for value in element.values if isinstance(value, Mapping))
    return items if len(items) == len(element.values) else None


def _sequence(keyword: str) -> Key[Items]:
    return Key(keyword, _items)


# --- The object ----------------------------------------------------------------------------------------------

SOP_CLASS_UID: Final = _text("SOPClassUID")
SOP_INSTANCE_UID: Final = _text("SOPInstanceUID")
SERIES_INSTANCE_UID: Final = _text("SeriesInstanceUID")
SERIES_DESCRIPTION: Final = _text("SeriesDescription")
MODALITY: Final = _code("Modality")
IMAGE_TYPE: Final[Key[tuple[str, ...]]] = Key("ImageType", as_texts)
INSTANCE_NUMBER: Final = _whole("InstanceNumber")
PER_FRAME: Final = _sequence("PerFrameFunctionalGroupsSequence")
SHARED: Final = _sequence("SharedFunctionalGroupsSequence")
COMPLEX_IMAGE_COMPONENT: Final = _code("ComplexImageComponent", macro="MRImageFrameTypeSequence")
FRAME_TYPE: Final[Key[tuple[str, ...]]] = Key("FrameType", as_texts, "MRImageFrameTypeSequence")
GE_IMAGE_KIND: Final = _private("(0043,102f)")
"""GE's number of the component, counted in the order of `ComplexComponent`."""

# --- Where frames lie ----------------------------------------------------------------------------------------

IMAGE_POSITION: Final = Key("ImagePositionPatient", _vector, "PlanePositionSequence")
IMAGE_ORIENTATION: Final = Key("ImageOrientationPatient", _cosines, "PlaneOrientationSequence")
VOLUME_POSITION: Final = Key("ImagePositionVolume", _vector, "PlanePositionVolumeSequence")
VOLUME_ORIENTATION: Final = Key("ImageOrientationVolume", _cosines, "PlaneOrientationVolumeSequence")
ANATOMICAL_ORIENTATION: Final = _code("AnatomicalOrientationType", ("BIPED", "QUADRUPED"))
SLICE_LOCATION: Final = _number("SliceLocation", usable=lambda mm: abs(mm) <= FARTHEST)
GRID_FRAME_OFFSETS: Final[Key[tuple[float, ...]]] = Key("GridFrameOffsetVector", as_numbers)
SPACING_BETWEEN_SLICES: Final = _number("SpacingBetweenSlices", usable=lambda mm: abs(mm) <= FARTHEST)
DETECTOR_INFORMATION: Final = _sequence("DetectorInformationSequence")
DIMENSION_INDEX_VALUES: Final = _wholes("DimensionIndexValues", "FrameContentSequence")
FRAME_INCREMENT_POINTER: Final[Key[tuple[str, ...]]] = Key("FrameIncrementPointer", as_texts)
SLICE_VECTOR: Final = _wholes("SliceVector")
FRAME_VECTORS: Final[dict[str, Key[tuple[int, ...]]]] = {
    "(0054,0010)": _wholes("EnergyWindowVector"),
    "(0054,0020)": _wholes("DetectorVector"),
    "(0054,0030)": _wholes("PhaseVector"),
    "(0054,0050)": _wholes("RotationVector"),
    "(0054,0060)": _wholes("RRIntervalVector"),
    "(0054,0070)": _wholes("TimeSlotVector"),
    "(0054,0090)": _wholes("AngularViewVector"),
    "(0054,0100)": _wholes("TimeSliceVector"),
}
"""What tells the frames of one slice apart, by tag (PS3.3 C.8.4.8)."""

PIXEL_SPACING: Final = Key("PixelSpacing", _pair, "PixelMeasuresSequence")
IMAGER_PIXEL_SPACING: Final = Key("ImagerPixelSpacing", _pair)
NOMINAL_SCANNED_PIXEL_SPACING: Final = Key("NominalScannedPixelSpacing", _pair)
PIXEL_ASPECT_RATIO: Final = Key("PixelAspectRatio", _pair)
MATRIX_ROWS: Final = _whole("TotalPixelMatrixRows", usable=lambda px: px > 0)
MATRIX_COLUMNS: Final = _whole("TotalPixelMatrixColumns", usable=lambda px: px > 0)
TILE_ROW: Final = _whole("RowPositionInTotalImagePixelMatrix", "PlanePositionSlideSequence")
TILE_COLUMN: Final = _whole("ColumnPositionInTotalImagePixelMatrix", "PlanePositionSlideSequence")

# --- When frames were made -----------------------------------------------------------------------------------

TEMPORAL_POSITION: Final = _number("TemporalPositionIdentifier")
TEMPORAL_POSITION_INDEX: Final = _number("TemporalPositionIndex", "FrameContentSequence")
TRIGGER_TIME: Final = _number("TriggerTime")
TRIGGER_DELAY: Final = _number("NominalCardiacTriggerDelayTime", "CardiacSynchronizationSequence")
DIFFUSION_B_VALUE: Final = _number("DiffusionBValue", "MRDiffusionSequence")
GE_B_VALUE: Final = _private("(0043,1039)")
SIEMENS_B_VALUE: Final = _private("(0019,100c)")
PHILIPS_B_VALUE: Final = _private("(2001,1003)")
ECHO_TIME: Final = _number("EchoTime")
EFFECTIVE_ECHO_TIME: Final = _number("EffectiveEchoTime", "MREchoSequence")
FRAME_REFERENCE_TIME: Final = _number("FrameReferenceTime")
FRAME_ACQUISITION: Final = _clock("FrameAcquisitionDateTime", microseconds, "FrameContentSequence")
ACQUISITION: Final = _clock("AcquisitionDateTime", microseconds)
ACQUISITION_DATE: Final = _clock("AcquisitionDate", day_number)
ACQUISITION_TIME: Final = _clock("AcquisitionTime", microseconds_of_day)
CONTENT_DATE: Final = _clock("ContentDate", day_number)
CONTENT_TIME: Final = _clock("ContentTime", microseconds_of_day)
CREATION_DATE: Final = _clock("InstanceCreationDate", day_number)
CREATION_TIME: Final = _clock("InstanceCreationTime", microseconds_of_day)

# Zero is no rate, but common where there is none: it says nothing, and nothing is wrong with it.
RECOMMENDED_RATE: Final = _number("RecommendedDisplayFrameRate", usable=lambda rate: rate >= 0)
CINE_RATE: Final = _number("CineRate", usable=lambda rate: rate >= 0)
FRAME_TIME: Final = _number("FrameTime", usable=lambda ms: ms >= 0)
FRAME_TIME_VECTOR: Final[Key[tuple[float, ...]]] = Key("FrameTimeVector", as_numbers)

# --- Pixels --------------------------------------------------------------------------------------------------

NUMBER_OF_FRAMES: Final = _whole("NumberOfFrames", usable=lambda count: count > 0)
PRESENTATION_LUT_SHAPE: Final = _code("PresentationLUTShape", ("IDENTITY", "INVERSE", "LIN OD"))
PIXEL_PRESENTATION: Final = _code(
    "PixelPresentation", ("MONOCHROME", "COLOR", "MIXED", "COLOR_RANGE", "TRUE_COLOR")
)
OFFSET_TABLE: Final = Key("ExtendedOffsetTable", _bytes)
OFFSET_TABLE_LENGTHS: Final = Key("ExtendedOffsetTableLengths", _bytes)
PADDING: Final[dict[str, tuple[Key[float], Key[float]]]] = {
    f"{prefix}PixelData": (_number(f"{prefix}PixelPaddingValue"), _number(f"{prefix}PixelPaddingRangeLimit"))
    for prefix in ("", "Float", "DoubleFloat")
}
"""The padding value and its other end, for each of the three pixel data elements."""

SAMPLES_PER_PIXEL: Final = _whole("SamplesPerPixel")
BITS_STORED: Final = _whole("BitsStored")
HIGH_BIT: Final = _whole("HighBit")
_FORMAT: Final = (
    *(_whole("Rows"), _whole("Columns"), _code("PhotometricInterpretation"), _whole("BitsAllocated")),
    _whole("PixelRepresentation", usable=lambda value: value in (0, 1)),
    _whole("PlanarConfiguration", usable=lambda value: value in (0, 1)),
)
"""What else `read_pixel_format` reads."""

_COLOURS: Final = ("Red", "Green", "Blue")
_DESCRIPTORS: Final = tuple(
    Key(f"{colour}PaletteColorLookupTableDescriptor", _descriptor) for colour in _COLOURS
)
_TABLES: Final = tuple(
    Key(f"{prefix}{colour}PaletteColorLookupTableData", _words)
    for prefix in ("", "Segmented")
    for colour in _COLOURS
)
PALETTE: Final = tuple(key.keyword for key in (*_DESCRIPTORS, *_TABLES))
"""What `read_palette` reads."""

# --- Grey values ---------------------------------------------------------------------------------------------

FRAME_VOI_LUT: Final = "FrameVOILUTSequence"
"""The macro of windows and VOI tables, which are read together from one place (PS3.3 C.7.6.16.2.10)."""
MODALITY_LUT: Final = _sequence("ModalityLUTSequence")
VOI_LUT: Final = _sequence("VOILUTSequence")
LUT_DESCRIPTOR: Final = Key("LUTDescriptor", _descriptor)
LUT_DATA: Final[Key[tuple[int, ...] | bytes]] = Key("LUTData", _words)
RESCALE_SLOPE: Final = _number("RescaleSlope", "PixelValueTransformationSequence", bool)
RESCALE_INTERCEPT: Final = _number("RescaleIntercept", "PixelValueTransformationSequence")
DOSE_GRID_SCALING: Final = _number("DoseGridScaling", usable=bool)
WINDOW_CENTER: Final = _number("WindowCenter")
WINDOW_WIDTH: Final = _number("WindowWidth", usable=lambda width: width > 0)
VOI_LUT_FUNCTION: Final = _code("VOILUTFunction", tuple(function.value for function in VoiFunction))

_KEYS: Final[tuple[Key[object], ...]] = (
    *(value for value in tuple(globals().values()) if isinstance(value, Key)),
    *(*FRAME_VECTORS.values(), *_FORMAT, *_DESCRIPTORS, *_TABLES),
    *(key for pair in PADDING.values() for key in pair),
)
KEYS: Final[Mapping[str, Key[object]]] = {
    **{key.keyword: key for key in _KEYS},
    **{key.macro: _sequence(key.macro) for key in _KEYS if key.macro is not None},
    FRAME_VOI_LUT: _sequence(FRAME_VOI_LUT),
}
"""Every element that is read, by keyword, or `(gggg,eeee)` for private ones."""
