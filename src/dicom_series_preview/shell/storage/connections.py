"""Connections to web servers by the standard library: timed, by way of proxies, with TLS.

Proxies and certificate authorities come from the environment, as usual.
"""

from __future__ import annotations

import http.client
import io
import os
import ssl
import time
from base64 import b64encode
from functools import cache, partial
from socket import socket
from typing import Final
from urllib.request import getproxies, proxy_bypass

from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.storage import BadSetting
from dicom_series_preview.core.storage.origins import Origin
from dicom_series_preview.core.storage.proxies import Proxy, read_proxy
from dicom_series_preview.shell.storage.kept import Way, pool
from dicom_series_preview.shell.storage.store import Network

_LONGEST_HEAD: Final = 1 << 20  # bytes, all answers "100 Continue" before the last one included


class _Bounded(io.RawIOBase):
    """What a socket brings: a head within a time, and behind it no more than `allow` says."""

    def __init__(self, plain: io.RawIOBase, sock: socket, patience: float, at_first: float) -> None:
        self._plain, self._sock, self._patience = plain, sock, patience
        self._latest: float | None = time.monotonic() + at_first
        self.allow(0)

    def allow(self, count: int) -> None:
        """Let so many bytes of a body come, with as much around them as a head may have."""
        self._left = count + _LONGEST_HEAD

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int | None:  # type: ignore[override]
        if self._left <= 0:
            raise http.client.HTTPException("its head does not end")
        if self._latest is not None:
            left = self._latest - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self._sock.settimeout(left)
        count = self._plain.readinto(buffer)
        self._left -= count or 0
        return count

    def ends(self) -> None:
        self._latest = None
        self._sock.settimeout(self._patience)

    def close(self) -> None:
        self._plain.close()
        super().close()


class _TimedResponse(http.client.HTTPResponse):
    def __init__(self, patience: float, at_first: float, sock: socket, method: str | None = None) -> None:
        super().__init__(sock, method=method)
        plain = self.fp.detach()
        self._bounded = _Bounded(plain, sock, patience, at_first)
        self.fp = io.BufferedReader(self._bounded)

    def begin(self) -> None:
        super().begin()
        self._bounded.ends()

    def read1(self, n: int = -1) -> bytes:
        self._bounded.allow(max(0, n))  # a body in chunks has heads of its own, and a last one
        return super().read1(n)


class Connections:
    """Connections to origins, kept ones and new ones; from many threads."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._proxies: dict[Origin, Result[Proxy | None, str]] = {}
        self._trusted = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")

    def proxy(self, origin: Origin) -> Result[Proxy | None, str]:
        """The proxy on the way to an origin; refused with the setting that is wrong."""
        if origin not in self._proxies:
            self._proxies[origin] = _proxy(origin)
        return self._proxies[origin]

    def take(self, origin: Origin) -> Result[http.client.HTTPConnection, BadSetting]:
        """A connection, kept or new; making one raises what `http.client` and `ssl` raise."""
        kept = pool().take(self._way(origin))
        if kept is None:
            return self._connect(origin)
        self._patient(kept)
        return Success(kept)

    def keep(self, origin: Origin, connection: http.client.HTTPConnection) -> None:
        """Keep a connection for the next request."""
        pool().keep(self._way(origin), connection)

    def allow(self, connection: http.client.HTTPConnection, first_byte: float | None) -> None:
        """How many seconds the head of the next answer may take, where that is more than any other."""
        patience = self._network.timeout
        at_first = patience if first_byte is None else max(patience, first_byte)
        connection.response_class = partial(_TimedResponse, patience, at_first)  # type: ignore[assignment]

    def forget(self, origin: Origin) -> None:
        """Drop what is idle: after one has failed the others are as old, and likely as dead."""
        pool().forget(self._way(origin))

    def _way(self, origin: Origin) -> Way:
        proxy = self.proxy(origin).value_or(None)
        return Way(origin, proxy, self._trusted)

    def _connect(self, origin: Origin) -> Result[http.client.HTTPConnection, BadSetting]:
        place = f"{origin.scheme}://{origin.host}"
        found = self.proxy(origin)
        if not is_successful(found):
            return Failure(BadSetting(place, found.failure()))
        proxy = found.unwrap()
        host, port = (origin.host, origin.port) if proxy is None else (proxy.host, proxy.port)
        patience = min(self._network.connect, self._network.timeout)
        if origin.scheme == "http":
            return Success(self._made(http.client.HTTPConnection(host, port, timeout=patience)))
        trusted = trust(*self._trusted)
        if not is_successful(trusted):
            return Failure(BadSetting(place, trusted.failure()))
        secure = http.client.HTTPSConnection(host, port, timeout=patience, context=trusted.unwrap())
        if proxy is not None:
            secure.set_tunnel(origin.host, origin.port, headers=proxy_fields(proxy))
        return Success(self._made(secure))

    def _made(self, connection: http.client.HTTPConnection) -> http.client.HTTPConnection:
        self.allow(connection, None)
        connection.connect()
        self._patient(connection)
        return connection

    def _patient(self, connection: http.client.HTTPConnection) -> None:
        connection.sock.settimeout(self._network.timeout)


def proxy_fields(proxy: Proxy) -> dict[str, str]:
    """The header fields that a proxy is sent, and nobody else."""
    if proxy.login is None:
        return {}
    return {"Proxy-Authorization": f"Basic {b64encode(proxy.login.encode()).decode()}"}


@cache
def trust(file: str | None, _folder: str | None) -> Result[ssl.SSLContext, str]:
    """The authorities that are trusted: the system's, or those that SSL_CERT_FILE and SSL_CERT_DIR name."""
    context = ssl.create_default_context()
    try:
        if file is not None:
            context.load_verify_locations(file)  # what the default context leaves out in silence
    except ssl.SSLError:
        return Failure(f"SSL_CERT_FILE is {file!r}, which holds no certificate")
    except OSError as error:
        return Failure(f"SSL_CERT_FILE is {file!r}: {error.strerror}")
    return Success(context)


def _proxy(origin: Origin) -> Result[Proxy | None, str]:
    setting = getproxies().get(origin.scheme, "")
    host = f"[{origin.host}]" if ":" in origin.host else origin.host
    if not setting or proxy_bypass(f"{host}:{origin.port}"):
        return Success(None)
    name = f"{origin.scheme}_proxy"
    return read_proxy(setting).alt(lambda problem: f"{name} is no address of a proxy: {problem}")
