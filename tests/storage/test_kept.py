"""What is kept open between calls is used again, by whoever may, and stays bounded."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

import pytest
from attrs import evolve

from dicom_series_preview import Options, preview
from dicom_series_preview.core.ask.roots import GcsRoot, S3Root
from dicom_series_preview.core.storage.origins import Origin
from dicom_series_preview.core.storage.proxies import Proxy
from dicom_series_preview.shell.storage.kept import MOST_IDLE, Pool, Way
from dicom_series_preview.shell.storage.objects import BucketRoot, open_objects
from dicom_series_preview.shell.storage.store import Network
from tests.command.process import environment, s3
from tests.support.dicom import make_series, series_objects, uid_for, uuid_for
from tests.support.dicomweb import dicomweb
from tests.support.relay import Relay, relayed
from tests.support.s3server import serve
from tests.support.servers import wsgidav

CALLS = 10
SLICES = 12
KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
WAY = Way(Origin("http", "localhost", 80), None, (None, None))

Place: TypeAlias = AbstractContextManager[tuple[Options, Relay]]
"""A series at a server, asked one request at a time, and the way to it."""


@pytest.fixture(autouse=True)
def _nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in (*KEYS, "DICOMWEB_TOKEN", "http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)


@contextmanager
def bucket(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[tuple[Options, Relay]]:
    with serve(folder) as server, relayed(server.port) as relay:
        for name, value in s3(f"http://127.0.0.1:{relay.port}").items():
            patch.setenv(name, value)
        yield Options(uuid_for("series"), root="s3://bucket", concurrency=1), relay


@contextmanager
def signed_bucket(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[tuple[Options, Relay]]:
    for name, value in KEYS.items():
        patch.setenv(name, value)
    with bucket(folder, patch) as place:
        yield place


@contextmanager
def web(folder: Path, _: pytest.MonkeyPatch) -> Iterator[tuple[Options, Relay]]:
    with wsgidav(folder) as url, relayed(urlsplit(url).port or 0) as relay:
        yield Options(uuid_for("series"), root=f"http://127.0.0.1:{relay.port}", concurrency=1), relay


@contextmanager
def service(_: Path, __: pytest.MonkeyPatch) -> Iterator[tuple[Options, Relay]]:
    with (
        dicomweb(list(series_objects(SLICES).values())) as server,
        relayed(urlsplit(server.root).port or 0) as relay,
    ):
        root = f"dicomweb+http://127.0.0.1:{relay.port}/dicom-web"
        yield Options(uid_for("series"), root=root, concurrency=1), relay


@pytest.mark.parametrize("place", [signed_bucket, web, service])
def test_calls_in_a_row_use_the_same_connections(
    place: Callable[[Path, pytest.MonkeyPatch], Place], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_series(tmp_path, SLICES)
    with place(tmp_path, monkeypatch) as (options, relay):
        first = preview(options).unwrap()
        made = relay.made
        second = preview(options).unwrap()
        assert relay.made == made
    assert first.pixels.tobytes() == second.pixels.tobytes()
    assert second.requests <= first.requests


def test_the_library_of_buckets_uses_the_same_connections(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own tasks give a connection back, at times after the next was asked for: but not at every call."""
    make_series(tmp_path, SLICES)
    with bucket(tmp_path, monkeypatch) as (options, relay):
        seen = {preview(options).unwrap().pixels.tobytes() for _ in range(CALLS)}
        assert relay.made < CALLS  # one for listings and one for reads a call would be twice as many
    assert len(seen) == 1


def test_a_second_call_asks_a_bucket_for_no_more_than_a_listing_and_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_series(tmp_path, SLICES)
    with serve(tmp_path) as server:
        for name, value in s3(server.endpoint).items():
            monkeypatch.setenv(name, value)
        options = Options(uuid_for("series"), root="s3://bucket")
        preview(options).unwrap()
        first = server.counts
        server.forget()
        preview(options).unwrap()
        assert (server.counts.lists, server.counts.heads) == (1, 0)
        assert server.counts.gets <= first.gets


def test_calls_from_many_threads_are_right_and_leave_few_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_series(tmp_path, SLICES)
    with signed_bucket(tmp_path, monkeypatch) as (options, relay), ThreadPoolExecutor(4) as pool:
        alone = preview(options).unwrap().pixels.tobytes()
        assert {one.unwrap().pixels.tobytes() for one in pool.map(preview, [options] * 20)} == {alone}
        assert relay.made <= 4  # as many as there were calls at once


def library(root: BucketRoot, network: Network | None = None) -> int:
    return id(open_objects(root, network or Network()).unwrap()._store)


