"""Keyboard, Tab and narrow screens: everything can be reached, and nothing is wider than what it is seen on."""

from __future__ import annotations

from pathlib import Path

from tests.page.browser import Looked
from tests.page.collection import row, write
from tests.page.conftest import Opener


def test_the_keyboard_reaches_everything(anywhere: Looked) -> None:
    press = anywhere.page.keyboard.press
    press("/")
    assert anywhere.focused() == "Search series"
    anywhere.page.keyboard.type("mr/")  # a slash in the search is a slash
    assert anywhere.page.get_by_label("Search series").input_value() == "mr/"
    press("Backspace")
    press("ArrowDown")
    assert "T1 sagittal" in anywhere.focused()
    press("ArrowRight")
    assert "Schädel T2" in anywhere.focused()
    press("End")
    assert "fMRI" in anywhere.focused()
    press("ArrowRight")
    assert "fMRI" in anywhere.focused()
    press("Home")
    press("ArrowLeft")
    assert "T1 sagittal" in anywhere.focused()
    press("ArrowUp")
    assert anywhere.focused() == "Search series"


def test_arrows_up_and_down_keep_the_column(tmp_path: Path, opened: Opener) -> None:
    made = [row(n, f"number {n}", "CT") for n in range(1, 60)]
    gallery = opened(write(tmp_path, made).as_uri())
    columns = gallery.script("grid.columns")
    gallery.page.get_by_label("Search series").press("Enter")
    gallery.page.keyboard.press("ArrowRight")
    for step in range(1, 6):
        gallery.page.keyboard.press("ArrowDown")
        assert f"number {2 + step * columns}CT" in gallery.focused()
        assert gallery.page.locator(":focus").bounding_box()["y"] >= 60  # type: ignore[index]  # not under the head
    gallery.page.keyboard.press("ArrowUp")
    assert f"number {2 + 4 * columns}CT" in gallery.focused()
    gallery.page.keyboard.press("End")
    gallery.page.keyboard.press("ArrowDown")
    assert "number 59" in gallery.focused()
    assert gallery.page.locator(":focus").bounding_box()["y"] < 800 - 60  # type: ignore[index]


def test_plus_and_minus_change_the_size(gallery: Looked) -> None:
    size = gallery.page.get_by_label("Size of the pictures")
    before = int(size.input_value())
    gallery.page.keyboard.press("+")
    assert int(size.input_value()) > before
    gallery.page.keyboard.press("-")
    gallery.page.keyboard.press("-")
    assert int(size.input_value()) < before


def test_tab_goes_from_the_search_over_the_tools_and_filters_to_one_card(gallery: Looked) -> None:
    """Not over every card: arrows do that."""
    gallery.page.keyboard.press("/")
    reached = []
    for _ in range(30):
        gallery.page.keyboard.press("Tab")
        reached.append(
            gallery.script("document.activeElement.closest('.card, .filters, .tools')?.className ?? ''")
        )
        if reached[-1] == "card":
            break
    gallery.page.keyboard.press("Tab")
    assert reached[0] == "tools"
    assert reached.count("card") == 1
    assert "filters" in reached
    assert gallery.script("document.activeElement.closest('.card')") is None


def test_on_a_narrow_screen_a_button_shows_the_filters(folder: Path, opened: Opener) -> None:
    gallery = opened((folder / "index.html").as_uri(), viewport={"width": 320, "height": 640})
    box = gallery.page.get_by_label("Killed")
    assert not box.is_visible()
    gallery.page.get_by_role("button", name="Filters").click()
    box.check()
    assert gallery.names() == ["Whole slide"]
    assert gallery.script("document.documentElement.scrollWidth") <= 320


def test_nothing_is_wider_than_the_screen(gallery: Looked) -> None:
    for width in (320, 480, 768, 1024, 2560, 7680):
        gallery.page.set_viewport_size({"width": width, "height": 900})
        gallery.until(f"document.documentElement.scrollWidth <= {width}")
        gallery.page.get_by_role("button", name="Thorax 4 mm").click()
        assert gallery.script("document.querySelector('dialog').scrollWidth") <= width
        gallery.page.keyboard.press("Escape")


def test_without_scripts_the_page_says_so(folder: Path, opened: Opener) -> None:
    gallery = opened((folder / "index.html").as_uri(), java_script_enabled=False)
    assert gallery.page.locator("noscript p").is_visible()
