"""The output folder of a batch: pictures, rows, what it remembers, and what is not finished."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic
from typing import Final
from uuid import uuid4

from attrs import frozen
from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.batch.resume import Shard, Told
from dicom_series_preview.core.batch.retries import TASK_SIZE, Ending
from dicom_series_preview.core.batch.row import Row
from dicom_series_preview.core.batch.settings import Settings, read_settings, write_settings
from dicom_series_preview.core.faults.batch import BadSettings, UnusableFolder
from dicom_series_preview.core.faults.fault import CannotWrite
from dicom_series_preview.core.results import all_of
from dicom_series_preview.shell.batch.drive import journal_path, read_file
from dicom_series_preview.shell.batch.tables import ERRORS, read_rows, read_told, write_rows
from dicom_series_preview.shell.outputs.files import write_whole

_PART: Final = re.compile(r"part-.*\.parquet")
_SUBFOLDER: Final = re.compile(r"[0-9a-f]{2}")
_EVERY: Final = 10.0  # s after which rows are written in any case


@frozen
class OutFolder:
    """An output folder, and one share of the work in it."""

    path: str
    shard: Shard

    @property
    def work(self) -> str:
        """Where the share's journals are, and files that are to be renamed into their places."""
        return os.path.join(self.path, ".work", f"{self.shard.number}-of-{self.shard.count}")

    @property
    def results(self) -> str:
        """Where the rows are."""
        return os.path.join(self.path, "results")

    def settings(self) -> Result[Settings | None, BadSettings]:
        """What the folder remembers of the batch before; None if there was none."""
        try:
            text = Path(self.path, "batch.json").read_text(encoding="utf-8")
        except FileNotFoundError:
            return Success(None)
        except (OSError, UnicodeDecodeError) as error:
            return Failure(BadSettings(str(error)))
        return read_settings(text).map(_maybe)

    def remember(self, settings: Settings) -> Result[None, CannotWrite]:
        """Write down what this batch is."""
        return self.write("batch.json", write_settings(settings).encode("utf-8"))

    def write(self, name: str, data: bytes) -> Result[None, CannotWrite]:
        """Write a file of this folder, whole or not at all; what is unfinished lies with the work."""
        return write_whole(os.path.join(self.path, name), data, self.work)

    def told(self) -> Result[dict[str, Told], UnusableFolder]:
        """What the rows of earlier runs tell, by series."""
        told: dict[str, Told] = {}
        for path in self._parts():
            try:
                told |= read_told(path)
            except ERRORS as error:
                return Failure(self._damaged(path, error))
        return Success(told)

    def pictures(self) -> set[str]:
        """The files in the folders of pictures, as rows name them."""
        found: set[str] = set()
        for folder in _entries(self.path):
            if _SUBFOLDER.fullmatch(folder):
                found.update(f"{folder}/{name}" for name in _entries(os.path.join(self.path, folder)))
        return found

    def drop(self, keys: Collection[str]) -> Result[None, UnusableFolder | CannotWrite]:
        """Take the rows of these series out of the results."""
        if not keys:
            return Success(None)
        return all_of(self._drop(path, keys) for path in self._parts()).map(lambda _: None)

    def _drop(self, path: str, keys: Collection[str]) -> Result[None, UnusableFolder | CannotWrite]:
        try:
            rows = read_rows(path)
        except ERRORS as error:
            return Failure(self._damaged(path, error))
        kept = [row for row in rows if row.series not in keys]
        if not kept:
            os.unlink(path)
        elif len(kept) < len(rows):
            return write_whole(path, write_rows(kept), self.work)
        return Success(None)

    def left_behind(self) -> tuple[Row, ...]:
        """The rows of series that a run has finished which could not say so any more."""
        journals = (
            read_file(os.path.join(self.work, name)) for name in _entries(self.work) if "task" in name
        )
        ended = (one for journal in journals for one in journal.ended.values())
        return tuple(one.row for one in ended if one.ending is Ending.DONE and one.row is not None)

    def clear_work(self) -> None:
        """Take away what is unfinished; the lock stays."""
        for name in _entries(self.work):
            if name != "lock":
                Path(self.work, name).unlink(missing_ok=True)

    def leave(self) -> None:
        """Take away what only a run at work needs; rows that could not be gathered stay for the next."""
        Path(self.work, "lock").unlink(missing_ok=True)
        with suppress(OSError):
            os.rmdir(self.work)
            os.rmdir(os.path.dirname(self.work))  # other shares may be at work in it

    def is_shared_otherwise(self) -> bool:
        """Whether a run is at work that divides the series in another way."""
        above = os.path.dirname(self.work)
        others = (name for name in _entries(above) if not name.endswith(f"-of-{self.shard.count}"))
        return any(_is_locked(os.path.join(above, name, "lock")) for name in others)

    def _parts(self) -> list[str]:
        return [os.path.join(self.results, name) for name in _entries(self.results) if _PART.fullmatch(name)]

    def _damaged(self, path: str, error: Exception) -> UnusableFolder:
        told = str(error).partition("\n")[0]
        remedy = "remove it, and the series in it are made again"
        return UnusableFolder(self.path, f"{path} cannot be read ({told}): {remedy}")

    @contextmanager
    def alone(self) -> Iterator[None]:
        """While it is looked at what is there, and rows of earlier runs go: other shares wait."""
        descriptor = os.open(self.results, os.O_RDONLY)
        try:
            _lock(descriptor, wait=True)
            yield
        finally:
            os.close(descriptor)


