"""Dates and times (PS3.5 6.2) as whole numbers: they compare exactly, across midnight too."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

_TIME: Final = re.compile(r"(\d{2}):?(\d{2})?:?(\d{2})?(?:\.(\d{1,6}))?", re.ASCII)
_DATE: Final = re.compile(r"(\d{4})\.?(\d{2})\.?(\d{2})", re.ASCII)
_DATETIME: Final = re.compile(r"(\d{8})(\d{2}(?:\d{2}(?:\d{2}(?:\.\d{1,6})?)?)?)?([+-]\d{4})?", re.ASCII)

_MICROSECOND: Final = 1_000_000
DAY: Final = 86_400 * _MICROSECOND
"""Microseconds in a day."""


def microseconds_of_day(value: str) -> int | None:
    """A TM value (with or without the colons of the old form) as microseconds after midnight."""
    found = _TIME.fullmatch(value.strip())
    if found is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.group(1, 2, 3))
    if hours > 23 or minutes > 59 or seconds > 60:  # 60 is a leap second
        return None
    fraction = int((found.group(4) or "").ljust(6, "0"))
    return ((hours * 60 + minutes) * 60 + seconds) * _MICROSECOND + fraction


def day_number(value: str) -> int | None:
    """A DA value as a count of days."""
    found = _DATE.fullmatch(value.strip())
    if found is None:
        return None
    try:
        return date(*(int(part) for part in found.groups())).toordinal()
    except ValueError:
        return None


def microseconds(value: str) -> int | None:
    """A DT value as microseconds since day 0, in UTC where it names its offset."""
    found = _DATETIME.fullmatch(value.strip())
    if found is None:
        return None
    day, moment = day_number(found.group(1)), microseconds_of_day(found.group(2) or "00")
    if day is None or moment is None:
        return None
    offset = found.group(3) or "+0000"
    minutes = int(offset[1:3]) * 60 + int(offset[3:])
    return day * DAY + moment - (minutes if offset[0] == "+" else -minutes) * 60 * _MICROSECOND
