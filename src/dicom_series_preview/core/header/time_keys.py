"""What tells instances at one position apart: time, cardiac phase, b-value, echo.

Every key is one number (int or float) per frame, None where the element is missing or no number.  Clock times
become whole microseconds, so that they compare exactly, across midnight where their date is known.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from datetime import date
from functools import partial
from math import isfinite
from typing import Final, TypeAlias

from dicom_series_preview.core.header.elements import Elements, data, decimal, number, text

TimeValues: TypeAlias = tuple[float | None, ...]
"""One value for each of `TIME_KEYS`, in their order."""

_TIME: Final = re.compile(r"(\d{2}):?(\d{2})?:?(\d{2})?(?:\.(\d{1,6}))?", re.ASCII)
_DATE: Final = re.compile(r"(\d{4})\.?(\d{2})\.?(\d{2})", re.ASCII)
_DATETIME: Final = re.compile(r"(\d{8})(\d{2}(?:\d{2}(?:\d{2}(?:\.\d{1,6})?)?)?)?([+-]\d{4})?", re.ASCII)

_MICROSECOND: Final = 1_000_000
_DAY: Final = 86_400 * _MICROSECOND


def microseconds_of_day(value: str | None) -> int | None:
    """A TM value (PS3.5 6.2, with or without the colons of the old form) as microseconds after midnight."""
    found = _TIME.fullmatch(value.strip()) if value else None
    if found is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.group(1, 2, 3))
    if hours > 23 or minutes > 59 or seconds > 60:  # 60 is a leap second
        return None
    fraction = int((found.group(4) or "").ljust(6, "0"))
    return ((hours * 60 + minutes) * 60 + seconds) * _MICROSECOND + fraction


def day_number(value: str | None) -> int | None:
    """A DA value (PS3.5 6.2) as a count of days."""
    found = _DATE.fullmatch(value.strip()) if value else None
    if found is None:
        return None
    try:
        return date(*(int(part) for part in found.groups())).toordinal()
    except ValueError:
        return None


def _clock(day: str | None, time: str | None) -> int | None:
    """Microseconds since day 0; of an unknown day when the date is missing."""
    moment = microseconds_of_day(time)
    return None if moment is None else (day_number(day) or 0) * _DAY + moment


def _datetime(value: str | None) -> int | None:
    """A DT value (PS3.5 6.2) as microseconds since day 0, in UTC where it names its offset."""
    found = _DATETIME.fullmatch(value.strip()) if value else None
    if found is None or day_number(found.group(1)) is None:
        return None
    moment = _clock(found.group(1), found.group(2) or "00")
    if moment is None or found.group(3) is None:
        return moment
    offset = found.group(3)
    minutes = int(offset[1:3]) * 60 + int(offset[3:])
    return moment - (minutes if offset[0] == "+" else -minutes) * 60 * _MICROSECOND


Lookup: TypeAlias = Callable[[str, str | None], Elements]
"""(keyword, functional group macro or None) -> the elements that hold the keyword for a frame."""


def _standard(keyword: str, enhanced: str, macro: str, lookup: Lookup) -> float | None:
    value = number(lookup(enhanced, macro), enhanced)
    return value if value is not None else number(lookup(keyword, None), keyword)


def _clocked(stem: str, lookup: Lookup) -> float | None:
    root = lookup(stem + "Time", None)
    return _clock(text(root, stem + "Date"), text(root, stem + "Time"))


def _acquisition_time(lookup: Lookup) -> float | None:
    frame = _datetime(
        text(lookup("FrameAcquisitionDateTime", "FrameContentSequence"), "FrameAcquisitionDateTime")
    )
    if frame is not None:
        return frame
    classic = _clocked("Acquisition", lookup)
    if classic is not None:
        return classic
    return _datetime(text(lookup("AcquisitionDateTime", None), "AcquisitionDateTime"))


GE_B_VALUE: Final = "(0043,1039)"
SIEMENS_B_VALUE: Final = "(0019,100c)"
PHILIPS_B_VALUE: Final = "(2001,1003)"


def private_number(elements: Elements, name: str) -> float | None:
    """The first number of a private element, whose bytes are undecoded in implicit VR.

    Four bytes that are no decimal string are a little-endian 32-bit float, as Philips writes them.
    """
    raw = data(elements, name)
    if raw is None:
        return number(elements, name)
    written = decimal(raw.decode("latin-1").split("\\")[0])
    if written is not None or len(raw) != 4:
        return written
    value = float(struct.unpack("<f", raw)[0])
    return value if isfinite(value) else None


def _b_value(lookup: Lookup) -> float | None:
    standard = number(lookup("DiffusionBValue", "MRDiffusionSequence"), "DiffusionBValue")
    if standard is not None:
        return standard
    ge = private_number(lookup(GE_B_VALUE, None), GE_B_VALUE)
    if ge is not None:
        return ge % 1e5  # GE adds a multiple of 100,000 as a marker
    siemens = private_number(lookup(SIEMENS_B_VALUE, None), SIEMENS_B_VALUE)
    if siemens is not None:
        return siemens
    return private_number(lookup(PHILIPS_B_VALUE, None), PHILIPS_B_VALUE)


_TEMPORAL_POSITION: Final = ("TemporalPositionIdentifier", "TemporalPositionIndex", "FrameContentSequence")
_TRIGGER: Final = ("TriggerTime", "NominalCardiacTriggerDelayTime", "CardiacSynchronizationSequence")
_ECHO: Final = ("EchoTime", "EffectiveEchoTime", "MREchoSequence")

TIME_KEYS: Final[tuple[tuple[str, Callable[[Lookup], float | None]], ...]] = (
    ("TemporalPositionIdentifier", partial(_standard, *_TEMPORAL_POSITION)),
    ("TriggerTime", partial(_standard, *_TRIGGER)),
    ("DiffusionBValue", _b_value),
    ("EchoTime", partial(_standard, *_ECHO)),
    ("FrameReferenceTime", lambda lookup: number(lookup("FrameReferenceTime", None), "FrameReferenceTime")),
    ("AcquisitionTime", _acquisition_time),
    ("ContentTime", partial(_clocked, "Content")),
    ("InstanceCreationTime", partial(_clocked, "InstanceCreation")),
)
"""The candidates in order of preference: what the scanner meant before when a clock was read."""


def time_values(lookup: Lookup) -> TimeValues:
    """All time values of one frame, in the order of `TIME_KEYS`."""
    return tuple(read(lookup) for _, read in TIME_KEYS)
