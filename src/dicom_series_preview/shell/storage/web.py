"""Folders of web servers as stores: listed by WebDAV where it is offered, else by HTML index pages."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, TypeAlias

from attrs import field, frozen
from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.ask.roots import HttpRoot, quote_path, show_root
from dicom_series_preview.core.dicomweb.media_types import read_media_type
from dicom_series_preview.core.faults.listings import NotAnIndex, TooDeep, TooLong, TooManyFolders
from dicom_series_preview.core.faults.storage import Busy, NotFound, StoreFault
from dicom_series_preview.core.storage.entries import Chunk, Entry, Limits, Page, is_safe, joined
from dicom_series_preview.core.storage.status_codes import BRINGS, web_refusal
from dicom_series_preview.core.storage.web_pages import (
    PROPFIND,
    PageFault,
    WebFolder,
    read_index,
    read_multistatus,
)
from dicom_series_preview.shell.storage.store import Network, bounded
from dicom_series_preview.shell.storage.web_client import Answer, Ask, WebClient

_EMPTY: Final = WebFolder((), ())

_Reader: TypeAlias = Callable[[bytes, str, Limits], Result[WebFolder, PageFault]]


@frozen
class Web:
    """A folder of a web server."""

    place: str
    _client: WebClient
    _no_webdav: threading.Event = field(factory=threading.Event, init=False, repr=False, eq=False)

    def pages(self, folder: str) -> Iterator[Result[Page, StoreFault]]:
        """One page for each folder below `folder`; see `Store.pages`."""
        return bounded(joined(self.place, folder), self._limits, self._pages(folder))

    def _pages(self, folder: str) -> Iterator[Result[Page, StoreFault]]:
        place, limits = joined(self.place, folder), self._limits
        waiting, seen = deque([""]), 1
        while waiting:
            below = waiting.popleft()
            if below.count("/") >= limits.depth:
                yield Failure(TooDeep(place, limits.depth))
                return
            found = self._list(joined(folder, below))
            if not is_successful(found):
                yield Failure(found.failure())
                return
            listed = found.unwrap()
            seen += len(listed.folders)
            if seen > limits.folders:
                yield Failure(TooManyFolders(place, limits.folders))
                return
            waiting.extend(joined(below, name) for name in listed.folders)
            if listed.files:
                yield Success(tuple(Entry(joined(below, entry.name), entry.size) for entry in listed.files))

    def read(self, name: str, start: int, stop: int | None) -> Result[Chunk, StoreFault]:
        """Read a range of a file; see `Store.read`."""
        if not is_safe(name):
            return Failure(NotFound(joined(self.place, name)))
        if stop is not None and stop <= start:
            return Success(Chunk(b"", None))
        url = self._url(name)
        return self._client.ask(Ask("GET", url, start, stop)).bind(partial(_chunk, url, start))

    def names(self, prefix: str) -> Iterator[Result[tuple[str, ...], StoreFault]]:
        """The folders in the root that begin with `prefix`, in any case, from one listing of it."""
        yield self._list("").map(
            lambda found: tuple(name for name in found.folders if name.lower().startswith(prefix))
        )

    def _url(self, name: str) -> str:
        return f"{self.place}/{quote_path(name)}" if name else self.place

    @property
    def _limits(self) -> Limits:
        return self._client.network.limits

    def _list(self, folder: str) -> Result[WebFolder, StoreFault]:
        """What lies directly in a folder; nothing if there is no such folder."""
        url, most = f"{self._url(folder)}/", self._limits.listing
        if not self._no_webdav.is_set():
            headers = {"Depth": "1", "Content-Type": "application/xml"}
            asked = self._client.ask(
                Ask("PROPFIND", url, stop=most, quiet=True, headers=headers, body=PROPFIND)
            )
            if is_successful(asked) and asked.unwrap().status == 207:
                return self._read(asked.unwrap(), read_multistatus)
            # Servers without WebDAV refuse in all ways, "internal error" and "not found" among them.
            if not is_successful(asked) and not isinstance(asked.failure(), Busy):
                return Failure(asked.failure())
            if not is_successful(asked) or asked.unwrap().status not in (401, 404, 410):
                self._no_webdav.set()
        return self._client.ask(Ask("GET", url, stop=most, quiet=True)).bind(self._page)

    def _page(self, page: Answer) -> Result[WebFolder, StoreFault]:
        """What an index page lists."""
        if page.status in (404, 410):
            return Success(_EMPTY)
        if page.status not in BRINGS:
            return Failure(web_refusal(page.status, page.url))
        kind = read_media_type(page.content_type).name or "text/plain"
        if kind not in ("text/html", "application/xhtml+xml"):
            return Failure(NotAnIndex(page.url, f"an answer of the type {kind}"))
        return self._read(page, read_index)

    def _read(self, answer: Answer, read: _Reader) -> Result[WebFolder, StoreFault]:
        if len(answer.data) >= self._limits.listing:
            return Failure(TooLong(answer.url, self._limits.listing))
        return read(answer.data, answer.url, self._limits)


def open_web(root: HttpRoot, network: Network) -> Result[Web, StoreFault]:
    """Open a folder of a web server; nothing is asked yet."""
    return Success(Web(show_root(root), WebClient(network, root.login)))


def _chunk(url: str, start: int, answer: Answer) -> Result[Chunk, StoreFault]:
    """What an answer brings of a file from `start` on."""
    if answer.status == 416:
        return Success(Chunk(b"", answer.size if answer.size is not None or start else 0))
    if answer.status not in BRINGS:
        return Failure(web_refusal(answer.status, url))
    return Success(Chunk(answer.data, answer.size, answer.tag))
