"""What is wrong with a batch as a whole, known before any series is begun."""

from __future__ import annotations

from typing import Final, TypeAlias

from attrs import frozen

_MOST_SHOWN: Final = 20


@frozen
class BadLine:
    """A line that names no series: its number from 1 on, and in words what is wrong with it."""

    number: int
    problem: str


@frozen
class BadList:
    """All the lines (or rows: `unit`) of a list that name no series."""

    place: str
    unit: str
    lines: tuple[BadLine, ...]

    def __str__(self) -> str:
        count = len(self.lines)
        names = f"{count} {self.unit}s name" if count > 1 else f"1 {self.unit} names"
        shown = [f"{self.unit} {line.number}: {line.problem}" for line in self.lines[:_MOST_SHOWN]]
        more = [f"... and {count - _MOST_SHOWN} more"] if count > _MOST_SHOWN else []
        return "\n".join([f"{names} no series in {self.place}:", *shown, *more])


@frozen
class NoColumn:
    """A table none of whose columns (`found`) names series."""

    place: str
    found: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"{self.place} has no column that names series, but {', '.join(self.found) or 'none at all'}: give "
            "series, or series_aws_url, or crdc_series_uuid with aws_bucket, or SeriesInstanceUID."
        )


@frozen
class BadSettings:
    """The file in which an output folder remembers its batch is damaged, or of a later version."""

    problem: str

    def __str__(self) -> str:
        return (
            f"The batch.json of the output folder cannot be used: {self.problem}. Give another folder, or "
            "--overwrite to make everything again."
        )


@frozen
class OtherOptions:
    """The folder holds pictures made with other options: (name, as they were made, as asked for now), as text."""

    differences: tuple[tuple[str, str, str], ...]

    def __str__(self) -> str:
        told = "; ".join(f"{name} was {old}, now {new}" for name, old, new in self.differences)
        return (
            f"The pictures in the output folder were made with other options ({told}). Give the same options, or "
            "another folder, or --overwrite to make everything again."
        )


@frozen
class NoScheduler:
    """The scheduler of a Dask cluster cannot be used."""

    address: str
    reason: str

    def __str__(self) -> str:
        return f"The Dask cluster at {self.address} cannot be used: {self.reason}."


@frozen
class NoWorkers:
    """Workers ended time and again before they had begun anything; `left` series were not made."""

    left: int

    def __str__(self) -> str:
        return (
            f"The workers end before they begin: gave up, with {self.left} series left. Look at the memory and "
            "the logs of the workers; what is made is kept, and a further run goes on."
        )


@frozen
class UnusableFolder:
    """The output folder of a batch cannot be used."""

    folder: str
    problem: str

    def __str__(self) -> str:
        return f"The output folder {self.folder} cannot be used: {self.problem}."


@frozen
class UnusableList:
    """A list of series that cannot be read, or that names no series at all."""

    place: str
    problem: str

    def __str__(self) -> str:
        return f"{self.place} is no list of series: {self.problem}."


BatchRefusal: TypeAlias = (
    BadList | NoColumn | BadSettings | OtherOptions | NoScheduler | NoWorkers | UnusableFolder | UnusableList
)
"""What ends a batch as a whole; what befalls one series is in its row."""
