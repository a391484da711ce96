"""HTTP requests by the standard library: connections that are kept, redirects, retries, ranges of bodies.

Any server will do: one that ignores ranges, that sends no Content-Length, or that closes the connection after
each answer.  Where a request may go, and what an answer's head means, the core decides.
"""

from __future__ import annotations

import http.client
import threading
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlsplit

from attrs import evolve, field, frozen
from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.listings import TooLong
from dicom_series_preview.core.faults.storage import (
    Busy,
    ConnectionRefused,
    CutShort,
    ProxyRefused,
    StoreFailed,
    StoreFault,
    TimedOut,
    Unreachable,
)
from dicom_series_preview.core.storage.origins import origin_of, redirected, same_origin
from dicom_series_preview.core.storage.proxies import Proxy
from dicom_series_preview.core.storage.ranges import Body, read_body, told_size
from dicom_series_preview.shell.storage.connections import Connections, proxy_fields
from dicom_series_preview.shell.storage.network_faults import network_fault
from dicom_series_preview.shell.storage.store import Network

_PASSING: Final = frozenset({429, 500, 502, 503, 504})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS: Final = 5
_PIECE: Final = 256 * 1024  # bytes
_REFUSAL: Final = 64 * 1024  # bytes of the body of a refusal that are read
_BEAT: Final = 1.0  # s


@frozen
class Ask:
    """A request: of the body only the bytes from `start` up to `stop` are wanted (None: to the end).

    A server is not told of a part that is `quiet`: the rest of the body is left unread.  `gzip` lets it compress
    the body.  To what is `settled` it answers the same when it is asked again, even 500.  `first_byte` is how many
    seconds it may take to begin with its answer, if that is not as for all others: a server that reads a series
    before it speaks is at work.  What is signed is not to `follow` to where an answer points.
    """

    method: str
    url: str
    start: int = 0
    stop: int | None = None
    quiet: bool = False
    headers: Mapping[str, str] = field(factory=dict, repr=False)
    body: bytes | None = None
    gzip: bool = False
    settled: bool = False
    first_byte: float | None = None
    follow: bool = True


@frozen
class Answer:
    """An answer of any status: `data` are the bytes wanted, `size` that of the whole body if it is known.

    `url` is the address that answered, after redirects; `fields` are the header's, by name in lower case;
    `content_type` is as it was sent, with its parameters; `gzip` tells that `data` and `size` are those of the
    compressed body.
    """

    status: int
    url: str
    content_type: str
    data: bytes
    size: int | None
    gzip: bool = False
    fields: Mapping[str, str] = field(factory=dict, repr=False)

    @property
    def tag(self) -> str | None:
        """What marks this version of the object (RFC 9110 8.8.3)."""
        return self.fields.get("etag")


@frozen
class _Redirect:
    location: str


