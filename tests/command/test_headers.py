"""`headers`: DICOM JSON in reading order, wherever the series lies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.command.conftest import SLICES, SPACING, TOP
from tests.command.here import run
from tests.command.process import s3
from tests.support.dicom import MadeSeries, make_object
from tests.support.dicomweb import dicomweb
from tests.support.s3server import serve

NUMBER, POSITION, SYNTAX = "00200013", "00200032", "00020010"


def told(*arguments: str | Path, **more: Any) -> list[dict[str, Any]]:
    """The JSON of a run that says nothing else."""
    done = run("headers", *arguments, **more)
    assert (done.status, done.err) == (0, "")
    found: list[dict[str, Any]] = json.loads(done.out)
    assert done.out.count("\n") == len(found) + 2
    return found


def test_all_headers_come_in_reading_order(root: Path, series: MadeSeries) -> None:
    found = told(series.uuid, "--root", root)
    heights = [one[POSITION]["Value"][2] for one in found]
    assert heights == [TOP - SPACING * i for i in range(SLICES)]
    assert [one[NUMBER]["Value"] for one in found] == [[SLICES - i] for i in range(SLICES)]
    assert all(one[SYNTAX]["Value"] == ["1.2.840.10008.1.2.1"] for one in found)
    assert not any("7FE00010" in one for one in found)


@pytest.mark.parametrize(("position", "offset", "place"), [("0", "0", 0), ("0.5", "1", 53), ("1", "-2", 102)])
def test_one_header_is_that_of_the_slice_a_preview_shows(
    root: Path, series: MadeSeries, position: str, offset: str, place: int
) -> None:
    (one,) = told(series.uuid, "--root", root, "--position", position, "--slice-offset", offset)
    assert one[NUMBER]["Value"] == [SLICES - place]


def test_tags_choose_elements(root: Path, series: MadeSeries) -> None:
    wanted = ("--tag", "instancenumber", "--tag", "(0020,0032)", "--tag", "Window*")
    for one in told(series.uuid, "--root", root, *wanted):
        assert list(one) == [NUMBER, POSITION, "00281050", "00281051"]
    assert told(series.uuid, "--root", root, "--position", "0", "--tag", "0099,*") == [{}]


def test_wherever_it_lies_it_is_the_same(objects: dict[str, bytes], root: Path, series: MadeSeries) -> None:
    """A bucket, and a DICOMweb service but for the transfer syntax."""
    here = told(series.uuid, "--root", root)
    with serve(objects) as server:
        assert told(series.uuid, "--root", "s3://bucket", env=s3(server.endpoint)) == here
    with dicomweb(list(objects.values())) as service:
        web = told(series.uid, "--root", f"dicomweb+{service.root}")
    for one in here:
        del one[SYNTAX]
    assert web == here


def test_a_number_that_is_none_and_text_of_any_script_are_told(tmp_path: Path) -> None:
    """Where a parser would give up, the text stands; JSON is UTF-8 even where the terminal is not."""
    (tmp_path / "s").mkdir()
    content = make_object(
        series="s",
        instance_number=1,
        position=(0, 0, 0),
        SpecificCharacterSet="ISO_IR 100",
        SeriesDescription="Sch\u00e4del",
        raw={"SeriesNumber": ("IS", b"1A")},
    )
    (tmp_path / "s" / "one").write_bytes(content)
    (one,) = told("./s", folder=tmp_path, env={"PYTHONIOENCODING": "ascii:strict"})
    assert one["00200011"] == {"vr": "IS", "Value": ["1A"]}
    assert one["0008103E"] == {"vr": "LO", "Value": ["Sch\u00e4del"]}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ["SERIESUID is missing"]),
        (["./a", "--slice-offset", "1"], ["--slice-offset needs --position"]),
        (["./a", "--position", "1.5", "--tag", "a b"], ["--position 1.5 is not", "--tag a b is not allowed"]),
        (
            ["./a", "--tag", "PatientNam"],
            ["--tag PatientNam is not allowed: it must be a keyword of the DICOM"],
        ),
        (["./a", "--index", "b"], ["There is no option --index"]),
    ],
)
def test_what_is_wrong_is_told(arguments: list[str], words: list[str], tmp_path: Path) -> None:
    done = run("headers", *arguments, folder=tmp_path)
    assert (done.status, done.out, len(done.messages)) == (1, "", len(words))
    assert all(word in line for word, line in zip(words, done.messages, strict=True))


def test_an_offset_beyond_the_end_is_refused(root: Path, series: MadeSeries) -> None:
    done = run("headers", series.uuid, "--root", root, "--position", "1", "--slice-offset", "1")
    assert (done.status, done.out) == (1, "")
    assert "past the last" in done.err
