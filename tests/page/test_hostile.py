"""Whatever headers hold is seen as text: nothing of it runs, is markup, or spoils what is beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
from attrs import evolve

from dicom_series_preview.core.batch.row import Row, Status
from tests.page.collection import failed, row, write
from tests.page.conftest import Opener

HOSTILE: Final = {
    "end of script": "</script><script>window.pwned = 1</script>",
    "comment": "<!--<script>",
    "image": "<img src=x onerror='window.pwned = 1'>",
    "quotes": '"\'`><b onmouseover="window.pwned = 1">',
    "entities": "&lt;b&gt; &amp;amp; &#60;",
    "right to left": "\u202eevil\u2066abc",
    "arabic": "صورة الصدر 4 mm",
    "separators": "a\u2028b\u2029c",
    "emoji": "👩‍⚕️ 🫀 scan",
    "template": "{{script}} ${window.pwned = 1}",
    "prototype": "__proto__",
    "address": "javascript:window.pwned=1",
    "long": ("Ω long " * 1500).strip(),
    "one word": "W" * 10_000,
    "marks": "Z" + "\u0301" * 300,
}


def _rows() -> list[Row]:
    made = []
    for number, text in enumerate(HOSTILE.values(), 1):
        here = row(number, text, text[:16], text, number)
        here = evolve(here, window=text, axis=text, version=text, location=text, remarks=(text, text))
        made.append(here)
        made.append(evolve(failed(here, Status.FAILED, text), series=f"1.2.{number}", fault=text))
    return made


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of nothing else."""
    return write(tmp_path_factory.mktemp("hostile"), _rows())


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_is_shown_as_it_is(hostile: Path, opened: Opener, name: str) -> None:
    text = HOSTILE[name]
    number = list(HOSTILE).index(name) + 1
    gallery = opened(f"{hostile.as_uri()}#series=1.2.{number}")
    dialog = gallery.page.get_by_role("dialog")
    assert dialog.locator("h2").text_content() == text
    assert dialog.locator(".why").text_content() == text
    assert dialog.locator(".remarks li").all_text_contents() == [text, text]
    values = dialog.locator("dd").all_text_contents()
    assert values.count(text) >= 4  # collection, axis, window, location
    gallery.page.keyboard.press("Escape")
    gallery.page.get_by_label("Search series").fill(f"1.2.{number}")
    shown = gallery.page.locator(".card .name").first.text_content() or ""
    assert shown.removesuffix("…") == text[: len(shown.removesuffix("…"))] != ""
    assert gallery.script("window.pwned") is None


def test_no_text_becomes_markup(hostile: Path, opened: Opener) -> None:
    gallery = opened(hostile.as_uri())
    assert gallery.page.locator("script").count() == 2
    assert (
        gallery.page.locator("b, .card script, [onerror], [onmouseover], [onclick], [style*=url]").count()
        == 0
    )
    assert gallery.page.locator("#count").inner_text() == f"{2 * len(HOSTILE)} series"
    for box in gallery.page.get_by_role("checkbox").all():
        box.check()
    assert gallery.script("window.pwned") is None


@pytest.mark.parametrize("width", [320, 1200])
def test_no_text_is_wider_than_its_place(hostile: Path, opened: Opener, width: int) -> None:
    gallery = opened(hostile.as_uri(), viewport={"width": width, "height": 900})
    assert gallery.script("document.documentElement.scrollWidth") <= width
    for number in range(1, len(HOSTILE) + 1):
        gallery.page.goto(f"{hostile.as_uri()}#series=1.2.{number}")
        gallery.until("document.querySelector('dialog').open")
        assert gallery.script("document.querySelector('dialog').scrollWidth") <= width
        assert gallery.page.get_by_role("button", name="Close").is_visible()
        gallery.page.get_by_role("button", name="Close").click()
