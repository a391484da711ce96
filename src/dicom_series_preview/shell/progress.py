"""rich: a progress bar on stderr when it is a terminal, nothing when it is not."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Protocol


class Progress(Protocol):
    """Told what is under way."""

    def phase(self, name: str, total: int | None) -> None:
        """A new phase begins; `total` steps are expected, None while unknown."""

    def advance(self) -> None:
        """One step is done."""

    def arrived(self, size: int) -> None:
        """`size` bytes have come in; called from many threads."""


class Counter:
    """Counts bytes, and shows nothing."""

    def __init__(self) -> None:
        self.received = 0
        self._lock = Lock()

    def phase(self, name: str, total: int | None) -> None:
        """Nothing to show."""

    def advance(self) -> None:
        """Nothing to show."""

    def arrived(self, size: int) -> None:
        """Add to `received`."""
        with self._lock:
            self.received += size


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
            def phase(self, name: str, total: int | None) -> None:
                rich.reset(task, description=name, total=total, received=self.received)

            def advance(self) -> None:
                rich.update(task, advance=1, received=self.received)

        yield Bar()