@contextmanager
def claim(folder: OutFolder) -> Iterator[Result[None, UnusableFolder]]:
    """Have a share of a folder, which is made if it is not there, to this run alone."""
    try:
        os.makedirs(folder.results, exist_ok=True)
        os.makedirs(folder.work, exist_ok=True)
        file = open(os.path.join(folder.work, "lock"), "w")  # noqa: SIM115  it is held to the end
    except OSError as error:
        yield Failure(UnusableFolder(folder.path, error.strerror or str(error)))
        return
    with file:
        if not _lock(file.fileno(), wait=False):
            yield Failure(UnusableFolder(folder.path, "another run is at work in it"))
            return
        others = UnusableFolder(folder.path, "a run with another number of shares is at work in it")
        try:
            yield Failure(others) if folder.is_shared_otherwise() else Success(None)
        finally:
            folder.leave()


class Results:
    """Writes rows as they come, in parts of about the size of a task; what is not written yet is in journals."""

    def __init__(self, folder: OutFolder) -> None:
        self._folder = folder
        self._run = uuid4().hex[:12]
        self._parts = 0
        self._rows: list[Row] = []
        self._tasks: list[int] = []
        self._written = monotonic()

    def add(self, rows: Sequence[Row], tasks: Sequence[int]) -> Result[None, CannotWrite]:
        """Rows, and tasks that have ended with them."""
        self._rows += rows
        self._tasks += tasks
        due = len(self._rows) >= TASK_SIZE or monotonic() >= self._written + _EVERY
        return self.flush() if due else Success(None)

    def flush(self) -> Result[None, CannotWrite]:
        """Write what is not written."""
        written: Result[None, CannotWrite] = Success(None)
        if self._rows:
            name = f"results/part-{self._run}-{self._parts:05d}.parquet"
            written = self._folder.write(name, write_rows(self._rows))
            self._parts += 1
        if is_successful(written):
            for task in self._tasks:
                Path(journal_path(self._folder.work, task)).unlink(missing_ok=True)
            self._rows, self._tasks = [], []
        self._written = monotonic()
        return written


def _entries(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []


def _is_locked(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return not _lock(file.fileno(), wait=False)
    except OSError:
        return False


def _maybe(settings: Settings) -> Settings | None:
    return settings


def _lock(descriptor: int, *, wait: bool) -> bool:
    """Lock a file; where files cannot be locked, all is as if nobody else were there."""
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
