"""Proxies of the environment: their login goes to nobody else, and what they refuse is told of them."""

from __future__ import annotations

import select
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import trustme
from attrs import define, field

from dicom_series_preview.core.ask.roots import HttpRoot
from dicom_series_preview.core.faults.storage import BadSetting, ProxyRefused, StoreFault, Unreachable
from dicom_series_preview.shell.storage.open_store import open_store
from dicom_series_preview.shell.storage.store import Network, Store
from tests.support.scripted import Asked, Reply, ranged, scripted, web_folder

LOGIN = "Basic cHU6cHc="  # pu:pw
QUICK = Network(timeout=2.0, retries=0)


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "http_proxy",
        "https_proxy",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "no_proxy",
        "NO_PROXY",
        "all_proxy",
    ):
        monkeypatch.delenv(name, raising=False)


def store(scheme: str, authority: str, login: str | None = None) -> Store:
    return open_store(HttpRoot(scheme, authority, "", login), QUICK).unwrap()


def test_a_login_goes_to_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    def proxy(asked: Asked) -> Reply:
        return ranged(b"12345", asked) if asked.headers.get("proxy-authorization") == LOGIN else Reply(407)

    with scripted(proxy) as server:
        monkeypatch.setenv("http_proxy", f"http://pu:pw@127.0.0.1:{server.port}")
        assert store("http", "127.0.0.5:9", "user:own").read("s/1.dcm", 1, 3).unwrap().data == b"23"
    assert [asked.target for asked in server.asked] == ["http://127.0.0.5:9/s/1.dcm"]
    assert server.asked[0].headers["authorization"] != LOGIN


def test_a_proxy_that_wants_a_login_is_told_as_that(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted(lambda _: Reply(407)) as server:
        monkeypatch.setenv("http_proxy", f"http://pu:geheim@127.0.0.1:{server.port}")
        faults: list[StoreFault] = [
            store("http", "127.0.0.5:9").read("s/1.dcm", 0, 3).failure(),
            list(store("http", "127.0.0.5:9").pages("s"))[-1].failure(),
        ]
    for fault in faults:
        assert isinstance(fault, ProxyRefused)
        assert "http_proxy: http://user:password@host:port" in str(fault)
        assert "geheim" not in str(fault)


@pytest.mark.parametrize("setting", ["http://[::1", "127.0.0.1:99999", "socks5://127.0.0.1:1", "http://"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_setting_that_names_no_proxy_is_named(
    monkeypatch: pytest.MonkeyPatch, scheme: str, setting: str
) -> None:
    monkeypatch.setenv(f"{scheme}_proxy", setting)
    fault = store(scheme, "127.0.0.5:9").read("s/1.dcm", 0, 3).failure()
    assert isinstance(fault, BadSetting)
    assert f"{scheme}_proxy" in str(fault)


def test_hosts_that_need_no_proxy_get_none(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted(web_folder({"1.dcm": b"12345"})) as server:
        monkeypatch.setenv("http_proxy", "http://pu:pw@127.0.0.1:9")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        assert store("http", f"127.0.0.1:{server.port}").read("s/1.dcm", 0, 3).unwrap().data == b"123"
    assert [asked for asked in server.asked if "proxy-authorization" in asked.headers] == []


@define
class Tunnel:
    """A proxy for TLS: what it was asked first, on each connection."""

    port: int
    heads: list[str] = field(factory=list)


@contextmanager
def tunnelling(refusal: bytes | None = None) -> Iterator[Tunnel]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        proxy = Tunnel(listening.getsockname()[1])

        def serve() -> None:
            with suppress(OSError):
                while True:
                    client, _ = listening.accept()
                    threading.Thread(target=carry, args=(client,), daemon=True).start()

        def carry(client: socket.socket) -> None:
            with client, suppress(OSError):
                head = b""
                while b"\r\n\r\n" not in head:
                    head += client.recv(65536)
                proxy.heads.append(head.decode())
                if f"Proxy-Authorization: {LOGIN}" not in proxy.heads[-1] or refusal is not None:
                    client.sendall(refusal or b"HTTP/1.1 407 Login\r\nContent-Length: 0\r\n\r\n")
                    return
                port = int(proxy.heads[-1].split(" ")[1].rpartition(":")[2])
                with socket.create_connection(("127.0.0.1", port)) as far:
                    client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
                    _pass_on(client, far)

        threading.Thread(target=serve, daemon=True).start()
        yield proxy


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    while True:
        for ready in select.select([one, other], [], [])[0]:
            data = ready.recv(65536)
            if not data:
                return
            (other if ready is one else one).sendall(data)


@pytest.fixture
def secure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    made = trustme.CA()
    made.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.issue_cert("localhost").configure_cert(context)
    return context


def test_a_tunnel_is_asked_for_with_the_login(
    secure: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scripted(web_folder({"1.dcm": b"12345"}), secure) as server, tunnelling() as proxy:
        monkeypatch.setenv("https_proxy", f"http://pu:pw@127.0.0.1:{proxy.port}")
        found = store("https", f"localhost:{server.port}", "user:own").read("s/1.dcm", 1, 3).unwrap()
    assert found.data == b"23"
    assert proxy.heads[0].startswith(f"CONNECT localhost:{server.port} ")
    assert "user" not in proxy.heads[0]
    assert [asked for asked in server.asked if "proxy-authorization" in asked.headers] == []


@pytest.mark.usefixtures("secure")
def test_a_tunnel_that_is_refused_is_told_of_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with tunnelling() as proxy:
        monkeypatch.setenv("https_proxy", f"http://nobody:pw@127.0.0.1:{proxy.port}")
        assert isinstance(store("https", "localhost:9").read("s/1.dcm", 0, 3).failure(), ProxyRefused)
    with tunnelling(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n") as proxy:
        monkeypatch.setenv("https_proxy", f"http://pu:pw@127.0.0.1:{proxy.port}")
        fault = store("https", "localhost:9").read("s/1.dcm", 0, 3).failure()
    assert isinstance(fault, Unreachable)
    assert "the proxy 127.0.0.1" in str(fault)


def test_a_port_without_tls_is_told_as_that() -> None:
    with scripted(lambda _: Reply()) as server:
        fault = store("https", f"127.0.0.1:{server.port}").read("s/1.dcm", 0, 3).failure()
    assert "does not speak TLS" in str(fault)
    assert "certificate" not in str(fault)


def test_a_greeting_is_no_tls() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def greet() -> None:
            with suppress(OSError):
                client, _ = listening.accept()
                client.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
                client.recv(1000)
                client.close()

        threading.Thread(target=greet, daemon=True).start()
        fault = store("https", f"127.0.0.1:{listening.getsockname()[1]}").read("s/1.dcm", 0, 3).failure()
    assert "does not speak TLS" in str(fault)


@pytest.mark.parametrize(
    ("content", "words"), [(None, "No such file"), (b"no certificate", "holds no certificate")]
)
def test_authorities_that_are_not_there_are_told_as_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, words: str
) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    fault = store("https", "localhost:9").read("s/1.dcm", 0, 3).failure()
    assert isinstance(fault, BadSetting)
    assert words in str(fault)
