"""Ten thousand series: a small page, little of it in the document, and no key that waits for it.

Time is that of the page's thread as the browser counts it: what else the machine does is not in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from attrs import define, evolve

from dicom_series_preview.core.batch.row import Row, Status
from dicom_series_preview.core.page.gallery import LIMIT
from dicom_series_preview.shell.page.gallery import gallery_page
from tests.page.browser import Looked, look
from tests.page.collection import failed, row

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession

COUNT: Final = 10_000
WORDS: Final = ("CHEST", "ABDOMEN", "PELVIS", "HEAD W/O", "T2 FLAIR AX", "DWI b1000", "SCOUT", "MPRAGE")
MOST_ELEMENTS: Final = 1_000
MOST_SECONDS: Final = 0.2


def _row(number: int) -> Row:
    made = evolve(
        row(
            0, f"{WORDS[number % 8]} {number % 997} mm B{number % 71}f", ("CT", "MR", "PT", "MG")[number % 4]
        ),
        series=(series := f"{number * 2_654_435_761 % 2**32:08x}-5b1f-4a0e-9c3d-{number:012x}"),
        path=f"{series[:2]}/{series}.webp",
        collection=f"collection_{number % 120}",
        slices=number % 400,
        bytes=18_000 + number,
        bytes_read=19_000_000 + number,
        seconds=number / 1000,
        remarks=("7 objects repeat the SOPInstanceUID of another one.",) if number % 10 == 3 else (),
    )
    words = f"The object could not be shown: s3://bucket/{series}/{number}.dcm cannot be decoded."
    return failed(made, Status.FAILED, words) if number % 20 == 7 else made


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of ten thousand series; their pictures are one and the same, which is in the page."""
    folder = tmp_path_factory.mktemp("many")
    index = folder / "index.html"
    index.write_text(gallery_page(str(folder), [_row(number) for number in range(COUNT)]), encoding="utf-8")
    return index


@define
class Meter:
    """The browser's own counts."""

    session: CDPSession

    def read(self) -> dict[str, float]:
        metrics: list[dict[str, Any]] = self.session.send("Performance.getMetrics")["metrics"]
        return {one["name"]: float(one["value"]) for one in metrics}


@pytest.fixture
def counted(many: Path, browser: Browser) -> Iterator[tuple[Looked, Meter]]:
    """The page, loaded under the meter, in a context whose counts begin at nothing."""
    looked = look(browser, "about:blank")
    session = looked.context.new_cdp_session(looked.page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    # That pictures are missing is no matter here; the browser would log each of them.
    looked.page.route("**/*.webp", lambda route: route.fulfill(body=b"", content_type="image/webp"))
    looked.page.goto(many.as_uri())
    yield looked, Meter(session)
    looked.console.clear()
    looked.assert_quiet()
    looked.context.close()


def _elements(looked: Looked) -> int:
    return int(looked.script("document.querySelectorAll('*').length"))


def _scripting(meter: Meter, before: dict[str, float]) -> float:
    after = meter.read()
    return sum(
        after[name] - before[name] for name in ("ScriptDuration", "LayoutDuration", "RecalcStyleDuration")
    )


def test_the_page_is_at_most_three_megabytes(many: Path) -> None:
    assert many.stat().st_size <= LIMIT == 3_000_000


def test_the_first_screen_stands_after_little_work_and_few_elements(counted: tuple[Looked, Meter]) -> None:
    looked, meter = counted
    looked.page.locator(".card").first.wait_for()
    found = meter.read()
    assert _elements(looked) <= MOST_ELEMENTS
    assert found["ScriptDuration"] <= MOST_SECONDS
    assert looked.page.locator("#count").inner_text() == "10,000 series"


def test_each_key_of_a_search_takes_little_work(counted: tuple[Looked, Meter]) -> None:
    looked, meter = counted
    search = looked.page.get_by_label("Search series")
    seconds = []
    for key in [*"head w/o 12", *["Backspace"] * 11]:
        before = meter.read()
        search.press("Space" if key == " " else key)
        seconds.append(_scripting(meter, before))
    assert max(seconds) <= MOST_SECONDS
    assert looked.page.locator("#count").inner_text() == "10,000 series"


def test_sorting_and_filtering_take_little_work(counted: tuple[Looked, Meter]) -> None:
    looked, meter = counted
    box = looked.page.get_by_role("checkbox", name="MR")
    for order in ("Description", "Most slices", "Failures and warnings"):
        before = meter.read()
        looked.page.get_by_label("Sort").select_option(label=order)
        assert _scripting(meter, before) <= MOST_SECONDS
        before = meter.read()
        box.check()
        assert _scripting(meter, before) <= MOST_SECONDS
        assert looked.page.locator("#count").inner_text() == "2,500 of 10,000 series"
        box.uncheck()


def test_only_what_is_near_the_screen_is_in_the_document(counted: tuple[Looked, Meter]) -> None:
    """However far the reader scrolls, and however small the pictures are."""
    looked, _ = counted
    looked.page.get_by_label("Size of the pictures").fill("144")
    looked.drawn()
    most, seen = 0, set()
    height = int(looked.script("document.documentElement.scrollHeight"))
    for step in range(12):
        looked.script(f"scrollTo(0, {height} * {step} / 11)")
        looked.drawn()
        most = max(most, _elements(looked))
        seen |= set(looked.names())
    assert most <= MOST_ELEMENTS
    assert len(seen) > 300
    assert looked.script("shown.length - 1 in Object.fromEntries(placed)")


def test_the_keyboard_walks_to_the_end_and_back(counted: tuple[Looked, Meter]) -> None:
    looked, _ = counted
    looked.page.get_by_label("Search series").press("Enter")
    looked.page.keyboard.press("End")
    assert looked.script("document.activeElement.parentElement.ariaPosInSet") == "10000"
    looked.page.keyboard.press("PageUp")
    looked.script("scrollTo(0, 0)")
    looked.until("scrollY === 0 && !drawing")
    assert looked.script(
        "document.activeElement.closest('.card') !== null"
    )  # it is far away, but has the focus
    looked.page.keyboard.press("Home")
    assert looked.script("document.activeElement.parentElement.ariaPosInSet") == "1"
    assert _elements(looked) <= MOST_ELEMENTS
