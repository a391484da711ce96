"""The heads of elements that are out of the ordinary (PS3.5 7.1): tag, VR if there is one, and length."""

from __future__ import annotations

from typing import NamedTuple

from dicom_series_preview.core.header.raw import ITEM_END, VRS


class Head(NamedTuple):
    """VR ("" if none is written), the byte at which the value begins, and its length."""

    vr: str
    start: int
    length: int


def is_explicit(data: bytes, at: int, expected: bool) -> bool:
    """Whether there is a VR where explicit VR has one; other letters may be a VR only where one is expected."""
    code = data[at + 4 : at + 6]
    return code in VRS or (expected and (len(code) < 2 or (code.isalpha() and code.isupper())))


def _number(data: bytes, at: int, size: int, little: bool) -> int:
    return int.from_bytes(data[at : at + size], "little" if little else "big")


def head_of(data: bytes, at: int, code: bytes, little: bool) -> Head | int:
    """The head at byte `at`, of which 8 bytes are there, with the VR `code`, empty in implicit VR.

    Else how many bytes of `data` it takes to tell.
    """
    vr, long = VRS.get(code, ("", False))
    if not vr:
        return Head("", at + 8, _number(data, at + 4, 4, little))
    if not long:
        return Head(vr, at + 8, _number(data, at + 6, 2, little))
    return Head(vr, at + 12, _number(data, at + 8, 4, little)) if at + 12 <= len(data) else at + 12


def one_way(data: bytes, at: int, code: bytes, little: bool, limit: int, complete: bool) -> Head | int | None:
    """The head of an element of an explicit VR data set whose VR is none: the one that leads further.

    It may lack a VR, or have one that is blank or unknown, with a length of 16 or of 32 bits.  Behind its value
    there must be the byte `limit`, at which the data set ends, or an element that can follow it.  Else how many
    bytes of `data` it takes to tell; None if nothing leads further.
    """
    size = len(data)
    if at + 12 > size and not complete:
        return at + 12
    vr = code.decode("latin-1") if code.isalpha() else ""
    ways = (
        Head("", at + 8, _number(data, at + 4, 4, little)),
        Head(vr, at + 8, _number(data, at + 6, 2, little)),
        Head(vr, at + 12, _number(data, at + 8, 4, little)),
    )
    tag = _tag(data, at, little)
    for way in sorted(ways, key=lambda way: way.start + way.length):
        end = way.start + way.length
        if end == limit:
            return way
        if end > limit or (complete and end + 6 > size):
            continue
        if end + 6 > size:
            return end + 6
        following = _tag(data, end, little)
        if (following > tag and data[end + 4 : end + 6] in VRS) or following == ITEM_END:
            return way
    return None


def _tag(data: bytes, at: int, little: bool) -> int:
    return _number(data, at, 2, little) << 16 | _number(data, at + 2, 2, little)
