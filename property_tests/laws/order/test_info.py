"""Laws of what `info` says of a series: counts that add up, in a value, in lines and in JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.faults.objects import BadPixelModule
from dicom_series_preview.core.geometry import Axis
from dicom_series_preview.core.grey import Lut, Voi, VoiFunction, Window
from dicom_series_preview.core.header.dicom_json import show_json
from dicom_series_preview.core.header.instance import ComplexComponent, Instance, Pixels, Tiling
from dicom_series_preview.core.order.info import SeriesInfo, StackInfo, as_json, as_lines, series_info
from dicom_series_preview.core.order.report import StackSummary
from dicom_series_preview.core.order.series import Series
from dicom_series_preview.core.order.stacks import in_reading_order, order
from dicom_series_preview.core.remarks import RepeatedUid
from property_tests.strategies import AXIAL, Built, make_frame, make_instance, make_pixels, stacks

LINEAR = VoiFunction.LINEAR
CT_WINDOW = Window(40.0, 400.0, LINEAR)
TABLE = Lut(0, 12, bytes(8))


def _info(objects: Sequence[Instance]) -> SeriesInfo:
    return series_info("knee", objects, order([one for one in objects if one.pixels is not None]), ())


def _shaped(name: str, rows: int, columns: int, frames: int, syntax: str) -> Instance:
    pixels = make_pixels(rows, columns, frames)
    told = evolve(pixels, format=evolve(pixels.format, transfer_syntax=syntax))
    return evolve(make_instance(name, *[make_frame()] * frames), pixels=told)


SHAPES = st.tuples(
    st.integers(1, 3), st.integers(1, 3), st.integers(1, 4), st.sampled_from(("1.2.840.10008.1.2", "1.9", ""))
)


@given(shapes=st.lists(SHAPES, min_size=1, max_size=6), bare=st.integers(0, 2))
def test_what_is_counted_adds_up(shapes: list[tuple[int, int, int, str]], bare: int) -> None:
    """Every object has a matrix and a transfer syntax, unless it has no pixels or does not tell; frames add up."""
    shown = [_shaped(f"{i}", *shape) for i, shape in enumerate(shapes)]
    reports = [evolve(make_instance(f"r{i}"), pixels=None) for i in range(bare)]
    found = _info([*reports, *shown])
    assert found.objects == len(shapes) + bare
    assert found.frames == sum(frames for _, _, frames, _ in shapes)
    assert dict(found.matrices) == Counter((rows, columns) for rows, columns, _, _ in shapes)
    assert dict(found.syntaxes) == Counter(syntax for *_, syntax in shapes if syntax)
    for counted in (found.matrices, found.syntaxes):
        counts = [count for _, count in counted]
        assert counts == sorted(counts, reverse=True)
    assert sum(stack.summary.count for stack in found.stacks) == found.frames


@given(sizes=st.lists(st.none() | st.integers(0, 10**12), max_size=6))
def test_bytes_are_those_of_all_objects_or_not_told(sizes: list[int | None]) -> None:
    """A sum that leaves out an object of unknown size would be wrong."""
    known = [size for size in sizes if size is not None]
    objects = [evolve(make_instance(f"{i}", make_frame()), size=size) for i, size in enumerate(sizes)]
    assert _info(objects).size == (sum(known) if len(known) == len(sizes) else None)


@given(built=stacks(1, 6))
def test_a_stack_says_where_it_begins_and_ends(built: Built) -> None:
    """The first and the last place are plain coordinates in mm on the axis, in reading order."""
    component = "XYZ".index(built.view.axis.value)
    along = [slice_.frame.position for slice_ in order(built.instances).slices]
    places = [place[component] for place in along if place is not None]
    (stack,) = _info(built.instances).stacks
    assert (stack.first, stack.last) == (places[0], places[-1])
    assert stack.summary.count == len(places)


@given(vois=st.lists(st.sampled_from((None, CT_WINDOW, Window(1.5, 2.5, LINEAR), TABLE)), min_size=1))
def test_windows_are_those_of_the_slices(vois: list[Voi | None]) -> None:
    """Each window or table of the file with the number of its slices, the commonest first."""
    objects = [make_instance(f"{i}", evolve(make_frame(), voi=voi)) for i, voi in enumerate(vois)]
    found = _info(objects).windows
    assert dict(found) == Counter(voi for voi in vois if voi is not None)
    assert [count for _, count in found] == sorted((count for _, count in found), reverse=True)


def test_of_a_slide_the_whole_is_told() -> None:
    """The matrix of a level is that of its image, not of its tiles (PS3.3 C.8.12.14)."""
    tiled = evolve(make_pixels(256, 256, 6), tiling=Tiling(500, 700, ((0, 0),)))
    assert _info([evolve(make_instance("slide", make_frame()), pixels=tiled)]).matrices == (((500, 700), 1),)


def test_what_cannot_be_shown_is_told_once_for_one_cause() -> None:
    """An object whose pixels cannot be described has one frame all the same, and a sentence in what is odd."""
    bad = BadPixelModule("Rows", "", "it is missing")
    objects = [evolve(make_instance(f"{i}", make_frame()), pixels=bad) for i in range(2)]
    found = series_info("knee", objects, order(objects), [RepeatedUid(1)])
    assert (found.frames, found.matrices) == (2, ())
    assert found.remarks == (
        "1 object repeats the SOPInstanceUID of another one: all are shown.",
        "2 objects cannot be shown. The header describes no readable image: Rows: it is missing.",
    )


@given(names=st.lists(st.sampled_from(("", "PET", "CT")), min_size=1, max_size=5))
def test_modality_description_and_uid_are_the_commonest(names: list[str]) -> None:
    """Where objects disagree the most decide; an empty value decides nothing."""
    objects = [
        evolve(make_instance(f"{i}", make_frame(), modality=name, series=name), series_description=name)
        for i, name in enumerate(names)
    ]
    counts = Counter(name for name in names if name)
    found = _info(objects)
    assert found.modality == found.description == found.series_instance_uid
    assert counts[found.modality] == max(counts.values(), default=0)


FULL = SeriesInfo(
    series="knee",
    series_instance_uid="1.2.3",
    modality="MR",
    description="PHASE",
    objects=1234,
    frames=1236,
    size=5678901,
    matrices=(((512, 256), 1200), ((64, 32), 34)),
    syntaxes=(("1.2.840.10008.1.2.1", 1233), ("1.2.3.4", 1)),
    stacks=(
        StackInfo(
            StackSummary(Axis.Z, 1233, 411, 2.5, 1, 822, 18.46, "EchoTime"),
            227.0,
            -798.12345,
            ComplexComponent.PHASE,
        ),
        StackInfo(StackSummary(Axis.X, 1, 1, None, 0, 0, 0.04, None), -0.0001, -0.0001, None),
        StackInfo(StackSummary(Axis.INSTANCE, 2, 2, None, 0, 0, None, None), 1.0, 2.0, None),
    ),
    windows=(
        (Window(40.5, 400.0, LINEAR), 1000),
        (Window(0.0, 1.0, VoiFunction.SIGMOID), 200),
        (TABLE, 30),
        *((Window(float(i), 1.0, LINEAR), 1) for i in range(4)),
    ),
    remarks=("One thing.", "Another."),
)


def test_the_lines_of_a_series_of_everything() -> None:
    """A label and what it labels; counts where they are not all, and only what there is to tell."""
    assert as_lines(FULL) == (
        "MR, PHASE",
        "series           knee",
        "uid              1.2.3",
        "objects          1,234",
        "frames           1,236",
        "bytes            5,678,901",
        "matrix           512 x 256 px (1,200 objects)",
        "                 64 x 32 px (34 objects)",
        "transfer syntax  Explicit VR Little Endian (1,233 objects)",
        "                 transfer syntax 1.2.3.4 (1 object)",
        "stack 1          1,233 phase slices along Z, superior to inferior",
        "  from, to       227 to -798.123 mm",
        "  places         411, 2.5 mm apart, 1 gap",
        "  repeats        822 at a place seen before, in order of EchoTime",
        "  tilt           18.5 degrees",
        "stack 2          1 slice along X, right to left",
        "  at             0 mm",
        "stack 3          2 slices without a position, by InstanceNumber",
        "window           width 400, center 40.5, LINEAR (1,000 slices)",
        "                 width 1, center 0, SIGMOID (200 slices)",
        "                 a table of 4 entries of 12 bits (30 slices)",
        "                 width 1, center 0, LINEAR (1 slice)",
        "                 width 1, center 1, LINEAR (1 slice)",
        "                 and 2 more",
        "odd              One thing.",
        "                 Another.",
    )


@pytest.mark.parametrize(
    ("voi", "words"),
    [
        (CT_WINDOW, "window           width 400, center 40, LINEAR"),
        (None, "window           none in the file"),
    ],
)
def test_the_lines_of_one_slice(voi: Voi | None, words: str) -> None:
    """What all have is told without a count; what is not known, and what is not odd, in words."""
    one = make_instance("a", evolve(make_frame((0.0, 0.0, 7.0), AXIAL), voi=voi), modality="", series="")
    assert as_lines(_info([evolve(one, size=None)])) == (
        "a series of no modality",
        "series           knee",
        "objects          1",
        "frames           1",
        "bytes            not told",
        "matrix           4 x 6 px",
        "transfer syntax  Explicit VR Little Endian",
        "stack            1 slice along Z, superior to inferior",
        "  at             7 mm",
        words,
        "odd              nothing",
    )


def test_the_lines_of_a_page_and_of_a_report() -> None:
    """One page is in no order, two places without a gap have none, and a report has no stack and no window."""
    page = make_instance("a", make_frame())
    assert "stack            1 slice without a position" in as_lines(_info([page]))
    two = [make_instance(f"{z}", make_frame((0.0, 0.0, z), AXIAL)) for z in (0.0, 3.0)]
    assert "  places         2, 3 mm apart, no gaps" in as_lines(_info(two))
    tilts = {
        evolve(FULL.stacks[0], summary=evolve(FULL.stacks[0].summary, tilt=tilt)) for tilt in (0.0, None)
    }
    assert not [line for one in tilts for line in as_lines(evolve(FULL, stacks=(one,))) if "tilt" in line]
    unkeyed = evolve(FULL.stacks[0], summary=evolve(FULL.stacks[0].summary, time_key=None))
    assert "  repeats        822 at a place seen before" in as_lines(evolve(FULL, stacks=(unkeyed,)))
    edge = evolve(FULL.stacks[0], summary=evolve(FULL.stacks[0].summary, tilt=0.05))
    assert [line for line in as_lines(evolve(FULL, stacks=(edge,))) if "tilt" in line]
    report = evolve(page, pixels=None, modality="SR")
    assert as_lines(series_info("r", [report], Series(()), ()))[0] == "SR"
    assert not [line for line in as_lines(_info([report])) if line.startswith(("stack", "window", "matrix"))]


def test_the_json_of_a_series_of_everything() -> None:
    """Every field of docs/info.md, with exact numbers, and null where nothing is known."""
    read = json.loads(show_json(as_json(FULL)))
    assert {key: value for key, value in read.items() if not isinstance(value, list)} == {
        "schema": 1,
        "series": "knee",
        "series_instance_uid": "1.2.3",
        "modality": "MR",
        "description": "PHASE",
        "objects": 1234,
        "frames": 1236,
        "bytes": 5678901,
    }
    assert read["matrices"] == [
        {"rows": 512, "columns": 256, "objects": 1200},
        {"rows": 64, "columns": 32, "objects": 34},
    ]
    assert read["transfer_syntaxes"] == [
        {"uid": "1.2.840.10008.1.2.1", "name": "Explicit VR Little Endian", "objects": 1233},
        {"uid": "1.2.3.4", "name": None, "objects": 1},
    ]
    assert read["stacks"][0] == {
        "axis": "Z",
        "direction": "superior to inferior",
        "component": "phase",
        "slices": 1233,
        "places": 411,
        "first": 227.0,
        "last": -798.12345,
        "spacing": 2.5,
        "gaps": 1,
        "repeats": 822,
        "tilt": 18.46,
        "time_key": "EchoTime",
    }
    assert [stack["component"] for stack in read["stacks"]] == ["phase", None, None]
    assert read["windows"][:1] == [
        {"kind": "window", "width": 400.0, "center": 40.5, "function": "LINEAR", "slices": 1000}
    ]
    assert read["windows"][2] == {"kind": "lut", "first": 0, "entries": 4, "bits": 12, "slices": 30}
    assert read["remarks"] == ["One thing.", "Another."]
    bare = as_json(_info([evolve(make_instance("a", make_frame(), modality="", series=""), size=None)]))
    assert [bare[key] for key in ("series_instance_uid", "modality", "description", "bytes")] == [None] * 4


@given(
    built=stacks(0, 4),
    numbers=st.lists(st.none() | st.integers(0, 3), max_size=4),
    data=st.data(),
)
def test_objects_that_are_not_shown_come_last(
    built: Built, numbers: list[int | None], data: st.DataObject
) -> None:
    """All objects, each once: those of the order by their first slice, then by number, UID and name."""
    rest = [
        evolve(make_instance(f"r{i}", number=number, uid=f"1.{i % 2}"), pixels=None)
        for i, number in enumerate(numbers)
    ]
    series = order(built.instances)
    mixed = data.draw(st.permutations([*built.instances, *rest]))
    found = in_reading_order(mixed, series)
    shown = [slice_.instance for slice_ in series.slices]
    assert list(found[: len(shown)]) == shown
    keys = [
        (99 if one.instance_number is None else one.instance_number, one.sop_instance_uid, one.name)
        for one in found[len(shown) :]
    ]
    assert keys == sorted(keys)
    assert len(keys) == len(rest)


def test_an_object_of_several_slices_has_the_place_of_its_first() -> None:
    """A multi-frame object is one object, where its first slice in reading order is."""
    places = [(0.0, 0.0, z) for z in (0.0, -6.0)]
    several = make_instance("several", *[make_frame(place, AXIAL) for place in places])
    single = make_instance("single", make_frame((0.0, 0.0, -3.0), AXIAL))
    assert isinstance(several.pixels, Pixels)
    found = in_reading_order([single, several], order([several, single]))
    assert [one.name for one in found] == ["several", "single"]
