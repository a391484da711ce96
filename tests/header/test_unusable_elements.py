"""Each element that is read, with a value that is none: a warning names it, in previews and in `build-index`."""

from __future__ import annotations

from typing import Any

import pytest

from dicom_series_preview.core.header.wanted import ELEMENTS
from tests.header.shown import GREY, PLAIN, Bench, flat
from tests.support.dicom import make_object

TEXTS = {
    *("SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "Modality", "ImageType", "SeriesDescription"),
    *("PhotometricInterpretation", "ComplexImageComponent", "FrameType", "FrameIncrementPointer"),
}
"""What any text could be."""
NO_PICTURE = {"Rows", "Columns", "BitsAllocated"}
"""Without these there is nothing to show; they are named all the same."""
IN_FILE_META = {"SOPClassUID", "SOPInstanceUID"}
"""These pydicom repeats in the file meta information, and writes no file where it cannot."""

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:pydicom")


def _useless(name: str) -> tuple[str, bytes]:
    return ("US", b"\7\0") if name in TEXTS else ("LO", b"1O0")


def _warning(name: str) -> str:
    return f"warning: {name} cannot be used in 1 object: treated as missing."


@pytest.mark.parametrize("name", sorted(ELEMENTS - NO_PICTURE - IN_FILE_META))
def test_whatever_is_read_is_named(bench: Bench, name: str) -> None:
    """The list itself: what is added to it is tried here too."""
    pixels = flat(100).astype("u2")
    bench.put(make_object(pixels=pixels, raw={name: _useless(name)}, **GREY))
    shown = bench.show_everywhere("--position", "0")
    assert shown.warnings == [_warning(name)]


@pytest.mark.parametrize("name", sorted(NO_PICTURE))
def test_what_leaves_no_picture_is_named_too(bench: Bench, name: str) -> None:
    bench.put(make_object(raw={name: _useless(name)}))
    shown, index = bench.show("--position", "0"), bench.index()
    assert shown.warnings[-1:] == index.warnings == [_warning(name)]
    assert shown.status == 1
    assert name in shown.words.splitlines()[-1]


MR, NM, DOSE, XA, CR, PET = (
    f"1.2.840.10008.5.1.4.1.1.{number}" for number in ("4", "20", "481.2", "12.1", "1", "128")
)


@pytest.mark.parametrize(
    ("sop_class", "modality", "name", "vr", "value"),
    [
        (MR, "MR", "EchoTime", "DS", b"fast"),
        (MR, "MR", "TriggerTime", "DS", b"1.2.3"),
        (MR, "MR", "TemporalPositionIdentifier", "IS", b"1st"),
        (MR, "MR", "DiffusionBValue", "FD", b"\0\0\0\0\0\0\xf8\x7f"),
        (MR, "MR", "AcquisitionTime", "TM", b"256199"),
        (MR, "MR", "ContentDate", "DA", b"20231301"),
        (MR, "MR", "(0043,102f)", "LO", b"phase"),
        (PET, "PT", "FrameReferenceTime", "DS", b"0x10"),
        (PET, "PT", "RescaleSlope", "DS", b"1e999"),
        (NM, "NM", "SpacingBetweenSlices", "DS", b"4mm"),
        (NM, "NM", "SliceVector", "US", b"\1\0\2\0"),
        (DOSE, "RTDOSE", "DoseGridScaling", "DS", b"0"),
        (DOSE, "RTDOSE", "GridFrameOffsetVector", "DS", b"0\\1,5\\x"),
        (XA, "XA", "ImagerPixelSpacing", "DS", b"0.2"),
        (CR, "CR", "PixelSpacing", "DS", b"0\\0"),
        (CR, "CR", "PixelAspectRatio", "IS", b"01"),
        (CR, "CR", "NominalScannedPixelSpacing", "DS", b"1\\-1"),
        (CR, "CR", "PresentationLUTShape", "CS", b"UPSIDE DOWN"),
        (CR, "CR", "VOILUTFunction", "CS", b"CUBIC"),
        (CR, "CR", "WindowWidth", "DS", b"-5"),
        (CR, "CR", "SliceLocation", "DS", b"1E30"),
        (CR, "CR", "NumberOfFrames", "IS", b"one"),
        (CR, "CR", "InstanceNumber", "IS", b"1.5"),
        (CR, "CR", "BitsStored", "US", b"\0\0"),
        (CR, "CR", "HighBit", "US", b"\11\0"),
        (CR, "CR", "SamplesPerPixel", "US", b"\0\0"),
        (CR, "CR", "PixelRepresentation", "US", b"\2\0"),
        (CR, "CR", "PixelPaddingValue", "SS", b"\0\200"),
    ],
)
def test_values_that_cannot_be_meant_are_named(
    bench: Bench, sop_class: str, modality: str, name: str, vr: str, value: bytes
) -> None:
    elements: dict[str, Any] = {**PLAIN, "SOPClassUID": sop_class, "Modality": modality}
    bench.put(make_object(pixels=flat(100), raw={name: (vr, value)}, **elements))
    assert bench.show_everywhere("--position", "0").warnings == [_warning(name)]


GROUPED: list[tuple[str, dict[str, Any]]] = [
    ("ImagePositionPatient", {"PlanePositionSequence": [{"ImagePositionPatient": [1.0, 2.0]}]}),
    ("ImageOrientationPatient", {"PlaneOrientationSequence": [{"ImageOrientationPatient": [0.0] * 6}]}),
    ("PixelSpacing", {"PixelMeasuresSequence": [{"PixelSpacing": [0.0, 1.0]}]}),
    ("RescaleSlope", {"PixelValueTransformationSequence": [{"RescaleSlope": 0}]}),
    ("WindowWidth", {"FrameVOILUTSequence": [{"WindowCenter": 1, "WindowWidth": 0}]}),
    ("VOILUTFunction", {"FrameVOILUTSequence": [{"VOILUTFunction": "CUBIC"}]}),
    ("FrameAcquisitionDateTime", {"FrameContentSequence": [{"FrameAcquisitionDateTime": "2020"}]}),
    ("EffectiveEchoTime", {"MREchoSequence": [{"EffectiveEchoTime": float("nan")}]}),
    ("DiffusionBValue", {"MRDiffusionSequence": [{"DiffusionBValue": float("inf")}]}),
    ("ImagePositionVolume", {"PlanePositionVolumeSequence": [{"ImagePositionVolume": [1.0]}]}),
]


@pytest.mark.parametrize(("name", "groups"), GROUPED)
@pytest.mark.parametrize("shared", [True, False])
def test_what_functional_groups_hold_is_named(
    bench: Bench, name: str, groups: dict[str, Any], shared: bool
) -> None:
    """One warning for an object, however many of its frames are concerned."""
    per_frame: list[dict[str, Any]] = [{}, {}] if shared else [groups, groups]
    made = make_object(pixels=flat(100, 200), shared=groups if shared else {}, per_frame=per_frame, **PLAIN)
    bench.put(made)
    assert bench.show_everywhere("--position", "0").warnings == [_warning(name)]


def test_a_warning_counts_the_objects_of_a_series(bench: Bench) -> None:
    """One line for three of four objects."""
    broken: dict[str, Any] = {"raw": {"RescaleIntercept": ("DS", b"1O0")}}
    bench.put(
        *(
            make_object(instance_number=number, position=(0, 0, number), **(broken if number else {}))
            for number in range(4)
        )
    )
    shown = bench.show_everywhere("--tile-width", "2", "--tile-height", "1")
    assert shown.warnings == ["warning: RescaleIntercept cannot be used in 3 objects: treated as missing."]
