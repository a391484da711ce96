"""HTTP requests by the standard library: connections that are kept, redirects, retries, ranges of bodies.

Any server will do: one that ignores ranges, that sends no Content-Length, or that closes the connection after
each answer.  Proxies and certificate authorities come from the environment, as usual.
"""

from __future__ import annotations

import http.client
import re
import selectors
import socket
import ssl
import time
from base64 import b64encode
from collections import defaultdict, deque
from collections.abc import Mapping
from functools import cache
from typing import Final
from urllib.parse import urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

from attrs import field, frozen
from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.storage import (
    Busy,
    ConnectionRefused,
    CutShort,
    StoreFailed,
    StoreFault,
    TimedOut,
    UnknownHost,
    Unreachable,
    Untrusted,
)
from dicom_series_preview.shell.storage.store import Network

_PASSING: Final = frozenset({429, 500, 502, 503, 504})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS: Final = 5
_PIECE: Final = 256 * 1024  # bytes
_CONNECT: Final = 5.0  # s for a connection to be made
SLOWEST: Final = 4096  # bytes/s below which a body that does keep coming is given up
_REFUSAL: Final = 64 * 1024  # bytes of the body of a refusal that are read, to keep the connection
_BEAT: Final = 1.0  # s
_PAUSE, _LONGEST_PAUSE = 0.1, 1.0  # s before the first retry, doubled each time up to the longest
_CONTENT_RANGE: Final = re.compile(r"bytes +(?:(\d{1,18})-\d+|\*)/(?:(\d{1,18})|\*)")


@frozen
class Ask:
    """A request: of the body only the bytes from `start` up to `stop` are wanted (None: to the end).

    A server is not told of a part that is `quiet`: the rest of the body is left unread.  `gzip` lets it compress
    the body.  To what is `settled` it answers the same when it is asked again, even 500.  `first_byte` is how many
    seconds it may take to begin with its answer, if that is not as for all others: a server that reads a series
    before it speaks is at work.
    """

    method: str
    url: str
    start: int = 0
    stop: int | None = None
    quiet: bool = False
    headers: Mapping[str, str] = field(factory=dict)
    body: bytes | None = None
    gzip: bool = False
    settled: bool = False
    first_byte: float | None = None


