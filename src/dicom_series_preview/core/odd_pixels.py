"""What is odd about pixel data that is shown all the same, each with its words as `str()`."""

from __future__ import annotations

from typing import TypeAlias

from attrs import frozen


@frozen
class OtherCodec:
    """Frames are packed by another codec than the one their transfer syntax (in words) names."""

    codec: str
    syntax: str

    def __str__(self) -> str:
        return f"the frames are {self.codec}, not what the transfer syntax ({self.syntax}) says: read as they are"


@frozen
class OtherSign:
    """A JPEG 2000 stream has signed samples (ITU-T T.800 A.5.1) where PixelRepresentation is 0 (unsigned)."""

    def __str__(self) -> str:
        return "the JPEG 2000 stream is signed, but PixelRepresentation is 0: its samples are read without a sign"


@frozen
class OtherColours:
    """A JPEG 2000 stream transforms its colours (ITU-T T.800 G), which goes with RGB alone (PS3.5 8.2.4)."""

    photometric: str

    def __str__(self) -> str:
        return (
            f"the JPEG 2000 stream transforms its colours as if they were RGB, but PhotometricInterpretation is "
            f"{self.photometric}: they are read as the header says, and may be wrong"
        )


@frozen
class OtherPrecision:
    """A JPEG stream that transforms its samples has fewer bits than the `stored` ones of the header."""

    precision: int
    stored: int

    def __str__(self) -> str:
        return (
            f"the JPEG stream has {self.precision} bits a sample, but BitsStored is {self.stored}: its samples "
            "are used as they are, and may be meant otherwise"
        )


@frozen
class BitsBeyond:
    """Samples have more bits than the `stored` ones (PS3.5 8.1.1): an overlay, or values that do not fit."""

    stored: int

    def __str__(self) -> str:
        return (
            f"samples have bits beyond the {self.stored} of BitsStored, of an overlay or of values that are too "
            "large: those bits are left out"
        )


@frozen
class NativeAnyway:
    """The pixel data of a compressed transfer syntax (in words) is native."""

    syntax: str

    def __str__(self) -> str:
        return f"the pixels are native, not what the transfer syntax ({self.syntax}) says: read as they are"


@frozen
class WrappedAnyway:
    """The pixel data of a native transfer syntax (in words) lies in items."""

    syntax: str

    def __str__(self) -> str:
        return (
            f"the pixels lie in items as compressed ones do, although the transfer syntax ({self.syntax}) "
            "has none: read as they are"
        )


@frozen
class MoreFrames:
    """The pixel data goes on behind the frames that the header speaks of."""

    said: int

    def __str__(self) -> str:
        return f"there are more frames than NumberOfFrames says ({self.said}): the others are not shown"


@frozen
class UselessTable:
    """The offset table does not lead to frames; the fragments do (PS3.5 A.4)."""

    def __str__(self) -> str:
        return "the offset table is wrong: each fragment is taken as a frame"


@frozen
class NoDelimiter:
    """Something other than a delimiter follows the last fragment (PS3.5 A.4)."""

    def __str__(self) -> str:
        return "the fragments do not end with a delimiter: what follows them is left out"


@frozen
class UselessPalette:
    """The Supplemental Palette Color Lookup Table (PS3.3 C.7.6.19) cannot be read; `problem` is a sentence."""

    problem: str

    def __str__(self) -> str:
        return f"its supplemental palette is left out, only grey is shown. {self.problem.removesuffix('.')}"


PixelOddity: TypeAlias = (
    OtherCodec
    | OtherSign
    | OtherColours
    | OtherPrecision
    | BitsBeyond
    | NativeAnyway
    | WrappedAnyway
    | MoreFrames
    | UselessTable
    | NoDelimiter
    | UselessPalette
)
