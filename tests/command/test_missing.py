"""An installation that lacks what is large: what does not need it works, all else says what is missing."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from pydicom.uid import ExplicitVRLittleEndian, JPEG2000Lossless, RLELossless

from tests.command.process import Ran, run_process
from tests.support.dicom import make_object

LARGE: Final = ("pyarrow", "pydicom", "imagecodecs", "openjpeg", "gdcm", "obstore", "av")


@pytest.fixture
def series(tmp_path: Path) -> Path:
    folder = tmp_path / "series"
    folder.mkdir()
    return folder


def run_without(missing: tuple[str, ...], folder: Path, *arguments: str | Path) -> Ran:
    """Run the command in a Python that finds none of `missing`."""
    (folder / "sitecustomize.py").write_text(f"import sys\nsys.modules.update(dict.fromkeys({missing!r}))\n")
    return run_process(
        *arguments, folder=folder, env={"PYTHONPATH": os.pathsep.join((str(folder), *sys.path))}
    )


def write_object(series: Path, syntax: str) -> None:
    pixels = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64)
    (series / "one.dcm").write_bytes(make_object(pixels=pixels, transfer_syntax=syntax))


def test_an_uncompressed_series_needs_nothing_large(series: Path, tmp_path: Path) -> None:
    write_object(series, ExplicitVRLittleEndian)
    ran = run_without(LARGE, tmp_path, series, "a.webp")
    assert (ran.status, ran.err) == (0, "")
    assert (tmp_path / "a.webp").stat().st_size > 0


@pytest.mark.parametrize(
    ("syntax", "package"), [(RLELossless, "imagecodecs"), (JPEG2000Lossless, "pylibjpeg-openjpeg")]
)
def test_a_compressed_one_says_what_it_needs(syntax: str, package: str, series: Path, tmp_path: Path) -> None:
    write_object(series, syntax)
    ran = run_without(LARGE, tmp_path, series, "a.webp")
    assert (ran.status, ran.out) == (1, "")
    assert f"It needs the package {package}." in ran.err
    assert not (tmp_path / "a.webp").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("build-index", "./series", "index.parquet"),
        ("./series", "a.webp", "--index", "index.parquet"),
        ("batch", "list.txt", "previews"),
        ("gallery", "previews"),
    ],
    ids=" ".join,
)
def test_a_table_says_what_it_needs(arguments: tuple[str, ...], series: Path, tmp_path: Path) -> None:
    write_object(series, ExplicitVRLittleEndian)
    (tmp_path / "list.txt").write_text(f"{series}\n", encoding="utf-8")
    (tmp_path / "index.parquet").write_bytes(b"PAR1")
    (tmp_path / "previews" / "results").mkdir(parents=True)
    ran = run_without(("pyarrow",), tmp_path, *arguments)
    assert (ran.status, ran.out) == (1, "")
    (said,) = ran.messages
    assert said.startswith("error: pyarrow is missing, which this needs: install dicom-series-preview again")
