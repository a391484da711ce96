"""What is wrong with a listing, or with the place that was to be listed."""

from __future__ import annotations

from typing import TypeAlias

from attrs import frozen


@frozen
class NotAnIndex:
    """A server's answer for a folder lists no files; `found` says what it was."""

    place: str
    found: str

    def __str__(self) -> str:
        return (
            f"{self.place} is no listing of files, but {self.found}. Give a bucket, or a folder that the server "
            "lists: by WebDAV, or as an index page (autoindex)."
        )


@frozen
class TooManyObjects:
    """A folder holds more than `bound` objects."""

    place: str
    bound: int

    def __str__(self) -> str:
        return f"{self.place} holds more than {self.bound} objects: that is no series this command previews."


@frozen
class TooManyFolders:
    """A folder holds more than `bound` subfolders that would have to be asked for one by one."""

    place: str
    bound: int

    def __str__(self) -> str:
        return (
            f"{self.place} holds more than {self.bound} subfolders, or leads back to itself: give the folder of "
            "one series."
        )


@frozen
class TooDeep:
    """Folders lie in folders, more than `bound` below one another."""

    place: str
    bound: int

    def __str__(self) -> str:
        return (
            f"The folders of {self.place} are nested more than {self.bound} deep, or lead back to themselves: "
            "give the folder of one series."
        )


@frozen
class EndlessListing:
    """The listing of `place` comes in pages that repeat, or that do not end; `pages` of them were read."""

    place: str
    pages: int

    def __str__(self) -> str:
        return (
            f"The listing of {self.place} repeats itself or does not end: {self.pages} pages of it were read."
        )


@frozen
class TooLong:
    """What `place` answers goes on beyond `bound` bytes."""

    place: str
    bound: int

    def __str__(self) -> str:
        return f"{self.place} is too long to be read: it goes on beyond {self.bound >> 20} MiB."


@frozen
class Packed:
    """The object of a location is no image, but holds or names others; `what` it is, and what to do instead."""

    place: str
    what: str
    advice: str

    def __str__(self) -> str:
        return f"{self.place} is {self.what}. {self.advice}"


ListingFault: TypeAlias = (
    NotAnIndex | TooManyObjects | TooManyFolders | TooDeep | EndlessListing | TooLong | Packed
)
