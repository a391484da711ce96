"""Paths as text: whatever names a file in Python may be given as an option."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from os import PathLike


def path_text(path: str | PathLike[str]) -> str:
    """The text of a path."""
    return path if isinstance(path, str) else path.__fspath__()


def optional_path(path: str | PathLike[str] | None) -> str | None:
    """The text of a path that need not be given."""
    return None if path is None else path_text(path)


def series_text(series: str | PathLike[str]) -> str:
    """The text of a series: a path object can only mean a location, however much it looks like an identifier.

    >>> from pathlib import PurePosixPath
    >>> series_text(PurePosixPath("knee")), series_text("38902e14*")
    ('./knee', '38902e14*')
    """
    if isinstance(series, str):
        return series
    text = series.__fspath__()
    return text if "/" in text or "\\" in text else f"./{text}"


def extension(path: str) -> str:
    """The lower-case extension of a path with its dot, or an empty text.

    >>> extension("a.b/c.WebP")
    '.webp'
    """
    name = path.replace("\\", "/").rpartition("/")[2]
    stem, dot, ending = name.rpartition(".")
    return f".{ending.lower()}" if dot and stem else ""
