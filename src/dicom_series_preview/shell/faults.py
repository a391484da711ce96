"""What the world did, as data: the faults of stores, servers, files and codecs, and their words."""

from __future__ import annotations

from typing import TypeAlias, assert_never

from attrs import frozen


@frozen
class NotFound:
    """There is nothing at `place`."""

    place: str


@frozen
class AccessDenied:
    """The store refused `place` (HTTP 401 or 403, or file permissions)."""

    place: str
    reason: str


@frozen
class TimedOut:
    """No answer for `place` within `seconds`."""

    place: str
    seconds: float


@frozen
class Unreachable:
    """The host could not be reached at all: unknown name, refused connection, failed TLS handshake."""

    place: str
    reason: str


@frozen
class StoreFailed:
    """Any other answer of a store that is no success, in its own (shortened) words."""

    place: str
    reason: str


@frozen
class CutShort:
    """`place` gave fewer bytes than it said it holds."""

    place: str
    expected: int
    got: int


StoreFault: TypeAlias = NotFound | AccessDenied | TimedOut | Unreachable | StoreFailed | CutShort


@frozen
class NotDicom:
    """The object is no DICOM file, or its header cannot be parsed."""

    place: str
    reason: str


@frozen
class Undecodable:
    """The pixels of an object could not be decoded; `hint` says what would add the codec, if anything."""

    place: str
    syntax: str
    reason: str
    hint: str = ""


@frozen
class CannotWrite:
    """The output cannot be written."""

    path: str
    reason: str


@frozen
class Stalled:
    """The run made no progress for `seconds`."""

    seconds: float


Fault: TypeAlias = StoreFault | NotDicom | Undecodable | CannotWrite | Stalled


def describe_fault(fault: Fault) -> str:
    """Say in one paragraph what happened and, where it helps, what to do."""
    match fault:
        case NotFound(place=place):
            return f"There is nothing at {place}. Check SERIESUID and --root."
        case AccessDenied(place=place, reason=reason):
            return f"Access to {place} was denied ({reason}). Check the credentials and permissions."
        case TimedOut(place=place, seconds=seconds):
            return f"{place} gave no answer within {seconds:g} s."
        case Unreachable(place=place, reason=reason):
            return f"{place} cannot be reached ({reason}). Check the address and the network."
        case StoreFailed(place=place, reason=reason):
            return f"{place} could not be read: {reason}"
        case CutShort(place=place, expected=expected, got=got):
            return f"{place} is cut short: {got} bytes came where {expected} were expected."
        case NotDicom(place=place, reason=reason):
            return f"{place} is no readable DICOM object: {reason}."
        case Undecodable(place=place, syntax=syntax, reason=reason, hint=hint):
            return f"{place} cannot be decoded ({syntax}): {reason}.{' ' + hint if hint else ''}"
        case CannotWrite(path=path, reason=reason):
            return f"{path} cannot be written: {reason}."
        case Stalled(seconds=seconds):
            return f"Nothing has arrived for {seconds:g} s: gave up. Check the network, or try again later."
        case _ as never:
            assert_never(never)
