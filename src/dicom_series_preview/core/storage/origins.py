"""Where a request may go, and what may go with it: origins (RFC 6454), redirects, and logins for them."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote, urljoin, urlsplit

from attrs import frozen
from returns.result import Failure, Result, Success

_PORTS: Final = {"http": 80, "https": 443}
_ESCAPED: Final = "!#$%&'()*+,/:;=?@[]~"


@frozen
class Origin:
    """Scheme, host in lower case, and port, also where the address leaves it out."""

    scheme: str
    host: str
    port: int


def origin_of(url: str) -> Result[Origin, str]:
    """The origin of an http or https address; refused with what is wrong about it.

    >>> origin_of("HTTP://Example.org/a").unwrap() == origin_of("http://user@example.org:80").unwrap()
    True
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return Failure("what is no address")
    if parts.scheme not in _PORTS:
        return Failure("an address that is not on the web")
    if not parts.hostname or not parts.hostname.isprintable() or port == 0:
        return Failure("what is no address")
    return Success(Origin(parts.scheme, parts.hostname, port or _PORTS[parts.scheme]))


def redirected(url: str, location: str) -> Result[str, str]:
    """The address to which an answer from `url` leads by its Location field (RFC 9110 10.2.2).

    `location` is as the field's bytes are, one character each; blanks and letters beyond ASCII are escaped, as
    browsers do.  Refused is what is no address of the web, and the step from https to http.
    """
    escaped = quote(location.strip().encode("latin-1", errors="replace"), safe=_ESCAPED)
    try:
        target = urljoin(url, escaped)
    except ValueError:
        return Failure("points to what is no address.")
    return (
        origin_of(target)
        .alt(lambda problem: f"points to {problem}.")
        .bind(lambda to: _safe_step(url, to, target))
    )


def same_origin(one: str, other: str) -> bool:
    """Whether what was given for one address may be sent to the other (RFC 9110 11.1)."""
    return origin_of(one).bind(lambda here: origin_of(other).map(lambda there: here == there)).value_or(False)


def _safe_step(url: str, to: Origin, target: str) -> Result[str, str]:
    parts = urlsplit(target)
    if urlsplit(url).scheme == "https" and to.scheme == "http":
        return Failure("points from https to http, where anyone could read along.")
    # A login that an answer names is nobody's.
    return Success(parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="").geturl())
