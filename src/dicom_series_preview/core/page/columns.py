"""Rows and short tile maps as the columns of one JSON text, which the page's script reads.

A column is a list with one value for each row; or, where that is shorter, `{"of": [...], "at": [...]}`: its
distinct values, and for each row which of them.  Ten thousand series are so about 1.5 MB.
"""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias
from urllib.parse import quote

from attrs import astuple
from returns.pipeline import is_successful
from returns.result import Result

from dicom_series_preview.core.batch.row import Row
from dicom_series_preview.core.page.tiles import BadTileMap, Json, ShortMap
from dicom_series_preview.core.page.words import STATUSES, status_words

Maps: TypeAlias = Mapping[str, Result[ShortMap, BadTileMap]]
"""The tile maps that there are, by the path of their picture."""

TOO_MANY: Final = (
    "With the tile maps of all its series this page would be too large: this one lies beside its picture."
)
"""Said in place of a tile map that has no room."""

_SPECIAL: Final = re.compile("[<>&\u2028\u2029\ud800-\udfff]")
"""What could end the script element that holds the text, and what UTF-8 cannot hold."""

_TILES: Final = ("grid", "index", "position", "axes", "windows", "times", "untold")


def page_json(rows: Sequence[Row], maps: Maps, limit: int) -> str:
    """Rows and maps as JSON that can stand inside HTML: no "<", no lone surrogate.

    Tile maps are left out from the end where the text would be longer than `limit` bytes.
    """
    series = [f'"statuses":{_json(STATUSES)}', *_texts(_row_columns(rows))]
    found = [maps.get(row.path) for row in rows]

    def text(kept: int) -> str:
        return "{" + ",\n".join([*series, *_texts(_tile_columns(found, kept))]) + "}"

    def size(kept: int) -> int:
        return len(text(kept).encode())

    whole = len(rows)
    return text(whole if size(whole) <= limit else max(bisect_right(range(whole), limit, key=size) - 1, 0))


def _tile_columns(
    found: Sequence[Result[ShortMap, BadTileMap] | None], kept: int
) -> dict[str, Sequence[Json]]:
    tiles = [_tiles(one, i < kept) for i, one in enumerate(found)]
    return {name: [one[i] for one in tiles] for i, name in enumerate(_TILES)}


def _tiles(found: Result[ShortMap, BadTileMap] | None, is_kept: bool) -> tuple[Json, ...]:
    if found is None:
        return (*_NO_TILES, "")
    if not is_kept:
        return (*_NO_TILES, TOO_MANY)
    if not is_successful(found):
        return (*_NO_TILES, f"The tile map cannot be read: {found.failure().problem}.")
    return (*astuple(found.unwrap(), recurse=False), "")


_NO_TILES: Final = (None,) * (len(_TILES) - 1)


def _row_columns(rows: Sequence[Row]) -> dict[str, Sequence[Json]]:
    return {
        "series": [row.series for row in rows],
        "collection": [row.collection or "" for row in rows],
        "location": [row.location for row in rows],
        "picture": [_address(row) for row in rows],
        "status": [status_words(row) for row in rows],
        "fault": [row.fault for row in rows],
        "words": [row.words for row in rows],
        "remarks": [row.remarks for row in rows],
        "bytes": [row.bytes for row in rows],
        "width": [row.width for row in rows],
        "height": [row.height for row in rows],
        "slices": [row.slices for row in rows],
        "stacks": [row.stacks for row in rows],
        "axis": [row.axis for row in rows],
        "window": [row.window for row in rows],
        "modality": [row.modality for row in rows],
        "description": [row.description for row in rows],
        "requests": [row.requests for row in rows],
        "read": [row.bytes_read for row in rows],
        "seconds": [_rounded(row.seconds) for row in rows],
        "cpu": [_rounded(row.cpu) for row in rows],
        "attempts": [row.attempts for row in rows],
        "version": [row.version for row in rows],
    }


def _address(row: Row) -> str:
    """The picture's address below the page: "=" and the address; or "+" and what follows "ab/abcd…"; or ""."""
    usual = f"{row.series[:2]}/{row.series}"
    if row.path.startswith(f"{usual}.") and _PLAIN.fullmatch(row.path):
        return "+" + row.path.removeprefix(usual)
    return row.path and "=" + quote(row.path, errors="replace")


_PLAIN: Final = re.compile("[-0-9a-z]{2}/[-.0-9a-z]+")
"""A path that is its own address."""


def _rounded(seconds: float) -> float:
    return round(seconds, 2) if math.isfinite(seconds) else 0.0


def _texts(columns: Mapping[str, Sequence[Json]]) -> list[str]:
    return [f'"{name}":{_SPECIAL.sub(_escape, _column(values))}' for name, values in columns.items()]


def _column(values: Sequence[Json]) -> str:
    plain = _json(values)
    texts = [_json(value) for value in values]
    place = {text: i for i, text in enumerate(dict.fromkeys(texts))}
    folded = f'{{"of":[{",".join(place)}],"at":{_json([place[text] for text in texts])}}}'
    return min(plain, folded, key=len)


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found.group()):04x}"


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
