"""What a series of a batch is called: its key, the file of its picture, and which share of the work it is in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256
from typing import Final

from dicom_series_preview.core.ask.series_id import (
    SeriesId,
    SeriesPlace,
    SeriesUid,
    folder_uid,
    show_series,
)

_UID: Final = re.compile(r"[0-9]+(?:\.[0-9]+)+")
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9-]+")
_LONGEST_STEM: Final = 60
_DIGITS: Final = 32
"""Hexadecimal digits of a digest in a name: 128 bits, so that no two names meet."""


def series_key(series: SeriesId) -> str:
    """The text that tells a series from all others of a batch.

    A uuid is the same series wherever it lies: its folder's root is no part of the key.

    >>> from dicom_series_preview.core.ask.series_id import parse_series
    >>> series_key(parse_series("s3://bucket/38902E14B11F4548910E771EE757DC82").unwrap())
    '38902e14-b11f-4548-910e-771ee757dc82'
    """
    uid = folder_uid(series.folder) if isinstance(series, SeriesPlace) else None
    return as_text(show_series(series)) if uid is None else uid.text


def as_text(text: str) -> str:
    """The text as UTF-8 can hold it; bytes of names that are no UTF-8 are shown as `\\udce9`."""
    return text.encode(errors="backslashreplace").decode()


def picture_path(key: str, ending: str) -> str:
    """Where the picture of a series lies below the output folder; `ending` begins with a dot.

    256 folders, each named for two hexadecimal digits, hold the pictures.  No two keys share a path, on file
    systems that do not tell upper from lower case neither, and none holds a character that needs quoting.

    >>> picture_path("38902e14-b11f-4548-910e-771ee757dc82", ".webp")
    '38/38902e14-b11f-4548-910e-771ee757dc82.webp'
    """
    if folder_uid(key) == SeriesUid(key):
        return f"{key[:2]}/{key}{ending}"
    digest = _digest(key)[:_DIGITS]
    if _UID.fullmatch(key):
        return f"{digest[:2]}/{key}{ending}"
    stem = _UNSAFE.sub("_", key.rpartition("/")[2])[:_LONGEST_STEM]
    return f"{digest[:2]}/{stem}-{digest}{ending}"


def shard_of(key: str, shards: int) -> int:
    """Which of so many shares a series belongs to, from 1 on; the other series of the list do not matter."""
    return int(_digest(key), 16) % shards + 1


def list_hash(keys: Iterable[str]) -> str:
    """A fingerprint of a list of series: SHA-256 in hexadecimal digits, the same in any order."""
    return _digest("\n".join(sorted(keys)))


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
