"""Which rows are shown, and in which order."""

from __future__ import annotations

from collections.abc import Iterable

from dicom_series_preview.core.batch.row import Row


def latest(rows: Iterable[Row]) -> tuple[Row, ...]:
    """The last row of each series, alike beside alike: by collection, modality, description, series.

    What has none of these comes after what has.
    """
    return tuple(sorted({row.series: row for row in rows}.values(), key=_place))


def _place(row: Row) -> tuple[tuple[bool, str], ...]:
    texts = (row.collection or "", row.modality, row.description, row.series)
    return tuple((text == "", text.casefold()) for text in texts)
