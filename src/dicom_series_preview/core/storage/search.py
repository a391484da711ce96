"""Which folder a series identifier means, among the names that a root gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from returns.result import Failure, Result, Success

from dicom_series_preview.core.ask.series_id import (
    SeriesPrefix,
    SeriesUid,
    folder_uid,
    hyphenated,
    matches,
    show_series,
)
from dicom_series_preview.core.faults.series import SeveralMatches

MOST_SHOWN: Final = 10
"""Series that are listed when several match: one more than that is enough to know."""

MOST_PAGES: Final = 100
"""Pages of names looked at in a search, where each costs a request."""


def folder_names(series: SeriesUid) -> tuple[str, ...]:
    """The names that the folder of a series has, the likeliest first."""
    digits = series.text.replace("-", "")
    return series.text, digits


def local_names(series: SeriesUid) -> tuple[str, ...]:
    """The same where looking costs nothing: upper case too."""
    names = folder_names(series)
    return (*names, *(name.upper() for name in names))


def beginnings(series: SeriesPrefix) -> tuple[str, ...]:
    """What the names of matching folders begin with, in lower case: with hyphens, and without."""
    return tuple(dict.fromkeys((hyphenated(series.digits), series.digits)))


def matching(series: SeriesPrefix, names: Iterable[str]) -> dict[str, str]:
    """The folders among `names` that the prefix means: canonical uuid -> name."""
    uids = {name: folder_uid(name) for name in names}
    return {uid.text: name for name, uid in uids.items() if uid is not None and matches(series, uid)}


def only_match(
    series: SeriesPrefix, place: str, found: Mapping[str, str]
) -> Result[tuple[str, str] | None, SeveralMatches]:
    """The one folder that was found, as (uuid, name); None where none was; several are refused."""
    if len(found) > 1:
        shown = tuple(sorted(found)[:MOST_SHOWN])
        return Failure(SeveralMatches(show_series(series), place, shown, len(found) > MOST_SHOWN))
    return Success(next(iter(found.items()), None))


def series_name(folder: str) -> str:
    """The name of the series in a folder: the canonical uuid, or the folder's own name."""
    uid = folder_uid(folder.rpartition("/")[2])
    return folder if uid is None else uid.text
