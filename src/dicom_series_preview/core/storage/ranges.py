"""Which bytes of an object an answer brings (RFC 9110 14.4, 15.3.7), whatever the server made of the range."""

from __future__ import annotations

import re
from typing import Final

from attrs import frozen
from returns.result import Failure, Result, Success

ANOTHER_RANGE: Final = "the server answered with another range than was asked for."

_CONTENT_RANGE: Final = re.compile(r"bytes +(?:(\d{1,18})-(\d{1,18})|\*)/(?:(\d{1,18})|\*)")


@frozen
class Body:
    """What of an answer's body is wanted; all are bytes.

    `skip` come before it, `stop` is where it ends at most (None: with the body), `wanted` is how much it must
    be (None: that is not known before it has come), `size` that of the whole object if it was told.
    """

    skip: int
    stop: int | None
    wanted: int | None
    size: int | None


def told_size(content_range: str) -> int | None:
    """The size of the whole object in a Content-Range, as an answer 416 has it too; None if it is not told."""
    found = _CONTENT_RANGE.fullmatch(content_range)
    return int(found[3]) if found is not None and found[3] else None


def read_body(
    status: int, start: int, stop: int | None, length: int | None, content_range: str
) -> Result[Body, str]:
    """What an answer brings of the bytes `start` to `stop` (None: to the end) that were asked for.

    `length` is that of the body in bytes, None if it is not told.  Refused is an answer 206 with another range.

    >>> read_body(206, 100, 200, 100, "bytes 100-199/5000").unwrap()
    Body(skip=0, stop=100, wanted=100, size=5000)
    """
    most = None if stop is None else stop - start
    if status != 206:
        left = None if length is None else max(0, length - start)
        return Success(Body(start, stop, _bounded(left, most), length))
    found = _CONTENT_RANGE.fullmatch(content_range)
    if found is None or found[1] != str(start):
        return Failure(ANOTHER_RANGE)
    size = int(found[3]) if found[3] else None
    left = length if size is None else max(0, size - start)
    return Success(Body(0, most, _bounded(left, most), size))


def _bounded(left: int | None, most: int | None) -> int | None:
    """How many of the bytes that are left are wanted; None if it is not told how many are left."""
    return left if left is None or most is None else min(left, most)
