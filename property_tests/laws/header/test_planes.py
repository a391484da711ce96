"""Laws of where frames lie, wherever an object keeps it (PS3.3 C.7.6.2, C.7.6.16, C.8.8.3.2)."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dicom_series_preview.core.geometry import Axis, Vec3
from dicom_series_preview.core.header.elements import Element
from dicom_series_preview.core.header.reading import Mended
from dicom_series_preview.core.remarks import Mend
from property_tests.headers import BASE, DOSE, items, read
from property_tests.strategies import (
    AXIAL,
    View,
    decimals,
    element,
    finite,
    not_numbers,
    spellings,
    views,
    with_elements,
)

vectors = st.tuples(finite(), finite(), finite())


@given(data=st.data(), position=vectors, view=views())
def test_position_and_orientation_however_spelled(data: st.DataObject, position: Vec3, view: View) -> None:
    """Three and six decimal strings in any spelling are the position in mm and the direction cosines.

    See PS3.3 C.7.6.2.1.1.
    """
    place = [data.draw(spellings(value)) for value in position]
    plane = [data.draw(spellings(value)) for value in view.cosines]
    found = read(
        {
            **BASE,
            "ImagePositionPatient": element("DS", *place),
            "ImageOrientationPatient": element("DS", *plane),
        }
    )
    (frame,) = found.frames
    assert (frame.position, frame.cosines) == (position, view.cosines)
    assert found.unusable == ()


@given(count=st.integers(1, 16).filter(lambda n: n != 3), fill=finite())
@example(count=2, fill=1.0)
@example(count=16, fill=1.0)
def test_positions_of_another_length_are_missing_and_named(count: int, fill: float) -> None:
    """A position of 2 or of 16 numbers is none (PS3.3 C.7.6.2.1.1)."""
    found = read({**BASE, "ImagePositionPatient": decimals(*[fill] * count)})
    assert found.frames[0].position is None
    assert found.unusable == ("ImagePositionPatient",)


@given(junk=not_numbers(), where=st.integers(0, 2))
def test_a_position_with_one_bad_number_is_missing_and_named(junk: str, where: int) -> None:
    """NaN in a position makes the whole position missing, never zero."""
    texts = ["1.0", "2.0", "3.0"]
    texts[where] = junk
    found = read({**BASE, "ImagePositionPatient": element("DS", *texts)})
    assert found.frames[0].position is None
    assert found.unusable == ("ImagePositionPatient",)


@given(far=st.floats(1.001e6, 1e300), sign=st.sampled_from((-1, 1)), where=st.integers(0, 2))
@example(far=1e300, sign=1, where=0)
def test_places_beyond_all_sense_are_missing_and_named(far: float, sign: int, where: int) -> None:
    """A coordinate of more than a kilometre is no place in a patient: it would drown all differences."""
    position = [0.0, 0.0, 0.0]
    position[where] = sign * far
    found = read({**BASE, "ImagePositionPatient": decimals(*position), "SliceLocation": decimals(sign * far)})
    assert found.frames[0].position is None
    assert found.frames[0].slice_location is None
    assert found.unusable == ("ImagePositionPatient", "SliceLocation")


BAD_ORIENTATIONS: list[Element] = [
    decimals(0, 0, 0, 0, 0, 0),
    decimals(1, 0, 0, 1, 0, 0),
    decimals(1, 0, 0, 0, 0, 0),
    decimals(1, 0, 0, 0, 1),
    decimals(1, 0, 0, 0, 1, 0, 0),
    element("DS", "1", "0", "0", "0", "NaN", "0"),
    decimals(1e200, 0, 0, 0, 1e200, 0),
]


@pytest.mark.parametrize("bad", BAD_ORIENTATIONS)
def test_orientations_that_span_no_plane_are_missing_and_named(bad: Element) -> None:
    """Zeros, parallel directions, five numbers: no orientation (PS3.3 C.7.6.2.1.1)."""
    found = read({**BASE, "ImageOrientationPatient": bad})
    assert found.frames[0].cosines is None
    assert found.unusable == ("ImageOrientationPatient",)


@given(places=st.lists(vectors, min_size=1, max_size=5), plane=views(), other=views())
@pytest.mark.parametrize("where", ["per frame", "shared", "root"])
def test_each_frame_has_its_plane_from_the_functional_groups(
    where: str, places: list[Vec3], plane: View, other: View
) -> None:
    """Plane position and orientation: per frame, else shared, else the root (PS3.3 C.7.6.16.2.3, .4)."""
    orientation = {"ImageOrientationPatient": decimals(*plane.cosines)}
    root = {"ImageOrientationPatient": decimals(*other.cosines), "ImagePositionPatient": decimals(9, 9, 9)}
    frames: list[dict[str, Element]] = [
        {"PlanePositionSequence": items({"ImagePositionPatient": decimals(*place)})} for place in places
    ]
    shared: dict[str, Element] = {}
    if where == "per frame":
        frames = [{**frame, "PlaneOrientationSequence": items(orientation)} for frame in frames]
        shared = {"PlaneOrientationSequence": items({"ImageOrientationPatient": decimals(*other.cosines)})}
    elif where == "shared":
        shared = {"PlaneOrientationSequence": items(orientation)}
    else:
        root |= orientation
    groups = {
        "PerFrameFunctionalGroupsSequence": items(*frames),
        "SharedFunctionalGroupsSequence": items(shared),
    }
    found = read({**BASE, **root, **groups}, len(places))
    assert [frame.position for frame in found.frames] == places
    assert {frame.cosines for frame in found.frames} == {plane.cosines}


@given(count=st.integers(2, 6), places=st.lists(vectors, max_size=8), common=vectors)
def test_every_frame_is_there_once_however_many_are_described(
    count: int, places: list[Vec3], common: Vec3
) -> None:
    """NumberOfFrames says how many frames there are: those that no per-frame item describes use the root.

    See PS3.3 C.7.6.6.
    """
    groups = [
        {"PlanePositionSequence": items({"ImagePositionPatient": decimals(*place)})} for place in places
    ]
    source = {
        **BASE,
        "ImagePositionPatient": decimals(*common),
        "PerFrameFunctionalGroupsSequence": items(*groups),
    }
    found = read(source, count).frames
    assert [frame.number for frame in found] == list(range(count))
    assert [frame.position for frame in found] == (places + [common] * count)[:count]


@given(value=finite(), junk=not_numbers())
def test_slice_location_is_a_number_or_missing(value: float, junk: str) -> None:
    """SliceLocation is in mm; one that is no number is missing and named, whatever else there is.

    See PS3.3 C.7.6.2.1.2.
    """
    good, bad = (read({**BASE, "SliceLocation": each}) for each in (decimals(value), element("DS", junk)))
    assert (good.frames[0].slice_location, good.unusable) == (value, ())
    assert (bad.frames[0].slice_location, bad.unusable) == (None, ("SliceLocation",))
    placed = {**BASE, "SliceLocation": element("DS", junk), "ImagePositionPatient": decimals(0, 0, 0)}
    assert read(placed).unusable == ("SliceLocation",)


@given(
    view=views(),
    place=st.tuples(*[st.floats(-500, 500)] * 3),
    steps=st.lists(st.floats(-300, 300), min_size=0, max_size=5),
)
def test_dose_frames_lie_along_the_normal(view: View, place: Vec3, steps: list[float]) -> None:
    """Offsets that begin with 0 are distances from the position along the normal (PS3.3 C.8.8.3.2)."""
    offsets = [0.0, *steps]
    source = {
        **DOSE,
        "ImagePositionPatient": decimals(*place),
        "ImageOrientationPatient": decimals(*view.cosines),
        "GridFrameOffsetVector": decimals(*offsets),
    }
    r, c = view.row, view.column
    normal = (r[1] * c[2] - r[2] * c[1], r[2] * c[0] - r[0] * c[2], r[0] * c[1] - r[1] * c[0])
    for frame, offset in zip(read(source, len(offsets)).frames, offsets, strict=True):
        assert frame.position == pytest.approx(
            [p + offset * n for p, n in zip(place, normal, strict=True)], abs=1e-9
        )


@given(place=vectors, heights=st.lists(st.floats(1, 1000), min_size=1, max_size=5))
def test_dose_frames_of_a_transverse_grid_have_their_z(place: Vec3, heights: list[float]) -> None:
    """Offsets that do not begin with 0 are the z of each frame (PS3.3 C.8.8.3.2)."""
    source = {
        **DOSE,
        "ImagePositionPatient": decimals(*place),
        "ImageOrientationPatient": decimals(*AXIAL),
        "GridFrameOffsetVector": decimals(*heights),
    }
    found = read(source, len(heights))
    assert [frame.position for frame in found.frames] == [(place[0], place[1], z) for z in heights]


@given(place=vectors, count=st.integers(1, 4))
def test_dose_frames_without_offsets_stay_where_they_are(place: Vec3, count: int) -> None:
    """Without enough offsets, orientation or position, or in another kind of object, nothing is shifted.

    See PS3.3 C.8.8.3.2.
    """
    base = {"ImagePositionPatient": decimals(*place), "ImageOrientationPatient": decimals(*AXIAL)}
    offsets = {"GridFrameOffsetVector": decimals(*[0.0, 5.0, 10.0, 15.0][:count])}
    for source in (
        {**DOSE, **base},
        {**DOSE, **with_elements(base, ImageOrientationPatient=None), **offsets},
        {**BASE, **base, **offsets},
    ):
        assert {frame.position for frame in read(source, count).frames} == {place}
    short = read({**DOSE, **base, **offsets}, count + 1)
    assert short.frames[-1].position == place
    assert short.unusable == ("GridFrameOffsetVector",)
    unplaced = read({**DOSE, **with_elements(base, ImagePositionPatient=None), **offsets}, count)
    assert {frame.position for frame in unplaced.frames} == {None}


# --- Ultrasound volumes ------------------------------------------------------------------------------------


@given(places=st.lists(vectors, min_size=1, max_size=4), plane=views(), patient=st.booleans())
def test_frames_of_an_ultrasound_volume_lie_where_they_lie_in_it(
    places: list[Vec3], plane: View, patient: bool
) -> None:
    """Image Position and Orientation (Volume), unless the patient's are there too (PS3.3 C.8.24.3.3)."""
    groups = [
        {"PlanePositionVolumeSequence": items({"ImagePositionVolume": element("FD", *place)})}
        for place in places
    ]
    shared = {
        "PlaneOrientationVolumeSequence": items({"ImageOrientationVolume": element("FD", *plane.cosines)})
    }
    root = {"ImagePositionPatient": decimals(1, 2, 3), "ImageOrientationPatient": decimals(*AXIAL)}
    source = {
        **BASE,
        **(root if patient else {}),
        "PerFrameFunctionalGroupsSequence": items(*groups),
        "SharedFunctionalGroupsSequence": items(shared),
    }
    found = read(source, len(places)).frames
    assert [frame.position for frame in found] == ([(1, 2, 3)] * len(places) if patient else places)
    assert {frame.cosines for frame in found} == {AXIAL if patient else plane.cosines}


