"""Every element of a header that a preview reads, and nothing else (PS3.6 6, PS3.5 7.8).

This is the one list: what it leaves out is stepped over.  An element is wanted at the root of a data set and
within the items of wanted sequences alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from dicom_series_preview.core.header.raw import DataSet, creator_of

_CURVES: Final = ("Red", "Green", "Blue")

STANDARD: Final[dict[int, tuple[str, str]]] = {
    0x00080008: ("ImageType", "CS"),
    0x00080012: ("InstanceCreationDate", "DA"),
    0x00080013: ("InstanceCreationTime", "TM"),
    0x00080016: ("SOPClassUID", "UI"),
    0x00080018: ("SOPInstanceUID", "UI"),
    0x00080022: ("AcquisitionDate", "DA"),
    0x00080023: ("ContentDate", "DA"),
    0x0008002A: ("AcquisitionDateTime", "DT"),
    0x00080032: ("AcquisitionTime", "TM"),
    0x00080033: ("ContentTime", "TM"),
    0x00080060: ("Modality", "CS"),
    0x0008103E: ("SeriesDescription", "LO"),
    0x00082144: ("RecommendedDisplayFrameRate", "IS"),
    0x00089007: ("FrameType", "CS"),
    0x00089205: ("PixelPresentation", "CS"),
    0x00089208: ("ComplexImageComponent", "CS"),
    0x00102210: ("AnatomicalOrientationType", "CS"),
    0x00180040: ("CineRate", "IS"),
    0x00180081: ("EchoTime", "DS"),
    0x00180088: ("SpacingBetweenSlices", "DS"),
    0x00181060: ("TriggerTime", "DS"),
    0x00181063: ("FrameTime", "DS"),
    0x00181065: ("FrameTimeVector", "DS"),
    0x00181164: ("ImagerPixelSpacing", "DS"),
    0x00182010: ("NominalScannedPixelSpacing", "DS"),
    0x00189074: ("FrameAcquisitionDateTime", "DT"),
    0x00189082: ("EffectiveEchoTime", "FD"),
    0x00189087: ("DiffusionBValue", "FD"),
    0x00189114: ("MREchoSequence", "SQ"),
    0x00189117: ("MRDiffusionSequence", "SQ"),
    0x00189118: ("CardiacSynchronizationSequence", "SQ"),
    0x00189226: ("MRImageFrameTypeSequence", "SQ"),
    0x0020000E: ("SeriesInstanceUID", "UI"),
    0x00200013: ("InstanceNumber", "IS"),
    0x00200032: ("ImagePositionPatient", "DS"),
    0x00200037: ("ImageOrientationPatient", "DS"),
    0x00200100: ("TemporalPositionIdentifier", "IS"),
    0x00201041: ("SliceLocation", "DS"),
    0x00209111: ("FrameContentSequence", "SQ"),
    0x00209113: ("PlanePositionSequence", "SQ"),
    0x00209116: ("PlaneOrientationSequence", "SQ"),
    0x00209128: ("TemporalPositionIndex", "UL"),
    0x00209153: ("NominalCardiacTriggerDelayTime", "FD"),
    0x00209157: ("DimensionIndexValues", "UL"),
    0x00209162: ("InConcatenationNumber", "US"),
    0x00209301: ("ImagePositionVolume", "FD"),
    0x00209302: ("ImageOrientationVolume", "FD"),
    0x0020930E: ("PlanePositionVolumeSequence", "SQ"),
    0x0020930F: ("PlaneOrientationVolumeSequence", "SQ"),
    0x00280002: ("SamplesPerPixel", "US"),
    0x00280004: ("PhotometricInterpretation", "CS"),
    0x00280006: ("PlanarConfiguration", "US"),
    0x00280008: ("NumberOfFrames", "IS"),
    0x00280009: ("FrameIncrementPointer", "AT"),
    0x00280010: ("Rows", "US"),
    0x00280011: ("Columns", "US"),
    0x00280030: ("PixelSpacing", "DS"),
    0x00280034: ("PixelAspectRatio", "IS"),
    0x00280100: ("BitsAllocated", "US"),
    0x00280101: ("BitsStored", "US"),
    0x00280102: ("HighBit", "US"),
    0x00280103: ("PixelRepresentation", "US"),
    0x00280120: ("PixelPaddingValue", "US or SS"),
    0x00280121: ("PixelPaddingRangeLimit", "US or SS"),
    0x00280122: ("FloatPixelPaddingValue", "FL"),
    0x00280123: ("DoubleFloatPixelPaddingValue", "FD"),
    0x00280124: ("FloatPixelPaddingRangeLimit", "FL"),
    0x00280125: ("DoubleFloatPixelPaddingRangeLimit", "FD"),
    0x00280A02: ("PixelSpacingCalibrationType", "CS"),
    0x00281050: ("WindowCenter", "DS"),
    0x00281051: ("WindowWidth", "DS"),
    0x00281052: ("RescaleIntercept", "DS"),
    0x00281053: ("RescaleSlope", "DS"),
    0x00281056: ("VOILUTFunction", "CS"),
    **{0x00281101 + i: (f"{c}PaletteColorLookupTableDescriptor", "US or SS") for i, c in enumerate(_CURVES)},
    **{0x00281201 + i: (f"{c}PaletteColorLookupTableData", "OW") for i, c in enumerate(_CURVES)},
    **{0x00281221 + i: (f"Segmented{c}PaletteColorLookupTableData", "OW") for i, c in enumerate(_CURVES)},
    0x00283000: ("ModalityLUTSequence", "SQ"),
    0x00283002: ("LUTDescriptor", "US or SS"),
    0x00283006: ("LUTData", "US or OW"),
    0x00283010: ("VOILUTSequence", "SQ"),
    0x00289110: ("PixelMeasuresSequence", "SQ"),
    0x00289132: ("FrameVOILUTSequence", "SQ"),
    0x00289145: ("PixelValueTransformationSequence", "SQ"),
    0x00480006: ("TotalPixelMatrixColumns", "UL"),
    0x00480007: ("TotalPixelMatrixRows", "UL"),
    0x0048021A: ("PlanePositionSlideSequence", "SQ"),
    0x0048021E: ("ColumnPositionInTotalImagePixelMatrix", "SL"),
    0x0048021F: ("RowPositionInTotalImagePixelMatrix", "SL"),
    0x00540010: ("EnergyWindowVector", "US"),
    0x00540020: ("DetectorVector", "US"),
    0x00540022: ("DetectorInformationSequence", "SQ"),
    0x00540030: ("PhaseVector", "US"),
    0x00540050: ("RotationVector", "US"),
    0x00540060: ("RRIntervalVector", "US"),
    0x00540070: ("TimeSlotVector", "US"),
    0x00540080: ("SliceVector", "US"),
    0x00540090: ("AngularViewVector", "US"),
    0x00540100: ("TimeSliceVector", "US"),
    0x00541300: ("FrameReferenceTime", "DS"),
    0x20500020: ("PresentationLUTShape", "CS"),
    0x3004000C: ("GridFrameOffsetVector", "DS"),
    0x3004000E: ("DoseGridScaling", "DS"),
    0x52009229: ("SharedFunctionalGroupsSequence", "SQ"),
    0x52009230: ("PerFrameFunctionalGroupsSequence", "SQ"),
    0x7FE00001: ("ExtendedOffsetTable", "OV"),
    0x7FE00002: ("ExtendedOffsetTableLengths", "OV"),
}
"""Tag -> keyword and VR."""

PRIVATE: Final[dict[tuple[int, str], tuple[str, str]]] = {
    (0x0019000C, "SIEMENS MR HEADER"): ("(0019,100c)", "IS"),
    (0x20010003, "Philips Imaging DD 001"): ("(2001,1003)", "FL"),
    (0x0043002F, "GEMS_PARM_01"): ("(0043,102f)", "SS"),
    (0x00430039, "GEMS_PARM_01"): ("(0043,1039)", "IS"),
}
"""Tag without its block, and creator (PS3.5 7.8.1) -> name, which is the tag in the first block, and VR."""

_VRS: Final = {tag: vr for tag, (_, vr) in STANDARD.items()}
_KEYWORDS: Final = {tag: keyword for tag, (keyword, _) in STANDARD.items()}
_CREATORS: Final = dict(PRIVATE.keys())

ELEMENTS: Final = frozenset({name for name, _ in (*STANDARD.values(), *PRIVATE.values())})
"""The names of all of them."""


class Wanted:
    """The list as a dictionary: what a preview reads, and nothing else but private creators."""

    standard = staticmethod(_VRS.get)

    @staticmethod
    def private(tag: int, around: DataSet) -> str | None:
        """The VR of a wanted private element, or of a creator."""
        if not tag & 0xFF00:
            return "LO"
        found = _private(tag, around)
        return None if found is None else found[1]


PREVIEW: Final = Wanted()


def unreadable(tags: Iterable[int]) -> str | None:
    """The first keyword among those of sequences that cannot be read; None if none of them is wanted."""
    return next((_KEYWORDS[tag] for tag in tags if tag in _KEYWORDS), None)


def _private(tag: int, around: DataSet) -> tuple[str, str] | None:
    """Name and VR of a private element; the usual creator is meant where nobody has reserved the first block."""
    usual = _CREATORS.get(tag & 0xFFFF00FF)
    if usual is None:
        return None
    creator = creator_of(around, tag)
    return PRIVATE.get((tag & 0xFFFF00FF, usual if not creator and tag & 0xFF00 == 0x1000 else creator))


def wanted_name(elements: DataSet, tag: int) -> str | None:
    """The name of a wanted element among the others of its data set."""
    if not tag & 0x10000:
        return _KEYWORDS.get(tag)
    found = _private(tag, elements)
    return None if found is None else found[0]
