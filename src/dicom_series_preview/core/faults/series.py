"""What of a series cannot be found, chosen or shown."""

from __future__ import annotations

from typing import TypeAlias

from attrs import frozen

from dicom_series_preview.core.faults.words import digits, fraction, plural


@frozen
class OffsetOutOfBounds:
    """`--slice-offset` leaves the ordered list; indices are 0-based and `last` is inclusive."""

    chosen: int
    offset: int
    last: int

    def __str__(self) -> str:
        end = "before the first" if self.chosen + self.offset < 0 else "past the last"
        return (
            f"--slice-offset {self.offset} goes {end} instance: --position chose index {self.chosen}, and the "
            f"valid indices are 0-{self.last}, so the offset may be {-self.chosen} to {self.last - self.chosen}."
        )


@frozen
class NothingInRange:
    """No slice between `start` and `end`; `before` and `after` are the nearest slices' normalized positions."""

    start: float
    end: float
    before: float
    after: float

    def __str__(self) -> str:
        return (
            f"No slice lies between --start {digits(self.start)} and --end {digits(self.end)}; the nearest slices "
            f"are at {fraction(self.before)} and {fraction(self.after)}. Widen the range."
        )


SelectionError: TypeAlias = OffsetOutOfBounds | NothingInRange


@frozen
class NoObjects:
    """The series folder holds no DICOM object of it, but `others` of other series; `skipped` are no DICOM."""

    series: str
    skipped: int
    others: int = 0

    def __str__(self) -> str:
        if self.others:
            are = plural(self.others, "object is of another", "objects are of other")
            there = f"{self.others} DICOM {are} series"
            return f"There is no object of {self.series}; {there}. Check SERIESUID and --root."
        were = plural(self.skipped, "object was", "objects were")
        seen = f"; {self.skipped} other {were} skipped" if self.skipped else ""
        return f"{self.series} holds no DICOM object{seen}. Check SERIESUID and --root."


@frozen
class NoPixels:
    """None of the series' objects holds an image; `kinds` are their modalities or SOP classes."""

    series: str
    kinds: tuple[str, ...]

    def __str__(self) -> str:
        only = f", only {', '.join(self.kinds)}" if self.kinds else ""
        return f"{self.series} holds no image{only}: there is nothing to preview."


@frozen
class FoundSeries:
    """One of several series in a folder."""

    uid: str
    """SeriesInstanceUID."""
    count: int
    """Objects."""
    modality: str
    description: str
    """SeriesDescription, "" where there is none."""
    pictures: bool
    """Some object holds pixel data."""

    def __str__(self) -> str:
        told = (self.modality, self.description, f"{self.count} {plural(self.count, 'object')}")
        without = "" if self.pictures else " without pictures"
        return f"{self.uid}: {', '.join(word for word in told if word)}{without}"


@frozen
class SeveralSeries:
    """A folder holds several series: those with pictures first, then the largest."""

    place: str
    found: tuple[FoundSeries, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """The same words, with a line for each series: the first ten, and what to do."""
        more = (f"and {len(self.found) - 10} more",) if len(self.found) > 10 else ()
        return (
            f"{self.place} holds {len(self.found)} series:",
            *(str(one) for one in self.found[:10]),
            *more,
            "Give this folder as --root and one of these UIDs as SERIESUID.",
        )

    def __str__(self) -> str:
        head, *listed, advice = self.lines
        return f"{head} {'; '.join(listed)}. {advice}"


SeriesError: TypeAlias = NoObjects | NoPixels | SeveralSeries


@frozen
class NoSeries:
    """No folder under `root` is the series asked for; `hint` is a further sentence or empty."""

    series: str
    root: str
    hint: str = ""

    def __str__(self) -> str:
        return f"There is no series {self.series} under {self.root}. {self.hint or 'Check SERIESUID and --root.'}"


@frozen
class SeveralMatches:
    """A prefix that more than one series begins with: at most ten of them, sorted; `more` if there are others."""

    prefix: str
    root: str
    found: tuple[str, ...]
    more: bool

    def __str__(self) -> str:
        others = " and more" if self.more else ""
        return (
            f"{self.prefix} fits several series under {self.root}: {', '.join(self.found)}{others}. "
            "Give more digits, or the whole identifier."
        )
