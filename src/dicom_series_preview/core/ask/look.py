"""How a canvas looks beside its pictures: marks burnt into tiles, gaps, the ground behind them."""

from __future__ import annotations

import re
from enum import Enum
from typing import Final, TypeAlias

from attrs import frozen
from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.request import OutOfRange

Colour: TypeAlias = tuple[int, int, int]
"""Red, green and blue, 0 to 255 each."""

BLACK: Final = (0, 0, 0)

_COLOUR: Final = re.compile("#([0-9a-fA-F]{6})")
_GREY: Final = re.compile("[0-9]{1,3}")


class Label(Enum):
    """What may be burnt into a tile."""

    ORIENTATION = "orientation"
    POSITION = "position"
    NUMBER = "number"
    SCALE = "scale"


@frozen
class Look:
    """`gap` px between tiles, on a ground of colour `background`."""

    labels: frozenset[Label] = frozenset()
    gap: int = 0
    background: Colour = BLACK


NO_FRILLS: Final = Look()


def read_labels(text: str) -> Result[frozenset[Label], OutOfRange]:
    """`none`, `all`, or names joined by commas.

    >>> sorted(label.value for label in read_labels("number,scale").unwrap())
    ['number', 'scale']
    """
    names = [name.strip() for name in text.split(",")]
    if names == ["none"]:
        return Success(frozenset())
    if names == ["all"]:
        return Success(frozenset(Label))
    known = {label.value: label for label in Label}
    if all(name in known for name in names):
        return Success(frozenset(known[name] for name in names))
    return Failure(OutOfRange("--labels", text, f"none, all, or a comma list of {', '.join(known)}"))


def read_background(text: str) -> Result[Colour, OutOfRange]:
    """A grey level from 0 to 255, or a colour as #rrggbb.

    >>> read_background("40").unwrap(), read_background("#102030").unwrap()
    ((40, 40, 40), (16, 32, 48))
    """
    if _GREY.fullmatch(text) and int(text) <= 255:
        return Success((int(text),) * 3)
    found = _COLOUR.fullmatch(text)
    if found is None:
        return Failure(OutOfRange("--background", text, "a grey level from 0 to 255 or #rrggbb"))
    red, green, blue = bytes.fromhex(found.group(1))
    return Success((red, green, blue))
