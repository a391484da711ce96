"""How a batch is going, on stderr: a bar on a terminal, else a line a minute."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Final

from dicom_series_preview.core.batch.tally import Tally, under_way

_MINUTE: Final = 60.0


@contextmanager
def showing(tally: Tally) -> Iterator[Callable[[Tally, int], None]]:
    """Give a function that shows how far it is; that it waits for workers, it says at once."""
    began = monotonic()
    if not sys.stderr.isatty():
        latest, waits = began, False

        def tell(now: Tally, workers: int) -> None:
            nonlocal latest, waits
            begins, waits = not workers and not waits, not workers
            if begins or monotonic() >= latest + _MINUTE:
                latest = monotonic()
                sys.stderr.write(f"{under_way(now, latest - began, workers)}\n")
                sys.stderr.flush()

        yield tell
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (BarColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as rich:
        task = rich.add_task(under_way(tally, 0.0), total=tally.total)

        def draw(now: Tally, workers: int) -> None:
            text = under_way(now, monotonic() - began, workers)
            rich.update(task, description=text, completed=now.total - now.left)

        yield draw
