"""A server that misbehaves on purpose: what is read stays right, and the requests stay bounded."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler
from random import Random
from typing import TypeAlias

import pytest
from attrs import evolve

from dicom_series_preview.core.ask.roots import Root, S3Root, parse_root
from dicom_series_preview.core.faults.storage import CutShort, TimedOut
from dicom_series_preview.core.storage.entries import Chunk
from dicom_series_preview.shell.progress import Counter
from dicom_series_preview.shell.storage.open_store import open_store
from dicom_series_preview.shell.storage.store import Network, Store
from tests.support.s3server import Conditions, Server, serve
from tests.support.servers import answering

OBJECTS = {f"series/{number:03}.dcm": Random(number).randbytes(4000 + 997 * number) for number in range(120)}
BAD = Conditions(busy=0.10, cut=0.05, hang=0.01, seed=7)

UNHURRIED = Network(timeout=60.0, concurrency=16, longest_pause=0.05)
"""However busy this machine is, no answer is given up, and asked for again, for its slowness."""


def s3_root(server: Server, patch: pytest.MonkeyPatch) -> Root:
    patch.setenv("AWS_ENDPOINT_URL", server.endpoint)
    patch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    return S3Root("bucket")


def web_root(server: Server, patch: pytest.MonkeyPatch) -> Root:  # noqa: ARG001  as `s3_root` is called
    return parse_root(f"{server.endpoint}/bucket").unwrap()


RootOf: TypeAlias = Callable[[Server, pytest.MonkeyPatch], Root]
KINDS = pytest.mark.parametrize("root_of", [s3_root, web_root])


def opened(root: Root, network: Network = UNHURRIED) -> Store:
    return open_store(root, network).unwrap()


def read_all(store: Store) -> dict[str, bytes]:
    """The head of each object, and then the rest of it."""

    def read(name: str) -> bytes:
        head, rest = store.read(name, 0, 3000), store.read(name, 3000, None)
        return head.unwrap().data + rest.unwrap().data

    with ThreadPoolExecutor(UNHURRIED.concurrency) as pool:
        return dict(zip(OBJECTS, pool.map(read, OBJECTS), strict=True))


@KINDS
def test_nothing_but_what_is_needed_is_asked_of_a_good_server(
    root_of: RootOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(OBJECTS) as server:
        assert read_all(opened(root_of(server, monkeypatch))) == OBJECTS
        assert (server.counts.gets, server.counts.heads, server.counts.lists) == (2 * len(OBJECTS), 0, 0)


@KINDS
def test_a_bad_server_costs_more_requests_but_no_byte(
    root_of: RootOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(OBJECTS, BAD) as server:
        assert read_all(opened(root_of(server, monkeypatch), evolve(UNHURRIED, timeout=3.0))) == OBJECTS
        needed = 2 * len(OBJECTS)
        assert needed < server.counts.gets < 1.5 * needed


def test_a_listing_goes_on_where_it_broke_off(monkeypatch: pytest.MonkeyPatch) -> None:
    objects = {f"series/{number:04}.dcm": bytes(number % 7) for number in range(2000)}
    with serve(objects, Conditions(busy=0.2, cut=0.3, page=100, seed=3)) as server:
        store = opened(s3_root(server, monkeypatch), evolve(UNHURRIED, timeout=10.0))
        entries = [(entry.name, entry.size) for page in store.pages("series") for entry in page.unwrap()]
        assert entries == [(name.removeprefix("series/"), len(body)) for name, body in objects.items()]
        assert 20 < server.counts.lists < 100


@KINDS
def test_bodies_that_stay_short_are_cut_short(root_of: RootOf, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(OBJECTS, Conditions(cut=1.0)) as server:
        store = opened(root_of(server, monkeypatch), evolve(UNHURRIED, retries=2))
        fault = store.read("series/001.dcm", 0, 3000).failure()
        assert isinstance(fault, CutShort)
        assert fault.expected == 3000
        assert fault.got < 3000
        assert server.counts.gets <= 9  # the library under the store may retry by itself


@KINDS
def test_a_server_that_ignores_ranges_is_read_from_the_start(
    root_of: RootOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(OBJECTS, Conditions(ignores_range=True)) as server:
        store = opened(root_of(server, monkeypatch))
        body = OBJECTS["series/100.dcm"]
        for start, stop in [(0, 10), (5000, 5010), (5000, None), (0, None), (0, 10**9)]:
            assert store.read("series/100.dcm", start, stop).unwrap() == Chunk(
                body[start:stop], len(body), '"1"'
            )
        assert server.counts.gets <= 6


@KINDS
def test_a_server_that_dies_is_given_up(root_of: RootOf, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(OBJECTS, Conditions(dies_after=3)) as server:
        store = opened(root_of(server, monkeypatch), evolve(UNHURRIED, retries=2))
        results = [store.read(f"series/{number:03}.dcm", 0, 100) for number in range(5)]
        assert [result.map(lambda _: True).value_or(False) for result in results] == [True] * 3 + [False] * 2


@KINDS
def test_an_answer_that_hangs_times_out(root_of: RootOf, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(OBJECTS, Conditions(hang=1.0)) as server:
        store = opened(root_of(server, monkeypatch), Network(timeout=0.2))
        fault = store.read("series/001.dcm", 0, 100).failure()
        assert fault == TimedOut(fault.place, 0.2)
        assert server.counts.gets <= 3


@KINDS
def test_all_bytes_are_reported_as_they_arrive(root_of: RootOf, monkeypatch: pytest.MonkeyPatch) -> None:
    arrived: list[int] = []
    with serve(OBJECTS) as server:
        opened(root_of(server, monkeypatch), Network(arrived=arrived.append)).read("series/110.dcm", 0, None)
    assert sum(arrived) == len(OBJECTS["series/110.dcm"])
    assert len(arrived) > 1 or len(OBJECTS["series/110.dcm"]) <= 256 * 1024


@KINDS
def test_a_network_is_waited_for_until_it_answers(root_of: RootOf, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes come while it is; what is made of them is none of its time."""
    progress = Counter()
    waited: list[bool] = []
    entered: list[None] = []

    @contextmanager
    def waiting() -> Iterator[None]:
        with progress.waiting():
            entered.append(None)
            yield

    network = Network(arrived=lambda _: waited.append(progress.waits), waiting=waiting)
    with serve(OBJECTS) as server:
        store = opened(root_of(server, monkeypatch), network)
        assert not entered
        assert not any(progress.waits for _ in store.pages("series"))
        assert entered
        listed = len(entered)
        store.read("series/110.dcm", 0, None)
        assert len(entered) > listed
    assert waited
    assert all(waited)
    assert not progress.waits


class Trickle(BaseHTTPRequestHandler):
    """Sends a body of which a byte comes now and then, for as long as anyone listens."""

    def do_GET(self) -> None:
        self.send_response(200 if self.headers["Range"] is None else 206)
        self.send_header("Content-Length", "100000")
        self.send_header("Content-Range", "bytes 0-99999/100000")
        self.send_header("Last-Modified", "Mon, 01 Jan 2024 00:00:00 GMT")
        self.send_header("ETag", '"1"')
        self.end_headers()
        with suppress(OSError):
            while not threading.Event().wait(0.02):
                self.wfile.write(b"x")
                self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.mark.parametrize("kind", ["s3", "web"])
def test_a_body_that_trickles_in_is_given_up(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(Trickle) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        root = S3Root("bucket") if kind == "s3" else parse_root(url).unwrap()
        fault = (
            opened(root, Network(timeout=0.2, retries=1, slowest=10**9)).read("1.dcm", 0, 100_000).failure()
        )
    assert isinstance(fault, TimedOut)
