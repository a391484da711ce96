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


def meaning(status: int) -> Meaning:
    """What an HTTP status means that is not in passing.

    500 from `/frames/` is no such one: servers answer it for objects that they cannot take apart.
    """
    if status in (204, 404, 410):
        return Meaning.NOTHING
    if 200 <= status < 300:
        return Meaning.GIVEN
    return Meaning.DENIED if status in (401, 403, 407) else Meaning.NOT_SO
