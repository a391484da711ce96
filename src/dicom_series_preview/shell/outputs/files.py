"""Files are written whole or not at all: to a temporary neighbour, then renamed."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Sequence
from typing import Final
from uuid import uuid4

from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.fault import CannotWrite
from dicom_series_preview.core.header.scan import Header, scan_header
from dicom_series_preview.core.header.wanted import PREVIEW

_ENOUGH: Final = 1 << 16
"""Bytes of a file that tell whether it is DICOM."""

_BINARY: Final = getattr(os, "O_BINARY", 0)  # of Windows alone

_PREFIX: Final = ".dicom-series-preview-"  # short, whatever the length of the name: a folder limits that


def check_writable(path: str, inputs: Sequence[str] = ()) -> Result[None, CannotWrite]:
    """Find out before anything is fetched whether `path` can be written, and is neither input nor DICOM.

    A link counts as what it leads to.
    """
    folder = os.path.dirname(os.path.realpath(path))
    if not os.path.isdir(folder):
        return Failure(CannotWrite(path, f"there is no folder {os.path.dirname(path) or folder}"))
    try:
        problem = _in_the_way(path, inputs)
        if problem is not None:
            return Failure(CannotWrite(path, problem))
        # Permission bits do not tell (a read-only file system, an administrator): only trying does.
        with tempfile.TemporaryFile(dir=folder):
            return Success(None)
    except OSError as error:
        return Failure(CannotWrite(path, error.strerror or str(error)))


def _in_the_way(path: str, inputs: Sequence[str]) -> str | None:
    """What is at `path` that no file may replace; OSError if no file can have that name."""
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(mode):
        return "it is a folder"
    if not stat.S_ISREG(mode):
        return "it is a device, a pipe or a socket"
    if any(os.path.exists(one) and os.path.samefile(one, path) for one in inputs):
        return "it is one of the inputs"
    with open(path, "rb") as stream:
        begins = stream.read(_ENOUGH)
    is_dicom = begins[128:132] == b"DICM" or isinstance(scan_header(begins, False, PREVIEW), Header)
    return "it holds a DICOM object, which is not written over" if is_dicom else None


def write_whole(path: str, data: bytes, unfinished: str | None = None) -> Result[None, CannotWrite]:
    """Write `data` to `path`; whatever happens, `path` holds either what it held before or all of `data`.

    A link stays one: what it leads to is written.  An existing file keeps its mode.  Until it is whole the file
    lies in the folder `unfinished`, which is on the same file system, or else beside `path`.
    """
    return write_together(((path, data),), unfinished)


def write_together(
    files: Sequence[tuple[str, bytes]], unfinished: str | None = None
) -> Result[None, CannotWrite]:
    """Write files, (path, content) each, as `write_whole` does; none takes its place before all are whole."""
    waiting: list[tuple[str, str]] = []
    path = ""
    try:
        for path, data in files:
            target = os.path.realpath(path)
            temporary = os.path.join(unfinished or os.path.dirname(target), f"{_PREFIX}{uuid4().hex}.part")
            waiting.append((temporary, target))
            _fill(temporary, target, data)
        for temporary, target in waiting:
            path = target
            os.replace(temporary, target)
    except OSError as error:
        return Failure(CannotWrite(path, error.strerror or str(error)))
    else:
        return Success(None)
    finally:
        for temporary, _ in waiting:
            _remove(temporary)  # unless it is in its place


def _fill(temporary: str, target: str, data: bytes) -> None:
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, _mode(target))
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
    if os.path.exists(target):  # what the process masks for new files does not concern old ones
        os.chmod(temporary, _mode(target))


def _mode(target: str) -> int:
    """The permissions of the file that is there, or those of a new one, of which the process masks some."""
    try:
        return stat.S_IMODE(os.stat(target).st_mode)
    except FileNotFoundError:
        return 0o666


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return  # it is gone, or its folder cannot be changed any more