@frozen
class WebClient:
    """Asks a server, over as many connections as there are requests at once.

    `login` (`user:password`), or else `token`, is sent to the origin first asked, and to no other.  A client
    that `stays` does not follow to another.
    """

    network: Network
    login: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    stays: bool = False
    _connections: Connections = field(init=False, repr=False, eq=False)

    @_connections.default
    def _made(self) -> Connections:
        return Connections(self.network)

    def ask(self, ask: Ask) -> Result[Answer, StoreFault]:
        """Make a request, and again while it fails in a way that passes."""
        with self.network.waiting():
            return self._asked(ask)

    def _asked(self, ask: Ask) -> Result[Answer, StoreFault]:
        latest = time.monotonic() + self.network.patience
        tries, pause = 0, self.network.longest_pause / 10
        while True:
            outcome = self._follow(ask)
            passing = isinstance(outcome, TimedOut | ConnectionRefused | Unreachable | Busy | CutShort)
            if not passing or tries == self.network.retries or time.monotonic() > latest:
                return Success(outcome) if isinstance(outcome, Answer) else Failure(outcome)
            time.sleep(pause)
            tries, pause = tries + 1, min(2 * pause, self.network.longest_pause)

    def _follow(self, ask: Ask) -> Answer | StoreFault:
        url = ask.url
        for _ in range(_MOST_REDIRECTS + 1):
            at_home = same_origin(url, ask.url)
            if self.stays and not at_home:
                there = "://".join(urlsplit(url)[:2])
                return StoreFailed(ask.url, f"the server points to another, {there}: give the address there.")
            outcome = self._once(ask, url, self._authorization() if at_home else None)
            if isinstance(outcome, Answer) or (url == ask.url and not isinstance(outcome, _Redirect)):
                return outcome
            if not isinstance(outcome, _Redirect):
                return evolve(outcome, place=f"{ask.url} (which points to {url})")
            target = redirected(url, outcome.location)
            if not is_successful(target):
                return StoreFailed(ask.url, f"the server {target.failure()}")
            url = target.unwrap()
        return StoreFailed(ask.url, "the server points from one address to the next without end.")

    def _authorization(self) -> str | None:
        if self.login is not None:
            return f"Basic {b64encode(self.login.encode()).decode()}"
        return None if self.token is None else f"Bearer {self.token}"

    def _once(self, ask: Ask, url: str, authorization: str | None) -> Answer | StoreFault | _Redirect:
        """One request to `url`."""
        found = origin_of(url)
        if not is_successful(found):
            return StoreFailed(url, f"it is {found.failure()}.")
        origin = found.unwrap()
        try:
            taken = self._connections.take(origin)
            if not is_successful(taken):
                return taken.failure()
            connection, kept = taken.unwrap(), False
            try:
                proxy = self._connections.proxy(origin).value_or(None)
                self._send(connection, ask, url, authorization, proxy if origin.scheme == "http" else None)
                self._connections.allow(connection, ask.first_byte)
                with self._beating(ask.first_byte):
                    response = connection.getresponse()
                outcome = self._outcome(ask, url, response, proxy)
                if response.length == 0:
                    response.read()  # tells the connection that the body is over
                kept = response.isclosed() and not response.will_close
            finally:
                if kept:
                    self._connections.keep(origin, connection)
                else:
                    connection.close()
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._connections.forget(origin)
            way = self._connections.proxy(origin).value_or(None)
            return network_fault(error, url, max(ask.first_byte or 0, self.network.timeout), way)
        return outcome

    def _send(
        self,
        connection: http.client.HTTPConnection,
        ask: Ask,
        url: str,
        authorization: str | None,
        proxy: Proxy | None,
    ) -> None:
        """Send a request; `proxy` is one that is asked for the whole address."""
        parts = urlsplit(url)
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        target = path if proxy is None else f"{parts.scheme}://{parts.netloc}{path}"
        headers = _headers(ask, authorization) | ({} if proxy is None else proxy_fields(proxy))
        connection.request(ask.method, target, body=ask.body, headers=headers | {"Host": parts.netloc})

    @contextmanager
    def _beating(self, first_byte: float | None) -> Iterator[None]:
        """Each second in which an answer with a longer patience is waited for counts as progress."""
        arrived = self.network.arrived
        if first_byte is None or arrived is None:
            yield
            return
        begun = threading.Event()

        def beat() -> None:
            while not begun.wait(_BEAT):
                arrived(0)

        threading.Thread(target=beat, daemon=True).start()
        try:
            yield
        finally:
            begun.set()

    def _outcome(
        self, ask: Ask, url: str, response: http.client.HTTPResponse, proxy: Proxy | None
    ) -> Answer | StoreFault | _Redirect:
        status, location = response.status, response.headers.get("Location")
        if status == 407:
            variable = f"{urlsplit(url).scheme}_proxy"
            return ProxyRefused(url, str(proxy or urlsplit(url).hostname), variable)
        if status >= 300:
            data, _, _ = self._take(response, Body(0, _REFUSAL, None, None))
            if status in _REDIRECTS and location and ask.follow:
                return _Redirect(location)
            if status in _PASSING and not (ask.settled and status == 500):
                return Busy(url, f"{status} {response.reason}".strip())
            size = told_size(response.headers.get("Content-Range", ""))
            return _answer(url, response, data or b"", size)
        encoding = response.headers.get("Content-Encoding", "identity").lower()
        if encoding != "identity" and not (ask.gzip and encoding == "gzip"):
            return StoreFailed(url, "the server sends it compressed, though that was not asked for.")
        told = response.headers.get("Content-Range", "")
        body = read_body(status, ask.start, ask.stop, response.length, told)
        if not is_successful(body):
            return StoreFailed(url, body.failure())
        return self._received(url, response, body.unwrap())

    def _received(self, url: str, response: http.client.HTTPResponse, body: Body) -> Answer | StoreFault:
        """The answer with the bytes that are wanted of its body."""
        data, seen, is_over = self._take(response, body)
        if data is None:
            return TimedOut(url, self.network.timeout)
        if body.wanted is not None and len(data) < body.wanted:
            return CutShort(url, body.wanted, len(data))
        if body.wanted is None and body.stop is None and not is_over:
            return TooLong(url, self.network.limits.endless)
        is_whole = is_over and response.status != 206
        return _answer(url, response, data, seen if body.size is None and is_whole else body.size)

    def _take(self, response: http.client.HTTPResponse, body: Body) -> tuple[bytes | None, int, bool]:
        """The wanted bytes of a body (None if they come too slowly), how many came, and whether all did."""
        begun = time.monotonic()
        parts: list[bytes] = []
        seen, stop = 0, body.stop
        if stop is None and body.wanted is None:
            stop = body.skip + self.network.limits.endless
        while stop is None or seen < stop:
            piece = response.read1(_PIECE if stop is None else min(_PIECE, stop - seen))
            if not piece:
                return b"".join(parts), seen, True
            if seen + len(piece) > body.skip:
                parts.append(piece[max(0, body.skip - seen) :])
            seen += len(piece)
            if self.network.arrived is not None:
                self.network.arrived(len(piece))
            if time.monotonic() - begun > self.network.timeout + seen / self.network.slowest:
                return None, seen, False
        return b"".join(parts), seen, response.length == 0


def _answer(url: str, response: http.client.HTTPResponse, data: bytes, size: int | None) -> Answer:
    fields = {name.lower(): value for name, value in response.headers.items()}
    is_gzip = fields.get("content-encoding", "").lower() == "gzip"
    return Answer(response.status, url, fields.get("content-type", ""), data, size, is_gzip, fields)


def _headers(ask: Ask, authorization: str | None) -> dict[str, str]:
    encoding = "gzip" if ask.gzip else "identity"
    headers = {"Accept-Encoding": encoding, "User-Agent": "dicom-series-preview", **ask.headers}
    if not ask.quiet and (ask.start or ask.stop is not None):
        headers["Range"] = f"bytes={ask.start}-{'' if ask.stop is None else ask.stop - 1}"
    if authorization is not None:
        headers["Authorization"] = authorization
    return headers
