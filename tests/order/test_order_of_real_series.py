"""The whole order of every real series, its stacks and axes, against a second way to find them.

Needs DSP_TEST_DATA, the folder that holds series.tsv and idc/.  Headers come by small ranges, as in a run; the
oracle reads whole files with pydicom and orders them by brute force.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from functools import cache
from itertools import groupby, pairwise
from pathlib import Path
from random import Random
from typing import Final

import pytest
from returns.pipeline import is_successful

from dicom_series_preview.core.ask.roots import parse_root
from dicom_series_preview.core.ask.series_id import parse_series
from dicom_series_preview.core.header.instance import Instance
from dicom_series_preview.core.order.membership import images
from dicom_series_preview.core.order.series import Series, Slice, Stack
from dicom_series_preview.core.order.stacks import order
from dicom_series_preview.shell.progress import Counter
from dicom_series_preview.shell.sources.folder import FolderSource
from dicom_series_preview.shell.storage.locate import locate
from dicom_series_preview.shell.storage.store import Network
from property_tests.strategies import primary_positions
from tests.oracle.ordering import frames_of, order_of, stacks_of

DATA: Final = Path(os.environ.get("DSP_TEST_DATA", ""))
pytestmark = [
    pytest.mark.skipif("DSP_TEST_DATA" not in os.environ, reason="DSP_TEST_DATA names no real data"),
    pytest.mark.filterwarnings("ignore:Invalid value for VR"),
]

NO_IMAGES: Final = frozenset({"ct-dose-report-nopx", "explvr-be-nometa", "sr-basic"})
IMAGES: Final = tuple(
    sorted(
        row["name"]
        for row in csv.DictReader((DATA / "series.tsv").read_text().splitlines(), delimiter="\t")
        if row["name"] not in NO_IMAGES
    )
    if "DSP_TEST_DATA" in os.environ
    else ()
)


@cache
def _uuid(name: str) -> str:
    lines = (DATA / "series.tsv").read_text().splitlines()
    return {row["name"]: row["series"] for row in csv.DictReader(lines, delimiter="\t")}[name]


@cache
def _instances(name: str) -> tuple[Instance, ...]:
    root, series = parse_root(str(DATA / "idc")).unwrap(), parse_series(_uuid(name)).unwrap()
    network = Network()
    located = locate(series, root, network).unwrap()
    headers = FolderSource(located, network.concurrency, Counter()).headers().unwrap()
    shown = images(name, headers.made)
    return shown.unwrap() if is_successful(shown) else ()


@cache
def _series(name: str) -> Series[Slice]:
    return order(_instances(name))


def _found(stack: Stack[Slice]) -> list[tuple[str, int]]:
    return [(slice_.instance.name, slice_.frame.number) for slice_ in stack.slices]


@pytest.mark.parametrize("name", IMAGES)
def test_the_whole_order_is_that_of_the_oracle(name: str) -> None:
    expected = [(shot.path.name, shot.frame) for shot in order_of(DATA / "idc" / _uuid(name))]
    assert [pair for stack in _series(name).stacks for pair in _found(stack)] == expected
    assert expected


@pytest.mark.parametrize("name", IMAGES)
def test_the_stacks_are_those_of_the_oracle(name: str) -> None:
    stacks = stacks_of(frames_of(DATA / "idc" / _uuid(name)))
    assert [len(stack.slices) for stack in _series(name).stacks] == [len(stack) for stack in stacks]


@pytest.mark.parametrize("name", IMAGES)
def test_the_order_does_not_depend_on_that_of_arrival(name: str) -> None:
    instances = list(_instances(name))
    assert order(instances[::-1]) == _series(name)
    Random(name).shuffle(instances)
    assert order(instances) == _series(name)


@pytest.mark.parametrize("name", sorted(NO_IMAGES))
def test_objects_without_pixels_have_no_order(name: str) -> None:
    assert not _instances(name)


def _first(name: str) -> Stack[Slice]:
    return _series(name).stacks[0]


def _places(stack: Stack[Slice]) -> list[int]:
    """How many slices lie at each place."""
    return [len(list(group)) for _, group in groupby(stack.coordinates)]


def _steps(values: Sequence[float | None]) -> set[float]:
    known = [value for value in values if value is not None]
    assert len(known) == len(values)
    return {round(after - before, 2) for before, after in pairwise(known)}


def test_a_chest_is_read_from_the_head_down() -> None:
    stack = _first("ct-thorax-4mm")
    assert stack.axis.value == "Z"
    assert (primary_positions(stack)[0], primary_positions(stack)[-1]) == (227.0, -189.0)
    assert _steps(primary_positions(stack)) == {-4.0}


def test_sagittal_slices_are_read_from_right_to_left() -> None:
    for name in ("mr-sag-t1-csa", "mr-sag-dwv-memprage"):
        stack = _first(name)
        assert stack.axis.value == "X"
        assert min(_steps(primary_positions(stack))) > 0


def test_coronal_slices_are_read_from_front_to_back() -> None:
    stack = _first("mr-cor-genesis")
    assert stack.axis.value == "Y"
    assert min(_steps(primary_positions(stack))) > 0
    assert len(stack.slices) == 16


@pytest.mark.parametrize(
    ("name", "axis", "places"),
    [
        ("fmri-ge-15x10", "Z", [10] * 15),
        ("dti-ge-coronal", "Y", [4] * 4),
    ],
)
def test_times_follow_one_another_at_each_place(name: str, axis: str, places: list[int]) -> None:
    stack = _first(name)
    assert stack.axis.value == axis
    assert _places(stack) == places
    # These scanners wrote no time that differs: the InstanceNumber tells them apart.
    assert stack.time_key is None
    numbers = [slice_.instance.instance_number or 0 for slice_ in stack.slices]
    for _, group in groupby(zip(stack.coordinates, numbers, strict=True), key=lambda pair: pair[0]):
        at_place = [number for _, number in group]
        assert at_place == sorted(set(at_place))


def test_a_cine_series_has_six_places() -> None:
    assert sum(len(_places(stack)) for stack in _series("mr-cine-sax").stacks) == 6


def test_a_localizer_has_three_planes() -> None:
    stacks = _series("mr-localizer-3plane").stacks
    assert [(stack.axis.value, len(stack.slices)) for stack in stacks] == [("X", 5), ("Z", 3), ("Y", 3)]


def test_tilted_groups_through_the_discs_of_a_spine_are_one_stack() -> None:
    (stack,) = _series("lumbar-disc-groups").stacks
    assert len(stack.slices) == 19
    assert stack.axis.value == "Z"
    assert max(_steps(primary_positions(stack))) <= 0  # from head to feet, across all four groups
    assert len({slice_.frame.cosines for slice_ in stack.slices}) >= 4


def test_magnitude_and_phase_are_two_stacks() -> None:
    magnitude, phase = _series("philips-mag-phase").stacks
    for stack, word in ((magnitude, "M"), (phase, "P")):
        assert {slice_.instance.image_type[3] for slice_ in stack.slices} == {word}
        assert _places(stack) == [2] * 30
        assert stack.time_key == "EchoTime"


def test_report_pages_come_after_the_scouts() -> None:
    stacks = _series("ct-scouts-summary-mixed").stacks
    assert stacks[-1].axis.value == "I"
    assert all(slice_.frame.position is None for slice_ in stacks[-1].slices)
    assert all(slice_.frame.position is not None for stack in stacks[:-1] for slice_ in stack.slices)
