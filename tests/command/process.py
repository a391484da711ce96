"""The command as a person runs it: a process of its own, with an environment of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic

from attrs import frozen

COMMAND = (sys.executable, "-m", "dicom_series_preview")

_PATIENCE = 180.0  # s until a process is given up: machines may be slow


@frozen
class Ran:
    """How a run ended, and what it said."""

    status: int
    out: str
    err: str

    @property
    def messages(self) -> list[str]:
        """The lines on stderr, which are paragraphs."""
        return self.err.splitlines()


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without what would change a run, and with `more`."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "GOOGLE_", "AZURE_", "DICOM_SERIES_PREVIEW_", "PYTHON"))
    }
    return kept | {"COLUMNS": "100", "PYTHONPATH": os.pathsep.join(sys.path)} | dict(more or {})


def run_process(
    *arguments: str | Path, folder: Path | None = None, env: Mapping[str, str] | None = None
) -> Ran:
    """Run the command to its end in `folder`, with `env` in its environment."""
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        cwd=folder,
        env=environment(env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def start(*arguments: str | Path, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """Start the command, to be interrupted."""
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        env=environment(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for what another thread or process brings about."""
    latest = monotonic() + _PATIENCE
    while not condition():
        assert monotonic() < latest, "it did not come about"
        threading.Event().wait(0.005)


def s3(endpoint: str, **more: str) -> Mapping[str, str]:
    """The environment in which s3:// means the server at `endpoint`."""
    return {"AWS_ENDPOINT_URL": endpoint, "AWS_REGION": "us-east-1", **more}
