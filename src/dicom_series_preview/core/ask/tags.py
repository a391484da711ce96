"""Which elements of a header are asked for: by keyword, by tag, or by a pattern of either."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from typing import Final

from attrs import frozen
from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.request import BadOptions, OutOfRange

_TAG: Final = re.compile(r"\(?([0-9a-f]{4}),?([0-9a-f]{4})\)?")
_KEYWORD: Final = re.compile(r"[a-z][a-z0-9]*")
_PATTERN: Final = re.compile(r"(?=.*[*?])\(?([a-z0-9*?]+(,[0-9a-f*?]+)?)\)?")
_ALLOWED: Final = (
    "a keyword (SliceThickness), a tag (0018,0050), or a pattern of either with * and ? (0018,*)"
)


@frozen(slots=False)
class TagPattern:
    """What `--tag` asks for, in lower case: a tag as `gggg,eeee`, a keyword, or a pattern of either."""

    text: str
    given: str
    """As the user wrote it."""

    @property
    def keyword(self) -> bool:
        """Whether it is a keyword, which a dictionary knows or not."""
        return _KEYWORD.fullmatch(self.text) is not None

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        parts = {"*": ".*", "?": "."}
        return re.compile("".join(parts.get(letter) or re.escape(letter) for letter in self.text))

    def fits(self, tag: int, keyword: str) -> bool:
        """Whether an element is asked for; upper and lower case are the same."""
        numbers = f"{tag >> 16:04x},{tag & 0xFFFF:04x}"
        return any(self._expression.fullmatch(name) for name in (numbers, keyword.lower()))


def check_tags(given: Sequence[str]) -> Result[tuple[TagPattern, ...], BadOptions]:
    """Read the values of `--tag`; all refusals at once.

    >>> [pattern.text for pattern in check_tags(["PatientID", "(0018,0050)", "00180050", "Window*"]).unwrap()]
    ['patientid', '0018,0050', '0018,0050', 'window*']
    """
    read = [(text, _read(text.strip().lower())) for text in given]
    refusals = tuple(OutOfRange("--tag", text, _ALLOWED) for text, found in read if found is None)
    if refusals:
        return Failure(BadOptions(refusals))
    return Success(tuple(TagPattern(found, text) for text, found in read if found is not None))


def _read(text: str) -> str | None:
    tag = _TAG.fullmatch(text)
    if tag is not None:
        return ",".join(tag.groups())
    pattern = _PATTERN.fullmatch(text)
    if pattern is not None:
        return pattern.group(1)
    return text if _KEYWORD.fullmatch(text) else None
