"""Interrupted in any phase, the command ends at once, with one line and without a trace."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from signal import SIGHUP, SIGINT, SIGTERM, Signals

import numpy as np
import pexpect  # type: ignore[import-untyped]
import pytest

from tests.command.process import COMMAND, environment, run_process, s3, start, wait_until
from tests.support.dicom import make_object, series_objects, uuid_for
from tests.support.s3server import Conditions, Server, serve

SLICES = 8
UUID = uuid_for("interrupted")
RAMP = np.arange(10_000, dtype=np.uint16).reshape(100, 100)  # a picture that nothing is warned of
OBJECTS = series_objects(
    SLICES,
    lambda i: make_object(series="interrupted", position=(0, 0, i), instance_number=i, pixels=RAMP),
    "interrupted",
)
SIGNALS = (SIGINT, SIGTERM, SIGHUP)
PHASES = {"listing": 0, "headers": 1, "pixels": 1 + SLICES}
"""What is under way when the server falls silent after so many answers."""


def arguments(out: Path, *options: str) -> list[str]:
    return [UUID, str(out), "--root", "s3://bucket", "--timeout", "600", *options]


def ended(process: subprocess.Popen[str], signal: Signals) -> tuple[int, str, str]:
    """Status, stdout and stderr of a run that ends by the signal: a request alone would wait much longer."""
    process.send_signal(signal)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def silent_in(phase: str) -> Conditions:
    return Conditions(silent_after=PHASES[phase])


def is_in(server: Server, phase: str) -> bool:
    return len(server.requests) > PHASES[phase]


@pytest.mark.parametrize(
    ("signal", "options"),
    [*((signal, ()) for signal in SIGNALS), (SIGINT, ("-v",))],
    ids=[*(signal.name for signal in SIGNALS), "verbose"],
)
@pytest.mark.parametrize("phase", PHASES)
def test_a_signal_ends_every_phase(
    tmp_path: Path, phase: str, signal: Signals, options: tuple[str, ...]
) -> None:
    out = tmp_path / "out.webp"
    out.write_bytes(b"old")
    with serve(OBJECTS, silent_in(phase)) as server:
        process = start(*arguments(out, *options), env=s3(server.endpoint))
        wait_until(lambda: is_in(server, phase))
        status, said, err = ended(process, signal)
    assert (status, said) == (1, "")
    assert [line for line in err.splitlines() if not line.startswith("info: ")] == ["Interrupted."]
    assert out.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["out.webp"]


@pytest.mark.parametrize("signal", SIGNALS, ids=lambda signal: signal.name)
@pytest.mark.parametrize("module", ["gc", "dicom_series_preview.shell.cli.app", "numpy", "PIL.Image"])
def test_a_signal_while_the_command_loads_ends_it(tmp_path: Path, signal: Signals, module: str) -> None:
    """Also before it has begun: the signal comes when a module is looked for, which is told by an audit hook."""
    hook = f"""
import os, sys
def hook(event, arguments):
    if event == "import" and arguments[0] == {module!r} and "dicom_series_preview" in sys.modules:
        os.kill(os.getpid(), {signal.value})
sys.addaudithook(hook)
"""
    (tmp_path / "sitecustomize.py").write_text(hook)
    folder, out = tmp_path / "s", tmp_path / "out.webp"
    folder.mkdir()
    (folder / "1.dcm").write_bytes(next(iter(OBJECTS.values())))
    out.write_bytes(b"old")
    path = os.pathsep.join([str(tmp_path), *sys.path])
    ran = run_process(folder, out, env={"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"})
    assert (ran.status, ran.out, ran.messages) == (1, "", ["Interrupted."])
    assert out.read_bytes() == b"old"
    assert {entry.name for entry in tmp_path.iterdir()} == {"sitecustomize.py", "s", "out.webp"}


def test_a_second_signal_changes_nothing(tmp_path: Path) -> None:
    with serve(OBJECTS, silent_in("headers")) as server:
        process = start(*arguments(tmp_path / "out.webp"), env=s3(server.endpoint))
        wait_until(lambda: is_in(server, "headers"))
        process.send_signal(SIGINT)
        status, _, err = ended(process, SIGINT)
    assert status == 1
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("phase", PHASES)
def test_ctrl_c_on_a_terminal_leaves_it_as_it_was(tmp_path: Path, phase: str) -> None:
    with serve(OBJECTS, silent_in(phase)) as server:
        terminal = pexpect.spawn(
            COMMAND[0],
            [*COMMAND[1:], *arguments(tmp_path / "out.webp")],
            env=environment(s3(server.endpoint, TERM="xterm")),
            encoding="utf-8",
            timeout=60,
        )
        wait_until(lambda: is_in(server, phase))
        terminal.expect_exact(phase)  # the bar names what it waits for
        terminal.sendintr()
        terminal.expect(pexpect.EOF)
        said = str(terminal.before)
        terminal.close()
    assert terminal.exitstatus == 1
    assert "Traceback" not in said
    assert said.splitlines()[-1] == "Interrupted."
    assert said.rfind("\x1b[?25h") > said.rfind("\x1b[?25l")  # the cursor is shown again
    assert list(tmp_path.iterdir()) == []
