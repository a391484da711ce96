"""Proxies as the environment names them: http_proxy, https_proxy."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote, urlsplit

from attrs import field, frozen
from returns.result import Failure, Result, Success

DEFAULT_PORT: Final = 80


@frozen
class Proxy:
    """An HTTP proxy; `login` is `user:password` when the setting holds one, and is never printed."""

    host: str
    port: int
    login: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return f"{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"


def read_proxy(setting: str) -> Result[Proxy, str]:
    """Read the value of http_proxy or https_proxy; refused with what is wrong about it.

    >>> read_proxy("http://user:secret@proxy.example:3128").unwrap()
    Proxy(host='proxy.example', port=3128)
    """
    text = setting if "://" in setting else f"http://{setting}"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return Failure("it is no address")
    if parts.scheme != "http":
        return Failure(f"a proxy of the kind {parts.scheme}:// is not used here")
    host = parts.hostname or ""
    if not host or not host.isprintable() or " " in host:
        return Failure("it names no host")
    login, has_login, _ = parts.netloc.rpartition("@")
    return Success(Proxy(host, DEFAULT_PORT if port is None else port, unquote(login) if has_login else None))
