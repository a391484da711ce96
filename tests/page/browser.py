"""Debian's Chromium, driven by Playwright, and what a page must not do while it is looked at."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import pytest
from attrs import define, field

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Request, ViewportSize

_ARGUMENTS: Final = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--no-first-run", "--host-resolver-rules=MAP gallery.test 127.0.0.1"),
)

_PATIENCE: Final = 120.0  # s until what is waited for is given up

_WATCH: Final = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.violations.push(`${event.violatedDirective} ${event.blockedURI}`);
});
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser; where there is none the tests are skipped."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    binary = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if binary is None:
        pytest.skip("there is no Chromium here (apt-get install chromium)")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=binary, args=list(_ARGUMENTS))
        yield browser
        browser.close()


VIEWPORT: Final[ViewportSize] = {"width": 1200, "height": 800}


@define(eq=False)
class Looked:
    """A page that is looked at, and all that it said and asked for meanwhile."""

    page: Page
    context: BrowserContext
    console: list[str] = field(factory=list)
    asked: list[str] = field(factory=list)

    def go(self, address: str, viewport: ViewportSize = VIEWPORT) -> None:
        """Open an address, as if nothing had been looked at before."""
        self.console.clear()
        self.asked.clear()
        self.page.set_viewport_size(viewport)
        self.page.goto(address)

    def leave(self) -> None:
        """Leave the page, and nothing that the next one could notice."""
        self.page.goto("about:blank")
        self.page.unroute_all()
        self.page.mouse.move(0, 0)
        self.context.clear_permissions()

    def names(self) -> list[str]:
        """What the cards that are in the document are called, in their order."""
        return self.page.locator(".card .name").all_inner_texts()

    def script(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page."""
        return self.page.evaluate(expression)

    def focused(self) -> str:
        """The text, or the name, of the element that has the focus."""
        return str(self.script("document.activeElement.ariaLabel ?? document.activeElement.textContent"))

    def wait_for_focus(self, text: str) -> None:
        """Wait until an element with `text` has the focus: a dialog that closes gives it back a little later."""
        self.until(f"document.activeElement.textContent.includes({json.dumps(text)})")

    def until(self, condition: str) -> None:
        """Wait until a JavaScript condition holds.

        Playwright's own way to wait for one evaluates it inside the page, which the page's policy forbids.
        """
        deadline = monotonic() + _PATIENCE
        while not self.script(condition):
            assert monotonic() < deadline, condition
            self.page.wait_for_timeout(20)

    def drawn(self) -> None:
        """Wait until the page has drawn what a scroll or a change of size asks for, in the next frame."""
        self.script("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def assert_quiet(self) -> None:
        """It logged nothing, met no policy, and asked for nothing but itself and pictures beside it."""
        address = self.page.url.partition("#")[0].partition("?")[0]
        folder = address.rpartition("/")[0]
        assert self.console == []
        assert self.script("window.violations ?? []") == []
        foreign = [url for url in self.asked if url != address and not _is_picture(url, folder)]
        assert foreign == []


def _is_picture(url: str, folder: str) -> bool:
    path = urlsplit(url).path
    return url.startswith(f"{folder}/") and path.rpartition(".")[2] in ("webp", "png", "jpg", "jpeg")


def look(browser: Browser, address: str, **options: Any) -> Looked:
    """Open a page in a fresh context; `options` are those of Playwright's `new_context`."""
    context = browser.new_context(**{"viewport": VIEWPORT, **options})
    context.set_default_timeout(1000 * _PATIENCE)
    page = context.new_page()
    looked = Looked(page, context)

    def ask(request: Request) -> None:
        if not request.url.startswith("data:"):
            looked.asked.append(request.url)

    page.on("console", lambda message: looked.console.append(message.text))
    page.on("pageerror", lambda error: looked.console.append(str(error)))
    page.on("request", ask)
    page.add_init_script(_WATCH)
    page.goto(address)
    return looked
