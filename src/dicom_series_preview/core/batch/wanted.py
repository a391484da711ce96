"""The series of a batch: each once, each at its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import evolve, frozen

from dicom_series_preview.core.ask.series_id import DicomUid, SeriesId
from dicom_series_preview.core.batch.names import series_key


@frozen
class Wanted:
    """A series to preview; a location (`SeriesPlace`) says where it lies, all else is under the root."""

    series: SeriesId
    collection: str | None = None
    """The collection it belongs to, where the list tells."""


def once(wanted: Iterable[Wanted]) -> tuple[Wanted, ...]:
    """Each series once, where it is named first."""
    first: dict[str, Wanted] = {}
    for one in wanted:
        first.setdefault(series_key(one.series), one)
    return tuple(first.values())


def unplaced(wanted: Iterable[Wanted]) -> frozenset[str]:
    """The SeriesInstanceUIDs of which only a table can tell where they are."""
    return frozenset(one.series.text for one in wanted if isinstance(one.series, DicomUid))


def place_them(wanted: Iterable[Wanted], table: Mapping[str, Wanted]) -> tuple[Wanted, ...]:
    """The same series, at the places that a table tells for their SeriesInstanceUIDs.

    What the table does not hold stays as it is; a collection that the list tells is kept.
    """
    return tuple(_placed(one, table) for one in wanted)


def _placed(one: Wanted, table: Mapping[str, Wanted]) -> Wanted:
    found = table.get(one.series.text) if isinstance(one.series, DicomUid) else None
    if found is None:
        return one
    return found if one.collection is None else evolve(found, collection=one.collection)
