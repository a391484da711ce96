"""The tables of fields in the docs name what is written, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

from dicom_series_preview import Row
from dicom_series_preview.core.grey import PRESETS
from tests.docs.conftest import Run
from tests.docs.pages import ROOT


def first_cells(page: str) -> list[str]:
    """What stands in code in the first cells of the tables of a page; `.b` after `a[].c` is `a[].b`."""
    names: list[str] = []
    for line in (ROOT / "docs" / page).read_text(encoding="utf-8").splitlines():
        cell = line.split("|")[1] if line.startswith("| `") else ""
        for name in re.findall(r"`([^`]+)`", cell):
            names.append(f"{names[-1].rpartition('.')[0]}{name}" if name.startswith(".") else name)
    return names


def paths(value: Any, above: str = "") -> Iterator[str]:
    """Every field of a JSON value as the docs write it."""
    match value:
        case dict():
            for name, below in value.items():
                yield f"{above}{name}"
                yield from paths(below, f"{above}{name}.")
        case list():
            for below in value:
                yield from paths(below, f"{above.removesuffix('.')}[].")
        case _:
            pass


def test_windows_by_name() -> None:
    text = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
    names, windows = (
        [cell.strip() for cell in line.strip("|").split("|")[1:]]
        for line in text.splitlines()
        if line.startswith(("| preset", "| width"))
    )
    told = dict(zip(names, windows, strict=True))
    assert told == {name: f"{width}, {center}" for name, (width, center) in PRESETS.items()}


def test_columns_of_results() -> None:
    assert first_cells("results.md") == [field.name for field in attrs.fields(Row)]


def test_fields_of_a_tile_map(examples: Path, run: Run) -> None:
    done = run(examples, "-m", "dicom_series_preview", "./demo-series", "told.webp", "--map", "told.json")
    assert done.returncode == 0, done.stderr
    told = json.loads((examples / "told.json").read_text(encoding="utf-8"))
    assert first_cells("tile-map.md") == [*told, *told["tiles"][0]]


def test_fields_of_info(examples: Path, run: Run) -> None:
    done = run(examples, "-m", "dicom_series_preview", "info", "./demo-series", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    named = first_cells("info.md")
    assert [name for name in named if "[]" not in name] == list(told)
    assert set(paths(told)) <= set(named)
