"""Which rows are shown, and in which order."""

from __future__ import annotations

from collections.abc import Iterable

from dicom_series_preview.core.batch.row import Row


def latest(rows: Iterable[Row]) -> tuple[Row, ...]:
    """The last row of each series, alike beside alike: by collection, modality, description, series."""
    by_series = {row.series: row for row in rows}
    return tuple(
        sorted(
            by_series.values(),
            key=lambda row: (row.collection or "", row.modality, row.description.casefold(), row.series),
        )
    )
