"""One series, one picture: byte for byte, wherever it lies, and asked for with no request too many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from tests.command.here import run
from tests.command.process import Ran, s3
from tests.support import servers
from tests.support.dicom import make_object, series_objects, uid_for, uuid_for
from tests.support.dicomweb import dicomweb
from tests.support.faulty import faulty
from tests.support.s3server import Conditions, Server, serve

SLICES = 20
UUID = uuid_for("everywhere")
SIGNED = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


def big_slice(i: int) -> bytes:
    """A slice of 32 KB, whose pixels do not come with its header."""
    rows, columns = np.mgrid[0:128, 0:128]
    pixels = ((rows * (i + 1) + columns * 3) % 400).astype(np.uint16) + 900
    return make_object(series="everywhere", instance_number=i + 1, position=(0, 0, -3.0 * i), pixels=pixels)


OBJECTS = series_objects(SLICES, big_slice, "everywhere")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("a root")
    for name, content in OBJECTS.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(content)
    return root


def preview(root: str | Path, out: Path, *options: str, env: Mapping[str, str] | None = None) -> Ran:
    return run(UUID, out, "--root", str(root), "--tile-width", "3", *options, env=env)


def picture(out: Path, done: Ran) -> bytes:
    assert (done.status, done.out, done.err) == (0, "", "")
    return out.read_bytes()


@pytest.fixture(scope="module")
def expected(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The picture from the local folder."""
    out = tmp_path_factory.mktemp("expected") / "out.webp"
    return picture(out, preview(folder, out))


@pytest.mark.parametrize(
    "server",
    [servers.rclone_webdav, servers.wsgidav, servers.rclone_http, servers.python_http],
    ids=lambda server: server.__name__,
)
def test_web_servers_give_the_local_picture(
    folder: Path, expected: bytes, tmp_path: Path, server: servers.FolderServer
) -> None:
    with server(folder) as url:
        assert picture(tmp_path / "out.webp", preview(url, tmp_path / "out.webp")) == expected
        place = run(f"{url}/{UUID}", tmp_path / "out.webp", "--tile-width", "3")
        assert picture(tmp_path / "out.webp", place) == expected


@pytest.mark.parametrize("keys", [{}, SIGNED], ids=["unsigned", "signed"])
def test_a_real_s3_server_gives_the_local_picture(
    expected: bytes, tmp_path: Path, keys: Mapping[str, str]
) -> None:
    out = tmp_path / "out.webp"
    with servers.moto() as server:
        server.fill(
            "bucket", {f"some/prefix/{name}": body for name, body in OBJECTS.items()}, public=not keys
        )
        where = s3(server.endpoint, **keys)
        assert picture(out, preview("s3://bucket/some/prefix", out, env=where)) == expected
        assert (
            picture(
                out,
                run(f"{UUID[:6]}*", out, "--root", "s3://bucket/some/prefix", "--tile-width", "3", env=where),
            )
            == expected
        )


@contextmanager
def counting(conditions: Conditions | None = None) -> Iterator[Server]:
    with serve(OBJECTS, conditions) as server:
        yield server


def test_no_request_is_made_too_many(expected: bytes, tmp_path: Path) -> None:
    out = tmp_path / "out.webp"
    with counting() as server:
        assert picture(out, preview("s3://bucket", out, env=s3(server.endpoint))) == expected
        counts = server.counts
        assert (counts.lists, counts.heads, counts.gets) == (1, 0, SLICES + 9)
        assert counts.ranges == counts.gets
        by_object: dict[str, int] = {}
        for request in server.requests:
            if request.kind == "get":
                by_object[request.key] = by_object.get(request.key, 0) + 1
        assert sorted(by_object.values()) == [1] * (SLICES - 9) + [2] * 9
        frames = [one for one in server.requests if one.start]
        assert {one.stop - one.start for one in frames if one.start and one.stop} == {128 * 128 * 2}


def test_one_slice_takes_one_request_for_pixels(tmp_path: Path) -> None:
    out = tmp_path / "out.webp"
    with counting() as server:
        done = run(UUID, out, "--root", "s3://bucket", "--position", "0.5", env=s3(server.endpoint))
        assert (done.status, done.err) == (0, "")
        assert server.counts.gets == SLICES + 1


def test_small_objects_come_whole_with_their_headers(tmp_path: Path) -> None:
    objects = series_objects(SLICES, series="small")
    with serve(objects) as server:
        out = tmp_path / "out.webp"
        done = run(uuid_for("small"), out, "--root", "s3://bucket", env=s3(server.endpoint))
        assert (done.status, done.err) == (0, "")
        assert (server.counts.lists, server.counts.heads, server.counts.gets) == (1, 0, SLICES)


def test_plain_http_takes_no_request_more_for_objects(expected: bytes, tmp_path: Path) -> None:
    """Without a listing that tells sizes, too."""
    out = tmp_path / "out.webp"
    asked: list[str] = []

    class Counting(servers._Quiet):
        def do_GET(self) -> None:  # noqa: N802  the name is the base class's
            asked.append(self.path)
            super().do_GET()

    for name, content in OBJECTS.items():
        (tmp_path / "served" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "served" / name).write_bytes(content)
    with servers.answering(partial(Counting, directory=str(tmp_path / "served"))) as url:
        assert picture(out, preview(url, out)) == expected
    assert len([path for path in asked if path.endswith(".dcm")]) == SLICES + 9


