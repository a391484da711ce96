"""Every refusal of the core, as data, and the one function that puts it into words.

A refusal holds the values that offended; `describe` turns it into one short paragraph that says what was
wrong (in the user's own text) and what would be right.  The unions are closed: adding a class without a
sentence for it does not type-check.
"""

from __future__ import annotations

from typing import TypeAlias, assert_never

from attrs import frozen


@frozen
class BadSeriesId:
    """The series identifier is none of the accepted forms (`problem` says which rule it breaks)."""

    text: str
    problem: str


@frozen
class BadRoot:
    """The storage root cannot be read as a location."""

    text: str
    problem: str


LocationError: TypeAlias = BadSeriesId | BadRoot


@frozen
class OutOfRange:
    """An option's value lies outside what is allowed (`allowed` in words, e.g. 'a number from 0 to 1')."""

    option: str
    value: str
    allowed: str


@frozen
class BadExtension:
    """The output's file extension names no format the command writes."""

    output: str
    allowed: tuple[str, ...]


@frozen
class Conflict:
    """Two options that cannot be given together."""

    option: str
    other: str
    reason: str


@frozen
class Needs:
    """An option that only makes sense with another one."""

    option: str
    needs: str


@frozen
class CanvasTooLarge:
    """The picture has a side the encoder cannot hold; sizes in px."""

    width: int
    height: int
    format_name: str
    limit: int


RequestError: TypeAlias = LocationError | OutOfRange | BadExtension | Conflict | Needs | CanvasTooLarge


@frozen
class OffsetOutOfBounds:
    """`--slice-offset` leaves the ordered list; indices are 0-based and `last` is inclusive."""

    chosen: int
    offset: int
    last: int


@frozen
class NothingInRange:
    """No slice between `start` and `end`; `before` and `after` are the nearest slices' normalized positions."""

    start: float
    end: float
    before: float
    after: float


SelectionError: TypeAlias = OffsetOutOfBounds | NothingInRange


@frozen
class NoObjects:
    """The series folder holds no DICOM object; `skipped` other objects were seen there."""

    series: str
    skipped: int


@frozen
class NoPixels:
    """None of the series' objects holds an image; `kinds` are their modalities or SOP classes."""

    series: str
    kinds: tuple[str, ...]


@frozen
class SeveralSeries:
    """A folder holds several series; `found` is (SeriesInstanceUID, number of objects), largest first."""

    place: str
    found: tuple[tuple[str, int], ...]


SeriesError: TypeAlias = NoObjects | NoPixels | SeveralSeries


@frozen
class BadPixelModule:
    """An attribute of the Image Pixel module leaves no image to read; `value` is empty if it is missing."""

    attribute: str
    value: str
    problem: str


@frozen
class BadPixelData:
    """A frame (0-based) that cannot be found in its pixel data element."""

    frame: int
    problem: str


@frozen
class BadPalette:
    """One of the three lookup tables of a PALETTE COLOR image cannot be read."""

    channel: str
    problem: str


PixelError: TypeAlias = BadPixelModule | BadPixelData | BadPalette


@frozen
class BadIndex:
    """The file at `path` is no index, or a damaged one."""

    path: str
    problem: str


@frozen
class NewerIndex:
    """The index was made by a later version of this package, whose format this one does not know."""

    path: str
    version: str
    known: int


@frozen
class IndexLacks:
    """The index has no column of this name, although every index has one."""

    path: str
    column: str


@frozen
class OtherSeries:
    """The index belongs to the series `found`, not to the one `wanted`."""

    path: str
    found: str
    wanted: str


IndexRefusal: TypeAlias = BadIndex | NewerIndex | IndexLacks | OtherSeries

PlanError: TypeAlias = SelectionError | SeriesError | CanvasTooLarge

CoreError: TypeAlias = RequestError | PlanError | PixelError | IndexRefusal


def digits(value: float) -> str:
    """A number as a person writes it, to its last digit: 1.0000001 is not shown as 1."""
    return repr(float(value)).removesuffix(".0")


def _several_series(error: SeveralSeries) -> str:
    names = "; ".join(f"{uid} ({count} {_plural(count, 'object')})" for uid, count in error.found[:10])
    more = "" if len(error.found) <= 10 else f"; and {len(error.found) - 10} more"
    return (
        f"{error.place} holds {len(error.found)} series: {names}{more}. "
        "Give this folder as --root and one of these UIDs as SERIESUID."
    )


