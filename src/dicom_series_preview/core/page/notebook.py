"""Rows as a table of pictures, for the output of a notebook's cell: one HTML text that needs nothing else."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Final

from dicom_series_preview.core.batch.row import Row
from dicom_series_preview.core.page.gallery import as_text
from dicom_series_preview.core.page.words import status_words

_HEADS: Final = ("Picture", "Description", "Modality", "Slices", "Collection", "Status")
_LEFT: Final = (
    "text-align: left; vertical-align: top; padding: 0.5em 1em 0.5em 0; min-width: 5em; max-width: 24em; "
    "overflow-wrap: anywhere"
)

_TYPES: Final = {"webp": "image/webp", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg"}


def table(rows: Sequence[Row], pictures: Mapping[str, bytes], total: int) -> str:
    """The rows as an HTML table, with the pictures given by their paths; `total` is how many series there are.

    Every text of the rows is text in it, never markup.
    """
    head = "".join(f'<th style="text-align: left">{name}</th>' for name in _HEADS)
    body = "".join(_line(row, pictures.get(row.path)) for row in rows)
    more = f"<p>The first {len(rows):,} of {total:,} series.</p>" if total > len(rows) else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def _line(row: Row, picture: bytes | None) -> str:
    name = row.description.strip() or row.series
    told = (status_words(row), row.words, *row.remarks)
    cells = (
        _picture(row, name, picture),
        as_text(name),
        as_text(row.modality),
        f"{row.slices:,}" if row.slices else "",
        as_text(row.collection or ""),
        "<br>".join(as_text(text) for text in told if text),
    )
    return "<tr>" + "".join(f'<td style="{_LEFT}">{cell}</td>' for cell in cells) + "</tr>"


def _picture(row: Row, name: str, picture: bytes | None) -> str:
    mime = _TYPES.get(row.path.rpartition(".")[2])
    if picture is None or mime is None:
        return ""
    data = b64encode(picture).decode()
    return f'<img src="data:{mime};base64,{data}" alt="{as_text(name)}" width="192">'
