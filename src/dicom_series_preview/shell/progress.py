"""rich: a progress bar on stderr when it is a terminal, nothing when it is not."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from logging import INFO, WARNING
from threading import Lock
from time import monotonic
from typing import Protocol, TypeAlias

from dicom_series_preview.core.remarks import Remark


class Progress(Protocol):
    """Told what is under way; all methods may be called from many threads."""

    @property
    def received(self) -> int:
        """Bytes that have come in."""

    @property
    def latest(self) -> float:
        """When something last happened, by `time.monotonic`."""

    @property
    def waits(self) -> bool:
        """Whether a network is waited for: if not, this machine is at work."""

    def waiting(self) -> AbstractContextManager[None]:
        """Until it is left, a network is waited for."""

    def phase(self, name: str) -> None:
        """A new phase begins, of steps yet unknown."""

    def expect(self, steps: int) -> None:
        """The phase has so many steps more than was known."""

    def advance(self) -> None:
        """One step is done."""

    def arrived(self, size: int) -> None:
        """`size` bytes have come in."""

    def asked(self) -> None:
        """A request is made."""

    def remark(self, remark: Remark) -> None:
        """Something is odd about what will be shown."""

    def say(self, text: str) -> None:
        """The course of things, for whoever wants to follow it."""

    @property
    def cancelled(self) -> bool:
        """Nobody waits for the job any more: it asks for nothing further."""

    def cancel(self) -> None:
        """Give the job up."""


Tell: TypeAlias = Callable[[int, str], None]
"""Takes a level of `logging` and a text."""


class Counter:
    """Counts, keeps what was remarked, and shows nothing; `tell` hears of remarks and of the course of things."""

    def __init__(self, tell: Tell | None = None) -> None:
        self._tell = tell
        self.received = 0
        self.requests = 0
        self.remarks: list[Remark] = []
        self.cancelled = False
        self.latest = monotonic()
        self.done = 0
        self.expected = 0
        self._waiting = 0
        self._lock = Lock()

    @property
    def waits(self) -> bool:
        """Whether any thread is in `waiting`."""
        return self._waiting > 0

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Count who waits: that waiting begins, or is over, happens too."""
        with self._lock:
            self._waiting += 1
            self.latest = monotonic()
        try:
            yield
        finally:
            with self._lock:
                self._waiting -= 1
                self.latest = monotonic()

    def phase(self, name: str) -> None:  # noqa: ARG002  a bar shows it
        """Begin to count steps afresh."""
        with self._lock:
            self.done = self.expected = 0
            self.latest = monotonic()

    def expect(self, steps: int) -> None:
        """Add to `expected`."""
        with self._lock:
            self.expected += steps
            self.latest = monotonic()

    def advance(self) -> None:
        """Add to `done`."""
        with self._lock:
            self.done += 1
            self.latest = monotonic()

    def arrived(self, size: int) -> None:
        """Add to `received`."""
        with self._lock:
            self.received += size
            self.latest = monotonic()

    def asked(self) -> None:
        """Add to `requests`."""
        with self._lock:
            self.requests += 1

    def remark(self, remark: Remark) -> None:
        """Add to `remarks`."""
        with self._lock:
            self.remarks.append(remark)
        if self._tell is not None:
            self._tell(WARNING, str(remark))

    def cancel(self) -> None:
        """Set `cancelled`."""
        self.cancelled = True

    def say(self, text: str) -> None:
        """Tell it."""
        if self._tell is not None:
            self._tell(INFO, text)


@contextmanager
def progress_bar(tell: Tell) -> Iterator[Counter]:
    """A bar on stderr if that is a terminal: steps done, of how many, and bytes received."""
    if not sys.stderr.isatty():
        yield Counter(tell)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as RichProgress

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[received]:,} bytes"),
    )
    with RichProgress(*columns, console=Console(stderr=True), transient=True) as rich:
        task = rich.add_task("listing", total=None, received=0)

        class Bar(Counter):
            def phase(self, name: str) -> None:
                super().phase(name)
                rich.reset(task, description=name, total=None, received=self.received)

            def expect(self, steps: int) -> None:
                super().expect(steps)
                rich.update(task, total=self.expected)

            def advance(self) -> None:
                super().advance()
                rich.update(task, completed=self.done, received=self.received)

            def arrived(self, size: int) -> None:
                super().arrived(size)
                rich.update(task, received=self.received)

        yield Bar(tell)
