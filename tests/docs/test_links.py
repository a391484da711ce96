"""Links, anchors and pictures of the README and the pages, and the site as a whole."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import attrs
import pytest

import dicom_series_preview
from tests.docs.conftest import Run
from tests.docs.pages import PAGES, ROOT, links

LARGEST: Final = 100_000  # bytes of a picture


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_to_what_is_there(page: Path) -> None:
    for link in links(page):
        if link.startswith(("https://", "http://")):
            continue
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        assert target.exists(), link
        if anchor and target.suffix == ".md" and not anchor.startswith("dicom_series_preview."):
            titles = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            found = {re.sub(r"[^\w -]", "", title.lower()).strip().replace(" ", "-") for title in titles}
            assert anchor in found, link


def test_pictures_are_small_and_used() -> None:
    used = {(page.parent / link).resolve() for page in PAGES for link in links(page)}
    for picture in sorted((ROOT / "docs").glob("*.webp")):
        assert picture.stat().st_size <= LARGEST, picture
        assert picture in used, picture


def test_every_page_is_in_the_navigation() -> None:
    config = (ROOT / "docs" / "site" / "mkdocs.yml").read_text(encoding="utf-8")
    named = set(re.findall(r": ([\w-]+\.md)$", config, re.MULTILINE))
    assert named == {page.name for page in PAGES if page.parent != ROOT}


@pytest.mark.skipif(find_spec("mkdocs") is None, reason="the extra docs is not installed")
def test_the_site_is_built_without_a_warning(tmp_path: Path, run: Run) -> None:
    arguments = ("build", "--strict", "-f", str(ROOT / "docs/site/mkdocs.yml"), "-d", str(tmp_path / "site"))
    done = run(tmp_path, "-m", "mkdocs", *arguments)
    assert done.returncode == 0, done.stderr[-3000:]
    shown = (tmp_path / "site" / "command-line.html").read_text(encoding="utf-8")
    assert "--contrast-preset" in shown
    assert "<!-- command-line -->" not in shown
    python = re.sub("<[^>]+>", "", (tmp_path / "site" / "python.html").read_text(encoding="utf-8"))
    public = [getattr(dicom_series_preview, name) for name in dicom_series_preview.__all__]
    made = [one for one in public if isinstance(one, type) and attrs.has(one)]
    assert dicom_series_preview.Options in made
    for one in made:
        call = python.partition(f"{one.__name__}(\n")[2].partition("\n)")[0]
        told = [line.strip().partition(":")[0] for line in call.splitlines()]
        assert told == [field.name for field in attrs.fields(one)], one
