"""What of one object cannot be read: its header, its pixels."""

from __future__ import annotations

from typing import TypeAlias

from attrs import frozen


@frozen
class BadPixelModule:
    """An attribute of the Image Pixel module leaves no image to read; `value` is empty if it is missing."""

    attribute: str
    value: str
    problem: str

    def __str__(self) -> str:
        shown = f"{self.attribute} {self.value}" if self.value else self.attribute
        return f"The header describes no readable image: {shown}: {self.problem}."


@frozen
class BadPixelData:
    """A frame (0-based) that cannot be found in its pixel data element."""

    frame: int
    problem: str

    def __str__(self) -> str:
        return f"Frame {self.frame + 1} cannot be found in the pixel data: {self.problem}."


@frozen
class BadPalette:
    """One of the three lookup tables of a PALETTE COLOR image cannot be read."""

    channel: str
    problem: str

    def __str__(self) -> str:
        return f"The {self.channel.lower()} palette colour lookup table is unusable: {self.problem}."


PixelError: TypeAlias = BadPixelModule | BadPixelData | BadPalette


@frozen
class NotDicom:
    """The object is no DICOM file, or its header cannot be parsed.

    `foreign` tells that it does not even begin like one: such files lie beside images, and nobody misses them.
    """

    place: str
    reason: str
    foreign: bool = False

    def __str__(self) -> str:
        return f"{self.place} is no readable DICOM object: {self.reason}."


@frozen
class Undecodable:
    """The pixels of an object could not be decoded; `hint` says what would add the codec, if anything."""

    place: str
    syntax: str
    reason: str
    hint: str = ""

    def __str__(self) -> str:
        hint = f" {self.hint}" if self.hint else ""
        return f"{self.place} cannot be decoded ({self.syntax}): {self.reason}.{hint}"
