"""S3: listed by our own requests, whose answers are looked at; read through obstore, which is quick at it.

Where the environment holds keys, requests are signed here and go nowhere else: such a store is read by our own
requests too, because the library would follow an answer elsewhere and take a session token along.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from threading import Lock, Thread
from typing import Final
from urllib.parse import urlsplit

from attrs import define, evolve, field, frozen
from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.ask.roots import S3Root, quote_path, show_root
from dicom_series_preview.core.faults.storage import BadSetting, CutShort, StoreFailed, StoreFault
from dicom_series_preview.core.storage.entries import Chunk, Entry, Page, below, is_safe, joined
from dicom_series_preview.core.storage.s3_listing import (
    KeyPage,
    Listing,
    folders_in,
    following,
    query,
    read_page,
)
from dicom_series_preview.core.storage.signing import (
    Keys,
    bucket_address,
    endpoint_problem,
    is_payer,
    is_signed,
    keys_of,
    region_of,
    sign,
)
from dicom_series_preview.core.storage.status_codes import BRINGS, s3_refusal
from dicom_series_preview.shell.storage.store import Network, Store, bounded
from dicom_series_preview.shell.storage.web_client import Answer, Ask, WebClient

_LONGEST_PAGE: Final = 8 << 20  # bytes; a thousand of the longest keys, each letter escaped, take as much


@frozen
class _Signer:
    """Signs the requests to a bucket; without keys it leaves them as they are."""

    keys: Keys | None
    region: str
    payer: bool

    def fields(self, url: str, asked: str) -> Mapping[str, str]:
        if self.keys is None:
            return {"x-amz-request-payer": "requester"} if self.payer else {}
        at = urlsplit(url)
        return sign(self.keys, self.region, at.netloc, at.path, asked, datetime.now(UTC), payer=self.payer)


@frozen
class Bucket:
    """A bucket of S3, or a prefix inside one."""

    place: str
    _root: S3Root
    _address: str
    _client: WebClient
    _signer: _Signer
    _reader: _Reader

    def pages(self, folder: str) -> Iterator[Result[Page, StoreFault]]:
        """Pages of a thousand objects; see `Store.pages`."""
        if self._signer.keys is None:
            # What will be read with is loaded while the listing is waited for.
            Thread(target=self._reader.open, daemon=True).start()
        limits = self._client.network.limits
        return bounded(joined(self.place, folder), limits, self._pages(folder))

    def _pages(self, folder: str) -> Iterator[Result[Page, StoreFault]]:
        place, whole = joined(self.place, folder), joined(self._root.prefix, folder)
        for page in self._listed(Listing(f"{whole}/" if whole else ""), place):
            named = page.map(lambda found: _below(found, whole))
            if named != Success(()):
                yield named

    def _listed(self, listing: Listing | None, place: str) -> Iterator[Result[KeyPage, StoreFault]]:
        """The pages of a listing; a failed one ends it."""
        while listing is not None:
            page = self._page(listing, place)
            yield page
            if not is_successful(page):
                return
            step = following(listing, page.unwrap(), place, self._client.network.limits)
            if not is_successful(step):
                yield Failure(step.failure())
                return
            listing = step.unwrap()

    def _page(self, listing: Listing, place: str) -> Result[KeyPage, StoreFault]:
        network, tries = self._client.network, 0
        answer = self._page_once(listing, place)
        # A page is long beside a header: it may break off more often than a request is made again.
        while isinstance(answer.swap().value_or(None), CutShort) and tries < network.retries:
            answer, tries = self._page_once(listing, place), tries + 1
        return answer.bind(lambda found: read_page(found.data, place, network.limits))

    def _page_once(self, listing: Listing, place: str) -> Result[Answer, StoreFault]:
        return self._ask(self._address, query(listing), place, 0, _LONGEST_PAGE, quiet=True)

    def _ask(
        self, url: str, asked: str, place: str, start: int, stop: int | None, *, quiet: bool = False
    ) -> Result[Answer, StoreFault]:
        """A request; an answer that is no success is the fault it tells of."""
        signed = self._signer.keys is not None
        ask = Ask(
            "GET",
            f"{url}?{asked}" if asked else url,
            start,
            stop,
            quiet=quiet,
            headers=self._signer.fields(url, asked),
            follow=not signed,
        )
        answer = self._client.ask(ask)
        if not is_successful(answer):
            return Failure(evolve(answer.failure(), place=place))
        got = answer.unwrap()
        if got.status in BRINGS or got.status == 416:
            return Success(got)
        return Failure(s3_refusal(got.status, got.data, got.fields, self._root, place, signed=signed))

    def read(self, name: str, start: int, stop: int | None) -> Result[Chunk, StoreFault]:
        """Read a range of an object; see `Store.read`."""
        if self._signer.keys is None:
            return self._reader.open().bind(lambda store: store.read(name, start, stop))
        place = joined(self.place, name)
        if not is_safe(name):
            return Failure(StoreFailed(place, "its name leads out of the folder, or is none."))
        if stop is not None and stop <= start:
            return Success(Chunk(b"", None))
        url = f"{self._address}/{quote_path(joined(self._root.prefix, name))}"
        return self._ask(url, "", place, start, stop).map(lambda got: _chunk(got, start))

    def names(self, prefix: str) -> Iterator[Result[tuple[str, ...], StoreFault]]:
        """Folders that begin with `prefix`, a thousand in a request; see `Store.names`."""
        inside = f"{self._root.prefix}/" if self._root.prefix else ""
        for page in self._listed(Listing(inside + prefix, by_folders=True), self.place):
            yield page.map(lambda found: folders_in(found, inside, prefix))


@define
class _Reader:
    """Opens the library's store when something is read: by then a listing has been waited for."""

    root: S3Root
    network: Network
    _lock: Lock = field(factory=Lock, init=False)
    _opened: Result[Store, StoreFault] | None = field(default=None, init=False)

    def open(self) -> Result[Store, StoreFault]:
        """The store, opened once, by whoever comes first."""
        with self._lock:
            if self._opened is None:
                from dicom_series_preview.shell.storage.objects import open_objects

                self._opened = open_objects(self.root, self.network)
            return self._opened


def _below(page: KeyPage, folder: str) -> Page:
    """The objects of a page by their names below a folder; what lies elsewhere gets a name that is refused."""
    named = [(below(entry.name, folder), entry) for entry in page.keys]
    # The object that stands for the folder itself has no name below it.
    return tuple(
        Entry(f"/{one.name}" if name is None else name, one.size) for name, one in named if name != ""
    )


def _chunk(answer: Answer, start: int) -> Chunk:
    if answer.status == 416:
        return Chunk(b"", answer.size if answer.size is not None or start else 0)
    return Chunk(answer.data, answer.size, answer.tag)


def open_s3(root: S3Root, network: Network) -> Result[Store, StoreFault]:
    """Open a bucket; nothing is asked yet.  Keys that would have to be asked for are the library's business."""
    place = show_root(root)
    problem = endpoint_problem(os.environ)
    if problem is not None:
        return Failure(BadSetting(place, problem))
    signed = is_signed(root, os.environ, has_login=False)
    keys = keys_of(os.environ) if signed else None
    if signed and keys is None:
        from dicom_series_preview.shell.storage.objects import open_objects

        return open_objects(root, network)
    region, address = region_of(root, os.environ), bucket_address(root, os.environ)
    reader = _Reader(root, network)
    payer = is_payer(os.environ.get("AWS_REQUEST_PAYER")).alt(partial(BadSetting, place))
    return payer.map(
        lambda pays: Bucket(place, root, address, WebClient(network), _Signer(keys, region, pays), reader)
    )
