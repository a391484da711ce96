"""The notebook of the docs, carried out: pictures, tiles, and a refusal in words."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.docs.pages import ROOT

NOTEBOOK = ROOT / "docs" / "preview.ipynb"


@pytest.fixture(scope="module")
def cells(examples: Path, environment: dict[str, str]) -> list[dict[str, Any]]:
    """The cells of code after they ran, beside the folder that the command `demo` wrote."""
    pytest.importorskip("nbconvert", reason="nbconvert is not installed")
    pytest.importorskip("ipykernel", reason="ipykernel is not installed")
    (examples / "preview.ipynb").write_bytes(NOTEBOOK.read_bytes())
    done = subprocess.run(
        [
            *(sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute"),
            *("--ExecutePreprocessor.timeout=300", "--output", "done.ipynb", "preview.ipynb"),
        ],
        cwd=examples,
        env={**environment, "JUPYTER_PLATFORM_DIRS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads((examples / "done.ipynb").read_text(encoding="utf-8"))["cells"]
    return [cell for cell in found if cell["cell_type"] == "code"]


def pictures(cells: list[dict[str, Any]]) -> list[Image.Image]:
    data = [output.get("data", {}) for cell in cells for output in cell["outputs"]]
    return [Image.open(BytesIO(base64.b64decode(one["image/png"]))) for one in data if "image/png" in one]


def printed(cells: list[dict[str, Any]]) -> str:
    return "".join("".join(output.get("text", "")) for cell in cells for output in cell["outputs"])


def test_it_is_kept_without_what_it_gave() -> None:
    kept = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    assert all(cell["outputs"] == [] for cell in kept if cell["cell_type"] == "code")


def test_it_shows_a_mosaic_and_a_slice(cells: list[dict[str, Any]]) -> None:
    mosaic, single = pictures(cells)
    assert mosaic.size == (4 * 128, 3 * 128)
    assert single.size == (320, 320)
    assert all(np.asarray(one).std() > 10 for one in (mosaic, single))


def test_it_tells_tiles_and_a_refusal(cells: list[dict[str, Any]]) -> None:
    said = printed(cells)
    assert "Rect(left=128, top=0, width=128, height=128)" in said
    assert "slice_offset" in said or "--slice-offset" in said
    assert "(384, 512) uint8" in said
