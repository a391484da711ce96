"""What is wrong with an index."""

from __future__ import annotations

from typing import TypeAlias

from attrs import frozen


@frozen
class BadIndex:
    """The file at `path` is no index, or a damaged one."""

    path: str
    problem: str

    def __str__(self) -> str:
        return f"{self.path} cannot be used as an index: {self.problem}. Make one with build-index."


@frozen
class NewerIndex:
    """The index was made by a later version of this package, whose format this one does not know."""

    path: str
    version: str
    known: int

    def __str__(self) -> str:
        return (
            f"{self.path} is an index of format {self.version}, but this version of dicom-series-preview knows "
            f"formats up to {self.known}: update it, or make the index again with build-index."
        )


@frozen
class IndexLacks:
    """The index has no column of this name, although every index has one."""

    path: str
    column: str

    def __str__(self) -> str:
        return (
            f"{self.path} cannot be used as an index: it has no column {self.column}. "
            "Make it again with build-index."
        )


@frozen
class OtherSeries:
    """The index belongs to the series `found`, not to the one `wanted`."""

    path: str
    found: str
    wanted: str

    def __str__(self) -> str:
        return (
            f"{self.path} is the index of series {self.found}, not of {self.wanted}. "
            "Give the index of that series."
        )


@frozen
class StaleIndex:
    """The object at `place` has the UID `found` where the index remembers `known`; `attribute` names the UID."""

    place: str
    attribute: str
    found: str
    known: str

    def __str__(self) -> str:
        return (
            f"{self.place} is not the object that the index remembers: its {self.attribute} is "
            f"{self.found or 'missing'}, where the index has {self.known or 'none'}. The index is stale, or of "
            "other objects: make it again with build-index."
        )


@frozen
class UnstorableName:
    """A name on disk whose bytes are no UTF-8 text: a Parquet file cannot hold it."""

    name: str

    def __str__(self) -> str:
        shown = self.name.encode(errors="surrogateescape").decode(errors="backslashreplace")
        return f"The name '{shown}' is no UTF-8 text, which is all that an index can hold: rename it."


IndexRefusal: TypeAlias = BadIndex | NewerIndex | IndexLacks | OtherSeries | StaleIndex | UnstorableName
