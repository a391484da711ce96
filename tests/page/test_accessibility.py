"""axe-core finds nothing serious, in light and dark, narrow and wide; counts and copies are told aloud."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.page.browser import Looked
from tests.page.conftest import Opener

AXE = "axe-core@4"


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """axe-core's script, from npm."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("there is no npm here (apt-get install npm), which axe-core comes from")
    folder = tmp_path_factory.mktemp("axe")
    command = [npm, "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--ignore-scripts", AXE]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    script = folder / "node_modules" / "axe-core" / "axe.min.js"
    if done.returncode or not script.exists():
        pytest.skip(f"axe-core cannot be installed: {done.stderr.strip()[-300:]}")
    return script.read_text(encoding="utf-8")


def _findings(gallery: Looked, axe: str) -> list[str]:
    gallery.script(axe)
    found: dict[str, Any] = gallery.script("axe.run()")
    return [
        f"{one['id']} ({one['impact']}): {node['html'][:120]} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


def _open_dialog(gallery: Looked, name: str) -> None:
    gallery.page.get_by_role("button", name=name).click()
    gallery.page.get_by_role("dialog").wait_for()


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1200, "dark")])
def test_axe_finds_nothing(folder: Path, opened: Opener, axe: str, width: int, scheme: str) -> None:
    address = (folder / "index.html").as_uri()
    size = {"width": width, "height": 800}
    gallery = opened(address, color_scheme=scheme, viewport=size, reduced_motion="reduce")
    assert _findings(gallery, axe) == []
    if width == 320:
        gallery.page.get_by_role("button", name="Filters").click()
    gallery.page.get_by_role("checkbox", name="CT").check()
    assert _findings(gallery, axe) == []
    _open_dialog(gallery, "Thorax 4 mm")
    gallery.page.get_by_role("button", name="Copy the command", exact=True).click()
    assert _findings(gallery, axe) == []
    gallery.page.keyboard.press("Escape")
    gallery.page.get_by_label("Search series").fill("nowhere")
    assert _findings(gallery, axe) == []
    gallery.page.get_by_role("button", name="Show all").click()
    gallery.page.get_by_label("Search series").fill("Mammo")
    _open_dialog(gallery, "Mammography")
    assert _findings(gallery, axe) == []


def test_everything_has_its_name_and_its_place(gallery: Looked) -> None:
    """As a screen reader tells it."""
    tree = gallery.page.locator("body").aria_snapshot()
    for line in (
        '- searchbox "Search series"',
        '- combobox "Sort"',
        '- slider "Size of the pictures"',
        '- group "Modality"',
        '- checkbox "CT 2"',
        '- list "Series"',
        '- button "Thorax 4 mm CT · 105 slices · lungs"',
        '- button "Abdomen portal 2 warnings · CT · 60 slices · livers"',
    ):
        assert line in tree
    cards = gallery.page.locator("#cards > li").all()
    places = [(card.get_attribute("aria-posinset"), card.get_attribute("aria-setsize")) for card in cards]
    assert places == [(str(place), "9") for place in range(1, 10)]


def test_what_changes_is_told(gallery: Looked) -> None:
    """In live regions that were there before."""
    status = gallery.page.locator("#count")
    assert status.get_attribute("role") == "status"
    gallery.page.get_by_label("Search series").fill("lungs")
    assert status.inner_text() == "2 of 9 series"
    _open_dialog(gallery, "Thorax 4 mm")
    assert gallery.focused() == "Thorax 4 mm"
    said = gallery.page.get_by_role("dialog").get_by_role("status")
    assert said.inner_text() == ""
    gallery.page.locator(".tile").first.click()
    said.get_by_text("Copied dicom-series-preview").wait_for()
    assert gallery.page.locator(".tile").first.get_attribute("aria-label") == (
        "Slice 1 of 105 · Z −488.5 mm · window width 400, center 40: copy the command that shows it"
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_follows_the_readers_colours(folder: Path, opened: Opener, scheme: str) -> None:
    gallery = opened((folder / "index.html").as_uri(), color_scheme=scheme)
    paper = gallery.script("getComputedStyle(document.body).backgroundColor")
    levels = [int(level) for level in paper.removeprefix("rgb(").removesuffix(")").split(",")]
    assert (min(levels) > 200, max(levels) < 60) == (scheme == "light", scheme == "dark")
