"""What a web server says is in a folder: WebDAV answers (RFC 4918) and HTML index pages.

Nothing is fetched here, and nothing is trusted: names that lead out of the folder are left out, and XML with a
document type, where entities could be declared, is refused.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urljoin, urlsplit
from xml.parsers import expat

from attrs import frozen

from dicom_series_preview.core.ask.roots import unquote_path
from dicom_series_preview.core.ask.series_id import folder_uid
from dicom_series_preview.core.storage.entries import Entry, is_safe

PROPFIND: Final = (
    b'<?xml version="1.0" encoding="utf-8"?>'
    b'<propfind xmlns="DAV:"><prop><resourcetype/><getcontentlength/></prop></propfind>'
)
"""The question whose answer `read_multistatus` reads, asked with `Depth: 1`."""


@frozen
class WebFolder:
    """What lies directly in a folder: its files, and the names of its subfolders."""

    files: tuple[Entry, ...]
    folders: tuple[str, ...]


@frozen
class Unreadable:
    """The answer is no list of files; `found` says what it is."""

    found: str


def read_multistatus(xml: bytes, url: str) -> WebFolder | Unreadable:
    """Read the answer to `PROPFIND` (RFC 4918 9.1, 13) for the folder at the address `url`."""
    reader = _Multistatus()
    try:
        reader.parser.Parse(xml, True)
    except expat.ExpatError as error:
        return Unreadable(f"XML that cannot be read ({error})")
    except _DocumentType:
        return Unreadable("XML with a document type, which is not read")
    files: dict[str, Entry] = {}
    folders: dict[str, None] = {}
    for href, is_folder, length in reader.responses:
        # A server behind a proxy may give its own host: only the path counts, and only names are taken.
        name = _name_below(re.sub(r"^[a-z]+://[^/]*", "", href), url)
        if name is None:
            continue
        if is_folder:
            folders[name.rstrip("/")] = None
        else:
            files[name] = Entry(name, int(length) if re.fullmatch(r"[0-9]{1,18}", length) else None)
    return WebFolder(tuple(files.values()), tuple(folders))


def read_index(html: bytes, url: str) -> WebFolder | Unreadable:
    """Read an HTML index page of the folder at the address `url`; sizes are not told there.

    Apache, nginx (autoindex and fancyindex), lighttpd, Python's http.server, rclone and others write such
    pages.  A page counts as one if it says so, links to its parent or to itself sorted otherwise, or lists
    anything that looks like DICOM.
    """
    page = _Links()
    page.feed(html.decode("utf-8", errors="surrogateescape"))
    page.close()
    files: dict[str, Entry] = {}
    folders: dict[str, None] = {}
    for href in page.hrefs:
        name = _name_below(href, url)
        if name is None:
            continue
        if name.endswith("/"):
            folders[name[:-1]] = None
        else:
            files[name] = Entry(name, None)
    looks_right = any(name.lower().endswith(".dcm") for name in files) or any(map(folder_uid, folders))
    if not (page.says_index or looks_right or any(map(_is_index_link, page.hrefs))):
        heading = " ".join(page.heading.split())[:_LONGEST_HEADING]
        return Unreadable(f"a web page ({heading!r})" if heading else "a web page")
    return WebFolder(tuple(files.values()), tuple(folders))


def _name_below(href: str, url: str) -> str | None:
    """The name directly below the folder `url` that a link leads to, "/" behind it kept; None for others."""
    try:
        target, base = urlsplit(urljoin(url, href.strip())), urlsplit(url)
    except ValueError:
        return None
    if (target.scheme, target.netloc.lower()) != (base.scheme, base.netloc.lower()) or target.query:
        return None
    folder, path = unquote_path(base.path), unquote_path(target.path)
    if not path.startswith(folder):
        return None
    name = path[len(folder) :]
    bare = name.removesuffix("/")
    return name if is_safe(bare) and "/" not in bare else None


_INDEX_WORDS: Final = re.compile(
    r"\b(index of|directory listing|listing of|files within|parent directory)\b", re.IGNORECASE
)
_SORT_LINK: Final = re.compile(r"\?(C=[NMSD]|sort=|order=|O=[AD])", re.IGNORECASE)
_LONGEST_HEADING: Final = 60


def _is_index_link(href: str) -> bool:
    """Whether a link leads to the parent folder, or to the page itself in another order."""
    return href.rstrip("/") in ("..", "./..") or _SORT_LINK.match(href) is not None


class _Links(HTMLParser):
    """Collects the targets of links, and the text of the title and headings."""

    def __init__(self) -> None:
        super().__init__()
        self.hrefs: list[str] = []
        self.heading = ""
        self.says_index = False
        self._in_heading = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.hrefs.extend(value for key, value in attrs if key == "href" and value)
        elif tag in ("title", "h1"):
            self._in_heading = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("title", "h1"):
            self._in_heading = False

    def handle_data(self, data: str) -> None:
        self.says_index = self.says_index or _INDEX_WORDS.search(data) is not None
        if self._in_heading and len(self.heading) < _LONGEST_HEADING:
            self.heading += f"{data} "


class _DocumentType(Exception):
    """The XML declares a document type."""


class _Multistatus:
    """Collects (href, is a collection, getcontentlength) of each response element."""

    def __init__(self) -> None:
        self.responses: list[tuple[str, bool, str]] = []
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._document_type
        self._href = self._length = self._words = ""
        self._is_folder = False

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        self._words = ""
        if name == "DAV: response":
            self._href = self._length = ""
            self._is_folder = False
        elif name == "DAV: collection":
            self._is_folder = True

    def _end(self, name: str) -> None:
        words = self._words.strip()
        # The first href of a response is its own; properties may hold others.
        if name == "DAV: href" and not self._href:
            self._href = words
        elif name == "DAV: getcontentlength":
            self._length = words
        elif name == "DAV: response" and self._href:
            self.responses.append((self._href, self._is_folder, self._length))
        self._words = ""

    def _text(self, data: str) -> None:
        self._words += data

    def _document_type(self, *_: object) -> None:
        raise _DocumentType
