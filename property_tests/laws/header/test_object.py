"""Laws of what a header says of its object as a whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.faults.objects import BadPixelModule
from dicom_series_preview.core.geometry import Vec3
from dicom_series_preview.core.header.elements import Elements
from dicom_series_preview.core.header.instance import (
    PARAMETRIC_MAP,
    RT_DOSE,
    SEGMENTATIONS,
    SLIDE_MICROSCOPY,
    Instance,
)
from dicom_series_preview.core.header.read_instance import read_instance
from dicom_series_preview.core.header.time_keys import TIME_KEYS
from property_tests.headers import BASE, DOSE, items, read
from property_tests.strategies import (
    AXIAL,
    EXPLICIT_LITTLE,
    decimals,
    element,
    finite,
    not_numbers,
    with_elements,
)

vectors = st.tuples(finite(), finite(), finite())


@given(
    texts=st.lists(st.text("ABC.123", min_size=1, max_size=8), min_size=4, max_size=4),
    number=st.integers(-(2**31), 2**31 - 1),
    kinds=st.lists(st.sampled_from(("ORIGINAL", "PRIMARY", "THUMBNAIL", "LABEL")), max_size=4),
    name=st.text(max_size=8),
    size=st.one_of(st.none(), st.integers(0, 10**6)),
)
def test_what_identifies_an_object_is_taken_over(
    texts: list[str], number: int, kinds: list[str], name: str, size: int | None
) -> None:
    """Class, UIDs, modality, type and InstanceNumber of the root, the name and size as given."""
    source = {
        "SOPClassUID": element("UI", texts[0]),
        "SOPInstanceUID": element("UI", texts[1]),
        "SeriesInstanceUID": element("UI", texts[2]),
        "Modality": element("CS", texts[3]),
        "InstanceNumber": element("IS", str(number)),
        "InConcatenationNumber": element("US", 7),
        "ImageType": element("CS", *kinds),
    }
    found = read_instance(name, size, source, EXPLICIT_LITTLE, None)
    said = (found.sop_class, found.sop_instance_uid, found.series_instance_uid, found.modality)
    assert said == tuple(texts)
    assert (found.name, found.size) == (name, size)
    assert (found.image_type, found.instance_number) == (tuple(kinds), number)
    assert found.in_concatenation == 7
    assert found.unusable == ()


def test_an_object_may_say_nothing_of_itself() -> None:
    """An empty header is an object with nothing known."""
    found = read_instance("a", None, {}, EXPLICIT_LITTLE, None)
    assert found == Instance("a", None, "", "", "", "", (), None, None, (), ())


@given(source=st.sampled_from((BASE, {**BASE, "ImagePositionPatient": decimals(0, 0, 0)})))
def test_an_object_without_pixel_data_has_no_frames(source: Elements) -> None:
    """Whatever else a header says, without a pixel data element there is nothing to show."""
    found = read_instance("a", 5000, source, EXPLICIT_LITTLE, None)
    assert found.pixels is None
    assert found.frames == ()


@given(missing=st.sampled_from(("Rows", "Columns", "BitsAllocated")), position=vectors)
def test_an_unreadable_image_still_has_its_place(missing: str, position: Vec3) -> None:
    """An object whose pixels cannot be described keeps one frame, so that its tile has a place in the order."""
    source = with_elements(
        BASE,
        **{
            missing: None,
            "ImagePositionPatient": decimals(*position),
            "ImageOrientationPatient": decimals(*AXIAL),
        },
    )
    found = read(source)
    assert isinstance(found.pixels, BadPixelModule)
    assert found.pixels.attribute == missing
    assert [(frame.position, frame.cosines) for frame in found.frames] == [(position, AXIAL)]
    assert [frame.number for frame in found.frames] == [0]


def test_an_unreadable_multi_frame_image_has_the_place_of_its_first_frame() -> None:
    """Where the number of frames cannot be told, the first frame's plane is the object's."""
    groups = [{"PlanePositionSequence": items({"ImagePositionPatient": decimals(0, 0, z)})} for z in (5, 9)]
    source = with_elements(BASE, Rows=None, PerFrameFunctionalGroupsSequence=items(*groups))
    (frame,) = read(source, 2).frames
    assert (frame.number, frame.position) == (0, (0.0, 0.0, 5.0))
    dose = {
        **with_elements(DOSE, Rows=None),
        "ImagePositionPatient": decimals(1, 2, 3),
        "ImageOrientationPatient": decimals(*AXIAL),
        "GridFrameOffsetVector": decimals(40, 50),
    }
    assert read(dose, 2).frames[0].position == (1.0, 2.0, 40.0)


@given(junk=not_numbers())
@pytest.mark.parametrize("keyword", ["InstanceNumber", "NumberOfFrames"])
def test_unreadable_numbers_are_missing_and_named(keyword: str, junk: str) -> None:
    """An InstanceNumber or NumberOfFrames that is no number is missing, not zero, and is named."""
    found = read({**BASE, keyword: element("IS", junk)})
    assert found.instance_number is None
    assert len(found.frames) == 1
    assert found.unusable == (keyword,)


@pytest.mark.parametrize(
    "keyword", ["InstanceNumber", "NumberOfFrames", "ImagePositionPatient", "ImageOrientationPatient"]
)
def test_empty_elements_are_missing_without_a_word(keyword: str) -> None:
    """An empty element is a missing one: nothing to warn of."""
    assert read({**BASE, keyword: element("DS")}) == read(BASE)
    assert read(BASE).unusable == ()


@given(count=st.integers(1, 12))
def test_an_object_has_as_many_slices_as_frames(count: int) -> None:
    """A multi-frame object is as many slices as it has frames, numbered from 0 (PS3.3 C.7.6.6)."""
    found = read(BASE, count)
    assert [frame.number for frame in found.frames] == list(range(count))


NUMBERED = ("TemporalPositionIdentifier", "TriggerTime", "DiffusionBValue", "EchoTime", "FrameReferenceTime")
CLOCKED = ("AcquisitionTime", "ContentTime", "InstanceCreationTime")


@given(
    numbers=st.fixed_dictionaries(dict.fromkeys(NUMBERED, st.one_of(st.none(), finite()))),
    hours=st.fixed_dictionaries(dict.fromkeys(CLOCKED, st.one_of(st.none(), st.integers(0, 23)))),
)
def test_a_frame_has_its_times(numbers: dict[str, float | None], hours: dict[str, int | None]) -> None:
    """The times of a frame stand in the order of the time keys, clocks in microseconds."""
    source = {name: decimals(value) for name, value in numbers.items() if value is not None}
    source |= {name: element("TM", f"{hour:02}") for name, hour in hours.items() if hour is not None}
    (frame,) = read({**BASE, **source}).frames
    clocks = {name: None if hour is None else hour * 3600 * 10**6 for name, hour in hours.items()}
    expected = {**numbers, **clocks, "FrameIncrementPointer": None}
    assert dict(zip((name for name, _ in TIME_KEYS), frame.times, strict=True)) == expected


def test_the_classes_that_are_treated_apart() -> None:
    """The UIDs of PS3.4 B.5 by which segmentations, maps, doses and slides are known."""
    storage = "1.2.840.10008.5.1.4.1.1."
    assert {storage + "66.4", storage + "66.7"} == SEGMENTATIONS
    assert storage + "30" == PARAMETRIC_MAP
    assert storage + "481.2" == RT_DOSE
    assert storage + "77.1.6" == SLIDE_MICROSCOPY
