"""Files are written whole or not at all: to a temporary neighbour, then renamed."""

from __future__ import annotations

import os
import stat
import tempfile
from typing import Final

from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.fault import CannotWrite

_PREFIX: Final = ".dicom-series-preview-"  # short, whatever the length of the name: a folder limits that


def check_writable(path: str) -> Result[None, CannotWrite]:
    """Find out before anything is fetched whether `path` can be written."""
    folder = os.path.dirname(os.path.realpath(path))
    if not os.path.isdir(folder):
        return Failure(CannotWrite(path, f"there is no folder {os.path.dirname(path) or folder}"))
    try:
        problem = _in_the_way(path)
        if problem is not None:
            return Failure(CannotWrite(path, problem))
        # Permission bits do not tell (a read-only file system, an administrator): only trying does.
        with tempfile.TemporaryFile(dir=folder):
            return Success(None)
    except OSError as error:
        return Failure(CannotWrite(path, error.strerror or str(error)))


def _in_the_way(path: str) -> str | None:
    """What is at `path` that no file can replace; OSError if no file can have that name."""
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(mode):
        return "it is a folder"
    return None if stat.S_ISREG(mode) else "it is a device, a pipe or a socket"


def write_whole(path: str, data: bytes) -> Result[None, CannotWrite]:
    """Write `data` to `path`; whatever happens, `path` holds either what it held before or all of `data`.

    A link stays one: what it leads to is written.
    """
    target = os.path.realpath(path)
    temporary: str | None = None
    try:
        handle, temporary = tempfile.mkstemp(prefix=_PREFIX, suffix=".part", dir=os.path.dirname(target))
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, target)
    except OSError as error:
        return Failure(CannotWrite(path, error.strerror or str(error)))
    else:
        temporary = None
        return Success(None)
    finally:
        if temporary is not None:
            _remove(temporary)


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return  # it is gone, or its folder cannot be changed any more


def _umask() -> int:
    """The process's file mode mask, which can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
