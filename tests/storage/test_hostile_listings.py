"""Listings that are none, that never end, or that take long to read: told soon, in true words."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import count

import pytest
from returns.pipeline import is_successful

from dicom_series_preview.core.ask.roots import HttpRoot, S3Root
from dicom_series_preview.core.faults.listings import (
    EndlessListing,
    NotAnIndex,
    TooDeep,
    TooLong,
    TooManyFolders,
    TooManyObjects,
)
from dicom_series_preview.core.faults.storage import AccessDenied, NotFound, StoreFault
from dicom_series_preview.core.storage.entries import LIMITS, Entry, Limits
from dicom_series_preview.core.storage.web_pages import read_index, read_multistatus
from dicom_series_preview.shell.storage.open_store import open_store
from dicom_series_preview.shell.storage.store import Network, Store
from tests.support.scripted import Asked, Reply, Scripted, index_page, s3_bucket, scripted

URL = "http://host.example/s/"
QUICK = Network(timeout=5.0, retries=0)


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)


def web(server: Scripted, network: Network = QUICK) -> Store:
    return open_store(HttpRoot("http", f"127.0.0.1:{server.port}"), network).unwrap()


def s3(server: Scripted, patch: pytest.MonkeyPatch, network: Network = QUICK) -> Store:
    patch.setenv("AWS_ENDPOINT_URL", server.url)
    return open_store(S3Root("b"), network).unwrap()


def end(store: Store) -> StoreFault:
    """How a listing ends that fails."""
    *_, last = store.pages("s")
    return last.failure()


def names(store: Store) -> list[str]:
    return [entry.name for page in store.pages("s") for entry in page.unwrap()]


class TestWeb:
    @pytest.mark.parametrize("links", [["s/"], ["a/", "s/"], ["../s/s/"], ["./a/", "./b/", "./c/", "1.dcm"]])
    def test_a_page_that_leads_to_itself_ends(self, links: list[str]) -> None:
        with scripted(lambda asked: Reply(405) if asked.method != "GET" else index_page(links)) as server:
            fault = end(web(server))
        assert isinstance(fault, TooManyFolders | TooDeep)
        assert "lead" in str(fault)
        assert "objects" not in str(fault)
        assert len(server.asked) <= 2500

    @pytest.mark.parametrize("link", ["./", "/s/", ".", "../s/", "?C=N;O=D", "#", "//"])
    def test_a_link_to_the_page_itself_is_no_folder(self, link: str) -> None:
        with scripted(
            lambda asked: Reply(405) if asked.method != "GET" else index_page([link, "1.dcm"])
        ) as server:
            assert names(web(server)) == ["1.dcm"]
        assert len(server.asked) == 2

    def test_a_hundred_thousand_subfolders_are_not_asked_for(self) -> None:
        page = index_page(f"{number}/" for number in range(100_000))
        with scripted(lambda asked: Reply(405) if asked.method != "GET" else page) as server:
            assert isinstance(end(web(server)), TooManyFolders)
        assert len(server.asked) == 2

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 410, 415, 418, 422, 500, 501, 503])
    def test_a_refused_question_leads_to_the_page(self, status: int) -> None:
        with scripted(
            lambda asked: Reply(status) if asked.method != "GET" else index_page(["1.dcm"])
        ) as server:
            assert names(web(server)) == ["1.dcm"]

    @pytest.mark.parametrize(("status", "kind"), [(401, AccessDenied), (403, AccessDenied), (400, object)])
    def test_what_is_refused_altogether_is_told(self, status: int, kind: type) -> None:
        with scripted(lambda _: Reply(status)) as server:
            fault = end(web(server))
        assert isinstance(fault, kind)
        assert not isinstance(fault, NotFound)
        assert str(status) in str(fault)

    @pytest.mark.parametrize("method", ["PROPFIND", "GET"])
    def test_a_page_that_is_too_long_is_told_by_its_bytes(self, method: str) -> None:
        few = Network(timeout=5.0, retries=0, limits=Limits(listing=1 << 20))

        def answer(asked: Asked) -> Reply:
            if asked.method != method:
                return Reply(405)
            status, kind = (207, "application/xml") if method == "PROPFIND" else (200, "text/html")
            return Reply(status, headers={"Content-Type": kind}, pieces=(b" " * 65536 for _ in count()))

        with scripted(answer) as server:
            fault = end(web(server, few))
        assert fault == TooLong(f"{server.url}/s/", 1 << 20)
        assert "1 MiB" in str(fault)


MARKUP = [
    *("<!--", "<?", "<a ", "</a ", "<a a", "<a href='", '<a href="', "<![CDATA[", "<!x ", "<a\n", "<", "</"),
    *(
        "<script>",
        "<style",
        "<title>",
        "&amp",
        "<a href=x",
        "<a =",
        "<a href",
        "<h1>x",
        "<a/",
        "=",
        "'",
        "<a '",
    ),
]


@pytest.mark.parametrize("piece", MARKUP)
def test_broken_markup_costs_its_bytes_and_no_more(piece: str) -> None:
    before = b"<title>Index of /s/</title><a href='1.dcm'>1</a> <a href=2.dcm>2</a> "

    def seconds(size: int) -> float:
        page = before + piece.encode() * (size // len(piece))
        began = time.process_time()
        found = read_index(page, URL, LIMITS).unwrap()
        assert {entry.name for entry in found.files} >= {"1.dcm", "2.dcm"}
        return time.process_time() - began

    # Quadratic, it would take a minute at least.
    assert seconds(1_000_000) < 20


@pytest.mark.parametrize(
    "xml",
    [
        b"<D:response><D:href>/s/1.dcm</D:href></D:response>" * 1_000_000,
        b"<D:response><D:href>/s/" + b"&lt;" * 15_000_000 + b"</D:href></D:response>",
        b"<D:response>" * 2_000_000,
        b"<D:response><D:href>" + b"<D:href>" * 1_000_000,
    ],
    ids=["many", "long", "deep", "nested"],
)
def test_webdav_answers_are_read_in_one_pass(xml: bytes) -> None:
    whole = b'<D:multistatus xmlns:D="DAV:">' + xml + b"</D:multistatus>"
    began = time.process_time()
    fault = read_multistatus(whole, URL, LIMITS).failure()
    assert time.process_time() - began < 20
    assert isinstance(fault, TooManyObjects | NotAnIndex)


LIST = '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'


def page(keys: Iterator[str] | list[str], token: str = "") -> Reply:
    rows = "".join(f"<Contents><Key>{key}</Key><Size>7</Size></Contents>" for key in keys)
    more = f"<NextContinuationToken>{token}</NextContinuationToken>" if token else ""
    body = f"{LIST}<IsTruncated>{'true' if token else 'false'}</IsTruncated>{more}{rows}</ListBucketResult>"
    return Reply(200, body.encode(), {"Content-Type": "application/xml"})


class TestS3:
    @pytest.mark.parametrize(
        "answers",
        [
            lambda _: page(["s/1.dcm", "s/2.dcm"], "again"),
            lambda _: page([], "again"),
            lambda number: page(["s/1.dcm", "s/2.dcm"], f"token {number}"),
            lambda number: page([], f"token {number}"),
            lambda number: page(["s/1.dcm"] if number % 2 else ["s/2.dcm"], f"token {number}"),
        ],
        ids=["same", "empty", "same keys", "empty for ever", "in turns"],
    )
    def test_a_listing_that_does_not_end_is_ended(
        self, monkeypatch: pytest.MonkeyPatch, answers: Callable[[int], Reply]
    ) -> None:
        numbers = count()
        with scripted(lambda _: answers(next(numbers))) as server:
            fault = end(s3(server, monkeypatch))
        assert isinstance(fault, EndlessListing)
        assert len(server.asked) <= 2000

    def test_keys_that_name_nothing_below_the_folder_are_refused_one_by_one(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        odd = ["s//1.dcm", "s/../2.dcm", "zz", "s\x7f", "s/a\x7fb.dcm", "sz/3.dcm"]
        bucket = s3_bucket({"s/good.dcm": b"good"})
        with scripted(
            lambda asked: page(["s/", "s/good.dcm", *odd]) if asked.query else bucket(asked)
        ) as server:
            store = s3(server, monkeypatch)
            listed = names(store)
            assert len(listed) == 1 + len(odd)
            read = {name: store.read(f"s/{name}", 0, 4) for name in listed}
        assert {name for name, chunk in read.items() if is_successful(chunk)} == {"good.dcm"}
        assert {asked.path for asked in server.asked if not asked.query} == {"/b/s/good.dcm"}

    @pytest.mark.parametrize(
        ("body", "words"),
        [
            (b"<!DOCTYPE html><html><title>Hotel WiFi</title></html>", "a web page"),
            (b"<html>", "a web page"),
            (b"", "cannot be read"),
            (b"{}", "cannot be read"),
            (f'<!DOCTYPE x [<!ENTITY a "b">]>{LIST}</ListBucketResult>'.encode(), "document type"),
            (f"{LIST}<Contents><Key>s/a&#1;b</Key>".encode(), "s/a&#1;b"),
            (b"<Something/>", "'Something'"),
        ],
    )
    def test_what_is_no_listing_is_told_as_that(
        self, monkeypatch: pytest.MonkeyPatch, body: bytes, words: str
    ) -> None:
        with scripted(lambda _: Reply(200, body)) as server:
            fault = end(s3(server, monkeypatch))
        assert isinstance(fault, NotAnIndex)
        assert words in str(fault)

    def test_a_listing_without_namespace_is_one_too(self, monkeypatch: pytest.MonkeyPatch) -> None:
        body = b"<ListBucketResult><Contents><Key>s/1.dcm</Key><Size>x</Size></Contents></ListBucketResult>"
        with scripted(lambda _: Reply(200, body)) as server:
            listed = [entry for found in s3(server, monkeypatch).pages("s") for entry in found.unwrap()]
        assert listed == [Entry("1.dcm", None)]
