"""rich: a progress bar on stderr when it is a terminal, nothing when it is not."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from time import monotonic
from typing import Protocol


class Progress(Protocol):
    """Told what is under way; all methods may be called from many threads."""

    @property
    def received(self) -> int:
        """Bytes that have come in."""

    @property
    def latest(self) -> float:
        """When something last happened, by `time.monotonic`."""

    def phase(self, name: str) -> None:
        """A new phase begins, of steps yet unknown."""

    def expect(self, steps: int) -> None:
        """The phase has so many steps more than was known."""

    def advance(self) -> None:
        """One step is done."""

    def arrived(self, size: int) -> None:
        """`size` bytes have come in."""


class Counter:
    """Counts, and shows nothing."""

    def __init__(self) -> None:
        self.received = 0
        self.latest = monotonic()
        self.done = 0
        self.expected = 0
        self._lock = Lock()

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


@contextmanager
def progress_bar() -> Iterator[Counter]:
    """A bar on stderr if that is a terminal: steps done, of how many, and bytes received."""
    if not sys.stderr.isatty():
        yield Counter()
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

        yield Bar()
