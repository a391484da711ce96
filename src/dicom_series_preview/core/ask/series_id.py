"""Series identifiers: the forms a user may type, their canonical text, and matching of prefixes."""

from __future__ import annotations

import re
from typing import Final, TypeAlias, assert_never

from attrs import frozen
from returns.result import Failure, Result, Success

from dicom_series_preview.core.ask.dicomweb import (
    ViewerPage,
    WebSeries,
    at_service,
    read_address,
    show_address,
)
from dicom_series_preview.core.ask.roots import (
    DICOMWEB,
    DicomwebRoot,
    LocalRoot,
    Root,
    join_root,
    parse_root,
    show_root,
    split_root,
)
from dicom_series_preview.core.faults.request import BadSeriesId


@frozen
class SeriesUid:
    """A whole series uuid in canonical form: lower case, hyphens in the 8-4-4-4-12 places."""

    text: str


@frozen
class SeriesPrefix:
    """The first hexadecimal digits of a series uuid: 1 to 32 of them, lower case, without hyphens."""

    digits: str


@frozen
class DicomUid:
    """A SeriesInstanceUID: numbers joined by dots, at most 64 characters (PS3.5 9.1)."""

    text: str


@frozen
class SeriesPlace:
    """A series folder given by its full location: `folder` is one segment below `root`.

    `folder` is "" when only the file system knows the folder's name (`.` or `..`).
    """

    root: Root
    folder: str


SeriesId: TypeAlias = SeriesUid | SeriesPrefix | DicomUid | SeriesPlace | WebSeries

_HYPHENS: Final = (8, 13, 18, 23)
_UUID_DIGITS: Final = 32
_UID_LENGTH: Final = 64
_UID: Final = re.compile(r"[0-9]+(?:\.[0-9]+)+")
_UID_LIKE: Final = re.compile(r"[0-9.]*\.[0-9.]*")
_WORD: Final = r"""(?:"[^"]*"|'[^']*'|[^\s"']\S*)"""
_SOURCE: Final = r"""(?:"\w+://[^"]*"|'\w+://[^']*'|\w+://\S+)"""
_COPY: Final = re.compile(rf"(?:s5cmd\s+(?:\S+\s+)*?)?cp\s+(?:-\S+\s+)*({_SOURCE})\s+{_WORD}")
_NOT_HEX: Final = re.compile(r"[^0-9a-f-]")


def parse_series(text: str, root: Root | None = None) -> Result[SeriesId, BadSeriesId]:
    """Read a series identifier; whatever holds a slash or a backslash is a location.

    A location may end in `/*`, and stand in a copy command of s5cmd: so they are handed out.

    `root` is where it is looked for, if that was said: a DICOMweb service has no series uuids, a viewer's page
    shows what the service of its own server has, and a folder's name is advised as a path below it.

    32 hexadecimal digits, with or without the hyphens of a UUID, are a `SeriesUid`; the first of them and a *
    are a `SeriesPrefix`; digits and dots are a `DicomUid` (PS3.5 9.1).  All else is refused (`BadSeriesId`).

    >>> parse_series("38902E14B11F4548910E771EE757DC82").unwrap()
    SeriesUid(text='38902e14-b11f-4548-910e-771ee757dc82')
    >>> parse_series("389*").unwrap()
    SeriesPrefix(digits='389')
    """
    place = _place_of(text)
    address = read_address(place)
    if address is not None:
        return address.bind(lambda found: _served(text, found, root))
    if "/" in place or "\\" in place or place in (".", "..", "~"):
        return _parse_place(place).alt(lambda problem: BadSeriesId(text, problem))
    return _parse_name(text, root)


def _place_of(text: str) -> str:
    """The location in a text, without what people have it in."""
    copied = _COPY.fullmatch(text.strip())
    place = text if copied is None else copied[1].strip("\"'")
    return place.removesuffix("*") if place.endswith("/*") else place


def _served(text: str, found: WebSeries | ViewerPage, root: Root | None) -> Result[SeriesId, BadSeriesId]:
    if isinstance(found, WebSeries):
        return Success(found)
    series = at_service(found, root.service) if isinstance(root, DicomwebRoot) else None
    if series is None:
        problem = "it is a viewer's page, which does not tell the service behind it"
        return Failure(BadSeriesId(text, problem, f"Give that as --root {DICOMWEB}https://host/path."))
    return Success(series)


