"""Laws of what a person is told about a series: the shape of its stacks, and what is odd about it.

Places, spacing and tilt are those of the Image Plane module (PS3.3 C.7.6.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, radians, sin
from statistics import median

import pytest
from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st

from dicom_series_preview.core.geometry import Axis, Vec3
from dicom_series_preview.core.header.instance import Instance
from dicom_series_preview.core.order.report import (
    StackSummary,
    odd_objects,
    odd_order,
    show_summary,
    summarize,
)
from dicom_series_preview.core.order.series import Slice, Stack
from dicom_series_preview.core.order.stacks import order
from dicom_series_preview.core.remarks import (
    ByLocation,
    RepeatedUid,
    UnusableElement,
    WithoutOrientation,
    WithoutPixels,
    WithoutPosition,
)
from property_tests.strategies import (
    AXIAL,
    NO_TIMES,
    Built,
    Timed,
    View,
    add,
    make_frame,
    make_instance,
    stacks,
    timed_stacks,
    views,
)


def _stack(instances: Sequence[Instance]) -> Stack[Slice]:
    (stack,) = order(instances).stacks
    return stack


def _axial(depths: Sequence[float], lean: float = 0.0) -> list[Instance]:
    """Slices at depths below the head, each moved back by `lean` of its depth."""
    return [
        make_instance(f"{i}", make_frame((0.0, lean * depth, -depth), AXIAL), uid=f"1.{i}")
        for i, depth in enumerate(depths)
    ]


@given(built=stacks(1, 6))
def test_a_stack_is_summed_up_as_built(built: Built) -> None:
    """Axis, number of slices and of places; a stack of places alone repeats nothing and has no time key."""
    found = summarize(_stack(built.instances))
    count = len(built.instances)
    assert (found.axis, found.count, found.places) == (built.view.axis, count, count)
    assert (found.repeated, found.time_key) == (0, None)


@given(spaces=st.lists(st.integers(1, 400).map(lambda n: n / 8), min_size=1, max_size=8))
def test_the_spacing_is_the_usual_distance_of_neighbours(spaces: list[float]) -> None:
    """Spacing is the median distance along the normal in mm; steps half as wide again are gaps."""
    depths = [0.0]
    for space in spaces:
        depths.append(depths[-1] + space)
    found = summarize(_stack(_axial(depths)))
    assert found.spacing == pytest.approx(median(spaces))
    assert found.gaps == len([space for space in spaces if space > 1.5 * median(spaces) + 1e-9])


def test_a_missing_slice_is_a_gap() -> None:
    """In an even stack one missing slice leaves one gap; steps of just 1.5 times the spacing are none."""
    assert summarize(_stack(_axial([0, 1, 2, 4, 5, 6]))).gaps == 1
    assert summarize(_stack(_axial([0, 1, 2, 3.5, 4.5, 5.5]))).gaps == 0


@given(tilt=st.floats(0.1, 30.0), count=st.integers(2, 5))
def test_the_tilt_is_the_angle_of_the_gantry(tilt: float, count: int) -> None:
    """The angle between the slice normal and the line along which the stack runs, in degrees.

    See PS3.3 C.7.6.2.1.1.
    """
    lean = sin(radians(tilt)) / cos(radians(tilt))
    depths = [100.0 + 4.0 * i for i in range(count)]
    assert summarize(_stack(_axial(depths, lean))).tilt == pytest.approx(tilt, abs=1e-4)
    assert summarize(_stack(_axial(depths))).tilt == pytest.approx(0, abs=1e-4)


@given(view=views(), origin=st.tuples(*[st.floats(-500, 500)] * 3), count=st.integers(2, 4))
def test_a_straight_stack_has_no_tilt(view: View, origin: Vec3, count: int) -> None:
    """Slices exactly behind one another are not tilted, however oblique they are and wherever they lie."""
    places = [add(origin, view.along, 4.0 * i) for i in range(count)]
    instances = [make_instance(f"{i}", make_frame(place, view.cosines)) for i, place in enumerate(places)]
    assert summarize(_stack(instances)).tilt == pytest.approx(0, abs=1e-4)


def test_the_tilt_is_that_from_the_first_slice_to_the_last() -> None:
    """A slice that is shifted in the middle is no tilt, and slices side by side have none."""
    places = [(0.0, 0.0, 0.0), (0.0, 7.0, -4.0), (0.0, 0.0, -8.0)]
    instances = [make_instance(f"{i}", make_frame(place, AXIAL)) for i, place in enumerate(places)]
    assert summarize(_stack(instances)).tilt == pytest.approx(0, abs=1e-4)
    one = make_instance("one", make_frame((0.0, 0.0, 0.0), AXIAL))
    near = _stack([one, make_instance("near", make_frame((0.009, 0.0, 0.0), AXIAL))])
    assert summarize(near).tilt is None


@given(lean=st.floats(0.021, 0.6), gap=st.floats(10.0, 90.0))
def test_several_orientations_have_no_tilt(lean: float, gap: float) -> None:
    """Groups that follow one another are spaced like any slices, with a gap between, and lean each its way."""
    other = (*AXIAL[:5], lean)
    places = [(0.0, AXIAL), (-4.0, AXIAL), (-4.0 - gap, other), (-8.0 - gap, other)]
    found = summarize(
        _stack([make_instance(f"{z}", make_frame((0.0, 0.0, z), cosines)) for z, cosines in places])
    )
    assert (found.count, found.gaps, found.tilt) == (4, 1, None)
    assert found.spacing == pytest.approx(4.0)


def test_without_orientation_or_extent_there_is_no_tilt() -> None:
    """One slice, slices without orientation or without position have no tilt."""
    assert summarize(_stack(_axial([5.0]))).tilt is None
    bare = [make_instance(f"{i}", make_frame((0.0, 0.0, -4.0 * i))) for i in range(3)]
    assert summarize(_stack(bare)).tilt is None
    located = [make_instance(f"{i}", make_frame(cosines=AXIAL, slice_location=-4.0 * i)) for i in range(3)]
    found = summarize(_stack(located))
    assert (found.tilt, found.spacing, found.axis) == (None, 4.0, Axis.Z)


@given(timed=timed_stacks(least_places=2))
def test_slices_that_share_a_place_are_counted(timed: Timed) -> None:
    """A 4D stack has as many places as were built; all other slices repeat one of them."""
    found = summarize(_stack(timed.instances))
    assert found.places == len(timed.places)
    assert found.repeated == len(timed.instances) - len(timed.places)
    assert found.time_key == _stack(timed.instances).time_key


@given(count=st.integers(1, 6), timed=st.booleans())
def test_slices_at_one_place_repeat_it(count: int, timed: bool) -> None:
    """All slices at one place: one place, no spacing, the others repeated, with or without times."""
    times = [(None, float(i) if timed else 0.0, *NO_TIMES[2:]) for i in range(count)]
    instances = [
        make_instance(f"{i}", make_frame((0.0, 0.0, 0.0), AXIAL, moment)) for i, moment in enumerate(times)
    ]
    found = summarize(_stack(instances))
    assert (found.places, found.spacing, found.gaps, found.repeated) == (1, None, 0, count - 1)
    assert found.tilt is None


@given(count=st.integers(1, 6))
def test_slices_without_geometry_repeat_no_place(count: int) -> None:
    """Pages ordered by number alone are not at any place."""
    found = summarize(_stack([make_instance(f"{i}", make_frame(), number=i) for i in range(count)]))
    assert (found.axis, found.count, found.places, found.repeated) == (Axis.INSTANCE, count, count, 0)


def _summary(
    count: int = 5,
    spacing: float | None = 4.0,
    gaps: int = 0,
    repeated: int = 0,
    tilt: float | None = None,
    key: str | None = None,
    axis: Axis = Axis.Z,
) -> StackSummary:
    return StackSummary(axis, count, count - repeated, spacing, gaps, repeated, tilt, key)


@pytest.mark.parametrize(
    ("summary", "line"),
    [
        (_summary(), "5 slices, axis Z (superior to inferior), 5 positions 4 mm apart"),
        (_summary(axis=Axis.X), "5 slices, axis X (right to left), 5 positions 4 mm apart"),
        (_summary(axis=Axis.Y), "5 slices, axis Y (anterior to posterior), 5 positions 4 mm apart"),
        (_summary(1, None), "1 slice, axis Z (superior to inferior)"),
        (_summary(axis=Axis.INSTANCE, spacing=None), "5 slices, axis I (by InstanceNumber)"),
        (_summary(gaps=1), "5 slices, axis Z (superior to inferior), 5 positions 4 mm apart, 1 gap"),
        (
            _summary(9, 2.5, 2, 3, 12.34, "TriggerTime"),
            "9 slices, axis Z (superior to inferior), 6 positions 2.5 mm apart, 2 gaps, "
            "3 at a position seen before, ordered by TriggerTime there, tilted by 12.3 degrees",
        ),
        (_summary(tilt=0.04), "5 slices, axis Z (superior to inferior), 5 positions 4 mm apart"),
        (
            _summary(tilt=0.06),
            "5 slices, axis Z (superior to inferior), 5 positions 4 mm apart, tilted by 0.1 degrees",
        ),
    ],
)
def test_a_stack_is_told_in_one_line(summary: StackSummary, line: str) -> None:
    """Count, axis and direction, then only what is there to tell."""
    assert show_summary(summary) == line


@given(tilt=st.floats(0, 0.2))
@example(tilt=0.05)
def test_a_tilt_is_told_from_a_tenth_of_a_degree_on(tilt: float) -> None:
    """A tilt that rounds to 0.1 degrees is told; one that rounds to none is left out."""
    assert ("tilted" in show_summary(_summary(tilt=tilt))) == (tilt >= 0.05)
    assert "tilted by 0.0" not in show_summary(_summary(tilt=tilt))


KEYWORDS = ("ImagePositionPatient", "InstanceNumber", "WindowWidth")


@given(bad=st.lists(st.lists(st.sampled_from(KEYWORDS), unique=True), max_size=6))
def test_unusable_elements_are_warned_of_once_a_series(bad: list[list[str]]) -> None:
    """One warning for each element, with the number of objects, in order of its name."""
    instances = [
        evolve(make_instance(f"{i}", uid=f"1.{i}"), unusable=tuple(keywords))
        for i, keywords in enumerate(bad)
    ]
    counts = {keyword: sum(keyword in keywords for keywords in bad) for keyword in KEYWORDS}
    expected = [UnusableElement(keyword, count) for keyword, count in counts.items() if count]
    assert list(odd_objects(instances)) == expected


@given(uids=st.lists(st.sampled_from(("", "1.1", "1.2", "1.3")), max_size=8))
def test_repeated_uids_are_warned_of(uids: list[str]) -> None:
    """Objects that repeat the SOPInstanceUID of another are counted; a missing UID repeats nothing.

    See PS3.3 C.12.1.
    """
    known = [uid for uid in uids if uid]
    repeated = len(known) - len(set(known))
    found = odd_objects([make_instance(f"{i}", uid=uid) for i, uid in enumerate(uids)])
    assert list(found) == ([RepeatedUid(repeated)] if repeated else [])


@given(kinds=st.lists(st.sampled_from(("SR", "RTSTRUCT", "")), max_size=5), images=st.integers(0, 3))
def test_objects_without_pixels_are_warned_of_once(kinds: list[str], images: int) -> None:
    """One warning for all objects without pixels, naming their modalities, each once."""
    bare = [evolve(make_instance(f"b{i}", modality=kind), pixels=None) for i, kind in enumerate(kinds)]
    shown = [make_instance(f"i{i}", modality="CT") for i in range(images)]
    names = tuple(sorted({kind or "unknown" for kind in kinds}))
    assert list(odd_objects([*shown, *bare])) == ([WithoutPixels(len(bare), names)] if bare else [])


@given(built=stacks(1, 4), bare=st.integers(0, 4))
def test_slices_put_at_the_end_are_warned_of(built: Built, bare: int) -> None:
    """Slices without a position in a series where others have one are counted."""
    pages = [make_instance(f"p{i}", make_frame(), number=i) for i in range(bare)]
    expected = (WithoutPosition(bare),) if bare else ()
    assert odd_order(order([*pages, *built.instances])) == expected
    scout = make_instance("scout", make_frame((0.0, 0.0, 0.0)))
    assert odd_order(order([*pages, *built.instances, scout])) == expected


@given(built=stacks(2, 6), data=st.data())
def test_slices_without_orientation_beside_others_are_warned_of(built: Built, data: st.DataObject) -> None:
    """They are counted; where all lack it nothing is odd, and what has no position either is told by another."""
    bare = data.draw(st.sets(st.integers(0, len(built.instances) - 1)))
    objects = [
        evolve(one, frames=(evolve(one.frames[0], cosines=None),)) if number in bare else one
        for number, one in enumerate(built.instances)
    ]
    page = make_instance("page", make_frame())
    some = 0 < len(bare) < len(objects)
    expected = [WithoutOrientation(len(bare))] if some else []
    assert [one for one in odd_objects([*objects, page]) if isinstance(one, WithoutOrientation)] == expected


@given(
    locations=st.lists(st.one_of(st.none(), st.integers(-3, 3).map(float)), min_size=1, max_size=6),
    placed=st.booleans(),
)
def test_that_slice_location_decides_is_told(locations: list[float | None], placed: bool) -> None:
    """It says how far, not whether to the head; beside a position, or if all are the same, it decides nothing."""
    objects = [
        make_instance(f"{i}", evolve(make_frame(), slice_location=location))
        for i, location in enumerate(locations)
    ]
    scout = [make_instance("scout", make_frame((0.0, 0.0, 0.0)))] * placed
    known = [location for location in locations if location is not None]
    expected = (
        [ByLocation(len(known))] if not placed and min(known, default=0) < max(known, default=0) else []
    )
    assert [one for one in odd_objects([*objects, *scout]) if isinstance(one, ByLocation)] == expected


@given(count=st.integers(1, 4))
def test_a_series_without_any_position_is_not_odd(count: int) -> None:
    """Where no slice has a position, none was put at the end."""
    assert odd_order(order([make_instance(f"{i}", make_frame(), number=i) for i in range(count)])) == ()
    several = [
        make_instance("a", make_frame((0.0, 0.0, 0.0), AXIAL)),
        make_instance("b", make_frame((0.0, 0.0, 0.0))),
    ]
    assert odd_order(order(several)) == ()


@pytest.mark.parametrize(
    ("warning", "sentence"),
    [
        (
            UnusableElement("SliceLocation", 1),
            "SliceLocation cannot be used in 1 object: treated as missing.",
        ),
        (
            UnusableElement("SliceLocation", 7),
            "SliceLocation cannot be used in 7 objects: treated as missing.",
        ),
        (WithoutPosition(1), "1 slice has no position: placed at the end."),
        (WithoutPosition(3), "3 slices have no position: placed at the end."),
        (
            WithoutOrientation(1),
            "1 slice has no orientation, others have one: placed by position alone.",
        ),
        (
            WithoutOrientation(2),
            "2 slices have no orientation, others have one: placed by position alone.",
        ),
        (
            ByLocation(1),
            "1 slice is ordered by SliceLocation, as if it rose to the head: no slice has a position.",
        ),
        (
            ByLocation(5),
            "5 slices are ordered by SliceLocation, as if it rose to the head: no slice has a position.",
        ),
        (RepeatedUid(1), "1 object repeats the SOPInstanceUID of another one: all are shown."),
        (RepeatedUid(2), "2 objects repeat the SOPInstanceUID of another one: all are shown."),
        (WithoutPixels(1, ("SR",)), "1 object without pixel data skipped (SR)."),
        (WithoutPixels(4, ("RTSTRUCT", "SR")), "4 objects without pixel data skipped (RTSTRUCT, SR)."),
    ],
)
def test_a_warning_is_one_sentence(
    warning: UnusableElement
    | WithoutPosition
    | WithoutOrientation
    | ByLocation
    | RepeatedUid
    | WithoutPixels,
    sentence: str,
) -> None:
    """Each warning says what, in how many, and what was done about it."""
    assert str(warning) == sentence
