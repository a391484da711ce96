"""Laws of nuclear medicine: where reconstructed slices lie, and what tells the frames of one apart.

The vectors are those of PS3.3 C.8.4.8, the geometry that of C.8.4.15.
"""

from __future__ import annotations

from itertools import product

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.geometry import Axis, Vec3
from dicom_series_preview.core.header.elements import Element
from dicom_series_preview.core.header.time_keys import TIME_KEYS
from property_tests.headers import BASE, items, read
from property_tests.strategies import AXIAL, View, decimals, element, views

INCREMENT = next(place for place, (name, _) in enumerate(TIME_KEYS) if name == "FrameIncrementPointer")
TAGS = {
    "EnergyWindowVector": "(0054,0010)",
    "DetectorVector": "(0054,0020)",
    "PhaseVector": "(0054,0030)",
    "RotationVector": "(0054,0050)",
    "RRIntervalVector": "(0054,0060)",
    "TimeSlotVector": "(0054,0070)",
    "SliceVector": "(0054,0080)",
    "AngularViewVector": "(0054,0090)",
    "TimeSliceVector": "(0054,0100)",
}
TIMES = sorted(set(TAGS) - {"SliceVector"})
AXIAL_VIEW = View(Axis.Z, (0.0, 0.0, -1.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
spacings = st.one_of(st.floats(0.1, 20), st.floats(-20, -0.1))
places = st.tuples(*[st.floats(-500, 500)] * 3)


def _reconstruction(place: Vec3, view: View, spacing: float) -> dict[str, Element]:
    detector = {
        "ImagePositionPatient": decimals(*place),
        "ImageOrientationPatient": decimals(*view.cosines),
    }
    return {
        **BASE,
        "ImageType": element("CS", "ORIGINAL", "PRIMARY", "RECON TOMO", "EMISSION"),
        "DetectorInformationSequence": items(detector, {"ImagePositionPatient": decimals(9, 9, 9)}),
        "SpacingBetweenSlices": decimals(spacing),
    }


_AXIAL = _reconstruction((0, 0, 0), AXIAL_VIEW, 4.0)


def _stacked(place: Vec3, view: View, distance: float) -> object:
    r, c = view.row, view.column
    normal = (r[1] * c[2] - r[2] * c[1], r[2] * c[0] - r[0] * c[2], r[0] * c[1] - r[1] * c[0])
    return pytest.approx([p + distance * n for p, n in zip(place, normal, strict=True)], abs=1e-9)


@given(
    place=places, view=views(), spacing=spacings, slices=st.lists(st.integers(1, 40), min_size=2, max_size=8)
)
def test_slices_lie_along_row_x_column_by_their_spacing(
    place: Vec3, view: View, spacing: float, slices: list[int]
) -> None:
    """Slice n is n - 1 spacings from the detector's position, backwards where the spacing is negative.

    SliceVector says which slice a frame belongs to; the detector's first item counts.
    """
    vector = {"SliceVector": element("US", *slices), "FrameIncrementPointer": element("AT", "(0054,0080)")}
    found = read({**_reconstruction(place, view, spacing), **vector}, len(slices))
    assert found.unusable == ()
    for frame, number in zip(found.frames, slices, strict=True):
        assert frame.position == _stacked(place, view, (number - 1) * spacing)
        assert frame.cosines == view.cosines
        assert frame.times[INCREMENT] is None


@given(place=places, view=views(), spacing=spacings, count=st.integers(1, 6))
def test_without_a_vector_frames_are_slices_in_order(
    place: Vec3, view: View, spacing: float, count: int
) -> None:
    """A reconstruction whose SliceVector is left out has one frame a slice."""
    found = read(_reconstruction(place, view, spacing), count).frames
    for number, frame in enumerate(found):
        assert frame.position == _stacked(place, view, number * spacing)


@given(place=places, view=views(), spacing=spacings)
def test_the_root_may_say_where_the_detector_does_not(place: Vec3, view: View, spacing: float) -> None:
    """An empty detector item leaves position and orientation to the root."""
    source = _reconstruction(place, view, spacing)
    root = {
        "DetectorInformationSequence": items({}),
        "ImagePositionPatient": decimals(*place),
        "ImageOrientationPatient": decimals(*view.cosines),
    }
    assert read({**source, **root}, 3).frames == read(source, 3).frames


GEOMETRY = ("SpacingBetweenSlices", "DetectorInformationSequence", "ImageType")


@pytest.mark.parametrize("missing", GEOMETRY)
def test_what_is_no_reconstruction_has_no_places(missing: str) -> None:
    """Without spacing, without a detector or of another kind, a frame has no place: projections lie nowhere."""
    source = _AXIAL
    without = {name: value for name, value in source.items() if name != missing}
    assert {frame.position for frame in read(without, 3).frames} == {None}
    tomo = {**source, "ImageType": element("CS", "ORIGINAL", "PRIMARY", "TOMO", "EMISSION")}
    assert {frame.position for frame in read(tomo, 3).frames} == {None}


@pytest.mark.parametrize("keyword", ["ImagePositionPatient", "ImageOrientationPatient"])
def test_half_a_plane_is_no_place(keyword: str) -> None:
    """A detector with a position but no orientation, or the reverse, and a root that has neither."""
    whole = {"ImagePositionPatient": decimals(1, 2, 3), "ImageOrientationPatient": decimals(*AXIAL)}
    half = {"DetectorInformationSequence": items({keyword: whole[keyword]})}
    assert {frame.position for frame in read({**_AXIAL, **half}, 3).frames} == {None}


def test_slices_without_distance_have_no_places() -> None:
    """A spacing of 0 is none, and named where it would have told places."""
    found = read({**_AXIAL, "SpacingBetweenSlices": decimals(0)}, 3)
    assert {frame.position for frame in found.frames} == {None}
    assert found.unusable == ("SpacingBetweenSlices",)
    assert read({**BASE, "SpacingBetweenSlices": decimals(0)}).unusable == ()


@pytest.mark.parametrize("keyword", sorted(TAGS))
def test_a_vector_of_another_length_is_named(keyword: str) -> None:
    """A vector has a number for each frame; any other is treated as missing."""
    for count in (2, 4):
        found = read({**_AXIAL, keyword: element("US", *[1] * count)}, 3)
        assert found.unusable == (keyword,)
        assert evolve(found, unusable=()) == read(_AXIAL, 3)


@st.composite
def _gated(draw: st.DrawFn) -> tuple[dict[str, Element], list[tuple[int, ...]]]:
    """Vectors in an order that the pointer tells, and the numbers of each frame in that order; scrambled."""
    names = draw(st.lists(st.sampled_from(TIMES), min_size=1, max_size=3, unique=True))
    ranges = [range(1, 1 + draw(st.integers(1, 3))) for _ in names]
    frames = draw(st.permutations([*product(*ranges)] * draw(st.integers(1, 2))))
    vectors = {
        name: element("US", *(numbers[place] for numbers in frames)) for place, name in enumerate(names)
    }
    pointer = element("AT", *(TAGS[name] for name in names))
    return {**vectors, "FrameIncrementPointer": pointer}, frames


@given(made=_gated())
def test_vectors_order_the_frames_of_a_slice(made: tuple[dict[str, Element], list[tuple[int, ...]]]) -> None:
    """Frames follow one another as their numbers do, the first vector of the pointer counting most."""
    vectors, frames = made
    found = read({**BASE, **vectors}, len(frames)).frames
    times = [frame.times[INCREMENT] or 0 for frame in found]
    assert sorted(range(len(frames)), key=lambda i: (times[i], i)) == sorted(
        range(len(frames)), key=lambda i: (frames[i], i)
    )
    assert len(set(times)) == len(set(frames))


@given(numbers=st.lists(st.integers(1, 9), min_size=2, max_size=8), name=st.sampled_from(TIMES))
def test_one_vector_is_as_far_apart_as_its_numbers(numbers: list[int], name: str) -> None:
    """Positions in time are fractions of the range of the one vector, named by the pointer or not."""
    found = read({**BASE, name: element("US", *numbers)}, len(numbers)).frames
    times = [frame.times[INCREMENT] for frame in found]
    assert [time - times[0] for time in times if time is not None and times[0] is not None] == [
        number - numbers[0] for number in numbers
    ]


@given(made=_gated(), spacing=spacings)
def test_gated_frames_of_a_slice_share_its_place(
    made: tuple[dict[str, Element], list[tuple[int, ...]]], spacing: float
) -> None:
    """With vectors of time and of slices each frame has its place and its time."""
    vectors, frames = made
    slices = [1 + place % 3 for place in range(len(frames))]
    source = {**_AXIAL, **vectors, "SpacingBetweenSlices": decimals(spacing)}
    found = read({**source, "SliceVector": element("US", *slices)}, len(frames)).frames
    assert [frame.position for frame in found] == [
        pytest.approx((0, 0, (number - 1) * spacing)) for number in slices
    ]
    varies = len(set(frames)) > 1
    unplaced = {frame.position for frame in read(source, len(frames)).frames}
    assert (unplaced == {None}) == varies  # frames that differ in time are not slices in order
