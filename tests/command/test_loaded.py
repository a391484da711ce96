"""What a preview waits for before it can begin: pydicom is not among it."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from tests.command.process import environment
from tests.support.dicom import make_object

SYNTAXES = (
    ImplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
    RLELossless,
    JPEGBaseline8Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEG2000Lossless,
)


_PROGRAM: Final = """
import sys
from dicom_series_preview.shell.cli.app import run_command
status = run_command(sys.argv[1:])
print(*sys.modules)
sys.exit(status)
"""


def _loaded(*arguments: str | Path) -> set[str]:
    """The modules that the command has imported at its end, from whatever thread."""
    command = [sys.executable, "-c", _PROGRAM, *map(str, arguments)]
    ran = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return set(ran.stdout.split())


def _is_there(library: str, loaded: set[str]) -> bool:
    return any(name.split(".")[0] == library for name in loaded)


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda syntax: syntax.name)
def test_a_preview_does_not_wait_for_pydicom(tmp_path: Path, syntax: str) -> None:
    kind = np.uint8 if syntax == JPEGBaseline8Bit else np.uint16
    pixels = np.arange(64 * 64, dtype=kind).reshape(64, 64)
    folder = tmp_path / "series"
    folder.mkdir()
    (folder / "one.dcm").write_bytes(make_object(pixels=pixels, transfer_syntax=syntax))
    loaded = _loaded(folder, tmp_path / "picture.webp")
    assert _is_there("numpy", loaded)
    assert not _is_there("pydicom", loaded)
    assert not _is_there("pyarrow", loaded)


def test_an_index_takes_names_and_character_sets_from_it(tmp_path: Path) -> None:
    folder = tmp_path / "series"
    folder.mkdir()
    (folder / "one.dcm").write_bytes(make_object())
    loaded = _loaded("build-index", folder, tmp_path / "index.parquet")
    assert _is_there("pydicom", loaded)
    # pyarrow would load it, for nothing: it is there, and takes longer than the index.
    assert find_spec("pandas") is not None
    assert not _is_there("pandas", loaded)


def test_a_worker_of_a_batch_that_writes_no_index_loads_neither() -> None:
    """Each of many workers would hold twice the memory."""
    program = (
        "import sys; from dicom_series_preview.shell.batch import engine, make, worker; print(*sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], env=environment(), capture_output=True, text=True, check=True
    )
    loaded = set(ran.stdout.split())
    assert _is_there("dicom_series_preview", loaded)
    assert not _is_there("pydicom", loaded)
    assert not _is_there("pyarrow", loaded)
