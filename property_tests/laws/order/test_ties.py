"""Laws of slices at one place: time, then InstanceNumber, SOPInstanceUID, name and frame."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.geometry import Axis, Vec3
from dicom_series_preview.core.header.instance import Instance
from dicom_series_preview.core.header.time_keys import TIME_KEYS, TimeValues
from dicom_series_preview.core.order.series import Measure
from dicom_series_preview.core.order.stacks import order
from property_tests.slices import names_in, names_of, only, place_of, with_frame
from property_tests.strategies import (
    AXIAL,
    NO_TIMES,
    Built,
    Timed,
    finite,
    make_frame,
    make_instance,
    stacks,
    timed_stacks,
)

KEYS = [name for name, _ in TIME_KEYS]


@given(timed=timed_stacks(least_places=2), data=st.data())
def test_times_are_recovered_at_every_place(timed: Timed, data: st.DataObject) -> None:
    """Place first, then the time key; a short last volume does not disturb the others."""
    stack = only(order(data.draw(st.permutations(timed.instances))))
    assert [slice_.instance.name for slice_ in stack.slices] == names_in(timed.instances)
    assert stack.time_key == KEYS[timed.key]
    assert stack.measure is Measure.PLACE


@given(timed=timed_stacks(least_places=2))
def test_slices_at_one_place_share_a_coordinate(timed: Timed) -> None:
    """All times of one place have the same coordinate, and other places have others."""
    stack = only(order(timed.instances))
    expected = [index for index, place in enumerate(timed.places) for _ in place]
    found = sorted(set(stack.coordinates))
    assert [found.index(value) for value in stack.coordinates] == expected


@given(timed=timed_stacks(), at=st.integers(0, 50))
def test_instances_that_lack_the_time_come_last_at_their_place(timed: Timed, at: int) -> None:
    """Among slices at one place, those without the deciding value follow those with it."""
    place = timed.places[at % len(timed.places)]
    late = make_instance("0", make_frame(place_of(place[0]), timed.view.cosines), uid="0", number=-(10**9))
    series = order([late, *timed.instances])
    expected: list[str] = []
    for group in timed.places:
        expected += names_in(group) + (["0"] if group is place else [])
    assert names_of(series) == expected


@given(built=stacks(), times=st.lists(finite(), min_size=6, max_size=6, unique=True))
def test_what_differs_only_between_places_is_no_time_key(built: Built, times: list[float]) -> None:
    """A value that differs from place to place but never at one place orders nothing, whichever it is."""
    for key in range(len(KEYS)):
        instances = [
            with_frame(
                instance, evolve(instance.frames[0], times=(*NO_TIMES[:key], time, *NO_TIMES[key + 1 :]))
            )
            for instance, time in zip(built.instances, times, strict=False)
        ]
        stack = only(order(instances))
        assert stack.time_key is None
        assert [slice_.instance.name for slice_ in stack.slices] == names_in(built.instances)


def _at_one_place(times: Sequence[TimeValues], number: Sequence[int | None]) -> list[Instance]:
    return [
        make_instance(f"{i}", make_frame((0.0, 0.0, 0.0), AXIAL, values), uid="1", number=n)
        for i, (values, n) in enumerate(zip(times, number, strict=True))
    ]


def test_the_time_keys_are_tried_in_their_order() -> None:
    """What the scanner meant comes before when a clock was read, the file's making last."""
    assert KEYS == [
        "TemporalPositionIdentifier",
        "TriggerTime",
        "DiffusionBValue",
        "EchoTime",
        "FrameIncrementPointer",
        "FrameReferenceTime",
        "AcquisitionTime",
        "ContentTime",
        "InstanceCreationTime",
    ]


@given(zeros=st.sampled_from((0.0, 1.5)), times=st.lists(finite(), min_size=2, max_size=6, unique=True))
def test_a_constant_key_is_passed_over(zeros: float, times: list[float]) -> None:
    """TriggerTime all zero is no key: the first that differs is."""
    values = [(None, zeros, None, time, *NO_TIMES[4:]) for time in times]
    stack = only(order(_at_one_place(values, list(range(len(times))))))
    assert stack.time_key == "EchoTime"
    assert [slice_.frame.times[3] for slice_ in stack.slices] == sorted(times)


@given(time=finite(), data=st.data())
def test_one_known_time_beside_missing_ones_is_no_difference(time: float, data: st.DataObject) -> None:
    """A key needs two different values at one place; a value and its absence are not two values."""
    values = [(None, time, *NO_TIMES[2:]), NO_TIMES, NO_TIMES]
    arrived = data.draw(st.permutations(_at_one_place(values, [3, 2, 1])))
    stack = only(order(arrived))
    assert stack.time_key is None
    assert [slice_.instance.instance_number for slice_ in stack.slices] == [1, 2, 3]


@given(apart=st.one_of(st.just(0.01), st.floats(0.0, 0.0099)), numbers=st.permutations(range(4)))
def test_slices_within_a_hundredth_of_a_millimetre_are_at_one_place(apart: float, numbers: list[int]) -> None:
    """Within 0.01 mm along the normal it is the InstanceNumber that orders, not the distance."""
    instances = [
        make_instance(f"{n}", make_frame((0.0, 0.0, apart * index / 3), AXIAL), number=n)
        for index, n in enumerate(numbers)
    ]
    assert names_of(order(instances)) == ["0", "1", "2", "3"]


@given(apart=st.floats(0.0101, 1.0), numbers=st.permutations(range(4)))
def test_slices_farther_apart_are_at_places_of_their_own(apart: float, numbers: list[int]) -> None:
    """More than 0.01 mm along the normal, and the distance orders, whatever the InstanceNumbers say."""
    instances = [
        make_instance(f"{n}", make_frame((0.0, 0.0, -apart * index), AXIAL), number=n)
        for index, n in enumerate(numbers)
    ]
    assert names_of(order(instances)) == [str(n) for n in numbers]


