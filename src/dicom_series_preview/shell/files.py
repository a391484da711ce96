"""Files are written whole or not at all: to a temporary neighbour, then renamed."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from returns.result import Failure, Result, Success

from dicom_series_preview.shell.faults import CannotWrite


def check_writable(path: str) -> Result[None, CannotWrite]:
    """Find out before anything is fetched whether `path` can be written."""
    target = Path(path)
    folder = target.parent
    if target.is_dir():
        return Failure(CannotWrite(path, "it is a folder"))
    if not folder.is_dir():
        return Failure(CannotWrite(path, f"there is no folder {folder}"))
    try:
        # Permission bits do not tell (a read-only file system, an administrator): only trying does.
        with tempfile.TemporaryFile(dir=folder):
            return Success(None)
    except OSError as error:
        return Failure(CannotWrite(path, error.strerror or str(error)))


def write_whole(path: str, data: bytes) -> Result[None, CannotWrite]:
    """Write `data` to `path`; whatever happens, `path` holds either what it held before or all of `data`."""
    target = Path(path)
    temporary: str | None = None
    try:
        handle, temporary = tempfile.mkstemp(
            prefix=f".{target.name[:80]}.", suffix=".part", dir=target.parent
        )
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
            Path(temporary).unlink(missing_ok=True)


def _umask() -> int:
    """The process's file mode mask, which can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
