"""What a batch left in a folder -> a page beside its pictures, and a table of them in a notebook."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from importlib.resources import files
from typing import Final

from attrs import frozen
from returns.result import Failure, Result, Success

from dicom_series_preview.core.batch.row import Row
from dicom_series_preview.core.faults.batch import UnusableFolder
from dicom_series_preview.core.faults.fault import CannotWrite
from dicom_series_preview.core.page.gallery import Assets, gallery
from dicom_series_preview.core.page.latest import latest
from dicom_series_preview.core.page.notebook import table
from dicom_series_preview.core.page.tiles import BadTileMap, ShortMap, shorten
from dicom_series_preview.shell.batch.tables import ERRORS, read_rows
from dicom_series_preview.shell.outputs.files import write_whole

PAGE: Final = "index.html"

_PART: Final = re.compile(r"part-.*\.parquet")
_SCRIPTS: Final = ("rows.js", "cards.js", "dialog.js", "page.js")


@frozen
class Gallery:
    """Series with their pictures; in a notebook a table of them.

    `rows` may be chosen at will: `Gallery([row for row in all.rows if row.fault], all.folder)`.
    """

    rows: Sequence[Row]
    folder: str
    """Where the paths of the pictures lead from."""

    most: int = 50
    """How many of the rows a notebook shows."""

    def _repr_html_(self) -> str:
        """The first rows as a table that holds its pictures, as notebooks ask for it."""
        shown = self.rows[: self.most]
        found = {row.path: _picture(self.folder, row) for row in shown if row.path}
        pictures = {path: data for path, data in found.items() if data is not None}
        return table(shown, pictures, len(self.rows))


def open_gallery(folder: str) -> Result[Gallery, UnusableFolder]:
    """What a batch has left in `folder` so far; it may be at work."""
    rows: list[Row] = []
    try:
        for part in _parts(os.path.join(folder, "results")):
            rows += _read(part)
    except PermissionError:
        return Failure(UnusableFolder(folder, "you have no permission to read its results"))
    except (*ERRORS, KeyError, TypeError) as error:
        reason = str(error).partition("\n")[0]
        return Failure(UnusableFolder(folder, f"its results cannot be read ({reason})"))
    if not rows:
        return Failure(UnusableFolder(folder, "there are no results of a batch in it"))
    return Success(Gallery(latest(rows), folder))


def write_gallery(folder: str) -> Result[str, UnusableFolder | CannotWrite]:
    """Write `index.html` into the output folder of a batch, whole or not at all; gives its path."""
    path = os.path.join(folder, PAGE)
    return Result.do(
        path
        for found in open_gallery(folder)
        for _ in write_whole(path, gallery_page(folder, found.rows).encode("utf-8"))
    )


def gallery_page(folder: str, rows: Sequence[Row]) -> str:
    """The page for these rows, whose pictures and tile maps lie in `folder`."""
    found = {row.path: _tile_map(folder, row) for row in rows if row.path}
    maps = {path: one for path, one in found.items() if one is not None}
    title = os.path.basename(os.path.abspath(folder)) or folder
    return gallery(title, rows, maps, _assets())


def _parts(results: str) -> list[str]:
    """The parts of the results, the oldest first."""
    try:
        found = [entry for entry in os.scandir(results) if _PART.fullmatch(entry.name)]
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [entry.path for entry in sorted(found, key=lambda entry: (_written(entry), entry.name))]


def _written(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat().st_mtime_ns
    except FileNotFoundError:  # a batch at work has just put its rows elsewhere
        return 0


def _read(part: str) -> Sequence[Row]:
    """The rows of a part; none if it is gone meanwhile."""
    try:
        return read_rows(part)
    except FileNotFoundError:
        return ()


def _picture(folder: str, row: Row) -> bytes | None:
    try:
        with open(os.path.join(folder, row.path), "rb") as file:
            return file.read()
    except OSError:
        return None


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
