"""A way to a server on which a third of the answers is lost: refused, hung up on, or cut."""

from __future__ import annotations

import http.client
import os
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler
from random import Random
from struct import pack
from time import sleep
from urllib.parse import urlsplit

from attrs import define, field

from tests.support.servers import answering

_BUSY, _RESET, _CUT = 0.20, 0.10, 0.05  # shares of requests
_LONGEST_DELAY = 0.02  # s


@define
class Way:
    """`url` leads to the server; `answered` requests got its whole answer, `lost` ones none, or half of it.

    What is lost depends on the seed, on what is asked for and on how often it was, never on the order of requests;
    without a seed nothing is.
    """

    server: str
    seed: int | None
    url: str = ""
    answered: int = 0
    lost: int = 0
    _asked: Counter[str] = field(factory=Counter)
    _lock: threading.Lock = field(factory=threading.Lock)

    def fate(self, what: str) -> tuple[float, float]:
        """Two numbers from 0 to 1: which fault the request meets, if any, and how long it takes."""
        with self._lock:
            self._asked[what] += 1
            chance = Random(f"{self.seed}/{what}/{self._asked[what]}")
            share = 1.0 if self.seed is None else chance.random()
            self.lost += share < _BUSY + _RESET + _CUT
            self.answered += share >= _BUSY + _RESET + _CUT
            return share, chance.random()


@contextmanager
def faulty(server: str, seed: int | None) -> Iterator[Way]:
    """A way to the server at an address, open until the block ends."""
    way = Way(server, seed)
    handler: Callable[..., BaseHTTPRequestHandler] = partial(_Handler, way)
    with answering(handler) as way.url:
        yield way


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, way: Way, *rest: object) -> None:
        self._way = way
        super().__init__(*rest)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        share, delay = self._way.fate(f"{self.command} {self.path} {self.headers.get('Range')}")
        if self._way.seed is not None:
            sleep(delay * _LONGEST_DELAY)
        if share < _BUSY:
            self.send_error(503)
        elif share < _BUSY + _RESET:
            self._hang_up()
        else:
            self._pass_on(body, cut=share < _BUSY + _RESET + _CUT)

    do_PROPFIND = do_GET  # noqa: N815  the name is the base class's

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, pack("ii", 1, 0))  # with a reset
        os.close(self.connection.detach())

    def _pass_on(self, body: bytes, *, cut: bool) -> None:
        onwards = http.client.HTTPConnection(urlsplit(self._way.server).netloc)
        onwards.request(self.command, self.path, body, dict(self.headers.items()))
        answer = onwards.getresponse()
        data = answer.read()
        onwards.close()
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in ("content-length", "connection", "transfer-encoding"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[: len(data) // 2] if cut else data)
        self.close_connection = self.close_connection or cut

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass
