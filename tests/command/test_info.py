"""`info`: what a series is, wherever it lies; and one clear paragraph where it cannot be told."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.command.conftest import SLICES, SPACING, TOP
from tests.command.here import run
from tests.command.process import COMMAND, environment, run_process, s3
from tests.support.dicom import MadeSeries, make_object, uid_for
from tests.support.dicomweb import dicomweb
from tests.support.s3server import serve
from tests.support.servers import python_http

STACK = {
    "axis": "Z",
    "direction": "superior to inferior",
    "component": None,
    "slices": SLICES,
    "places": SLICES,
    "first": TOP,
    "last": TOP - SPACING * (SLICES - 1),
    "spacing": SPACING,
    "gaps": 0,
    "repeats": 0,
    "tilt": 0.0,
    "time_key": None,
}
WINDOW = {
    "kind": "window",
    "width": float(SLICES),
    "center": SLICES / 2,
    "function": "LINEAR_EXACT",
    "slices": SLICES,
}


def told(*arguments: str | Path, **more: Any) -> dict[str, Any]:
    """The JSON of a run that says nothing else."""
    done = run("info", *arguments, "--json", **more)
    assert (done.status, done.err, done.out.count("\n")) == (0, "", 1)
    found: dict[str, Any] = json.loads(done.out)
    return found


def test_a_person_is_told_in_lines(root: Path, series: MadeSeries) -> None:
    done = run("info", series.uuid, "--root", root)
    assert (done.status, done.err) == (0, "")
    lines = [" ".join(line.split()) for line in done.out.splitlines()]
    assert f"series {series.uuid}" in lines
    assert f"objects {SLICES}" in lines
    assert f"stack {SLICES} slices along Z, superior to inferior" in lines
    assert f"places {SLICES}, {SPACING:g} mm apart, no gaps" in lines
    assert lines[-1] == "odd nothing"


def test_a_program_is_told_in_json(objects: dict[str, bytes], root: Path, series: MadeSeries) -> None:
    found = told(series.uuid, "--root", root)
    assert found["schema"] == 1
    assert found["series_instance_uid"] == series.uid
    assert found["objects"] == found["frames"] == SLICES
    assert found["bytes"] == sum(map(len, objects.values()))
    assert found["matrices"] == [{"rows": 16, "columns": 16, "objects": SLICES}]
    assert [one["objects"] for one in found["transfer_syntaxes"]] == [SLICES]
    assert (found["stacks"], found["windows"], found["remarks"]) == ([STACK], [WINDOW], [])


def test_wherever_it_lies_it_is_the_same(objects: dict[str, bytes], root: Path, series: MadeSeries) -> None:
    """Folder, web server and bucket; a DICOMweb service tells the same but for bytes and syntax."""
    here = told(series.uuid, "--root", root)
    with python_http(root) as address:
        assert told(series.uuid, "--root", address) == here
    with serve(objects) as server:
        assert told(series.uuid, "--root", "s3://bucket", env=s3(server.endpoint)) == here
    with dicomweb(list(objects.values())) as service:
        web = told(series.uid, "--root", f"dicomweb+{service.root}")
    unlike: dict[str, Any] = {"series": series.uid, "bytes": None, "transfer_syntaxes": []}
    assert web == here | unlike


def test_an_index_knows_it_too(root: Path, series: MadeSeries, tmp_path: Path) -> None:
    """All but the bytes and the tilt, and without any object."""
    index = tmp_path / "index.parquet"
    assert run("build-index", series.uuid, index, "--root", root).status == 0
    here = told(series.uuid, "--root", root)
    found = told(series.uuid, "--index", index, "--root", tmp_path)
    assert found == here | {"bytes": None, "stacks": [STACK | {"tilt": None}]}


def test_a_report_and_what_is_odd_are_told(tmp_path: Path) -> None:
    """Objects without pixels are a series as well; a remark is part of the answer and no message."""
    report = make_object(series="r", instance_number=1, has_pixels=False, Modality="SR")
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "one").write_bytes(report)
    found = told("./r", folder=tmp_path)
    assert (found["objects"], found["frames"], found["stacks"]) == (1, 0, [])
    assert (found["modality"], found["bytes"]) == ("SR", len(report))
    assert len(found["remarks"]) == 1
    (tmp_path / "r" / "two").write_bytes(make_object(series="r", instance_number=2, position=(0, 0, 0)))
    assert told("./r", folder=tmp_path)["frames"] == 1


def test_values_of_headers_cannot_write_to_the_terminal(tmp_path: Path) -> None:
    """Control characters are shown as what they are, and a terminal of few characters is enough."""
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "one").write_bytes(
        make_object(series="s", instance_number=1, position=(0, 0, 0), SeriesDescription="a\x1b[31mb\u00e9")
    )
    done = run_process("info", "./s", folder=tmp_path, env={"PYTHONIOENCODING": "ascii"})
    assert (done.status, done.err) == (0, "")
    assert done.out.isascii()
    assert "\x1b" not in done.out
    assert "\\x1b[31mb" in done.out.splitlines()[0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ["SERIESUID is missing"]),
        (["xyz", "--timeout", "0"], ["'xyz' is no series identifier", "--timeout 0 is not allowed"]),
        (["./a", "b"], ["'b' is one argument too many"]),
        (["./a", "--jsn"], ["There is no option --jsn. Did you mean --json?"]),
        (["./nowhere"], ["nowhere"]),
    ],
)
def test_what_is_wrong_is_told(arguments: list[str], words: list[str], tmp_path: Path) -> None:
    done = run("info", *arguments, folder=tmp_path)
    assert (done.status, done.out, len(done.messages)) == (1, "", len(words))
    assert all(word in line for word, line in zip(words, done.messages, strict=True))


@pytest.fixture(params=["info", "headers"])
def closed(request: pytest.FixtureRequest, root: Path, series: MadeSeries) -> list[str]:
    return [*COMMAND, request.param, series.uuid, "--root", str(root)]


def test_a_reader_that_goes_away_is_no_fault(closed: list[str]) -> None:
    process = subprocess.Popen(
        closed, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(), text=True
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == ""
    assert process.wait() == 1


def test_a_full_disk_ends_it_quietly(closed: list[str]) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            closed, stdout=full, stderr=subprocess.PIPE, env=environment(), text=True, check=False
        )
    assert (done.returncode, done.stderr) == (1, "")


def test_the_course_of_things_is_told_beside_the_result(root: Path, series: MadeSeries) -> None:
    """With -v the course of things goes to stderr, and the result stays alone on stdout."""
    done = run("info", series.uuid, "--root", root, "--json", "-v")
    assert json.loads(done.out)["series_instance_uid"] == uid_for("numbered")
    assert done.err.startswith("info: ")
