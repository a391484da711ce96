"""What is wrong with a request, known before anything is read."""

from __future__ import annotations

from typing import Final, TypeAlias

from attrs import frozen

_FORMS: Final = (
    "Give 32 hexadecimal digits (with or without the hyphens of a UUID), the first digits of one followed by *, a "
    "DICOM SeriesInstanceUID, or the location of a series folder."
)


@frozen
class BadSeriesId:
    """The series identifier is none of the accepted forms (`problem` says which rule it breaks, `advice` in a
    sentence what would do)."""

    text: str
    problem: str
    advice: str = _FORMS

    def __str__(self) -> str:
        return f"{self.text!r} is no series identifier: {self.problem}. {self.advice}"


@frozen
class BadRoot:
    """The storage root cannot be read as a location."""

    text: str
    problem: str

    def __str__(self) -> str:
        return (
            f"{self.text!r} is no storage root: {self.problem}. Give s3://bucket/prefix, gs://, az://, "
            "http(s)://, file://, a folder, or dicomweb+https://host/path."
        )


LocationError: TypeAlias = BadSeriesId | BadRoot


@frozen
class OutOfRange:
    """An option's value lies outside what is allowed (`allowed` in words, e.g. 'a number from 0 to 1')."""

    option: str
    value: str
    allowed: str

    def __str__(self) -> str:
        return f"{self.option} {self.value or repr(self.value)} is not allowed: it must be {self.allowed}."


@frozen
class BadExtension:
    """The output's file extension names no format the command writes."""

    output: str
    allowed: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.output!r} has no extension this command writes: use {' or '.join(self.allowed)}."


@frozen
class Conflict:
    """Two options that cannot be given together."""

    option: str
    other: str
    reason: str

    def __str__(self) -> str:
        return f"{self.option} cannot be used with {self.other}: {self.reason}."


@frozen
class Needs:
    """An option that only makes sense with another one.

    >>> str(Needs("--slice-offset", "--position"))
    '--slice-offset needs --position as well.'
    """

    option: str
    needs: str

    def __str__(self) -> str:
        return f"{self.option} needs {self.needs} as well."


@frozen
class CanvasTooLarge:
    """The picture has a side the encoder cannot hold; sizes in px."""

    width: int
    height: int
    format_name: str
    limit: int

    def __str__(self) -> str:
        sides = [f"{self.width} px wide"] * (self.width > self.limit)
        sides += [f"{self.height} px high"] * (self.height > self.limit)
        return (
            f"The picture would be {' and '.join(sides)}, but {self.format_name} holds at most {self.limit} px a "
            "side: use fewer tiles or a smaller --image-width."
        )


@frozen
class NeedsExtra:
    """What was asked for needs a package that is not installed; `extra` is the one that installs it."""

    option: str
    extra: str

    def __str__(self) -> str:
        return (
            f"{self.option} needs the extra {self.extra!r}, which is not installed: "
            f"pip install 'dicom-series-preview[{self.extra}]'."
        )


RequestError: TypeAlias = (
    LocationError | OutOfRange | BadExtension | Conflict | Needs | NeedsExtra | CanvasTooLarge
)


@frozen
class BadOptions:
    """Everything that is wrong with a request, at once; each refusal is a line of the words."""

    refusals: tuple[RequestError, ...]

    def __str__(self) -> str:
        return "\n".join(map(str, self.refusals))
