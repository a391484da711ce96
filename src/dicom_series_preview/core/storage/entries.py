"""What a listing and a read give, and how much of either is believed."""

from __future__ import annotations

from typing import Final, TypeAlias

from attrs import frozen


@frozen
class Entry:
    """A listed object: its name below the listed folder ("/"-separated) and its size in bytes, if told."""

    name: str
    size: int | None


Page: TypeAlias = tuple[Entry, ...]


@frozen
class Chunk:
    """A range of an object's bytes.

    `size` is that of the whole object in bytes and `tag` marks its version (RFC 9110 8.8.3), where the answer
    told them.
    """

    data: bytes
    size: int | None
    tag: str | None = None


@frozen
class Limits:
    """How much of what a store says is taken; all are counts, but for `listing`, `endless` and `metadata`."""

    objects: int = 200_000
    """In a folder: the largest public series have about 92,000."""
    depth: int = 32
    """Folders below one another."""
    folders: int = 1_000
    """That are asked for one by one, where each costs a request."""
    pages: int = 1_500
    """Of one listing."""
    empty: int = 100
    """Pages of one listing that hold nothing, one after another."""
    listing: int = 32 << 20
    """Bytes of one page of a listing."""
    endless: int = 128 << 20
    """Bytes of a body that does not tell its length, where all of it is wanted."""
    metadata: int = 64 << 20
    """Bytes of a service's metadata, unpacked; as values they take up to sixteen times as much."""


LIMITS: Final = Limits()


def joined(folder: str, name: str) -> str:
    """The object's name below the root; either part may be empty."""
    return f"{folder}/{name}" if folder and name else folder or name


def is_safe(name: str) -> bool:
    """Whether a name can only mean something below the folder it is read from."""
    parts = name.split("/")
    return not any(part in ("", ".", "..") for part in parts) and "\0" not in name


def below(key: str, folder: str) -> str | None:
    """The name below `folder` ("" for the root) of the object whose whole name is `key`; None elsewhere.

    An object that stands for the folder itself has the name "".
    """
    if not folder:
        return key
    return key.removeprefix(f"{folder}/") if key.startswith(f"{folder}/") else None