@pytest.mark.parametrize("page", [1, 7, 1000])
def test_the_size_of_listing_pages_does_not_matter(expected: bytes, tmp_path: Path, page: int) -> None:
    out = tmp_path / "out.webp"
    with counting(Conditions(page=page)) as server:
        assert picture(out, preview("s3://bucket", out, env=s3(server.endpoint))) == expected
        assert server.counts.lists == -(-SLICES // page)


@pytest.mark.parametrize("concurrency", ["1", "3", "64"])
def test_the_number_of_requests_at_once_does_not_matter(
    expected: bytes, tmp_path: Path, concurrency: str
) -> None:
    out = tmp_path / "out.webp"
    with counting() as server:
        done = preview("s3://bucket", out, "--concurrency", concurrency, env=s3(server.endpoint))
        assert picture(out, done) == expected
        assert server.counts.gets == SLICES + 9


def test_a_server_that_ignores_ranges(expected: bytes, tmp_path: Path) -> None:
    out = tmp_path / "out.webp"
    with counting(Conditions(ignores_range=True)) as server:
        assert picture(out, preview("s3://bucket", out, env=s3(server.endpoint))) == expected


def test_a_server_in_a_bad_way_costs_requests_but_no_byte(expected: bytes, tmp_path: Path) -> None:
    """10 % of the answers 503, 5 % cut short, 1 % never given."""
    out = tmp_path / "out.webp"
    for seed in (1, 2, 3):
        with counting(Conditions(busy=0.10, cut=0.05, hang=0.01, seed=seed)) as server:
            done = preview("s3://bucket", out, "--timeout", "3", env=s3(server.endpoint))
            assert picture(out, done) == expected
            needed = SLICES + 9
            assert server.counts.gets <= 1.6 * needed
            assert server.counts.lists <= 4


@contextmanager
def at_kind(kind: str, folder: Path) -> Iterator[str]:
    """A server of a kind with the series, by its address."""
    if kind.endswith("s3"):
        with serve(OBJECTS) as server:
            yield server.endpoint
    elif kind == "http":
        with servers.python_http(folder) as url:
            yield url
    else:
        with dicomweb(list(OBJECTS.values())) as service:
            yield service.root.removesuffix("/dicom-web")


def preview_of_kind(kind: str, url: str, out: Path) -> Ran:
    match kind:
        case "s3" | "signed s3":
            return preview("s3://bucket", out, env=s3(url, **(SIGNED if kind == "signed s3" else {})))
        case "http":
            return preview(url, out)
        case _:
            root = f"dicomweb+{url}/dicom-web"
            return run(uid_for("everywhere"), out, "--root", root, "--tile-width", "3")


@pytest.mark.parametrize("kind", ["s3", "signed s3", "http", "dicomweb"])
def test_what_was_answered_is_never_asked_again(
    folder: Path, expected: bytes, tmp_path: Path, kind: str
) -> None:
    """A fifth of the answers 503, a tenth a reset, a twentieth cut: so many requests more, and no other."""
    out = tmp_path / "out.webp"
    with at_kind(kind, folder) as server:
        with faulty(server, None) as way:
            assert picture(out, preview_of_kind(kind, way.url, out)) == expected
        needed, lost = way.answered, 0
        for seed in (1, 2, 3):
            with faulty(server, seed) as way:
                assert picture(out, preview_of_kind(kind, way.url, out)) == expected
            assert way.answered <= needed
            lost += way.lost
    assert lost > 0


@pytest.mark.parametrize("answers", [0, 1, 5, SLICES + 4])
def test_a_server_that_dies_ends_the_run(tmp_path: Path, answers: int) -> None:
    out = tmp_path / "out.webp"
    out.write_bytes(b"old")
    with counting(Conditions(dies_after=answers)) as server:
        done = preview("s3://bucket", out, "--timeout", "1", env=s3(server.endpoint))
    assert (done.status, done.out) == (1, "")
    assert len(done.messages) == 1
    assert "s3://bucket" in done.err
    assert out.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["out.webp"]


@pytest.mark.parametrize("answers", [0, 1, SLICES + 4])
def test_a_server_that_falls_silent_ends_the_run(tmp_path: Path, answers: int) -> None:
    with counting(Conditions(silent_after=answers)) as server:
        done = preview("s3://bucket", tmp_path / "out.webp", "--timeout", "0.5", env=s3(server.endpoint))
    assert (done.status, done.out) == (1, "")
    assert len(done.messages) == 1
    assert "within 0.5 s" in done.err
    assert "--timeout" in done.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("kind", "status", "named"), [("list", 403, "denied"), ("list", 404, "no"), ("get", 403, "denied")]
)
def test_a_refusal_for_good_is_asked_once(tmp_path: Path, kind: str, status: int, named: str) -> None:
    with counting(Conditions(status={kind: status})) as server:
        done = preview("s3://bucket", tmp_path / "out.webp", "--concurrency", "1", env=s3(server.endpoint))
        assert server.counts.lists == 1
        assert server.counts.gets == (SLICES if kind == "get" else 0)
    assert (done.status, done.out) == (1, "")
    assert named in done.messages[-1]
    assert "s3://bucket" in done.messages[-1]
    assert list(tmp_path.iterdir()) == []


def test_a_series_that_is_not_there_is_said_so(folder: Path, tmp_path: Path) -> None:
    missing = uuid_for("missing")
    with counting() as server:
        for root, env in ((str(folder), None), ("s3://bucket", s3(server.endpoint))):
            done = run(missing, tmp_path / "out.webp", "--root", root, env=env)
            assert (done.status, done.out) == (1, "")
            assert len(done.messages) == 1
            assert missing in done.err
            assert root in done.err
    assert list(tmp_path.iterdir()) == []
