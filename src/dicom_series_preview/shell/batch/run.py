"""A batch as a whole: the list, the folder, what is left of it, and the work."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from functools import reduce
from pathlib import Path
from typing import TypeAlias

from attrs import evolve, frozen
from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.ask.options import DEFAULT_ROOT
from dicom_series_preview.core.ask.roots import LocalRoot, join_root, show_root
from dicom_series_preview.core.ask.series_id import SeriesPlace
from dicom_series_preview.core.batch.names import list_hash, series_key
from dicom_series_preview.core.batch.request import BatchRequest, looks
from dicom_series_preview.core.batch.resume import Todo, sort_out
from dicom_series_preview.core.batch.row import Row
from dicom_series_preview.core.batch.settings import Settings, check_same
from dicom_series_preview.core.batch.tally import Tally, add_row
from dicom_series_preview.core.batch.wanted import Wanted, once
from dicom_series_preview.core.faults.batch import (
    BadSettings,
    BatchRefusal,
    NoScheduler,
    NoWorkers,
    OtherOptions,
    UnusableFolder,
)
from dicom_series_preview.core.faults.fault import CannotWrite
from dicom_series_preview.core.faults.storage import StoreFault
from dicom_series_preview.shell.batch.drive import Job, Step, drive
from dicom_series_preview.shell.batch.engine import Engine, Pool, SchedulerLost, open_dask
from dicom_series_preview.shell.batch.folder import OutFolder, Results, claim
from dicom_series_preview.shell.batch.lists import place_in_table, read_series
from dicom_series_preview.shell.batch.make import Maker
from dicom_series_preview.shell.batch.process import usable_processors
from dicom_series_preview.shell.batch.worker import FolderLost
from dicom_series_preview.shell.storage.folder import absolute
from dicom_series_preview.version import __version__

BatchFault: TypeAlias = BatchRefusal | StoreFault | CannotWrite

Show: TypeAlias = Callable[[Tally], AbstractContextManager[Callable[[Tally, int], None]]]
"""Given the first counts, what tells of the later ones, and how many workers there are."""


@frozen
class Listed:
    """The series of a batch, each once, with their keys; `named` is how often series were named."""

    wanted: tuple[Wanted, ...]
    keys: tuple[str, ...]
    named: int


@frozen
class Report:
    """What a run has come to, or would begin with."""

    tally: Tally
    listed: int
    """How many series the list holds, those of other shares too."""
    named: int
    """How often it names a series."""


def run_batch(request: BatchRequest, show: Show) -> Result[Report, BatchFault]:
    """Carry out a batch, or what an earlier run has left of it; with `dry_run`, only look.

    `show` is given the first counts, and makes what is told of the later ones.
    """
    request = _with_absolute_root(request)
    return read_all(request).bind(lambda listed: _in_folder(request, listed, show))


def read_all(request: BatchRequest) -> Result[Listed, BatchFault]:
    """The list of a batch, read and checked whole, each series at its place."""
    read = read_series(request)
    placed = read.bind(place_in_table) if is_public(request) else read
    return placed.map(_listed)


def is_public(request: BatchRequest) -> bool:
    """Whether the table of the Imaging Data Commons says where series are."""
    return show_root(request.preview.root) == DEFAULT_ROOT


def _listed(wanted: Sequence[Wanted]) -> Listed:
    each = once(wanted)
    return Listed(each, tuple(series_key(one.series) for one in each), len(wanted))


def _with_absolute_root(request: BatchRequest) -> BatchRequest:
    root = request.preview.root
    if not isinstance(root, LocalRoot):
        return request
    return evolve(request, preview=evolve(request.preview, root=LocalRoot(absolute(root))))


def _in_folder(request: BatchRequest, listed: Listed, show: Show) -> Result[Report, BatchFault]:
    folder = OutFolder(os.path.abspath(request.options.outdir), request.shard)
    settings = Settings(
        looks(request.options),
        len(listed.keys),
        list_hash(listed.keys),
        __version__,
    )
    unfit = _unfit(folder, request, listed)
    if unfit is not None:
        return Failure(unfit)
    if request.options.dry_run:
        return Result.do(
            Report(_tally(todo), len(listed.keys), listed.named)
            for same in _check_settings(folder, settings, request)
            for todo in _todo(folder, request, listed, same=same)
        )
    with claim(folder) as claimed:
        return Result.do(
            Report(tally, len(listed.keys), listed.named)
            for _ in claimed
            for todo in _begun(folder, settings, request, listed)
            for tally in _work(folder, request, listed, todo, show)
        )


def _begun(
    folder: OutFolder, settings: Settings, request: BatchRequest, listed: Listed
) -> Result[Todo, BatchFault]:
    """What is to do, in a folder that remembers these settings and holds no row of others."""
    with folder.alone():
        return Result.do(
            todo
            for same in _check_settings(folder, settings, request)
            for _ in _gather_left(folder, discard=request.options.overwrite)
            for todo in _todo(folder, request, listed, same=same)
            # In this order: rows of other options are never there beside what says that they have these.
            for _ in folder.drop(todo.stale)
            for _ in folder.remember(settings)
        )


def _unfit(folder: OutFolder, request: BatchRequest, listed: Listed) -> UnusableFolder | None:
    """Why nothing may be written to a folder: what is read would lie among what is written."""
    real, root = Path(os.path.realpath(folder.path)), request.preview.root
    above, keys = {real, *real.parents}, set(listed.keys)
    places = [one.series for one in listed.wanted if isinstance(one.series, SeriesPlace)]
    if isinstance(root, LocalRoot):
        top = Path(os.path.realpath(root.path))
        if real == top or (request.options.all and real.parent == top):
            return UnusableFolder(folder.path, "it is, or lies in, --root: give a folder outside of it")
        inner = [SeriesPlace(root, path.name) for path in above if path.parent == top]
        places += [place for place in inner if series_key(place) in keys]
    local = (show_root(join_root(one.root, one.folder)) for one in places if isinstance(one.root, LocalRoot))
    if not above.isdisjoint(Path(os.path.realpath(path)) for path in local):
        return UnusableFolder(folder.path, "it lies in a folder of the list: give another one")
    given = Path(os.path.realpath(request.options.listed or ""))
    if given.parent in (real / "results", real) and given.suffix in (".parquet", ".json"):
        return UnusableFolder(folder.path, "the list of series is among its results")
    return None


def _check_settings(
    folder: OutFolder, settings: Settings, request: BatchRequest
) -> Result[bool, BadSettings | OtherOptions]:
    """Whether the folder holds pictures of these settings; others are refused, unless they are overwritten."""
    same: Result[bool, BadSettings | OtherOptions] = Result.do(
        True for before in folder.settings() for _ in check_same(before, settings)
    )
    return same.lash(lambda _: Success(False)) if request.options.overwrite else same


def _gather_left(folder: OutFolder, *, discard: bool) -> Result[None, BatchFault]:
    """Write the rows that a run before this could not write any more, and take away what it left unfinished."""
    rows = {} if discard else {row.series: row for row in folder.left_behind()}
    written = _gather(folder, rows) if rows else Success(None)
    return written.map(lambda _: folder.clear_work())


def _gather(folder: OutFolder, rows: Mapping[str, Row]) -> Result[None, BatchFault]:
    """Write those of the rows, by series, that earlier runs have not written."""
    results = Results(folder)
    return Result.do(
        None
        for told in folder.told()
        for _ in results.add([row for key, row in rows.items() if key not in told], [])
        for _ in results.flush()
    )


def _todo(
    folder: OutFolder, request: BatchRequest, listed: Listed, *, same: bool
) -> Result[Todo, UnusableFolder]:
    options = request.options
    return folder.told().map(
        lambda told: sort_out(
            listed.keys,
            told,
            folder.pictures(),
            request.shard,
            retry_failed=options.retry_failed,
            overwrite=options.overwrite,
            same=same,
        )
    )


def _tally(todo: Todo) -> Tally:
    return Tally(len(todo.items) + todo.made + todo.refused, todo.made, todo.refused)


def _work(
    folder: OutFolder, request: BatchRequest, listed: Listed, todo: Todo, show: Show
) -> Result[Tally, BatchFault]:
    """Make what is to do."""
    if not todo.items:
        return Success(_tally(todo))
    items = [listed.wanted[item] for item in todo.items]
    return Result.do(
        tally
        for engine in _engine(request)
        for tally in _driven(drive(items, _job(folder, request), engine), folder, _tally(todo), show)
    )


def _job(folder: OutFolder, request: BatchRequest) -> Job[Wanted]:
    options = request.options
    maker = Maker(
        preview=request.preview,
        folder=folder.path,
        work=folder.work,
        ending=request.ending,
        looked_up=is_public(request),
        with_map=options.map,
        with_index=options.with_index,
        indexes=None if options.index is None else os.path.abspath(options.index),
        objects=None if options.preview.root is None else request.preview.root,
    )
    return Job(maker.make, maker.blank, request.limits, options.retries, folder.work)


def _driven(steps: Generator[Step], folder: OutFolder, tally: Tally, show: Show) -> Result[Tally, BatchFault]:
    """The counts at the end; whatever ends it, the rows of all that was finished are written."""
    results = Results(folder)
    try:
        with show(tally) as tell, closing(steps):
            for step in steps:
                tally = reduce(add_row, step.rows, tally)
                written = results.add(step.rows, step.tasks)
                if not is_successful(written):
                    return Failure(written.failure())
                if step.left:
                    return Failure(NoWorkers(step.left))
                tell(tally, step.workers)
        return results.flush().map(lambda _: tally)
    except SchedulerLost as error:
        return Failure(
            NoScheduler(str(error), "it has gone; what is made is kept, and a further run goes on")
        )
    except FolderLost as error:
        return Failure(UnusableFolder(folder.path, str(error).removesuffix(".")))
    finally:
        results.flush()
        _gather_left(folder, discard=False)


def _engine(request: BatchRequest) -> Result[Engine, NoScheduler]:
    if request.options.scheduler is not None:
        timeout = request.preview.patience.timeout
        return open_dask(request.options.scheduler, __version__, timeout).map(_as_engine)
    return Success(Pool(request.options.workers or usable_processors()))


def _as_engine(engine: Engine) -> Engine:
    return engine
