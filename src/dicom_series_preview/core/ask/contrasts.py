"""Which window is wanted: one by name or by numbers, the file's own, or one from the pixels."""

from __future__ import annotations

import re
from math import isfinite
from typing import Final, TypeAlias

from attrs import frozen
from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.request import OutOfRange
from dicom_series_preview.core.grey import PRESETS, Window, exact_window

CONTRAST_PRESETS: Final = ("auto", "file", *PRESETS)

_WIDTH_LEVEL: Final = re.compile(r"([^/,]+)[/,]([^/,]+)")


@frozen
class Auto:
    """The window comes from the pixels shown."""


@frozen
class FromFile:
    """The window comes from each frame's header, and from the pixels where it has none."""


Contrast: TypeAlias = Window | Auto | FromFile


def read_contrast(text: str) -> Result[Contrast, OutOfRange]:
    """A preset by its name, `file`, `auto`, or a window of one's own as width/level or width,level.

    >>> read_contrast("1500/-500").unwrap() == read_contrast("lung").unwrap()
    True
    """
    if text in PRESETS:
        return Success(exact_window(*PRESETS[text]))
    if text == "auto":
        return Success(Auto())
    if text == "file":
        return Success(FromFile())
    numbers = _WIDTH_LEVEL.fullmatch(text)
    window = None if numbers is None else _window(*numbers.groups())
    if window is not None:
        return Success(window)
    allowed = f"one of {', '.join(CONTRAST_PRESETS)}, or width/level with a finite width above 0"
    return Failure(OutOfRange("--contrast-preset", text, allowed))


def _window(width: str, level: str) -> Window | None:
    try:
        numbers = float(width), float(level)
    except ValueError:
        return None
    return exact_window(*numbers) if all(map(isfinite, numbers)) and numbers[0] > 0 else None
