"""What S3 says is in a bucket: pages of ListObjectsV2, and whether the next one is worth asking for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from attrs import evolve, frozen
from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.listings import EndlessListing, NotAnIndex
from dicom_series_preview.core.storage.entries import Entry, Limits
from dicom_series_preview.core.storage.xml_rows import Rows, read_rows

MOST_KEYS: Final = 1000
"""Keys in one page, as S3 has it."""

_SIZE: Final = re.compile(r"[0-9]{1,18}")
_ROWS: Final = ("Contents", "CommonPrefixes")
_FIELDS: Final = ("Key", "Size", "Prefix", "IsTruncated", "NextContinuationToken")
_AFTER_FOLDER: Final = "0"  # the character after "/": where the keys that follow a folder's begin
_MARKUP: Final = re.compile(rb"<html|<!doctype html", re.IGNORECASE)
_SNIFFED: Final = 1024  # bytes


@frozen
class KeyPage:
    """One page: keys with their sizes in bytes, and whether more follow, by a token or after the last key."""

    keys: tuple[Entry, ...]
    more: bool
    token: str | None
    folders: tuple[str, ...] = ()
    """What stands for all keys of a folder, with a "/" at the end, in a listing by folders."""

    @property
    def names(self) -> tuple[str, ...]:
        """All that the page lists."""
        return (*(key.name for key in self.keys), *self.folders)


@frozen
class Listing:
    """What is asked next, and what was met before."""

    prefix: str
    after: str | None = None
    """The key after which to begin, None for the first one."""
    token: str | None = None
    most: int = MOST_KEYS
    by_folders: bool = False
    """Whether folders are listed in place of the keys in them."""
    pages: int = 0
    begun: frozenset[str] = frozenset()
    """The first names of the pages that were read."""
    empty: int = 0
    """How many of the last pages held nothing."""


def query(listing: Listing) -> str:
    """The query of the request for the next page, its fields in the order that signatures want."""
    fields: Mapping[str, str | None] = {
        "continuation-token": listing.token,
        "delimiter": "/" if listing.by_folders else None,
        "list-type": "2",
        "max-keys": str(listing.most),
        "prefix": listing.prefix,
        "start-after": listing.after if listing.token is None else None,
    }
    return "&".join(
        f"{name}={quote(value, safe='-_.~', errors='surrogateescape')}"
        for name, value in fields.items()
        if value is not None
    )


def read_page(xml: bytes, place: str, limits: Limits) -> Result[KeyPage, NotAnIndex]:
    """Read an answer to ListObjectsV2, which must be one."""
    if _MARKUP.search(xml[:_SNIFFED]):
        return Failure(NotAnIndex(place, "a web page"))
    namespace = _namespace(xml)
    rows, fields = (frozenset(namespace + name for name in names) for names in (_ROWS, _FIELDS))
    return (
        read_rows(xml, rows, fields, limits.objects)
        .alt(lambda found: NotAnIndex(place, found))
        .bind(lambda rows: _page(rows, namespace, place))
    )


def _namespace(xml: bytes) -> str:
    """The namespace that the answer declares, as `read_rows` has it before names; some servers have none."""
    found = re.search(rb"<ListBucketResult[^>]*\sxmlns=[\"']([^\"'>]*)[\"']", xml[:_SNIFFED])
    return f"{found[1].decode(errors='replace')} " if found is not None else ""


def _page(rows: Rows, namespace: str, place: str) -> Result[KeyPage, NotAnIndex]:
    if not rows.is_whole:
        return Failure(NotAnIndex(place, f"a page of more than {len(rows.rows)} keys"))
    if rows.root != f"{namespace}ListBucketResult":
        return Failure(NotAnIndex(place, f"XML of another kind ({rows.root.rpartition(' ')[2]!r})"))
    told = {name.removeprefix(namespace): text for name, text in rows.told.items()}
    keys = tuple(_entry(row, namespace) for row in rows.rows if row.get(f"{namespace}Key"))
    prefixes = (row.get(f"{namespace}Prefix") for row in rows.rows if f"{namespace}Key" not in row)
    folders = tuple(prefix for prefix in prefixes if prefix)
    more, token = told.get("IsTruncated") == "true", told.get("NextContinuationToken") or None
    return Success(KeyPage(keys, more, token, folders))


def _entry(row: Mapping[str, str], namespace: str) -> Entry:
    size = row.get(f"{namespace}Size", "").strip()
    return Entry(row[f"{namespace}Key"], int(size) if _SIZE.fullmatch(size) else None)


def following(
    listing: Listing, page: KeyPage, place: str, limits: Limits
) -> Result[Listing | None, EndlessListing]:
    """What to ask after a page; None after the last one.  A listing that repeats or does not end is refused."""
    if not page.more:
        return Success(None)
    pages, empty = listing.pages + 1, 0 if page.names else listing.empty + 1
    first = page.names[0] if page.names else None
    repeats = first in listing.begun or (
        page.token == listing.token and (page.token is not None or not page.names)
    )
    if repeats or pages >= limits.pages or empty > limits.empty:
        return Failure(EndlessListing(place, pages))
    begun = listing.begun if first is None else listing.begun | {first}
    after = _last(page) or listing.after
    return Success(evolve(listing, after=after, token=page.token, pages=pages, begun=begun, empty=empty))


def _last(page: KeyPage) -> str | None:
    """What the next page begins after: the last key, or what follows all keys of the last folder."""
    ends = (*(key.name for key in page.keys), *(folder[:-1] + _AFTER_FOLDER for folder in page.folders))
    return max(ends, default=None)


def folders_in(page: KeyPage, inside: str, prefix: str) -> tuple[str, ...]:
    """The folders of a page by their names below the prefix `inside`, which ends with "/", or is empty.

    A server that lists keys in place of folders tells of the folders that they lie in.
    """
    below = (
        name.removeprefix(inside).partition("/") for name in page.names if name.startswith(inside + prefix)
    )
    return tuple(dict.fromkeys(folder for folder, slash, _ in below if folder and slash))
