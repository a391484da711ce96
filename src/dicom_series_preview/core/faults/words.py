"""Numbers and counts as a person writes them."""

from __future__ import annotations

import re


def digits(value: float) -> str:
    """A number to its last digit: 1.0000001 is not shown as 1."""
    return repr(float(value)).removesuffix(".0")


def fraction(position: float) -> str:
    """A normalized position with all digits that matter: typed in again, it finds its slice."""
    return f"{position:.6f}".rstrip("0").rstrip(".")


def plural(count: int, one: str, many: str | None = None) -> str:
    """The word for `count` things.

    >>> plural(1, "object"), plural(2, "object"), plural(0, "object was", "objects were")
    ('object', 'objects', 'objects were')
    """
    return one if count == 1 else (many or one + "s")


def without_numbers(text: str) -> str:
    """The text with a mark for each number: what is the same for things of one kind.

    >>> without_numbers("it ends at byte 1064, the data at 934")
    'it ends at byte #, the data at #'
    """
    return re.sub(r"\d+", "#", text)
