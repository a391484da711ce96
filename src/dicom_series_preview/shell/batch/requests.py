"""Many requests from Python: each a preview of its own, each with its row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from contextlib import closing
from tempfile import TemporaryDirectory

from attrs import evolve
from returns.pipeline import is_successful

from dicom_series_preview.core.ask.options import DEFAULT_ROOT, Options
from dicom_series_preview.core.ask.preview import check_preview
from dicom_series_preview.core.ask.series_id import parse_series
from dicom_series_preview.core.batch.names import as_text, series_key
from dicom_series_preview.core.batch.outcome import GIB, Limits, Outcome, failed
from dicom_series_preview.core.batch.request import (
    DEFAULT_RETRIES,
    DEFAULT_SERIES_TIMEOUT,
    DEFAULT_WORKER_MEMORY,
)
from dicom_series_preview.core.batch.row import Row
from dicom_series_preview.core.faults.batch import NoWorkers
from dicom_series_preview.core.faults.request import Needs
from dicom_series_preview.shell.batch.drive import Job, drive
from dicom_series_preview.shell.batch.engine import Given, Pool
from dicom_series_preview.shell.batch.make import blank_row, measured, write_one
from dicom_series_preview.shell.batch.process import usable_processors

_LIMITS = Limits(DEFAULT_SERIES_TIMEOUT, round(DEFAULT_WORKER_MEMORY * GIB))


def batch(
    requests: Iterable[Options],
    executor: Executor | Callable[[], Executor] | None = None,
    *,
    workers: int | None = None,
    retries: int = DEFAULT_RETRIES,
) -> Iterator[Row]:
    """Make many previews, each at its `output`, and yield the row of each as it ends; none ends the others.

    `executor` is any of `concurrent.futures`, or a function that makes one: then a process pool that a worker
    has broken is made again.  Without one, processes of this machine are started for the purpose, and a series
    may take 300 s and 2 GiB.  `workers` is how many run at once, by default as many as processors.  A fault that
    may pass is tried again `retries` times, after all others; a series that kills its worker is told as killed.
    When the iterator is closed early, no further series is begun: by an executor of another machine, after those
    that it has been given.

    Processes that are started import the main module again: it needs its `if __name__ == "__main__":`.
    """
    items = list(requests)
    many = workers or usable_processors()
    with TemporaryDirectory(prefix="dicom-series-preview-") as folder:
        engine = _engine(executor, many)
        limits = _LIMITS if isinstance(engine, Pool) else Limits()
        job = Job(make_request, blank_of, limits, retries, folder if engine.is_here else None)
        with closing(drive(items, job, engine)) as steps:
            for step in steps:
                if step.left:
                    raise RuntimeError(str(NoWorkers(step.left)))
                yield from step.rows


def _engine(executor: Executor | Callable[[], Executor] | None, workers: int) -> Pool | Given:
    if executor is None:
        return Pool(workers)
    if isinstance(executor, Executor):
        return Given(executor, workers, None)
    return Given(executor(), workers, executor)


def blank_of(options: Options) -> Row:
    """The row of a request of which nothing else is known."""
    series = parse_series(options.series)
    key = series_key(series.unwrap()) if is_successful(series) else as_text(options.series)
    return blank_row(key, as_text(options.root or DEFAULT_ROOT))


def make_request(options: Options) -> Outcome:
    """Carry out one request; what is wrong with it is its outcome."""
    blank = blank_of(options)
    checked = check_preview(options)
    if not is_successful(checked):
        return failed(blank, checked.failure())
    request, path = checked.unwrap(), options.output
    if path is None:
        return failed(blank, Needs("a batch", "an output for each series"))
    row = evolve(blank, path=as_text(path))
    return measured(row, lambda progress: write_one(request, path, row, progress))
