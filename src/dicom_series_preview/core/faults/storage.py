"""What stores, servers and networks did."""

from __future__ import annotations

from typing import TypeAlias

from attrs import frozen

from dicom_series_preview.core.faults.listings import ListingFault


@frozen
class NotFound:
    """There is nothing at `place`."""

    place: str

    def __str__(self) -> str:
        return f"There is nothing at {self.place}. Check SERIESUID and --root."


@frozen
class NoBucket:
    """The bucket or container that `place` names does not exist."""

    place: str

    def __str__(self) -> str:
        return (
            f"The bucket of {self.place} does not exist. Check its name, and AWS_ENDPOINT_URL if you use one."
        )


@frozen
class AccessDenied:
    """The store refused `place` (HTTP 401 or 403, or file permissions); `advice` is a sentence or empty."""

    place: str
    reason: str
    advice: str = ""

    def __str__(self) -> str:
        advice = self.advice or "Check the credentials and permissions."
        return f"Access to {self.place} was denied ({self.reason}). {advice}"


@frozen
class CredentialsRefused:
    """The store knows the keys that were sent, or some of them, and does not accept them."""

    place: str
    reason: str
    advice: str

    def __str__(self) -> str:
        return f"The credentials for {self.place} were refused ({self.reason}). {self.advice}"


@frozen
class WrongRegion:
    """The bucket of `place` is not in the region that was asked; `region` is the right one if it was told."""

    place: str
    region: str | None

    def __str__(self) -> str:
        where = (
            f"is in the region {self.region}: set AWS_REGION={self.region}"
            if self.region
            else ("is in another region: set AWS_REGION to the one it is in")
        )
        return f"The bucket of {self.place} {where}."


@frozen
class BadSetting:
    """An environment variable that `place` needs is missing or wrong."""

    place: str
    problem: str

    def __str__(self) -> str:
        return f"{self.place} cannot be opened: {self.problem}."


@frozen
class TimedOut:
    """No answer for `place` within `seconds`."""

    place: str
    seconds: float

    def __str__(self) -> str:
        return (
            f"{self.place} gave no answer within {self.seconds:g} s. Try again, or allow more with --timeout."
        )


@frozen
class UnknownHost:
    """The name of the host of `place` does not resolve."""

    place: str

    def __str__(self) -> str:
        return f"The host of {self.place} is unknown. Check the address and the network."


@frozen
class ConnectionRefused:
    """Nobody listens at the address of `place`."""

    place: str

    def __str__(self) -> str:
        return f"The connection to {self.place} was refused. Check the address and that the server runs."


@frozen
class Untrusted:
    """The certificate of the host of `place` is not trusted, or its TLS handshake failed."""

    place: str
    reason: str

    def __str__(self) -> str:
        return (
            f"The certificate of {self.place} is not trusted ({self.reason}). If it is signed by a private "
            "authority, set SSL_CERT_FILE to a file with its certificates."
        )


@frozen
class Unreachable:
    """The connection to `place` failed in another way."""

    place: str
    reason: str

    def __str__(self) -> str:
        return f"{self.place} cannot be reached ({self.reason}). Check the address and the network."


@frozen
class Busy:
    """The server of `place` went on answering that it could not (HTTP 429 or 5xx)."""

    place: str
    reason: str

    def __str__(self) -> str:
        return f"The server of {self.place} is busy or broken ({self.reason}). Try again later."


@frozen
class StoreFailed:
    """Any other answer of a store that is no success, in its own (shortened) words."""

    place: str
    reason: str

    def __str__(self) -> str:
        return f"{self.place} could not be read: {self.reason}"


@frozen
class CutShort:
    """`place` gave fewer bytes than it said it holds."""

    place: str
    expected: int
    got: int

    def __str__(self) -> str:
        return f"{self.place} is cut short: {self.got} bytes came where {self.expected} were expected."


@frozen
class Changed:
    """The object is another one than it was when its first bytes were read (RFC 9110 8.8.3)."""

    place: str

    def __str__(self) -> str:
        return f"{self.place} changed while it was read. Try again when it is complete."


@frozen
class NoTls:
    """What answers at the address of `place` does not speak TLS."""

    place: str
    reason: str

    def __str__(self) -> str:
        return (
            f"The server of {self.place} does not speak TLS at this port ({self.reason}). Check the port, or give "
            "http:// if that is what it speaks."
        )


@frozen
class ProxyRefused:
    """The proxy on the way to `place` asks for a login, or does not accept the one it was given."""

    place: str
    proxy: str
    variable: str

    def __str__(self) -> str:
        return (
            f"The proxy {self.proxy} asks for a login before it lets {self.place} be read (407). Give one in "
            f"{self.variable}: http://user:password@host:port."
        )


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
    | NoTls
    | ProxyRefused
    | Unreachable
    | Busy
    | StoreFailed
    | CutShort
    | Changed
    | ListingFault
)
