"""Answers that come slowly, or for ever: given up in time, by what was asked for and not by what is sent."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, count, repeat

import pytest

from dicom_series_preview.core.ask.roots import HttpRoot, S3Root
from dicom_series_preview.core.faults.listings import TooLong
from dicom_series_preview.core.faults.storage import StoreFailed, TimedOut
from dicom_series_preview.core.storage.entries import Limits
from dicom_series_preview.shell.storage.open_store import open_store
from dicom_series_preview.shell.storage.store import Network, Store
from tests.support.scripted import Asked, Reply, Scripted, scripted

SOON = Network(timeout=0.5, retries=5)


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)


def web(server: Scripted, network: Network) -> Store:
    return open_store(HttpRoot("http", f"127.0.0.1:{server.port}"), network).unwrap()


def dripping(text: bytes) -> Iterator[bytes]:
    """A byte now and then, so often that no single wait for one is long."""
    for byte in text:
        threading.Event().wait(0.1)
        yield bytes([byte])


HEADS: dict[str, Callable[[], Iterable[bytes]]] = {
    "status line": lambda: dripping(b"HTTP/1.1 200 OK" + b"!" * 10_000),
    "header": lambda: chain([b"HTTP/1.1 200 OK\r\n"], dripping(b"X-Long: " + b"y" * 10_000)),
    "continue": lambda: chain.from_iterable(dripping(b"HTTP/1.1 100 Continue\r\n\r\n") for _ in count()),
}


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("kind", ["web", "s3"])
def test_the_head_of_an_answer_has_its_time(monkeypatch: pytest.MonkeyPatch, head: str, kind: str) -> None:
    with scripted(lambda _: Reply(raw=HEADS[head]())) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        store = web(server, SOON) if kind == "web" else open_store(S3Root("b"), SOON).unwrap()
        began = time.monotonic()
        *_, last = store.pages("s")
        assert time.monotonic() - began < 200  # in which the head has not come, either
    assert isinstance(last.failure(), TimedOut)
    assert len(server.asked) <= 4


@pytest.mark.parametrize(
    "piece", [b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 90 + b"Z: "]
)
def test_a_head_that_does_not_end_is_no_answer(piece: bytes) -> None:
    began = time.process_time()
    with scripted(lambda _: Reply(raw=chain([piece], repeat(piece * 100)))) as server:
        fault = web(server, Network(timeout=20)).read("s/1.dcm", 0, 10).failure()
    assert time.process_time() - began < 8
    assert isinstance(fault, StoreFailed)
    assert "not HTTP" in str(fault)


def test_trailers_that_do_not_end_are_no_answer() -> None:
    """What follows the last chunk of a body (RFC 9112 7.1.2) is bounded as its head is."""
    pieces = [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"]
    began = time.process_time()
    with scripted(lambda _: Reply(raw=chain(pieces, repeat(b"X: y\r\n" * 1000)))) as server:
        fault = web(server, Network(timeout=20)).read("s/1.dcm", 0, 10).failure()
    assert time.process_time() - began < 8
    assert isinstance(fault, StoreFailed)
    assert "not HTTP" in str(fault)


@pytest.mark.parametrize(
    "extra", [b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong" * 2000, bytes(100_000)]
)
def test_more_than_an_answer_said_it_has_is_not_taken_for_the_next_one(extra: bytes) -> None:
    """The connection on which it came is not asked again."""

    def answer(asked: Asked) -> Reply:
        if asked.path == "/1.dcm":
            return Reply(raw=[b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nright" + extra], open=True)
        return Reply(200, b"other")

    with scripted(answer) as server:
        store = web(server, Network(timeout=20, retries=0))
        for _ in range(3):
            assert store.read("1.dcm", 0, None).unwrap().data == b"right"
            assert store.read("2.dcm", 0, None).unwrap().data == b"other"


@pytest.mark.parametrize("status", [101, 199, 201, 202, 204, 205, 207, 299])
def test_a_status_that_brings_nothing_is_told(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    """And not taken for an empty object, or an empty listing."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    answer = f"HTTP/1.1 {status} Odd\r\nContent-Length: 0\r\n\r\n".encode()
    with scripted(lambda asked: Reply(405) if asked.method == "PROPFIND" else Reply(raw=[answer])) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        for store in (web(server, SOON), open_store(S3Root("b"), SOON).unwrap()):
            for fault in (store.read("s/1.dcm", 0, 10).failure(), next(store.pages("s")).failure()):
                assert f"answered {status}" in str(fault)


def zeros() -> Iterator[bytes]:
    return repeat(bytes(1 << 16))


def test_a_body_that_does_not_end_is_read_as_far_as_it_was_asked_for() -> None:
    few = Network(timeout=20, limits=Limits(endless=1 << 20))
    with scripted(lambda _: Reply(200, pieces=zeros())) as server:
        store = web(server, few)
        assert store.read("s/1.dcm", 10, 5000).unwrap().data == bytes(4990)
        assert store.read("s/1.dcm", 10, None).failure() == TooLong(f"{server.url}/s/1.dcm", 1 << 20)


@pytest.mark.parametrize("size", ["*", "9999999999"])
def test_a_range_that_goes_on_is_read_as_far_as_it_was_asked_for(size: str) -> None:
    def answer(asked: Asked) -> Reply:
        assert asked.headers["range"] == "bytes=10-4999"
        return Reply(206, headers={"Content-Range": f"bytes 10-4999/{size}"}, pieces=zeros())

    with scripted(answer) as server:
        chunk = web(server, Network(timeout=20)).read("s/1.dcm", 10, 5000).unwrap()
    assert chunk.data == bytes(4990)
