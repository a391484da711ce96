"""Where requests go, and what goes with them: credentials stay at their origin, whatever a server answers."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme
from returns.pipeline import is_successful

from dicom_series_preview.core.ask.roots import HttpRoot, S3Root
from dicom_series_preview.core.faults.storage import StoreFailed, StoreFault
from dicom_series_preview.shell.storage.open_store import open_store
from dicom_series_preview.shell.storage.store import Network, Store
from tests.support.scripted import Asked, Reply, ranged, scripted, web_folder

REDIRECTS = [301, 302, 303, 307, 308]
QUICK = Network(timeout=2.0, retries=0)


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """The certificate of localhost, of an authority that is trusted."""
    made = trustme.CA()
    made.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    return context


def listing(store: Store) -> StoreFault | None:
    pages = list(store.pages("s"))
    return None if not pages or is_successful(pages[-1]) else pages[-1].failure()


def reading(store: Store) -> StoreFault | None:
    return store.read("s/1.dcm", 0, 5).swap().value_or(None)


WAYS = pytest.mark.parametrize("way", [listing, reading])


def web(scheme: str, authority: str) -> Store:
    return open_store(HttpRoot(scheme, authority, "", "user:geheim"), QUICK).unwrap()


@WAYS
@pytest.mark.parametrize("status", REDIRECTS)
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_https_never_leads_to_http(
    authority: ssl.SSLContext, way: Callable[[Store], StoreFault | None], status: int, host: str
) -> None:
    def answer(asked: Asked) -> Reply:
        return Reply(status, headers={"Location": f"http://{host}:{server.port}{asked.target}"})

    with scripted(answer, authority) as server:
        fault = way(web("https", f"localhost:{server.port}"))
    assert isinstance(fault, StoreFailed)
    assert "from https to http" in str(fault)
    assert [asked for asked in server.asked if not asked.secure] == []


@WAYS
def test_not_at_the_end_of_a_chain_either(
    authority: ssl.SSLContext, way: Callable[[Store], StoreFault | None]
) -> None:
    def answer(asked: Asked) -> Reply:
        secure = f"https://localhost:{server.port}/s/next"
        plain = f"http://localhost:{server.port}/s/1.dcm"
        return Reply(302, headers={"Location": plain if asked.path == "/s/next" else secure})

    with scripted(answer, authority) as server:
        fault = way(web("https", f"localhost:{server.port}"))
    assert isinstance(fault, StoreFailed)
    assert [asked for asked in server.asked if not asked.secure] == []


@WAYS
@pytest.mark.parametrize("status", REDIRECTS)
def test_another_origin_is_asked_without_the_login(
    way: Callable[[Store], StoreFault | None], status: int
) -> None:
    with scripted(web_folder({"1.dcm": b"12345"})) as other:

        def answer(asked: Asked) -> Reply:
            return Reply(
                status, headers={"Location": f"http://user:geheim@127.0.0.1:{other.port}{asked.target}"}
            )

        with scripted(answer) as server:
            assert way(web("http", f"127.0.0.1:{server.port}")) is None
    assert other.asked
    assert [asked for asked in other.asked if "authorization" in asked.headers] == []
    assert [asked for asked in server.asked if "authorization" not in asked.headers] == []


@pytest.mark.parametrize(
    "location", ["/t/1.dcm", "1.dcm?again", "http://127.0.0.1:{port}/t/1.dcm", "/t t/", "/té/"]
)
def test_the_same_origin_is_asked_with_it(location: str) -> None:
    def answer(asked: Asked) -> Reply:
        if asked.target == "/s/1.dcm":
            where = location.format(port=server.port).encode().decode("latin-1")
            return Reply(302, headers={"Location": where})
        return ranged(b"12345", asked)

    with scripted(answer) as server:
        assert reading(web("http", f"127.0.0.1:{server.port}")) is None
    assert len(server.asked) == 2
    assert [asked for asked in server.asked if "authorization" not in asked.headers] == []


@WAYS
@pytest.mark.parametrize("location", ["http://[::1/s/", "http://:99999/", "http://h:port/"])
def test_what_is_no_address_is_told_as_that(way: Callable[[Store], StoreFault | None], location: str) -> None:
    with scripted(lambda _: Reply(302, headers={"Location": location})) as server:
        fault = way(web("http", f"127.0.0.1:{server.port}"))
    assert isinstance(fault, StoreFailed)
    assert "points to what is no address" in str(fault)


@WAYS
@pytest.mark.parametrize("status", REDIRECTS)
@pytest.mark.parametrize("elsewhere", ["127.0.0.2", "127.0.0.1", "localhost"])
def test_a_signed_store_follows_nowhere(
    monkeypatch: pytest.MonkeyPatch, way: Callable[[Store], StoreFault | None], status: int, elsewhere: str
) -> None:
    for name in ("KEY_ID", "KEY", "TOKEN"):
        monkeypatch.setenv(
            {"KEY_ID": "AWS_ACCESS_KEY_ID", "KEY": "AWS_SECRET_ACCESS_KEY"}.get(name, "AWS_SESSION_TOKEN"),
            name,
        )
    with scripted(lambda _: Reply(404), host="0.0.0.0") as other:

        def answer(asked: Asked) -> Reply:
            return Reply(status, headers={"Location": f"http://{elsewhere}:{other.port}{asked.target}"})

        with scripted(answer) as server:
            monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
            fault = way(open_store(S3Root("b"), QUICK).unwrap())
    assert isinstance(fault, StoreFailed)
    assert "points elsewhere" in str(fault)
    assert other.asked == []
    assert [asked for asked in server.asked if asked.headers.get("x-amz-security-token") != "TOKEN"] == []
