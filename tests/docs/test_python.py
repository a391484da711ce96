"""The Python of the README and the pages, against the package as it is installed: types, and what it does."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from zipfile import ZipFile

import pytest

from tests.docs.pages import ROOT, Block, blocks

PACKAGE: Final = "dicom_series_preview"
WRONG: Final = "wrong.py"
BUILD: Final = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"

CONFIGURATION: Final = """
[mypy]
[mypy-IPython.*,PIL.*,av.*,cryptography.*,distributed.*,pydicom.*,rich.*,urllib3.*]
follow_imports = skip
"""
"""Libraries that no example names are not looked into, which would be half of the time."""

RUN: Final = "import runpy, sys; [runpy.run_path(one, run_name='__main__') for one in sys.argv[1:]]"

PYTHON: Final = [block for block in blocks("python") if PACKAGE in block.text]
"""What uses this package: the rest is other libraries' business."""

Do = Callable[..., subprocess.CompletedProcess[str]]


def file_of(block: Block) -> str:
    return f"{block.page.stem.replace('-', '_').lower()}_{block.line}.py"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment with the wheel, and what this one has installed beside it."""
    pytest.importorskip("hatchling", reason="hatchling, which builds the wheel, is not installed")
    folder = tmp_path_factory.mktemp("installed")
    built = subprocess.run(
        [sys.executable, "-c", BUILD, str(folder)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    venv.create(folder / "venv", symlinks=os.name != "nt")
    scope = {"base": str(folder / "venv"), "platbase": str(folder / "venv")}
    packages = Path(sysconfig.get_path("purelib", "venv", scope))
    with ZipFile(folder / built.stdout.split()[-1]) as wheel:
        wheel.extractall(packages)
    # A line of such a file is a folder to look in; what is installed there from a checkout is not followed.
    others = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (packages / "others.pth").write_text("\n".join(sorted(others)), encoding="utf-8")
    return Path(sysconfig.get_path("scripts", "venv", scope)) / Path(sys.executable).name


@pytest.fixture(scope="module")
def written(examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the examples read, and each of them as a file."""
    folder = tmp_path_factory.mktemp("python") / "examples"
    shutil.copytree(examples, folder)
    for block in PYTHON:
        (folder / file_of(block)).write_text(block.text, encoding="utf-8")
    wrong = f"from {PACKAGE} import Options, preview\n\npreview(Options('a')).encode('png')\n"
    (folder / WRONG).write_text(wrong, encoding="utf-8")
    (folder / "mypy.ini").write_text(CONFIGURATION, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def do(written: Path) -> Do:
    """Run a program beside the examples, where nothing leads to the checkout."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "MYPYPATH")}

    def do(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*map(str, arguments)],
            cwd=written,
            env={**kept, "PYTHONPYCACHEPREFIX": str(written / "pycache"), "PYTHON_COLORS": "0"},
            capture_output=True,
            text=True,
            check=False,
        )

    return do


def test_the_package_is_that_of_the_wheel(installed: Path, do: Do) -> None:
    done = do(installed, "-c", f"import {PACKAGE} as one; print(one.__file__)")
    assert Path(done.stdout.strip()).is_relative_to(installed.parents[1])


def test_examples_are_strictly_typed(installed: Path, do: Do) -> None:
    """And one that is wrong is refused: else nothing would have been looked at."""
    done = do(
        *(sys.executable, "-m", "mypy", "--strict", "--config-file", "mypy.ini", "--no-error-summary"),
        *("--cache-dir", os.devnull, "--python-executable", installed, *map(file_of, PYTHON), WRONG),
    )
    (error,) = done.stdout.splitlines()
    assert error.startswith(f"{WRONG}:3: error: ")


@pytest.mark.skipif(find_spec("pyright") is None, reason="pyright is not installed")
def test_examples_are_typed_for_another_checker(installed: Path, do: Do) -> None:
    if do(sys.executable, "-m", "pyright", "--version").returncode:
        pytest.skip("pyright cannot fetch what it runs on: there is no network")
    done = do(
        *(sys.executable, "-m", "pyright", "--level", "error", "--outputjson", "--pythonpath", installed),
        *(*map(file_of, PYTHON), WRONG),
    )
    (error,) = json.loads(done.stdout)["generalDiagnostics"]
    assert (Path(error["file"]).name, error["range"]["start"]["line"] + 1) == (WRONG, 3)


def test_examples_run(installed: Path, do: Do) -> None:
    """All in one process, but for those that start others."""
    alone = [[file_of(block)] for block in PYTHON if "__main__" in block.text]
    others = [file_of(block) for block in PYTHON if "__main__" not in block.text]
    for files in (others, *alone):
        done = do(installed, "-c", RUN, *files)
        assert (done.returncode, done.stderr) == (0, "")
