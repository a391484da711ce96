"""What a refusal means, as a fault: the status of a web server, the code of S3, the words of a store's library.

The library's exceptions tell little apart by type (a listing's failures are all of one type), so the words
are read: HTTP status, the error code in the answer, the operating system's reason.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from dicom_series_preview.core.ask.roots import AzureRoot, GcsRoot, S3Root
from dicom_series_preview.core.faults.storage import (
    AccessDenied,
    Busy,
    ConnectionRefused,
    CredentialsRefused,
    NoBucket,
    NotFound,
    NoTls,
    StoreFailed,
    StoreFault,
    TimedOut,
    UnknownHost,
    Unreachable,
    Untrusted,
    WrongRegion,
)
from dicom_series_preview.core.storage.ranges import ANOTHER_RANGE
from dicom_series_preview.core.storage.signing import advice

BRINGS: Final = (200, 203, 206)
"""What an answer has as its status that brings what was asked for; others below 300 bring nothing of it."""

_STATUS: Final = re.compile(r"non-2xx status code: (\d{3})")
_CODE: Final = re.compile(r"<Code>(\w+)</Code>")
_REGION: Final = re.compile(r"<Region>([a-z0-9-]+)</Region>")
_SIZE: Final = re.compile(r"<ActualObjectSize>(\d+)</ActualObjectSize>")
_RANGES: Final = re.compile(r"Requested \d+\.\.\d+, got \d+\.\.\d+")
_DEBUG: Final = "\n\nDebug source"
_LONGEST: Final = 200

_NO_BUCKET: Final = {"NoSuchBucket", "ContainerNotFound", "InvalidBucketName"}
_EXPIRED: Final = {"ExpiredToken", "TokenRefreshRequired", "InvalidToken"}
_REFUSED_KEY: Final = {
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "AuthenticationFailed",
    "InvalidSecurity",
}
_WRONG_REGION: Final = {
    "AuthorizationHeaderMalformed",
    "PermanentRedirect",
    "IllegalLocationConstraintException",
}


def fault_of(
    text: str, root: S3Root | GcsRoot | AzureRoot, place: str, timeout: float, *, signed: bool
) -> StoreFault:
    """The fault that the library's words describe; `timeout` is the limit in seconds that was set."""
    status = _STATUS.search(text)
    if status is not None:
        return _of_answer(int(status[1]), text, root, place, signed=signed)
    if "redirect without LOCATION" in text:
        return WrongRegion(place, None)
    if "dns error" in text or "failed to lookup address" in text:
        return UnknownHost(place)
    if "Connection refused" in text or "ConnectionRefused" in text:
        return ConnectionRefused(place)
    if "corrupt message" in text:
        return NoTls(place, "its answer is not TLS")
    if "certificate" in text.lower() or "HandshakeFailure" in text:
        return Untrusted(place, _certificate(text))
    if is_timeout(text):
        return TimedOut(place, timeout)
    if is_cut(text):
        return Unreachable(place, "its answers break off")
    if "IncompleteMessage" in text:
        return Unreachable(place, "the connection was closed before an answer came")
    if "kind: Connect" in text or "ConnectionReset" in text or "error sending request" in text:
        return Unreachable(place, _short(text))
    return StoreFailed(place, ANOTHER_RANGE if _RANGES.search(text) else _short(text))


def actual_size(text: str, start: int) -> int | None:
    """An object's size in bytes, when the failure is that a range starts at or after its end; else None."""
    if not ((status := _STATUS.search(text)) and status[1] == "416"):
        return None
    size = _SIZE.search(text)
    return int(size[1]) if size is not None else (0 if start == 0 else None)


def is_timeout(text: str) -> bool:
    """Whether nothing came for longer than allowed."""
    return "kind: Timeout" in text or "TimedOut" in text or "operation timed out" in text


def is_cut(text: str) -> bool:
    """Whether the answer to a listing began to arrive, and broke off."""
    return "list response body" in text


def is_whole(text: str) -> bool:
    """Whether the failure is that a range was asked for and the whole object came."""
    return "non-partial response" in text


def _of_answer(
    status: int, text: str, root: S3Root | GcsRoot | AzureRoot, place: str, *, signed: bool
) -> StoreFault:
    found = _CODE.search(text)
    code = found[1] if found is not None else ""
    region = _REGION.search(text)
    if code in _NO_BUCKET:
        return NoBucket(place)
    if code in _EXPIRED:
        return CredentialsRefused(place, f"{status} {code}", "They have expired: get new ones.")
    if code in _REFUSED_KEY:
        return CredentialsRefused(place, f"{status} {code}", "Check the key and its secret.")
    if code == "RequestTimeTooSkewed":
        return CredentialsRefused(place, f"{status} {code}", "The clock of this machine is wrong: set it.")
    if code in _WRONG_REGION or region is not None:
        return WrongRegion(place, region[1] if region is not None else None)
    reason = f"{status} {code}".strip()
    if status in (401, 403):
        return (
            AccessDenied(place, reason)
            if signed
            else AccessDenied(place, f"{reason}, unsigned", advice(root))
        )
    if status == 429 or status >= 500:
        return Busy(place, reason)
    return NotFound(place) if status == 404 else StoreFailed(place, f"the store answered {reason}.")


def _short(text: str) -> str:
    words = " ".join(text.partition(_DEBUG)[0].split())
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"


def _certificate(text: str) -> str:
    found = re.search(r"InvalidCertificate\((?:\s*Other\()?\s*(\w+)", text)
    return found[1] if found is not None else "handshake failed"


def web_refusal(status: int, place: str) -> StoreFault:
    """What an answer of a web server that is no success means (RFC 9110 15.5)."""
    match status:
        case 401:
            login = "A user name and a password may be given in the address: https://user:password@host/."
            return AccessDenied(place, "401", login)
        case 403:
            return AccessDenied(place, "403", "Check that the server lets this folder be listed and read.")
        case 404 | 410:
            return NotFound(place)
        case _:
            return StoreFailed(place, f"the server answered {status}.")


def s3_refusal(
    status: int, body: bytes, fields: Mapping[str, str], root: S3Root, place: str, *, signed: bool
) -> StoreFault:
    """What an answer of S3 that is no success means; `fields` are its header fields, in lower case."""
    text = body.decode(errors="replace")
    region = fields.get("x-amz-bucket-region") or None
    if 300 <= status < 400 and "location" in fields and region is None:
        return StoreFailed(
            place, f"the store answered {status} and points elsewhere: there no signed request goes."
        )
    if 300 <= status < 400:
        return WrongRegion(place, region)
    fault = _of_answer(status, text, root, place, signed=signed)
    if isinstance(fault, WrongRegion) and fault.region is None:
        return WrongRegion(place, region)
    return fault
