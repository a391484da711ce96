"""What `http.client`, `ssl` and `socket` raise, as faults."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from dicom_series_preview.core.faults.storage import (
    ConnectionRefused,
    NoTls,
    ProxyRefused,
    StoreFailed,
    StoreFault,
    TimedOut,
    UnknownHost,
    Unreachable,
    Untrusted,
)
from dicom_series_preview.core.storage.proxies import Proxy

NetworkError: TypeAlias = OSError | http.client.HTTPException | ValueError

_TUNNEL: Final = re.compile(r"Tunnel connection failed: (\d{3})")
_NOT_TLS: Final = re.compile(r"WRONG_VERSION_NUMBER|HTTP_REQUEST|UNKNOWN_PROTOCOL|PACKET_LENGTH|RECORD_LAYER")


def network_fault(error: NetworkError, url: str, timeout: float, proxy: Proxy | None) -> StoreFault:
    """The fault that an exception of `http.client`, `ssl` or `socket` tells of; `timeout` is the limit in s."""
    tunnel = _TUNNEL.search(str(error)) if proxy is not None else None
    if tunnel is not None:
        return _of_proxy(url, str(proxy), tunnel[1])
    match error:
        case TimeoutError():
            return TimedOut(url, timeout)
        case ConnectionRefusedError():
            return ConnectionRefused(url)
        case ssl.SSLCertVerificationError():
            return Untrusted(url, error.verify_message or error.reason or str(error))
        case ssl.SSLError():
            reason = error.reason or str(error)
            words = reason.replace("_", " ").lower()
            return NoTls(url, words) if _NOT_TLS.search(reason) else Unreachable(url, f"TLS: {words}")
        case socket.gaierror(errno=socket.EAI_NONAME):
            return UnknownHost(url)
        case http.client.IncompleteRead() | http.client.RemoteDisconnected():
            return Unreachable(url, "the connection was closed before the answer was complete")
        case http.client.HTTPException() | ValueError():
            return StoreFailed(
                url, f"the server's answer is not HTTP ({str(error) or type(error).__name__})."
            )
        case _:
            return Unreachable(url, error.strerror or str(error))


def _of_proxy(url: str, proxy: str, status: str) -> StoreFault:
    if status == "407":
        return ProxyRefused(url, proxy, f"{urlsplit(url).scheme}_proxy")
    return Unreachable(url, f"the proxy {proxy} answered {status}")
