"""The parts of a multipart/related body (RFC 2046 5.1, RFC 2387), as servers really send them."""

from __future__ import annotations

import re
from typing import Final

from attrs import frozen
from returns.result import Failure, Result, Success

from dicom_series_preview.core.dicomweb.answers import BadAnswer
from dicom_series_preview.core.dicomweb.media_types import MediaType, read_media_type

_LONGEST_BOUNDARY: Final = 200
"""Characters; the standard allows 70, and Orthanc takes 73."""

_LONGEST_HEAD: Final = 8192
"""Bytes of the header fields of one part."""

_FIRST_LINE: Final = re.compile(rb"(?:\r\n)*--([^\r\n]{1,%d}?)[ \t]*\r\n" % _LONGEST_BOUNDARY)
_LINE_END: Final = b"\r\n"
_HEAD_END: Final = b"\r\n\r\n"
_FOLD: Final = re.compile(r"\r\n[ \t]+")
_LENGTH: Final = re.compile(r"[0-9]{1,15}")


@frozen
class Part:
    """One part: what its own head says it is, and its bytes."""

    media_type: MediaType
    data: bytes


def read_parts(content_type: str, body: bytes) -> Result[tuple[Part, ...], BadAnswer]:
    """Take an answer apart; one that is not multipart is a single part.

    The boundary is the parameter's, else that of the body's first line: servers lose it.  A part that tells its
    length is exactly so long, whatever is in it; any other ends before the first line that is a delimiter.
    Refused (`BadAnswer`) is a body that is cut short, or whose lengths and delimiters contradict each other.
    """
    media = read_media_type(content_type)
    first = _FIRST_LINE.match(body)
    if not media.name.startswith("multipart/"):
        return Success((Part(media, body),))
    told = media.parameters.get("boundary", "").encode("latin-1", "replace")
    boundary = told or (first[1] if first is not None else b"")
    if not boundary:
        return Failure(BadAnswer("its parts have no boundary"))
    return _split(boundary, body)


def _split(boundary: bytes, body: bytes) -> Result[tuple[Part, ...], BadAnswer]:
    delimiter = re.compile(rb"(?:\A|\r\n)--%s(?:(--)|[ \t]*\r\n)" % re.escape(boundary))
    found = delimiter.search(body)
    if found is None:
        return Failure(BadAnswer("its boundary does not occur in it"))
    parts: list[Part] = []
    while found[1] is None:
        start = found.end()
        head, begin = _head(body, start)
        if begin is None:
            return Failure(BadAnswer(f"part {len(parts) + 1} has no end of its head"))
        length = head.get("content-length", "")
        if _LENGTH.fullmatch(length):
            end = begin + int(length)
            found = delimiter.match(body, end) if end > 0 else None
        else:
            found = delimiter.search(body, begin)
        if found is None:
            return Failure(BadAnswer(f"part {len(parts) + 1} is cut short, or is not as long as it says"))
        parts.append(Part(read_media_type(head.get("content-type", "")), body[begin : found.start()]))
    return Success(tuple(parts))


def _head(body: bytes, start: int) -> tuple[dict[str, str], int | None]:
    """The header fields that begin at `start`, and where the data begin; None where the head has no end."""
    if body.startswith(_LINE_END, start):
        return {}, start + len(_LINE_END)
    end = body.find(_HEAD_END, start, start + _LONGEST_HEAD)
    if end < 0:
        return {}, None
    text = _FOLD.sub(" ", body[start:end].decode("latin-1"))
    fields = (line.partition(":") for line in text.split("\r\n"))
    return {name.strip().lower(): value.strip() for name, _, value in fields}, end + len(_HEAD_END)
