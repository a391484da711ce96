"""Media types with their parameters (RFC 9110 8.3.1), as Content-Type fields hold them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from attrs import field, frozen

_NAME: Final = re.compile(r"\s*([!#$%&'*+.^_`|~0-9A-Za-z/-]+)\s*(?=;|$)")
_PARAMETER: Final = re.compile(
    r"\s*;\s*(?:([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\";\s]*))\s*)?(?=;|$)",
    re.DOTALL,
)
_QUOTED: Final = re.compile(r"\\(.)", re.DOTALL)
_UID: Final = re.compile(r"[0-9]+(?:\.[0-9]+)+")


@frozen
class MediaType:
    """`name` is `type/subtype` in lower case, "" where there is none; so are the names of `parameters`."""

    name: str
    parameters: Mapping[str, str] = field(factory=dict)


def read_media_type(text: str) -> MediaType:
    """Read a Content-Type; what cannot be read ends it, and a parameter that comes twice counts once.

    >>> read_media_type('multipart/related; type="image/jpeg; transfer-syntax=1.2"; boundary=b').parameters
    {'type': 'image/jpeg; transfer-syntax=1.2', 'boundary': 'b'}
    """
    name = _NAME.match(text)
    if name is None:
        return MediaType("")
    parameters: dict[str, str] = {}
    at = name.end()
    while (found := _PARAMETER.match(text, at)) is not None:
        key, quoted, plain = found.groups()
        if key is not None:
            parameters.setdefault(key.lower(), plain if quoted is None else _QUOTED.sub(r"\1", quoted))
        at = found.end()
    return MediaType(name[1].lower(), parameters)


def transfer_syntax(media: MediaType) -> str | None:
    """The transfer syntax that a type names (PS3.18 8.7.3.5), or that the type named within it does.

    >>> transfer_syntax(read_media_type('multipart/related; type="image/jpeg; transfer-syntax=1.2.840"'))
    '1.2.840'
    """
    inner = read_media_type(media.parameters.get("type", ""))
    for told in (media.parameters.get("transfer-syntax", ""), inner.parameters.get("transfer-syntax", "")):
        if _UID.fullmatch(told):
            return told
    return None
