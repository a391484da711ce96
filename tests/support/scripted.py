"""Servers that answer as a test says, on one port of this machine: plain, by TLS, or whichever is spoken."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from attrs import define, field, frozen

from tests.support.bucket import Bucket, byte_range
from tests.support.dicom import make_object

WAITING = 1024
"""How many connections a server lets wait: one beyond the five of most would be made a second later."""


@frozen
class Asked:
    """A request as it came; names of `headers` are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    secure: bool

    @property
    def path(self) -> str:
        """Without escapes and query."""
        return unquote(urlsplit(self.target).path)

    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.target).query).items()}


@frozen
class Reply:
    """An answer; a body in `pieces` has no length, and ends with the connection.

    `raw` is all that is sent, and ends with the connection too, but for one that is left `open`.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(factory=dict)
    pieces: Iterable[bytes] | None = None
    raw: Iterable[bytes] | None = None
    hang: bool = False
    open: bool = False


@define
class Scripted:
    """A running server, and what it was asked."""

    port: int
    asked: list[Asked] = field(factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def scripted(
    answer: Callable[[Asked], Reply], tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> Iterator[Scripted]:
    """Serve until the block ends; with `tls` both TLS and plain HTTP are understood."""
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet: the client's kernel would wait for the second
        secure = False

        def setup(self) -> None:
            if tls is not None and self.request.recv(1, socket.MSG_PEEK) == b"\x16":
                self.request = tls.wrap_socket(self.request, server_side=True)
                self.secure = True
            super().setup()

        def _answer(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            self.rfile.read(int(headers.get("content-length", "0")))
            asked = Asked(self.command, self.path, headers, self.secure)
            server.asked.append(asked)
            reply = answer(asked)
            with suppress(OSError):
                self._send(reply)

        def _send(self, reply: Reply) -> None:
            if reply.hang:
                over.wait()
            if reply.raw is not None or reply.hang:
                self.close_connection = not reply.open
                for piece in reply.raw or ():
                    self.wfile.write(piece)
                    self.wfile.flush()
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.pieces is None:
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(reply.body)
                return
            self.send_header("Connection", "close")
            self.close_connection = True
            self.end_headers()
            for piece in reply.pieces:
                self.wfile.write(piece)

        do_GET = do_HEAD = do_PROPFIND = do_CONNECT = _answer  # noqa: N815  names of the base class

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False
        request_queue_size = WAITING

        def handle_error(self, *_: Any) -> None:
            """Say nothing: readers hang up when they have what they want."""

    listening = Server((host, 0), Handler)
    server = Scripted(listening.server_port)
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        over.set()
        listening.shutdown()
        listening.server_close()


def ranged(body: bytes, asked: Asked, headers: Mapping[str, str] | None = None) -> Reply:
    """An object, or the range of it that was asked for."""
    told = {"ETag": '"1"', "Last-Modified": "Tue, 02 Jan 2024 03:04:05 GMT", **(headers or {})}
    wanted = byte_range(asked.headers.get("range"), len(body))
    if wanted is None:
        return Reply(200, body, told)
    start, stop = wanted
    where = {"Content-Range": f"bytes {start}-{stop - 1}/{len(body)}", **told}
    return Reply(206, body[start:stop], where)


def index_page(names: Iterable[str]) -> Reply:
    """An index page as servers write them."""
    links = "".join(f'<a href="{name}">{name}</a>\n' for name in names)
    body = f'<html><title>Index of /</title><a href="../">../</a>\n{links}</html>'.encode()
    return Reply(200, body, {"Content-Type": "text/html"})


def web_folder(objects: Mapping[str, bytes]) -> Callable[[Asked], Reply]:
    """A folder /s/ of a web server without WebDAV: an index page, and ranges of its objects."""

    def answer(asked: Asked) -> Reply:
        if asked.method != "GET":
            return Reply(405)
        name = asked.path.removeprefix("/s/")
        if not name:
            return index_page(objects)
        return ranged(objects[name], asked) if name in objects else Reply(404)

    return answer


def s3_bucket(objects: Mapping[str, bytes], name: str = "b") -> Callable[[Asked], Reply]:
    """A bucket."""
    bucket = Bucket(objects, name)

    def answer(asked: Asked) -> Reply:
        key = asked.path.removeprefix(f"/{name}").lstrip("/")
        if not key:
            listed = bucket.listing(asked.query, 1000)
            return Reply(listed.status, listed.body, {"Content-Type": "application/xml"})
        return ranged(objects[key], asked) if key in objects else Reply(404)

    return answer


def good(number: int, series: str = "series") -> bytes:
    """Object `number` of a series, 64 x 64: its left half is 40 + 20 `number` of 255, its right one 200 - that."""
    import numpy as np

    pixels = np.empty((64, 64), np.uint16)
    left = 40 + 20 * number
    pixels[:, :32], pixels[:, 32:] = left * 257, (200 - left) * 257
    return make_object(
        series=series,
        position=(0.0, 0.0, -float(number)),
        pixels=pixels,
        instance_number=number + 1,
        RescaleIntercept=0,
        RescaleSlope=1,
    )


VIEW = (
    *("--window-center", "32768", "--window-width", "65536"),
    *("--tile-height", "1", "--image-width", "32", "-q", "100"),
)
"""Options of a picture in which each tile tells which of the good objects it is."""


def shown(picture: str, columns: int) -> list[int | None]:
    """Which good object each tile of a picture shows, None for a black tile."""
    import numpy as np
    from PIL import Image

    with Image.open(picture) as image:
        grey = np.asarray(image.convert("L"), dtype=float)
    tiles: list[int | None] = []
    for column in range(columns):
        tile = grey[:, column * 32 : (column + 1) * 32]
        left, right = tile[:, 4:12].mean(), tile[:, 20:28].mean()
        number = round((left - 40) / 20)
        is_good = abs(left - 40 - 20 * number) < 4 and abs(right - (200 - left)) < 6
        tiles.append(number if is_good else None if tile.max() < 6 else -1)
    return tiles
