"""The page: rows and tile maps -> one HTML text that needs nothing but the pictures beside it."""

from __future__ import annotations

import hashlib
import html
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Final

from attrs import frozen

from dicom_series_preview.core.batch.row import Row
from dicom_series_preview.core.page.columns import Maps, page_json

LIMIT: Final = 3_000_000
"""How many bytes a page may have before tile maps are left out."""

_MARK: Final = re.compile(r"\{\{(\w+)\}\}")


@frozen
class Assets:
    """The parts that a page is made of, as they lie in the package."""

    template: str
    """HTML with the marks {{title}}, {{policy}}, {{style}}, {{script}} and {{rows}}."""

    style: str
    """CSS."""

    script: str
    """JavaScript; like `style` without the end tag of its element."""


def gallery(title: str, rows: Sequence[Row], maps: Maps, assets: Assets, limit: int = LIMIT) -> str:
    """The page as HTML; every text of `title`, `rows` and `maps` is text in it, never markup.

    Tile maps are left out from the end where the page would otherwise be longer than `limit` bytes in UTF-8.
    """
    parts = {
        "title": as_text(title),
        "policy": _policy(assets),
        "style": assets.style,
        "script": assets.script,
        "rows": "",
    }
    room = limit - len(_filled(assets.template, parts).encode())
    return _filled(assets.template, {**parts, "rows": page_json(rows, maps, room)})


def as_text(text: str) -> str:
    """`text` as HTML that shows it, in an element or in a quoted attribute; what UTF-8 cannot hold as U+FFFD."""
    return html.escape(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def _filled(template: str, parts: Mapping[str, str]) -> str:
    """One pass: what stands in a part is never taken for a mark."""
    return _MARK.sub(lambda mark: parts[mark.group(1)], template)


def _policy(assets: Assets) -> str:
    """A Content-Security-Policy under which only this style and this script work, and pictures beside the page."""
    return (
        f"default-src 'none'; style-src {_hash(assets.style)}; script-src {_hash(assets.script)}; "
        "img-src 'self' file: data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
