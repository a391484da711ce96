"""Standard streams that are closed, full, or read by nobody: a quiet end, and a status that agrees with OUTPUT."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.command.process import COMMAND, environment, start
from tests.support.dicom import MadeSeries


@pytest.mark.parametrize("closed", ["stdout", "stderr", "stdin"])
def test_closed_streams_are_no_obstacle(root: Path, series: MadeSeries, tmp_path: Path, closed: str) -> None:
    number = {"stdin": 0, "stdout": 1, "stderr": 2}[closed]
    words = [*COMMAND, series.uuid, str(tmp_path / "out.webp"), "--root", str(root), "--position", "0"]
    script = "import os, sys; os.close(int(sys.argv[1])); os.execv(sys.argv[2], sys.argv[2:])"
    done = subprocess.run(
        [sys.executable, "-c", script, str(number), *words],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    with Image.open(tmp_path / "out.webp") as image:
        assert image.size == (128, 128)


def test_help_into_a_closed_pipe_or_a_full_disk_is_no_traceback() -> None:
    process = start("--help")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert "Traceback" not in process.stderr.read()
    assert process.wait() == 1
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*COMMAND, "--help"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
            check=False,
        )
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.parametrize("what", ["verbose", "a warning", "an error"])
@pytest.mark.parametrize("command", ["preview", "build-index"])
def test_a_full_stderr_changes_neither_status_nor_output(
    root: Path, series: MadeSeries, tmp_path: Path, what: str, command: str
) -> None:
    out = tmp_path / ("out.webp" if command == "preview" else "out.parquet")
    out.write_bytes(b"old")
    folder = tmp_path / "s"
    shutil.copytree(root / series.uuid, folder)
    if what == "a warning":
        (folder / "cut.dcm").write_bytes(next((root / series.uuid).iterdir()).read_bytes()[:400])
    words = [str(folder / "nothing" if what == "an error" else folder), str(out)]
    words += ["-v"] if what == "verbose" else []
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*COMMAND, *(["build-index"] if command == "build-index" else []), *words],
            stdout=subprocess.PIPE,
            stderr=full,
            env=environment(),
            check=False,
        )
    assert (done.returncode, done.stdout) == (1 if what == "an error" else 0, b"")
    assert (out.read_bytes() == b"old") == (what == "an error")