@given(indices=st.lists(st.lists(st.integers(1, 2**32 - 1), min_size=1, max_size=4), min_size=1, max_size=4))
def test_dimension_indices_are_those_of_the_frame(indices: list[list[int]]) -> None:
    """DimensionIndexValues (PS3.3 C.7.6.17) of each frame; frames that nothing describes have none."""
    groups = [
        {"FrameContentSequence": items({"DimensionIndexValues": element("UL", *each)})} for each in indices
    ]
    found = read({**BASE, "PerFrameFunctionalGroupsSequence": items(*groups)}, len(indices) + 1).frames
    assert [frame.dimension_indices for frame in found] == [*map(tuple, indices), None]


def _volume(place: Vec3, view: View, spacing: float) -> dict[str, Element]:
    return {
        **BASE,
        "ImagePositionPatient": decimals(*place),
        "ImageOrientationPatient": decimals(*view.cosines),
        "SpacingBetweenSlices": decimals(spacing),
    }


@given(
    view=views(),
    place=st.tuples(*[st.floats(-500, 500)] * 3),
    spacing=st.one_of(st.floats(0.1, 20), st.floats(-20, -0.1)),
    count=st.integers(2, 6),
)
def test_frames_of_a_volume_without_functional_groups_lie_by_their_spacing(
    view: View, place: Vec3, spacing: float, count: int
) -> None:
    """Along row x column from where the first one lies; as no object says so, that is told."""
    found = read(_volume(place, view, spacing), count)
    r, c = view.row, view.column
    normal = (r[1] * c[2] - r[2] * c[1], r[2] * c[0] - r[0] * c[2], r[0] * c[1] - r[1] * c[0])
    for number, frame in enumerate(found.frames):
        expected = [p + number * spacing * n for p, n in zip(place, normal, strict=True)]
        assert frame.position == pytest.approx(expected, abs=1e-9)
        assert frame.cosines == view.cosines
    assert found.mended == (Mended("SpacingBetweenSlices", Mend.PLACES),)
    assert found.unusable == ()