@given(aside=st.floats(0.5, 500.0), numbers=st.permutations(range(3)))
def test_slices_side_by_side_at_one_depth_are_at_one_place(aside: float, numbers: list[int]) -> None:
    """A place is a distance along the normal: slices shifted in their plane share it."""
    deep = make_instance("deep", make_frame((0.0, 0.0, -900.0), AXIAL), number=-5)
    instances = [
        make_instance(f"{n}", make_frame((aside * index, -aside * index, 0.0), AXIAL), number=n)
        for index, n in enumerate(numbers)
    ]
    assert names_of(order([deep, *instances])) == ["0", "1", "2", "deep"]


@given(
    rows=st.lists(
        st.tuples(
            st.one_of(st.none(), st.integers(0, 1)),
            st.sampled_from(("1.2", "1.10", "")),
            st.sampled_from(("a", "b", "c", "d", "e")),
        ),
        min_size=2,
        max_size=6,
        unique_by=lambda row: row[2],
    ),
    data=st.data(),
)
@pytest.mark.parametrize("position", [None, (0.0, 0.0, 0.0)])
def test_ties_go_by_number_then_uid_then_name(
    position: Vec3 | None,
    rows: list[tuple[int | None, str, str]],
    data: st.DataObject,
) -> None:
    """At one place: InstanceNumber, missing last; SOPInstanceUID as text; the object's name."""
    made = [make_instance(name, make_frame(position), uid=uid, number=number) for number, uid, name in rows]
    expected = [
        name
        for wanted in (0, 1, None)
        for uid in sorted({"1.2", "1.10", ""})
        for name in sorted("abcde")
        if (wanted, uid, name) in rows
    ]
    assert names_of(order(data.draw(st.permutations(made)))) == expected


@given(count=st.integers(1, 12))
def test_frames_of_one_place_keep_their_order(count: int) -> None:
    """Frames that nothing tells apart come in the order of the object."""
    movie = make_instance("cine", *[make_frame() for _ in range(count)], number=1)
    stack = only(order([movie]))
    assert [slice_.frame.number for slice_ in stack.slices] == list(range(count))
    assert stack.measure is Measure.INDEX


@given(
    indices=st.lists(
        st.tuples(st.integers(1, 3), st.integers(1, 12), st.integers(1, 3)),
        min_size=1,
        max_size=9,
        unique=True,
    )
)
def test_frames_without_geometry_and_time_follow_their_dimensions(
    indices: list[tuple[int, int, int]],
) -> None:
    """DimensionIndexValues (PS3.3 C.7.6.17), the first counting slowest, come before the order of frames."""
    frames = [evolve(make_frame(), dimension_indices=one) for one in indices]
    stack = only(order([make_instance("many", *frames, number=1)]))
    assert [slice_.frame.dimension_indices for slice_ in stack.slices] == sorted(indices)


@given(indices=st.permutations(range(4)), timed=st.booleans())
def test_dimensions_tell_nothing_where_a_place_or_a_time_does(indices: list[int], timed: bool) -> None:
    """Frames at one position keep the order of the object; those with a time follow it."""
    frames = [
        evolve(
            make_frame(
                None if timed else (0.0, 0.0, 0.0), AXIAL, (float(i), *NO_TIMES[1:]) if timed else NO_TIMES
            ),
            dimension_indices=(index,),
        )
        for i, index in enumerate(indices)
    ]
    stack = only(order([make_instance("many", *frames, number=1)]))
    assert [slice_.frame.number for slice_ in stack.slices] == [0, 1, 2, 3]


# --- Temporal stacks -----------------------------------------------------------------------------------------


@given(times=st.lists(st.integers(0, 10**9).map(float), min_size=2, max_size=6, unique=True))
def test_a_stack_at_one_place_is_measured_in_time(times: list[float]) -> None:
    """At one position with a time key the coordinates are the times, from the first on."""
    values = [(*NO_TIMES[:-2], time, None) for time in times]
    stack = only(order(_at_one_place(values, list(range(len(times))))))
    assert stack.measure is Measure.TIME
    assert list(stack.coordinates) == [time - min(times) for time in sorted(times)]


@given(count=st.integers(1, 6), known=st.integers(0, 2))
def test_a_stack_at_one_place_without_times_is_measured_by_index(count: int, known: int) -> None:
    """At one position without a time for every slice, the coordinates are the indices."""
    values: list[TimeValues] = [(None, float(i), *NO_TIMES[2:]) for i in range(known)]
    values += [NO_TIMES] * count
    stack = only(order(_at_one_place(values, [None] * len(values))))
    assert stack.measure is Measure.INDEX
    assert list(stack.coordinates) == list(range(len(values)))
    assert stack.axis is Axis.Z


@given(count=st.integers(2, 6), placed=st.booleans(), data=st.data())
def test_the_parts_of_a_concatenation_follow_one_another(
    count: int, placed: bool, data: st.DataObject
) -> None:
    """They share their InstanceNumber (PS3.3 C.7.6.16.1); UIDs run the other way here."""
    frame = make_frame((0.0, 0.0, 0.0), AXIAL) if placed else make_frame(None, None)
    parts = [
        evolve(make_instance(f"{part}", frame, uid=f"1.2.{9 - part}", number=5), in_concatenation=part)
        for part in range(1, count + 1)
    ]
    after = make_instance("after", frame, uid="1.2.0", number=6)
    series = order(data.draw(st.permutations([*parts, after])))
    assert names_of(series) == [*(part.name for part in parts), "after"]
