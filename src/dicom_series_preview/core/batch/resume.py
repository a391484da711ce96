"""What is still to do in a folder that holds what earlier runs have left."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from attrs import frozen

from dicom_series_preview.core.batch.names import shard_of
from dicom_series_preview.core.batch.row import Status


@frozen
class Told:
    """What a row of an earlier run tells of a series, as far as it matters: how it ended, and its picture."""

    status: Status
    path: str


@frozen
class Shard:
    """One of `count` shares of a list, numbered from 1 on."""

    number: int = 1
    count: int = 1


@frozen
class Todo:
    """What a run has to do, and what it leaves as it is."""

    items: tuple[int, ...]
    """The series to make, by their places in the list."""
    made: int
    """How many of this share have their picture."""
    refused: int
    """How many of this share ended without one, and stay so."""
    stale: frozenset[str]
    """The keys of those rows of earlier runs that count no more."""


def sort_out(
    keys: Sequence[str],
    told: Mapping[str, Told],
    pictures: Collection[str],
    shard: Shard,
    *,
    retry_failed: bool = False,
    overwrite: bool = False,
    same: bool = True,
) -> Todo:
    """Compare a list with what is there.

    Done is a series that a row calls made and whose picture is among `pictures` (paths as in rows).  One that
    ended otherwise stays so, unless `retry_failed`.  With `overwrite` nothing counts, and the rows of series
    that are not in the list go too; unless what is there is of the `same` options, those of other shares as well.
    """
    items: list[int] = []
    made = refused = 0
    for item, key in enumerate(keys):
        if shard_of(key, shard.count) != shard.number:
            continue
        row = None if overwrite else told.get(key)
        if row is None:
            items.append(item)
        elif row.status is Status.MADE and row.path in pictures:
            made += 1
        elif row.status is Status.MADE or retry_failed:
            items.append(item)
        else:
            refused += 1
    stale = {keys[item] for item in items} & told.keys()
    if overwrite:
        stale |= told.keys() - set(keys) if same else told.keys()
    return Todo(tuple(items), made, refused, frozenset(stale))
