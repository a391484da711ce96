"""What the status of a DICOMweb answer means (PS3.18 8.5), and an answer that cannot be used."""

from __future__ import annotations

from enum import Enum
from typing import Final

from attrs import frozen

JSON: Final = "application/dicom+json"
OBJECT: Final = 'multipart/related; type="application/dicom"; transfer-syntax=*'
FRAMES: Final = 'multipart/related; type="application/octet-stream"; transfer-syntax=*'
"""What is accepted.  With `transfer-syntax=*` a server sends what it has; without it, it decodes first, which is
slow and has ended servers."""


@frozen
class BadAnswer:
    """An answer that is not what was asked for, or that contradicts itself; `problem` says how, of "it"."""

    problem: str


class Meaning(Enum):
    """What is to be made of an answer."""

    GIVEN = "what was asked for"
    NOTHING = "there is nothing"
    DENIED = "not without a login, or not with this one"
    NOT_SO = "not in this way: another request may succeed"
    PASSING = "not now"


_PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504})


def meaning(status: int, *, settled: bool = False) -> Meaning:
    """What an HTTP status means; `settled` requests are those that a server which fails at them will fail again.

    500 from `/frames/` is such a one: servers answer it for objects that they cannot take apart.
    """
    if status == 204:
        return Meaning.NOTHING
    if 200 <= status < 300:
        return Meaning.GIVEN
    if status in (401, 403, 407):
        return Meaning.DENIED
    if status in (404, 410):
        return Meaning.NOTHING
    if status in _PASSING and not (settled and status == 500):
        return Meaning.PASSING
    return Meaning.NOT_SO
