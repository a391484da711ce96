"""What a web server says is in a folder: WebDAV answers (RFC 4918) and HTML index pages.

Nothing is fetched here, and nothing is trusted: names that lead out of the folder are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias
from urllib.parse import urljoin, urlsplit

from attrs import frozen
from returns.result import Failure, Result, Success

from dicom_series_preview.core.ask.roots import unquote_path
from dicom_series_preview.core.ask.series_id import folder_uid
from dicom_series_preview.core.faults.listings import NotAnIndex, TooManyObjects
from dicom_series_preview.core.storage.entries import Entry, Limits, is_safe
from dicom_series_preview.core.storage.links import Links, read_links
from dicom_series_preview.core.storage.xml_rows import Rows, read_rows

PROPFIND: Final = (
    b'<?xml version="1.0" encoding="utf-8"?>'
    b'<propfind xmlns="DAV:"><prop><resourcetype/><getcontentlength/></prop></propfind>'
)
"""The question whose answer `read_multistatus` reads, asked with `Depth: 1`."""

_RESPONSE: Final = "DAV: response"
_HREF: Final = "DAV: href"
_COLLECTION: Final = "DAV: collection"
_LENGTH: Final = "DAV: getcontentlength"
_SIZE: Final = re.compile(r"\s*([0-9]{1,18})\s*")

_SORT_LINK: Final = re.compile(r"\?(C=[NMSD]|sort=|order=|O=[AD])", re.IGNORECASE)


@frozen
class WebFolder:
    """What lies directly in a folder: its files, and the names of its subfolders."""

    files: tuple[Entry, ...]
    folders: tuple[str, ...]


PageFault: TypeAlias = NotAnIndex | TooManyObjects


def read_multistatus(xml: bytes, url: str, limits: Limits) -> Result[WebFolder, PageFault]:
    """Read the answer to `PROPFIND` (RFC 4918 9.1, 13) for the folder at the address `url`."""
    fields = frozenset((_HREF, _COLLECTION, _LENGTH))
    rows: Result[Rows, PageFault] = read_rows(xml, frozenset((_RESPONSE,)), fields, limits.objects).alt(
        lambda found: NotAnIndex(url, found)
    )
    return rows.bind(lambda read: _of_rows(read, url, limits))


def _of_rows(rows: Rows, url: str, limits: Limits) -> Result[WebFolder, PageFault]:
    if not rows.is_whole:
        return Failure(TooManyObjects(url, limits.objects))
    return Success(_folder(_response(row, url) for row in rows.rows))


def _response(row: Mapping[str, str], url: str) -> tuple[str | None, int | None]:
    """A name and its size; the name of a folder ends in a slash."""
    # A server behind a proxy may give its own host: only the path counts, and only names are taken.
    href = re.sub(r"^[a-z]+://[^/]*", "", row.get(_HREF, "").strip())
    name = _name_below(href, url) if href else None
    if name is not None and _COLLECTION in row:
        name = name.rstrip("/") + "/"
    size = _SIZE.fullmatch(row.get(_LENGTH, ""))
    return name, int(size[1]) if size is not None else None


def read_index(html: bytes, url: str, limits: Limits) -> Result[WebFolder, PageFault]:
    """Read an HTML index page of the folder at the address `url`; sizes are not told there.

    Apache, nginx (autoindex and fancyindex), lighttpd, Python's http.server, rclone and others write such
    pages.  A page counts as one if it says so, links to its parent or to itself sorted otherwise, or lists
    anything that looks like DICOM.
    """
    page = read_links(html, limits.objects)
    found = _folder((_name_below(href, url), None) for href in page.targets)
    if not _is_index(page, found):
        return Failure(NotAnIndex(url, f"a web page ({page.heading!r})" if page.heading else "a web page"))
    return Success(found) if page.is_whole else Failure(TooManyObjects(url, limits.objects))


def _is_index(page: Links, found: WebFolder) -> bool:
    return (
        page.says_index
        or any(entry.name.lower().endswith(".dcm") for entry in found.files)
        or any(map(folder_uid, found.folders))
        or any(map(_is_index_link, page.targets))
    )


def _is_index_link(href: str) -> bool:
    """Whether a link leads to the parent folder, or to the page itself in another order."""
    return href.rstrip("/") in ("..", "./..") or _SORT_LINK.match(href) is not None


def _folder(listed: Iterable[tuple[str | None, int | None]]) -> WebFolder:
    files: dict[str, Entry] = {}
    folders: dict[str, None] = {}
    for name, size in listed:
        if name is None:
            continue
        if name.endswith("/"):
            folders[name[:-1]] = None
        else:
            files[name] = Entry(name, size)
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