def _nothing_in_range(error: NothingInRange) -> str:
    return (
        f"No slice lies between --start {digits(error.start)} and --end {digits(error.end)}; the nearest slices "
        f"are at {_fraction(error.before)} and {_fraction(error.after)}. Widen the range."
    )


def _fraction(position: float) -> str:
    """A normalized position with all digits that matter: typed in again, it finds its slice."""
    return f"{position:.6f}".rstrip("0").rstrip(".")


def _offset_out_of_bounds(error: OffsetOutOfBounds) -> str:
    end = "before the first" if error.chosen + error.offset < 0 else "past the last"
    return (
        f"--slice-offset {error.offset} goes {end} instance: --position chose index {error.chosen}, and the "
        f"valid indices are 0-{error.last}, so the offset may be {-error.chosen} to {error.last - error.chosen}."
    )


def _plural(count: int, one: str, many: str | None = None) -> str:
    return one if count == 1 else (many or one + "s")


def describe(error: CoreError) -> str:
    """Say in one paragraph what was wrong and what would be right.

    >>> describe(Needs("--slice-offset", "--position"))
    '--slice-offset needs --position as well.'
    """
    match error:
        case BadSeriesId(text=text, problem=problem):
            return (
                f"{text!r} is no series identifier: {problem}. Give 32 hexadecimal digits (with or without the "
                "hyphens of a UUID), the first digits of one followed by *, a DICOM SeriesInstanceUID, or the "
                "location of a series folder."
            )
        case BadRoot(text=text, problem=problem):
            return (
                f"{text!r} is no storage root: {problem}. Give s3://bucket/prefix, gs://, az://, http(s)://, "
                "file:// or a folder."
            )
        case OutOfRange(option=option, value=value, allowed=allowed):
            return f"{option} {value or repr(value)} is not allowed: it must be {allowed}."
        case BadExtension(output=output, allowed=allowed):
            return f"{output!r} has no extension this command writes: use {' or '.join(allowed)}."
        case Conflict(option=option, other=other, reason=reason):
            return f"{option} cannot be used with {other}: {reason}."
        case Needs(option=option, needs=needs):
            return f"{option} needs {needs} as well."
        case CanvasTooLarge(width=width, height=height, format_name=format_name, limit=limit):
            sides = [f"{width} px wide"] * (width > limit) + [f"{height} px high"] * (height > limit)
            return (
                f"The picture would be {' and '.join(sides)}, but {format_name} holds at most {limit} px a side: "
                "use fewer tiles or a smaller --image-width."
            )
        case OffsetOutOfBounds():
            return _offset_out_of_bounds(error)
        case NothingInRange():
            return _nothing_in_range(error)
        case NoObjects(series=series, skipped=skipped):
            seen = (
                f"; {skipped} other {_plural(skipped, 'object was', 'objects were')} skipped"
                if skipped
                else ""
            )
            return f"{series} holds no DICOM object{seen}. Check SERIESUID and --root."
        case NoPixels(series=series, kinds=kinds):
            return f"{series} holds no image, only {', '.join(kinds)}: there is nothing to preview."
        case SeveralSeries():
            return _several_series(error)
        case BadPixelModule(attribute=attribute, value=value, problem=problem):
            shown = f"{attribute} {value}" if value else attribute
            return f"The header describes no readable image: {shown}: {problem}."
        case BadPalette(channel=channel, problem=problem):
            return f"The {channel.lower()} palette colour lookup table is unusable: {problem}."
        case BadPixelData(frame=frame, problem=problem):
            return f"Frame {frame + 1} cannot be found in the pixel data: {problem}."
        case BadIndex(path=path, problem=problem):
            return f"{path} cannot be used as an index: {problem}. Make one with build-index."
        case NewerIndex(path=path, version=version, known=known):
            return (
                f"{path} is an index of format {version}, but this version of dicom-series-preview knows formats "
                f"up to {known}: update it, or make the index again with build-index."
            )
        case IndexLacks(path=path, column=column):
            return f"{path} cannot be used as an index: it has no column {column}. Make it again with build-index."
        case OtherSeries(path=path, found=found, wanted=wanted):
            return f"{path} is the index of series {found}, not of {wanted}. Give the index of that series."
        case _ as never:
            assert_never(never)
