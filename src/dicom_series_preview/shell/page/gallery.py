"""What a batch left in a folder -> a page beside its pictures, and a table of them in a notebook."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.resources import files
from typing import Final

from returns.result import Failure, Result

from dicom_series_preview.core.batch.row import Row
from dicom_series_preview.core.page.gallery import Assets, gallery
from dicom_series_preview.core.page.tiles import BadTileMap, ShortMap, shorten

_SCRIPTS: Final = ("rows.js", "cards.js", "dialog.js", "page.js")


def gallery_page(folder: str, rows: Sequence[Row]) -> str:
    """The page for these rows, whose pictures and tile maps lie in `folder`."""
    found = {row.path: _tile_map(folder, row) for row in rows if row.path}
    maps = {path: one for path, one in found.items() if one is not None}
    title = os.path.basename(os.path.abspath(folder)) or folder
    return gallery(title, rows, maps, _assets())


def _tile_map(folder: str, row: Row) -> Result[ShortMap, BadTileMap] | None:
    """The map beside the picture of `row`, None if there is none."""
    try:
        with open(os.path.join(folder, os.path.splitext(row.path)[0] + ".json"), encoding="utf-8") as file:
            text = file.read()
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        return Failure(BadTileMap(str(error)))
    return shorten(text, row.width, row.height)


def _assets() -> Assets:
    lie = files("dicom_series_preview.core.page") / "assets"
    texts = {name: (lie / name).read_text("utf-8") for name in ("page.html", "style.css", *_SCRIPTS)}
    return Assets(texts["page.html"], texts["style.css"], "\n".join(texts[name] for name in _SCRIPTS))
