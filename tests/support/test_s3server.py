"""The server tells the truth about itself, and S3 clients believe it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request as HttpRequest
from urllib.request import urlopen

import obstore
import pytest
from obstore.store import S3Store

from tests.support.s3server import Conditions, Counts, serve, spawn

OBJECTS = {"a/1.dcm": b"0123456789", "a/2 ü&.dcm": b"ab", "a/b/3": b"", "c/4": b"x" * 100_000}


def _store(endpoint: str) -> S3Store:
    return S3Store.from_url(
        "s3://bucket",
        endpoint=endpoint,
        skip_signature=True,
        client_options={"allow_http": True},
        retry_config={
            "max_retries": 6,
            "retry_timeout": timedelta(seconds=30),
            "backoff": {
                "init_backoff": timedelta(milliseconds=1),
                "max_backoff": timedelta(milliseconds=2),
                "base": 2,
            },
        },
    )


@pytest.mark.parametrize("page", [1, 3, 1000])
def test_listing_gives_every_key_once_in_order_whatever_the_page(page: int) -> None:
    with serve(OBJECTS, Conditions(page=page)) as server:
        store = _store(server.endpoint)
        listed = [entry["path"] for chunk in obstore.list(store) for entry in chunk]
        below = [entry["path"] for chunk in obstore.list(store, "a") for entry in chunk]
        folders = obstore.list_with_delimiter(store)["common_prefixes"]
        after = [entry["path"] for chunk in obstore.list(store, offset="a/b/3") for entry in chunk]
    assert listed == sorted(OBJECTS)
    assert below == ["a/1.dcm", "a/2 ü&.dcm", "a/b/3"]
    assert folders == ["a", "c"]
    assert after == ["c/4"]


def test_ranges_are_cut_to_the_object_and_counted() -> None:
    with serve(OBJECTS) as server:
        store = _store(server.endpoint)
        assert bytes(obstore.get_range(store, "a/1.dcm", start=3, end=99)) == b"3456789"
        assert bytes(obstore.get(store, "a/2 ü&.dcm").bytes()) == b"ab"
        assert obstore.head(store, "c/4")["size"] == 100_000
        assert server.counts == Counts(lists=0, heads=1, gets=2, ranges=1, bytes_sent=9)
        assert [(one.key, one.start, one.stop) for one in server.requests] == [
            ("a/1.dcm", 3, 10),
            ("a/2 ü&.dcm", None, None),
            ("c/4", None, None),
        ]


def test_objects_are_plain_http_too() -> None:
    with serve(OBJECTS) as server:
        wanted = HttpRequest(f"{server.endpoint}/bucket/a/1.dcm", headers={"Range": "bytes=-4"})
        with urlopen(wanted) as answer:
            assert (answer.status, answer.read()) == (206, b"6789")
        with pytest.raises(HTTPError, match="404"):
            urlopen(f"{server.endpoint}/bucket/nothing")


def test_faults_repeat_with_their_seed_and_end() -> None:
    asked = []
    for _ in range(2):
        with serve(OBJECTS, Conditions(busy=0.5, seed=1)) as server:
            store = _store(server.endpoint)
            got = [bytes(obstore.get_range(store, "a/1.dcm", start=i, end=i + 1)) for i in range(10)]
            assert b"".join(got) == b"0123456789"
            asked.append([one.start for one in server.requests])
    assert asked[0] == asked[1]
    assert len(asked[0]) > 10


def test_a_cut_body_is_noticed_by_the_client() -> None:
    with serve(OBJECTS, Conditions(cut=1.0)) as server, pytest.raises(obstore.exceptions.BaseError):
        obstore.get_range(_store(server.endpoint), "c/4", start=0, end=50_000)


def test_a_dead_server_answers_nobody() -> None:
    with serve(OBJECTS, Conditions(dies_after=2)) as server:
        store = _store(server.endpoint)
        assert [len(obstore.get(store, "c/4").bytes()) for _ in range(2)] == [100_000, 100_000]
        with pytest.raises(obstore.exceptions.BaseError):
            obstore.get(store, "c/4")


def test_a_silent_server_keeps_its_connections() -> None:
    with serve(OBJECTS, Conditions(silent_after=1)) as server:
        with urlopen(f"{server.endpoint}/bucket/a/1.dcm") as answer:
            assert answer.read() == b"0123456789"
        with pytest.raises(TimeoutError):
            urlopen(f"{server.endpoint}/bucket/a/1.dcm", timeout=0.2)
        assert server.counts.gets == 2


def test_every_answer_of_a_kind_can_be_refused() -> None:
    with serve(OBJECTS, Conditions(status={"get": 403})) as server:
        with pytest.raises(obstore.exceptions.PermissionDeniedError):
            obstore.get(_store(server.endpoint), "c/4")
        assert server.counts.gets == 1


def test_it_serves_a_folder_from_another_process(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "1.dcm").write_bytes(b"0123456789")
    with spawn(tmp_path) as server:
        assert bytes(obstore.get_range(_store(server.endpoint), "a/1.dcm", start=0, end=4)) == b"0123"
        assert server.counts() == Counts(lists=0, heads=0, gets=1, ranges=1, bytes_sent=4)
        assert server.counts() == Counts(lists=0, heads=0, gets=0, ranges=0, bytes_sent=0)
