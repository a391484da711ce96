"""What S3 says is in a bucket: pages of ListObjectsV2, and whether the next one is worth asking for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from attrs import frozen
from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.listings import EndlessListing, NotAnIndex
from dicom_series_preview.core.storage.entries import Entry, Limits
from dicom_series_preview.core.storage.xml_rows import Rows, read_rows

MOST_KEYS: Final = 1000
"""Keys in one page, as S3 has it."""

_SIZE: Final = re.compile(r"[0-9]{1,18}")
_FIELDS: Final = frozenset(("Key", "Size", "IsTruncated", "NextContinuationToken"))
_MARKUP: Final = re.compile(rb"<html|<!doctype html", re.IGNORECASE)
_SNIFFED: Final = 1024  # bytes


@frozen
class KeyPage:
    """One page: keys with their sizes in bytes, and whether more follow, by a token or after the last key."""

    keys: tuple[Entry, ...]
    more: bool
    token: str | None


@frozen
class Listing:
    """What is asked next, and what was met before."""

    prefix: str
    after: str | None = None
    """The key after which to begin, None for the first one."""
    token: str | None = None
    most: int = MOST_KEYS
    pages: int = 0
    begun: frozenset[str] = frozenset()
    """The first keys of the pages that were read."""
    empty: int = 0
    """How many of the last pages held nothing."""


def query(listing: Listing) -> str:
    """The query of the request for the next page, its fields in the order that signatures want."""
    fields: Mapping[str, str | None] = {
        "continuation-token": listing.token,
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
    names = frozenset(namespace + name for name in _FIELDS)
    return (
        read_rows(xml, f"{namespace}Contents", names, limits.objects)
        .alt(lambda found: NotAnIndex(place, found))
        .bind(lambda rows: _page(rows, namespace, place))
    )


def _namespace(xml: bytes) -> str:
    """The namespace that the answer declares, as `read_rows` has it before names; some servers have none."""
    found = re.search(rb"<ListBucketResult[^>]*\sxmlns=[\"']([^\"'>]*)[\"']", xml[:_SNIFFED])
    return f"{found[1].decode('utf-8', errors='replace')} " if found is not None else ""


def _page(rows: Rows, namespace: str, place: str) -> Result[KeyPage, NotAnIndex]:
    if not rows.is_whole:
        return Failure(NotAnIndex(place, f"a page of more than {len(rows.rows)} keys"))
    if rows.root != f"{namespace}ListBucketResult":
        return Failure(NotAnIndex(place, f"XML of another kind ({rows.root.rpartition(' ')[2]!r})"))
    told = {name.removeprefix(namespace): text for name, text in rows.told.items()}
    keys = tuple(_entry(row, namespace) for row in rows.rows if row.get(f"{namespace}Key"))
    return Success(
        KeyPage(keys, told.get("IsTruncated") == "true", told.get("NextContinuationToken") or None)
    )


def _entry(row: Mapping[str, str], namespace: str) -> Entry:
    size = row.get(f"{namespace}Size", "").strip()
    return Entry(row[f"{namespace}Key"], int(size) if _SIZE.fullmatch(size) else None)


def following(
    listing: Listing, page: KeyPage, place: str, limits: Limits
) -> Result[Listing | None, EndlessListing]:
    """What to ask after a page; None after the last one.  A listing that repeats or does not end is refused."""
    if not page.more:
        return Success(None)
    pages, empty = listing.pages + 1, 0 if page.keys else listing.empty + 1
    first = page.keys[0].name if page.keys else None
    after = page.keys[-1].name if page.keys else listing.after
    repeats = first in listing.begun or (
        page.token == listing.token and (page.token is not None or not page.keys)
    )
    if repeats or pages >= limits.pages or empty > limits.empty:
        return Failure(EndlessListing(place, pages))
    begun = listing.begun if first is None else listing.begun | {first}
    return Success(Listing(listing.prefix, after, page.token, listing.most, pages, begun, empty))
