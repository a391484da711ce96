"""A folder in which the examples of the docs find what they speak of."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command.here import run as run_here
from tests.docs.pages import ROOT

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """Of a process that finds the package, wherever it runs."""
    paths = [str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}


@pytest.fixture(scope="session")
def run(environment: dict[str, str]) -> Run:
    """Run this interpreter with arguments in a folder."""

    def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            errors="replace",  # a picture on standard output is no text
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the examples read: series, an index, what a batch has left."""
    folder = tmp_path_factory.mktemp("examples")
    listed = folder / "list.txt"
    listed.write_text("./demo-series\n", encoding="utf-8")
    for arguments in (
        ("demo", "demo-series"),
        ("build-index", "./demo-series", "series.parquet"),
        ("batch", "list.txt", "previews", "--workers", "1"),
    ):
        done = run_here(*arguments, folder=folder)
        assert done.status == 0, done.err
    series = next(path for path in (folder / "demo-series").iterdir() if path.is_dir())
    for name in ("my scans/chest", "knee"):
        shutil.copytree(series, folder / name)
    return folder
