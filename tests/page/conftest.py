"""The collection, opened in a browser from a file and from a web server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.page.browser import Looked, chromium, look
from tests.page.collection import ROWS, write
from tests.support.servers import python_http

if TYPE_CHECKING:
    from playwright.sync_api import Browser

Opener = Callable[..., Looked]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One browser for all modules that follow one another: while Playwright runs, no other event loop can."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="package")
def kept(browser: Browser) -> Iterator[Looked]:
    """A tab that tests use in turn: a fresh one costs half a second of the processor."""
    looked = look(browser, "about:blank")
    yield looked
    looked.context.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a batch left: the collection, with its page; the name asks to be quoted."""
    made = tmp_path_factory.mktemp("out") / "a collection #1"
    made.mkdir()
    write(made, ROWS)
    return made


@pytest.fixture
def opened(browser: Browser, kept: Looked) -> Iterator[Opener]:
    """Opens addresses; whatever the test did, the pages stayed quiet.

    A second page, and one with other options than `viewport`, has a context of its own.
    """
    looked: list[Looked] = []

    def open_address(address: str, **options: Any) -> Looked:
        if kept in looked or not options.keys() <= {"viewport"}:
            looked.append(look(browser, address, **options))
        else:
            looked.append(kept)
            kept.go(address, **options)
        return looked[-1]

    yield open_address
    try:
        for one in looked:
            one.assert_quiet()
    finally:
        for one in looked:
            one.leave() if one is kept else one.context.close()


@pytest.fixture
def gallery(folder: Path, opened: Opener) -> Looked:
    """The collection's page, from a file."""
    return opened((folder / "index.html").as_uri())


@pytest.fixture(params=["file", "http"])
def anywhere(request: pytest.FixtureRequest, folder: Path, opened: Opener) -> Iterator[Looked]:
    """The collection's page, from a file and from a web server."""
    if request.param == "file":
        yield opened((folder / "index.html").as_uri())
        return
    with python_http(folder) as address:
        yield opened(f"{address}/index.html")
