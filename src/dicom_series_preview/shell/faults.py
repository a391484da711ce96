"""What the world did, as data: the faults of stores, servers, files and codecs, and their words."""

from __future__ import annotations

from typing import TypeAlias, assert_never

from attrs import frozen

from dicom_series_preview.core.errors import CoreError, describe


@frozen
class NotFound:
    """There is nothing at `place`."""

    place: str


@frozen
class NoBucket:
    """The bucket or container that `place` names does not exist."""

    place: str


@frozen
class AccessDenied:
    """The store refused `place` (HTTP 401 or 403, or file permissions); `advice` is a sentence or empty."""

    place: str
    reason: str
    advice: str = ""


@frozen
class CredentialsRefused:
    """The store knows the keys that were sent, or some of them, and does not accept them."""

    place: str
    reason: str
    advice: str


@frozen
class WrongRegion:
    """The bucket of `place` is not in the region that was asked; `region` is the right one if it was told."""

    place: str
    region: str | None


@frozen
class BadSetting:
    """An environment variable that `place` needs is missing or wrong."""

    place: str
    problem: str


@frozen
class TimedOut:
    """No answer for `place` within `seconds`."""

    place: str
    seconds: float


@frozen
class UnknownHost:
    """The name of the host of `place` does not resolve."""

    place: str


@frozen
class ConnectionRefused:
    """Nobody listens at the address of `place`."""

    place: str


@frozen
class Untrusted:
    """The certificate of the host of `place` is not trusted, or its TLS handshake failed."""

    place: str
    reason: str


@frozen
class Unreachable:
    """The connection to `place` failed in another way."""

    place: str
    reason: str


@frozen
class Busy:
    """The server of `place` went on answering that it could not (HTTP 429 or 5xx)."""

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


@frozen
class NotAnIndex:
    """A web server's answer for a folder lists no files; `found` says what it was."""

    place: str
    found: str


@frozen
class TooManyObjects:
    """A folder holds more than `bound` objects, or folders nested deeper than any series has."""

    place: str
    bound: int


StoreFault: TypeAlias = (
    NotFound
    | NoBucket
    | AccessDenied
    | CredentialsRefused
    | WrongRegion
    | BadSetting
    | TimedOut
    | UnknownHost
    | ConnectionRefused
    | Untrusted
    | Unreachable
    | Busy
    | StoreFailed
    | CutShort
    | NotAnIndex
    | TooManyObjects
)


@frozen
class NoSeries:
    """No folder under `root` is the series asked for; `hint` is a further sentence or empty."""

    series: str
    root: str
    hint: str = ""


@frozen
class SeveralMatches:
    """A prefix that more than one series begins with: at most ten of them, sorted; `more` if there are others."""

    prefix: str
    root: str
    found: tuple[str, ...]
    more: bool


LocateFault: TypeAlias = StoreFault | NoSeries | SeveralMatches


@frozen
class NotDicom:
    """The object is no DICOM file, or its header cannot be parsed.

    `foreign` tells that it does not even begin like one: such files lie beside images, and nobody misses them.
    """

    place: str
    reason: str
    foreign: bool = False


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


@frozen
class NothingReadable:
    """Not one of `count` objects or pictures could be read; `first` is what the first of them met."""

    count: int
    first: StoreFault | NotDicom | Undecodable


ObjectFault: TypeAlias = StoreFault | NotDicom | Undecodable
"""What can befall a single object."""


@frozen
class Refused:
    """The core refused what it was asked for."""

    error: CoreError


Fault: TypeAlias = Refused | LocateFault | NotDicom | Undecodable | NothingReadable | CannotWrite | Stalled


def spoils_the_run(fault: ObjectFault) -> bool:
    """Whether a fault speaks of the store as a whole, so that other objects would meet it too.

    The others concern one object, which is left out with a warning.
    """
    return not isinstance(fault, NotFound | AccessDenied | CutShort | NotDicom | Undecodable)


def _several_matches(fault: SeveralMatches) -> str:
    others = " and more" if fault.more else ""
    return (
        f"{fault.prefix} fits several series under {fault.root}: {', '.join(fault.found)}{others}. "
        "Give more digits, or the whole identifier."
    )


def describe_fault(fault: Fault) -> str:
    """Say in one paragraph what happened and, where it helps, what to do."""
    match fault:
        case NotFound(place=place):
            return f"There is nothing at {place}. Check SERIESUID and --root."
        case NoBucket(place=place):
            return (
                f"The bucket of {place} does not exist. Check its name, and AWS_ENDPOINT_URL if you use one."
            )
        case AccessDenied(place=place, reason=reason, advice=advice):
            return f"Access to {place} was denied ({reason}). {advice or 'Check the credentials and permissions.'}"
        case CredentialsRefused(place=place, reason=reason, advice=advice):
            return f"The credentials for {place} were refused ({reason}). {advice}"
        case WrongRegion(place=place, region=region):
            where = (
                f"is in the region {region}: set AWS_REGION={region}"
                if region
                else ("is in another region: set AWS_REGION to the one it is in")
            )
            return f"The bucket of {place} {where}."
        case BadSetting(place=place, problem=problem):
            return f"{place} cannot be opened: {problem}."
        case TimedOut(place=place, seconds=seconds):
            return f"{place} gave no answer within {seconds:g} s. Try again, or allow more with --timeout."
        case UnknownHost(place=place):
            return f"The host of {place} is unknown. Check the address and the network."
        case ConnectionRefused(place=place):
            return f"The connection to {place} was refused. Check the address and that the server runs."
        case Untrusted(place=place, reason=reason):
            return (
                f"The certificate of {place} is not trusted ({reason}). If it is signed by a private authority, "
                "set SSL_CERT_FILE to a file with its certificates."
            )
        case Unreachable(place=place, reason=reason):
            return f"{place} cannot be reached ({reason}). Check the address and the network."
        case Busy(place=place, reason=reason):
            return f"The server of {place} is busy or broken ({reason}). Try again later."
        case StoreFailed(place=place, reason=reason):
            return f"{place} could not be read: {reason}"
        case CutShort(place=place, expected=expected, got=got):
            return f"{place} is cut short: {got} bytes came where {expected} were expected."
        case NotAnIndex(place=place, found=found):
            return (
                f"{place} is no listing of files, but {found}. Give a folder that the server lists: by WebDAV, or "
                "as an index page (autoindex)."
            )
        case TooManyObjects(place=place, bound=bound):
            return f"{place} holds more than {bound} objects: that is no series this command previews."
        case NoSeries(series=series, root=root, hint=hint):
            return f"There is no series {series} under {root}. {hint or 'Check SERIESUID and --root.'}"
        case SeveralMatches():
            return _several_matches(fault)
        case NotDicom(place=place, reason=reason):
            return f"{place} is no readable DICOM object: {reason}."
        case Undecodable(place=place, syntax=syntax, reason=reason, hint=hint):
            return f"{place} cannot be decoded ({syntax}): {reason}.{' ' + hint if hint else ''}"
        case Refused(error=error):
            return describe(error)
        case NothingReadable(count=count, first=first):
            which = "The object" if count == 1 else f"None of {count} objects"
            verb = "could not be shown" if count == 1 else "could be shown; the first"
            return f"{which} {verb}: {describe_fault(first)}"
        case CannotWrite(path=path, reason=reason):
            return f"{path} cannot be written: {reason}."
        case Stalled(seconds=seconds):
            return f"Nothing has arrived for {seconds:g} s: gave up. Check the network, or try again later."
        case _ as never:
            assert_never(never)
