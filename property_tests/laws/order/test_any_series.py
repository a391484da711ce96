"""Laws of the reading order that hold for whatever a folder holds."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from attrs import asdict, evolve
from hypothesis import example, given
from hypothesis import strategies as st

from dicom_series_preview.core.header.instance import Frame, Instance
from dicom_series_preview.core.order.series import Series
from dicom_series_preview.core.order.stacks import order
from property_tests.slices import names_of, only, tipped
from property_tests.strategies import (
    AXIAL,
    CORONAL,
    SAGITTAL,
    Timed,
    View,
    make_frame,
    make_instance,
    names,
    one_each,
    positions,
    primary_positions,
    timed_stacks,
    views,
)

_NEAR = st.sampled_from((0.0, 0.004, 0.008, 0.012, 1.0, -3.0, 1e5))
_PLANES = st.one_of(
    st.none(),
    st.sampled_from((AXIAL, SAGITTAL, CORONAL, tipped(AXIAL, 0.006))),
    views().map(lambda view: view.cosines),
)
_FRAMES = st.lists(
    st.builds(
        make_frame,
        position=st.one_of(st.none(), st.tuples(_NEAR, _NEAR, _NEAR)),
        cosines=_PLANES,
        times=one_each((None, 0.0, 1.0)).map(tuple),
        slice_location=st.one_of(st.none(), _NEAR),
    ),
    min_size=1,
    max_size=3,
)


@st.composite
def _anything(draw: st.DrawFn) -> list[Instance]:
    """Any mixture of frames: all that may be missing is missing sometimes, and much is equal."""
    count = draw(st.integers(1, 7))
    labels = draw(names(count))
    return [make_instance(label.name, *draw(_FRAMES), uid=label.uid, number=label.number) for label in labels]


@given(instances=_anything(), data=st.data())
def test_the_order_is_independent_of_arrival(instances: list[Instance], data: st.DataObject) -> None:
    """Whatever a folder holds, its order never depends on the order of listing."""
    assert order(data.draw(st.permutations(instances))) == order(instances)


@given(instances=_anything())
def test_stacks_partition_the_frames(instances: list[Instance]) -> None:
    """Every frame of every instance is in exactly one stack, once, and no stack is empty."""
    series = order(instances)
    found = Counter((slice_.instance.name, slice_.frame.number) for slice_ in series.slices)
    assert found == Counter((one.name, frame.number) for one in instances for frame in one.frames)
    for stack in series.stacks:
        assert stack.slices
        assert len(stack.slices) == len(primary_positions(stack)) == len(stack.coordinates)


@given(instances=_anything(), centred=st.booleans(), tilt=st.none() | st.floats(0, 60))
def test_an_order_of_other_items_is_the_same_order(
    instances: list[Instance], centred: bool, tilt: float | None
) -> None:
    """Whatever is known of a stack is known of it still."""
    series = order(instances)
    told = Series(tuple(evolve(stack, centred=centred, tilt=tilt) for stack in series.stacks))
    mapped = told.map(lambda slice_: slice_.ref)
    assert mapped.slices == tuple(slice_.ref for slice_ in series.slices)
    for one, other in zip(told.stacks, mapped.stacks, strict=True):
        assert asdict(one, recurse=False) | {"slices": ()} == asdict(other, recurse=False) | {"slices": ()}


@given(instances=_anything())
def test_coordinates_never_decrease(instances: list[Instance]) -> None:
    """The coordinates of a stack start at 0 and never fall, so that they can be searched."""
    for stack in order(instances).stacks:
        assert stack.coordinates[0] == 0
        assert all(a <= b for a, b in pairwise(stack.coordinates))


@given(timed=timed_stacks(least_places=2), cut=st.integers(0, 100), data=st.data())
def test_frames_in_one_object_are_ordered_like_instances(timed: Timed, cut: int, data: st.DataObject) -> None:
    """Enhanced objects hold frames in any order (PS3.3 C.7.6.16): they are read as if each were an object."""
    frames: list[Frame] = [instance.frames[0] for instance in timed.instances]
    shuffled = data.draw(st.permutations(frames))
    parts = [part for part in (shuffled[: cut % len(frames)], shuffled[cut % len(frames) :]) if part]
    objects = [make_instance(f"{i}", *part) for i, part in enumerate(parts)]
    stack = only(order(objects))
    found = [(slice_.frame.position, slice_.frame.times) for slice_ in stack.slices]
    assert found == [(frame.position, frame.times) for frame in frames]


@given(view=views(), count=st.integers(2, 5), data=st.data())
def test_multi_frame_and_single_frame_mix(view: View, count: int, data: st.DataObject) -> None:
    """A stack spread over a multi-frame object and single ones is one stack (PS3.3 C.7.6.16)."""
    places = data.draw(positions(view, count))
    frames = [make_frame(place, view.cosines) for place in places]
    one = make_instance("single", frames[0])
    many = make_instance("many", *frames[1:][::-1])
    stack = only(order([many, one]))
    assert [slice_.frame.position for slice_ in stack.slices] == list(places)
    assert [slice_.instance.name for slice_ in stack.slices] == ["single"] + ["many"] * (count - 1)


@example(numbers=[None, None])
@given(numbers=st.lists(st.one_of(st.none(), st.integers(0, 2)), min_size=2, max_size=4))
def test_repeated_uids_are_all_kept(numbers: list[int | None]) -> None:
    """Copies of one object in a folder are all there, in one fixed order (PS3.3 C.12.1)."""
    copies = [
        make_instance(f"{i}.dcm", make_frame((0.0, 0.0, 0.0), AXIAL), uid="1.2.3", number=number)
        for i, number in enumerate(numbers)
    ]
    found = names_of(order(copies))
    assert sorted(found) == [f"{i}.dcm" for i in range(len(numbers))]
    assert found == names_of(order(copies[::-1]))
