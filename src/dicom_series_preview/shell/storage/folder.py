"""Local folders as stores, by plain file calls.

Links are followed, wherever they lead: they are how people gather a series from elsewhere.  A folder reached
twice is listed once, so that links in a circle end; links that lead nowhere are listed, and are not found
when read.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from attrs import frozen
from returns.result import Failure, Result, Success

from dicom_series_preview.core.ask.roots import LocalRoot
from dicom_series_preview.core.faults.storage import AccessDenied, NotFound, StoreFailed, StoreFault
from dicom_series_preview.core.storage.entries import Chunk, Entry, Page, is_safe, joined
from dicom_series_preview.shell.storage.store import Network, bounded


@frozen
class Folder:
    """A folder of this machine; `place` is its absolute path."""

    place: str
    _network: Network

    def pages(self, folder: str) -> Iterator[Result[Page, StoreFault]]:
        """One page for each folder below `folder`; see `Store.pages`."""
        return bounded(joined(self.place, folder), self._network.limits, self._pages(folder))

    def _pages(self, folder: str) -> Iterator[Result[Page, StoreFault]]:
        top = self._path(folder)
        seen: set[tuple[int, int]] = set()
        waiting = [""]
        while waiting:
            below = waiting.pop()
            path = os.path.join(top, below)
            try:
                if not _is_new(path, seen):
                    continue
                with os.scandir(path) as found:
                    entries = sorted(found, key=lambda entry: entry.name)
            except FileNotFoundError:
                continue
            except OSError as error:
                if not below:
                    yield Failure(_fault(error, path))
                    return
                # Listed as an object, it is left out with a reason when it is read.
                yield Success((Entry(below, None),))
                continue
            page: list[Entry] = []
            for entry in entries:
                name = joined(below, entry.name)
                if _is_folder(entry):
                    waiting.append(name)
                else:
                    page.extend(_listed(entry, name))
            if page:
                yield Success(tuple(page))

    def read(self, name: str, start: int, stop: int | None) -> Result[Chunk, StoreFault]:
        """Read a range of a file; see `Store.read`."""
        path = self._path(name)
        if not is_safe(name):
            return Failure(NotFound(path))
        try:
            with open(path, "rb", buffering=0, opener=_open_at_once) as file:
                status = os.fstat(file.fileno())
                if not stat.S_ISREG(status.st_mode):
                    return Failure(StoreFailed(path, "it is no file."))
                end = status.st_size if stop is None else min(stop, status.st_size)
                file.seek(start)
                data = _read_all(file.fileno(), end - start)
                if self._network.arrived is not None:
                    self._network.arrived(len(data))
                return Success(Chunk(data, status.st_size, f"{status.st_mtime_ns}-{status.st_size}"))
        except OSError as error:
            return Failure(_fault(error, path))

    def names(self, prefix: str) -> Iterator[Result[tuple[str, ...], StoreFault]]:
        """The folders in the folder whose names begin with `prefix`, in any case; see `Store.names`."""
        try:
            with os.scandir(self.place) as found:
                names = [
                    entry.name
                    for entry in found
                    if entry.name.lower().startswith(prefix) and _is_folder(entry)
                ]
        except OSError as error:
            yield Failure(_fault(error, self.place))
            return
        yield Success(tuple(sorted(names)))

    def _path(self, name: str) -> str:
        return os.path.join(self.place, name) if name else self.place


def open_folder(root: LocalRoot, network: Network) -> Result[Folder, StoreFault]:
    """Open a local folder, which must be there; `~` is the home folder."""
    path = absolute(root)
    try:
        is_folder = stat.S_ISDIR(os.stat(path).st_mode)
    except OSError as error:
        return Failure(_fault(error, path))
    return (
        Success(Folder(path, network))
        if is_folder
        else Failure(StoreFailed(path, "it is a file, not a folder."))
    )


def absolute(root: LocalRoot) -> str:
    """The absolute path of a local root, links not followed."""
    return os.path.abspath(os.path.expanduser(root.path))


def _is_new(path: str, seen: set[tuple[int, int]]) -> bool:
    status = os.stat(path)
    key = (status.st_dev, status.st_ino)
    new = key not in seen
    seen.add(key)
    return new


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _listed(entry: os.DirEntry[str], name: str) -> Page:
    """The entry of a file or of a link that leads nowhere; nothing for sockets, pipes and devices."""
    try:
        status = entry.stat()
    except OSError:
        return (Entry(name, None),)
    return (Entry(name, status.st_size),) if stat.S_ISREG(status.st_mode) else ()


def _open_at_once(path: str, flags: int) -> int:
    # A pipe without a writer would block the opening; regular files do not mind the flag.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _read_all(descriptor: int, count: int) -> bytes:
    parts = []
    while count > 0:
        part = os.read(descriptor, count)
        if not part:
            break
        parts.append(part)
        count -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _fault(error: OSError, path: str) -> StoreFault:
    if isinstance(error, FileNotFoundError):
        return NotFound(path)
    if isinstance(error, NotADirectoryError):
        return StoreFailed(path, "it is a file, not a folder.")
    if isinstance(error, PermissionError):
        return AccessDenied(path, "permission denied", "Check the permissions of the file and its folders.")
    return StoreFailed(path, f"{error.strerror or error}.")