def _parse_name(text: str, root: Root | None) -> Result[SeriesId, BadSeriesId]:
    word = text.strip().lower()
    if not word:
        return Failure(BadSeriesId(text, "it is empty"))
    if _UID_LIKE.fullmatch(word):
        return _parse_uid(text, word)
    if isinstance(root, DicomwebRoot):
        problem = "a DICOMweb service knows series by their SeriesInstanceUID"
        return Failure(BadSeriesId(text, problem, "Give that."))
    body, star, after = word.partition("*")
    if after:
        return Failure(BadSeriesId(text, "the * comes once, and last"))
    strange = _NOT_HEX.search(body)
    if strange is not None:
        problem = f"{strange[0]!r} is no hexadecimal digit"
        path = show_root(join_root(root or LocalRoot("."), text))
        advised = BadSeriesId(text, problem, f"If it is a folder, give its path: {path!r}.")
        return Failure(BadSeriesId(text, problem) if star else advised)
    return _parse_hex(text, body, is_prefix=bool(star))


def show_series(series: SeriesId) -> str:
    """The identifier's canonical text; `parse_series` reads it back."""
    match series:
        case SeriesUid(text=text) | DicomUid(text=text):
            return text
        case SeriesPrefix(digits=digits):
            return f"{hyphenated(digits)}*"
        case SeriesPlace(root=root, folder=folder):
            return show_root(join_root(root, folder))
        case WebSeries():
            return show_address(series)
        case _ as never:
            assert_never(never)


def root_of(series: SeriesId) -> Root | None:
    """The root that a series is given with; None for one that is looked for under another."""
    match series:
        case SeriesPlace(root=root):
            return root
        case WebSeries(service=service):
            return DicomwebRoot(service)
        case SeriesUid() | SeriesPrefix() | DicomUid():
            return None
        case _ as never:
            assert_never(never)


def hyphenated(digits: str) -> str:
    """Up to 32 hexadecimal digits with the hyphens of a uuid between them.

    >>> hyphenated("38902e14b")
    '38902e14-b'
    """
    parts = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
    return "-".join(part for part in parts if part)


def folder_uid(name: str) -> SeriesUid | None:
    """The series uuid a folder is named for (with or without hyphens, any case), or None."""
    digits = name.lower()
    if len(digits) == _UUID_DIGITS + len(_HYPHENS) and all(digits[place] == "-" for place in _HYPHENS):
        digits = digits.replace("-", "")
    if len(digits) != _UUID_DIGITS or _NOT_HEX.search(digits) or "-" in digits:
        return None
    return SeriesUid(hyphenated(digits))


def matches(prefix: SeriesPrefix, series: SeriesUid) -> bool:
    """Whether the series uuid begins with the prefix's digits."""
    return series.text.replace("-", "").startswith(prefix.digits)


def _parse_hex(text: str, body: str, *, is_prefix: bool) -> Result[SeriesId, BadSeriesId]:
    digits = body.replace("-", "")
    if not digits:
        return Failure(BadSeriesId(text, "at least one hexadecimal digit comes before the *"))
    short, long = len(digits) < _UUID_DIGITS and not is_prefix, len(digits) > _UUID_DIGITS
    if short or long:
        rule = "a prefix ends in *" if short else "a uuid has 32"
        return Failure(BadSeriesId(text, f"it has {len(digits)} hexadecimal digits, and {rule}"))
    # A prefix may end in the hyphen that comes next; a whole uuid may not.
    canonical = hyphenated(digits)
    allowed = (digits, canonical, f"{canonical}-") if len(canonical) in _HYPHENS else (digits, canonical)
    if body not in allowed:
        return Failure(
            BadSeriesId(
                text, "its hyphens are misplaced: they come after 8, 12, 16 and 20 digits, or not at all"
            )
        )
    return Success(SeriesPrefix(digits) if is_prefix else SeriesUid(canonical))


def _parse_uid(text: str, word: str) -> Result[SeriesId, BadSeriesId]:
    if not _UID.fullmatch(word):
        return Failure(BadSeriesId(text, "a DICOM UID is numbers joined by single dots"))
    if len(word) > _UID_LENGTH:
        return Failure(BadSeriesId(text, f"a DICOM UID has at most 64 characters, and this has {len(word)}"))
    return Success(DicomUid(word))


def _parse_place(place: str) -> Result[SeriesId, str]:
    return parse_root(place).alt(lambda refused: refused.problem).bind(_place_at)


def _place_at(root: Root) -> Result[SeriesId, str]:
    parts = split_root(root)
    if parts is not None:
        parent, name = parts
        if name.endswith("*"):
            return Failure(f"a prefix is searched under --root: give --root {show_root(parent)} and {name}")
        return Success(SeriesPlace(parent, name))
    if isinstance(root, LocalRoot) and root.path != "/":
        return Success(SeriesPlace(root, ""))
    return Failure("it names a root, not a series folder below one")