@frozen
class Answer:
    """An answer of any status: `data` are the bytes wanted, `size` that of the whole body if it is known.

    `url` is the address that answered, after redirects; `content_type` is as it was sent, with its parameters;
    `gzip` tells that `data` and `size` are those of the compressed body.
    """

    status: int
    url: str
    content_type: str
    data: bytes
    size: int | None
    gzip: bool = False


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
    _idle: defaultdict[str, deque[http.client.HTTPConnection]] = field(
        factory=lambda: defaultdict(deque), init=False, repr=False, eq=False
    )

    def ask(self, ask: Ask) -> Result[Answer, StoreFault]:
        """Make a request, and again while it fails in a way that passes."""
        latest = time.monotonic() + self.network.patience
        tries, pause = 0, _PAUSE
        while True:
            outcome = self._follow(ask)
            passing = isinstance(outcome, TimedOut | ConnectionRefused | Unreachable | Busy | CutShort)
            if not passing or tries == self.network.retries or time.monotonic() > latest:
                return Success(outcome) if isinstance(outcome, Answer) else Failure(outcome)
            time.sleep(pause)
            tries, pause = tries + 1, min(2 * pause, _LONGEST_PAUSE)

    def _follow(self, ask: Ask) -> Answer | StoreFault:
        home, url = urlsplit(ask.url)[:2], ask.url
        for _ in range(_MOST_REDIRECTS + 1):
            at_home = urlsplit(url)[:2] == home
            if self.stays and not at_home:
                there = "://".join(urlsplit(url)[:2])
                return StoreFailed(ask.url, f"the server points to another, {there}: give the address there.")
            outcome = self._once(ask, url, self._authorization() if at_home else None)
            if not isinstance(outcome, str):
                return outcome
            url = urljoin(url, outcome)
            if urlsplit(url).scheme not in ("http", "https"):
                return StoreFailed(ask.url, "the server points to an address that is not on the web.")
        return StoreFailed(ask.url, "the server points from one address to the next without end.")

    def _authorization(self) -> str | None:
        if self.login is not None:
            return f"Basic {b64encode(self.login.encode()).decode()}"
        return None if self.token is None else f"Bearer {self.token}"

    def _once(self, ask: Ask, url: str, authorization: str | None) -> Answer | StoreFault | str:
        """One request to `url`; a redirect comes back as the address it names."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        try:
            connection = self._idle_one(origin) or self._connect(origin)
            kept = False
            try:
                target = origin + path if _proxy(origin) and parts.scheme == "http" else path
                connection.request(ask.method, target, body=ask.body, headers=_headers(ask, authorization))
                self._wait(connection.sock, ask.first_byte)
                response = connection.getresponse()
                outcome = self._outcome(ask, url, response)
                if response.length == 0:
                    response.read()  # tells the connection that the body is over
                kept = response.isclosed() and not response.will_close
            finally:
                if kept:
                    self._idle[origin].append(connection)
                else:
                    connection.close()
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._idle[origin].clear()  # the others are as old, and likely as dead
            return _fault(error, url, max(ask.first_byte or 0, self.network.timeout))
        return outcome

    def _idle_one(self, origin: str) -> http.client.HTTPConnection | None:
        try:
            return self._idle[origin].pop()
        except IndexError:
            return None

    def _connect(self, origin: str) -> http.client.HTTPConnection:
        patience = min(_CONNECT, self.network.timeout)
        here, proxy = urlsplit(origin), _proxy(origin)
        at = urlsplit(proxy if "://" in proxy else f"http://{proxy}") if proxy else here
        host, secure = at.hostname or "", here.scheme == "https"
        connection: http.client.HTTPConnection
        if secure:
            connection = http.client.HTTPSConnection(host, at.port, timeout=patience, context=tls())
            if proxy:
                connection.set_tunnel(here.hostname or "", here.port)
        else:
            connection = http.client.HTTPConnection(host, at.port, timeout=patience)
        connection.connect()
        return connection

    def _wait(self, sock: socket.socket, first_byte: float | None) -> None:
        """Wait for an answer to begin; each second of a longer patience counts as progress."""
        sock.settimeout(self.network.timeout)
        if first_byte is None:
            return
        with selectors.DefaultSelector() as readable:
            readable.register(sock, selectors.EVENT_READ)
            latest = time.monotonic() + max(first_byte, self.network.timeout)
            while not readable.select(_BEAT):
                if time.monotonic() >= latest:
                    raise TimeoutError
                if self.network.arrived is not None:
                    self.network.arrived(0)

    def _outcome(self, ask: Ask, url: str, response: http.client.HTTPResponse) -> Answer | StoreFault | str:
        status, location = response.status, response.headers.get("Location")
        total = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
        size = int(total[2]) if total is not None and total[2] else None
        if status in _REDIRECTS and location:
            self._take(response, 0, _REFUSAL)
            return location
        if status in _PASSING and not (ask.settled and status == 500):
            self._take(response, 0, _REFUSAL)
            return Busy(url, f"{status} {response.reason}".strip())
        if status >= 300:
            self._take(response, 0, _REFUSAL)
            return Answer(status, url, response.headers.get("Content-Type", ""), b"", size)
        encoding = response.headers.get("Content-Encoding", "identity").lower()
        if encoding != "identity" and not (ask.gzip and encoding == "gzip"):
            return StoreFailed(url, "the server sends it compressed, though that was not asked for.")
        if status != 206:
            skip, limit, size = ask.start, ask.stop, response.length
        elif total is None or total[1] != str(ask.start):
            return StoreFailed(url, "the server answered with another range than was asked for.")
        else:
            skip, limit = 0, None if ask.stop is None else ask.stop - ask.start
        whole = response.length if status != 206 or size is None else size - ask.start
        ends = [end for end in (limit, whole) if end is not None]
        wanted = max(0, min(ends) - skip) if whole is not None else None
        data, seen, is_over = self._take(response, skip, limit)
        if data is None:
            return TimedOut(url, self.network.timeout)
        if wanted is not None and len(data) < wanted:
            return CutShort(url, wanted, len(data))
        if size is None and is_over and status != 206:
            size = seen
        return Answer(status, url, response.headers.get("Content-Type", ""), data, size, encoding == "gzip")

    def _take(
        self, response: http.client.HTTPResponse, skip: int, limit: int | None
    ) -> tuple[bytes | None, int, bool]:
        """Bytes `skip` to `limit` of a body (None if they come too slowly), how many came, and whether all did."""
        begun = time.monotonic()
        parts: list[bytes] = []
        seen = 0
        while limit is None or seen < limit:
            piece = response.read1(_PIECE if limit is None else min(_PIECE, limit - seen))
            if not piece:
                return b"".join(parts), seen, True
            if seen + len(piece) > skip:
                parts.append(piece[max(0, skip - seen) :])
            seen += len(piece)
            if self.network.arrived is not None:
                self.network.arrived(len(piece))
            if time.monotonic() - begun > self.network.timeout + seen / SLOWEST:
                return None, seen, False
        return b"".join(parts), seen, response.length == 0


@cache
def tls() -> ssl.SSLContext:
    """The authorities that are trusted: the system's, or those that SSL_CERT_FILE names."""
    return ssl.create_default_context()


def _proxy(origin: str) -> str:
    """The proxy for an origin, "" for none; from http_proxy, https_proxy and no_proxy."""
    parts = urlsplit(origin)
    proxy = getproxies().get(parts.scheme, "")
    return "" if not proxy or proxy_bypass(parts.netloc) else proxy


def _headers(ask: Ask, authorization: str | None) -> dict[str, str]:
    encoding = "gzip" if ask.gzip else "identity"
    headers = {"Accept-Encoding": encoding, "User-Agent": "dicom-series-preview", **ask.headers}
    if not ask.quiet and (ask.start or ask.stop is not None):
        headers["Range"] = f"bytes={ask.start}-{'' if ask.stop is None else ask.stop - 1}"
    if authorization is not None:
        headers["Authorization"] = authorization
    return headers


def _fault(error: OSError | http.client.HTTPException | ValueError, url: str, timeout: float) -> StoreFault:
    match error:
        case TimeoutError():
            return TimedOut(url, timeout)
        case ConnectionRefusedError():
            return ConnectionRefused(url)
        case ssl.SSLError():
            return Untrusted(url, getattr(error, "verify_message", "") or error.reason or str(error))
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
