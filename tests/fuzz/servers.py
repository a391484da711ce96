"""Damaged listings (HTML, WebDAV, S3), and damaged answers of web servers, as they come through a connection."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from random import Random
from typing import Final

from returns.pipeline import is_successful
from returns.result import Result

from dicom_series_preview.core.ask.roots import HttpRoot
from dicom_series_preview.core.faults.storage import StoreFault
from dicom_series_preview.core.storage.entries import Entry, Limits
from dicom_series_preview.core.storage.s3_listing import KeyPage, read_page
from dicom_series_preview.core.storage.web_pages import WebFolder, read_index, read_multistatus
from dicom_series_preview.shell.cli.messages import paragraph
from dicom_series_preview.shell.storage.open_store import open_store
from dicom_series_preview.shell.storage.store import Network, Store
from tests.fuzz.octets import damaged_bytes
from tests.fuzz.words import Wrong, check_words

URL: Final = "http://host.example/s/"
LIMITS: Final = Limits(objects=500, listing=1 << 20, endless=1 << 20)

_NAMES: Final = (
    "1.dcm",
    "a%20b.dcm",
    "sub/",
    "..",
    "./x",
    "/s/y",
    "caf%E9",
    "a&amp;b",
    "%2e%2e/",
    "a//b",
    "",
    "\0",
    "é",
)
_MARKUP: Final = (
    *(
        "<!--",
        "-->",
        "<!",
        "<?",
        "<a ",
        "<a href='",
        '<a href="',
        "<a href=",
        "'>",
        '">',
        ">",
        "</a>",
        "<script>",
    ),
    *(
        "</script>",
        "<title>",
        "</title>",
        "<h1>",
        "Index of",
        "<![CDATA[",
        "]]>",
        "&lt;",
        "&#0;",
        "<base href=//x>",
    ),
)
_XML: Final = (
    *(
        "<D:response>",
        "</D:response>",
        "<D:href>",
        "</D:href>",
        "<D:collection/>",
        "<!DOCTYPE x>",
        "&#1;",
        "&lt;",
    ),
    *(
        "<Contents>",
        "</Contents>",
        "<Key>",
        "</Key>",
        "<Size>",
        "<IsTruncated>true</IsTruncated>",
        "&x;",
        "<",
    ),
)


def _html(rng: Random) -> bytes:
    links = "".join(f"<a href='{rng.choice(_NAMES)}'>x</a>\n" for _ in range(rng.choice((0, 1, 5, 40, 600))))
    return f"<html><title>{rng.choice(('Index of /', 'Portal'))}</title>{links}</html>".encode()


def _webdav(rng: Random) -> bytes:
    rows = "".join(
        f"<D:response><D:href>/s/{rng.choice(_NAMES)}</D:href><D:propstat><D:prop><D:resourcetype>"
        f"{rng.choice(('', '<D:collection/>'))}</D:resourcetype><D:getcontentlength>{rng.choice((7, -1, 10**30))}"
        "</D:getcontentlength></D:prop></D:propstat></D:response>"
        for _ in range(rng.choice((0, 1, 5, 40, 600)))
    )
    return f'<?xml version="1.0"?><D:multistatus xmlns:D="DAV:">{rows}</D:multistatus>'.encode()


def _s3(rng: Random) -> bytes:
    rows = "".join(
        f"<Contents><Key>{rng.choice(('s/', '', 'zz'))}{rng.choice(_NAMES)}</Key>"
        f"<Size>{rng.choice((0, 7, -1, 10**30))}</Size></Contents>"
        for _ in range(rng.choice((0, 1, 5, 40, 600)))
    )
    space = rng.choice(("", ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'))
    more = rng.choice(("", "<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>"))
    return f"<?xml version='1.0'?><ListBucketResult{space}>{more}{rows}</ListBucketResult>".encode()


def _damaged(rng: Random, listing: bytes, pieces: tuple[str, ...]) -> bytes:
    """As it is, its bytes damaged, or with pieces of markup put in, many times over."""
    if rng.random() < 0.1:
        return listing
    for _ in range(rng.choice((0, 1, 3))):
        at = rng.randrange(len(listing) + 1)
        listing = listing[:at] + rng.choice(pieces).encode() * rng.choice((1, 2, 1000, 20_000)) + listing[at:]
    return damaged_bytes(rng, listing) if rng.random() < 0.7 else listing


def listing_case(rng: Random) -> str:
    """One listing, read."""
    kind = rng.choice(("html", "webdav", "s3"))
    if kind == "html":
        return _judged_folder(read_index(_damaged(rng, _html(rng), _MARKUP), URL, LIMITS))
    if kind == "webdav":
        return _judged_folder(read_multistatus(_damaged(rng, _webdav(rng), _XML), URL, LIMITS))
    page: Result[KeyPage, StoreFault] = read_page(_damaged(rng, _s3(rng), _XML), "s3://b/s", LIMITS)
    return _refusal(page) or _judged(page.unwrap().keys)


def _judged_folder(found: Result[WebFolder, StoreFault]) -> str:
    if not is_successful(found):
        return _refusal(found)
    folder = found.unwrap()
    for name in (*(entry.name for entry in folder.files), *folder.folders):
        if not name or "/" in name or "\0" in name or name in (".", ".."):
            raise Wrong(f"{name!r} is no name in a folder")
    return _judged(folder.files)


def _judged(entries: tuple[Entry, ...]) -> str:
    if any(entry.size is not None and entry.size < 0 for entry in entries):
        raise Wrong("a size below zero")
    return "listed"


def _refusal(outcome: Result[object, StoreFault]) -> str:
    """The kind of a refusal, its words checked; "" where there is none."""
    if is_successful(outcome):
        return ""
    check_words(paragraph(str(outcome.failure())))
    return type(outcome.failure()).__name__


_FIELDS: Final = (
    *(
        "Content-Length: {size}",
        "Content-Length: 0",
        "Content-Length: -1",
        "Content-Length: 99999999999999999999",
    ),
    *("Content-Length: {size}\r\nContent-Length: 3", "Transfer-Encoding: chunked", "Content-Encoding: gzip"),
    *(
        "Content-Range: bytes 0-{last}/{size}",
        "Content-Range: bytes 0-9/*",
        "Content-Range: bytes 5-9/{size}",
    ),
    *(
        "Content-Range: bytes */{size}",
        "Location: /next",
        "Location: http://[::1/s",
        "Location: file:///etc/passwd",
    ),
    *(
        "Location: //",
        "Content-Type: text/html",
        "Content-Type: application/xml",
        'ETag: "1"',
        "Connection: close",
    ),
    *("Content-Type: ;;;", "X: {size}" * 50, "\x7f\xff: x", "NoColon", " folded"),
)
_STATUSES: Final = (
    200,
    200,
    200,
    206,
    206,
    206,
    207,
    301,
    302,
    400,
    401,
    403,
    404,
    407,
    416,
    429,
    500,
    503,
    999,
    100,
)


def _answer(rng: Random) -> bytes:
    body = (
        rng.choice((_html, _webdav, _s3))(rng)
        if rng.random() < 0.5
        else rng.randbytes(rng.choice((0, 1, 10, 5000)))
    )
    fields = rng.sample(_FIELDS, rng.choice((0, 1, 2, 4)))
    if "Transfer-Encoding: chunked" in fields:
        body = b"".join(
            b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (body[:7], body[7:]) if piece
        ) + rng.choice((b"0\r\n\r\n", b"", b"ffffffffffffffff\r\n", b"-1\r\n"))
    head = "\r\n".join((f"HTTP/1.1 {rng.choice(_STATUSES)} Answer", *fields, "", ""))
    whole = head.format(size=len(body), last=max(0, len(body) - 1)).encode("latin-1") + body
    return damaged_bytes(rng, whole) if rng.random() < 0.6 else whole


class _Speaker:
    """Answers each connection with the same bytes, and ends it."""

    def __init__(self) -> None:
        self.answer = b""
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            client, _ = self._listening.accept()
            with client, suppress(OSError):
                client.settimeout(1.0)
                head = b""
                while b"\r\n\r\n" not in head and (piece := client.recv(65536)):
                    head += piece
                client.sendall(self.answer)


_SPEAKERS: Final[list[_Speaker]] = []


@contextmanager
def _speaking(answer: bytes) -> Iterator[int]:
    if not _SPEAKERS:
        _SPEAKERS.append(_Speaker())
    _SPEAKERS[0].answer = answer
    yield _SPEAKERS[0].port


def answer_case(rng: Random) -> str:
    """One answer, to a read or to a listing."""
    network = Network(timeout=2.0, retries=0, limits=LIMITS)
    with _speaking(_answer(rng)) as port:
        store: Store = open_store(HttpRoot("http", f"127.0.0.1:{port}"), network).unwrap()
        if rng.random() < 0.5:
            start, stop = rng.choice(((0, 10), (0, None), (5, 5000), (0, 5000)))
            read = store.read("s/1.dcm", start, stop)
            data = read.map(lambda chunk: chunk.data).value_or(b"")
            if stop is not None and len(data) > stop - start:
                raise Wrong(f"{len(data)} bytes where {stop - start} were asked for")
            return _refusal(read) or "read"
        for page in store.pages("s"):
            if not is_successful(page):
                return _refusal(page)
        return "listed"