def test_a_bucket_is_opened_again_when_what_it_was_opened_with_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = Network(idle=1e9)
    root, key = S3Root("bucket"), tmp_path / "key"
    key.write_text("one")
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(key))
    monkeypatch.setenv("AWS_ROLE_ARN", "arn:aws:iam::1:role/one")
    held = open_objects(root, network).unwrap()
    assert library(root, network) == library(root, evolve(network, arrived=print)) == id(held._store)
    others = [library(S3Root("bucket", "inside"), network), library(root, evolve(network, timeout=3.0))]
    monkeypatch.setenv("AWS_ROLE_ARN", "arn:aws:iam::1:role/two")
    others.append(library(root, network))
    key.write_text("another")
    others.append(library(root, network))
    assert id(held._store) not in others
    assert len(set(others)) == len(others)


def test_a_bucket_that_was_not_used_for_longest_is_given_up() -> None:
    first, later = (open_objects(GcsRoot(name), Network()).unwrap() for name in ("first", "later"))
    for number in range(6):
        library(GcsRoot(f"other-{number}"))
    assert library(GcsRoot("first")) == id(first._store)
    library(GcsRoot("one-more"))
    assert library(GcsRoot("first")) == id(first._store)
    assert library(GcsRoot("later")) != id(later._store)


def test_a_signed_bucket_is_opened_again_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A login that is found elsewhere than in the environment may have changed unseen."""
    network = Network(idle=1e-6)
    monkeypatch.setenv("GOOGLE_BEARER_TOKEN", "secret")
    held = open_objects(GcsRoot("bucket"), network).unwrap()
    assert library(GcsRoot("bucket"), network) != id(held._store)
    public = GcsRoot("idc-open-data")
    assert library(public, network) == library(public, network)  # nobody signs for it


@pytest.fixture
def ends() -> Iterator[Callable[[], tuple[HTTPConnection, socket.socket]]]:
    """Makes connections, each with its server's end."""
    made: list[socket.socket] = []

    def make() -> tuple[HTTPConnection, socket.socket]:
        connection = HTTPConnection("localhost")
        connection.sock, far = socket.socketpair()
        made.extend([connection.sock, far])
        return connection, far

    yield make
    for one in made:
        one.close()


Ends: TypeAlias = Callable[[], tuple[HTTPConnection, socket.socket]]


def test_a_pool_gives_a_connection_to_one_only_and_on_its_way_only(ends: Ends) -> None:
    pool, (connection, _) = Pool(), ends()
    pool.keep(WAY, connection)
    for other in (
        Way(Origin("http", "localhost", 81), None, (None, None)),
        Way(WAY.origin, Proxy("proxy", 80), (None, None)),
        Way(WAY.origin, None, ("ca.pem", None)),
    ):
        assert pool.take(other) is None
    assert pool.take(WAY) is connection
    assert pool.take(WAY) is None


def test_a_pool_gives_no_connection_that_was_closed_or_speaks_unasked(ends: Ends) -> None:
    pool = Pool()
    (open_, _), (closed, end), (speaking, mouth) = ends(), ends(), ends()
    for one in (open_, closed, speaking):
        pool.keep(WAY, one)
    end.close()
    mouth.sendall(b"HTTP/1.1 408 Request Timeout")
    assert pool.take(WAY) is open_
    assert pool.take(WAY) is None


def test_a_pool_closes_those_beyond_its_bound_oldest_first(ends: Ends) -> None:
    pool, made = Pool(), [ends() for _ in range(MOST_IDLE + 3)]
    for connection, _ in made:
        pool.keep(WAY, connection)
    assert [far.recv(1, socket.MSG_DONTWAIT) for _, far in made[:3]] == [b""] * 3
    assert [pool.take(WAY) for _ in range(MOST_IDLE)] == [connection for connection, _ in made[:2:-1]]
    assert pool.take(WAY) is None


def test_a_pool_gives_nothing_that_nobody_used_for_long(ends: Ends) -> None:
    pool, (connection, far) = Pool(longest_idle=-1.0), ends()
    pool.keep(WAY, connection)
    assert pool.take(WAY) is None
    assert far.recv(1, socket.MSG_DONTWAIT) == b""


def test_what_is_forgotten_is_closed(ends: Ends) -> None:
    pool, (connection, far) = Pool(), ends()
    pool.keep(WAY, connection)
    pool.forget(WAY)
    assert far.recv(1, socket.MSG_DONTWAIT) == b""
    assert pool.take(WAY) is None


FORKED = """
import os, socket
from http.client import HTTPConnection
from dicom_series_preview.core.storage.origins import Origin
from dicom_series_preview.shell.storage.kept import Way, pool
way, connection = Way(Origin("http", "localhost", 80), None, (None, None)), HTTPConnection("localhost")
connection.sock, far = socket.socketpair()
pool().keep(way, connection)
if not (child := os.fork()):
    os._exit(0 if pool().take(way) is None else 1)
print(os.waitpid(child, 0)[1], pool().take(way) is connection)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_does_not_use_the_connections_of_its_parent() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORKED], env=environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["0", "True"]