@pytest.mark.parametrize(
    "more",
    [
        {"FrameTime": decimals(40)},
        {"FrameTimeVector": decimals(0, 40, 40)},
        {"TimeSlotVector": element("US", 1, 2, 3)},
        {"PerFrameFunctionalGroupsSequence": items({}, {}, {})},
        {"SpacingBetweenSlices": decimals(0)},
        {"SpacingBetweenSlices": element("DS")},
        {"ImageOrientationPatient": element("DS")},
        {"SOPClassUID": DOSE["SOPClassUID"], "GridFrameOffsetVector": decimals(0, 0, 0)},
    ],
    ids=", ".join,
)
def test_frames_that_are_no_volume_stay_where_they_are(more: dict[str, Element]) -> None:
    """Those of a time, those that functional groups describe, those whose distance or normal is not known."""
    found = read({**_volume((1, 2, 3), View(Axis.Z, (0, 0, -1), (1, 0, 0), (0, 1, 0)), 4.0), **more}, 3)
    assert [frame.position for frame in found.frames] == [(1.0, 2.0, 3.0)] * 3
    assert found.mended == ()
    alone = read(_volume((1, 2, 3), View(Axis.Z, (0, 0, -1), (1, 0, 0), (0, 1, 0)), 4.0))
    assert (alone.frames[0].position, alone.mended) == ((1.0, 2.0, 3.0), ())
