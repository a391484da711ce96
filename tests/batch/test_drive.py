"""Tasks on real workers: what dies, hangs or grows costs its own row and no other's."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Any

import dask
import pytest
from distributed import Client, LocalCluster

from dicom_series_preview.core.batch.outcome import GIB, Limits, Outcome
from dicom_series_preview.core.batch.row import Row, Status
from dicom_series_preview.shell.batch.drive import Job, Step, drive
from dicom_series_preview.shell.batch.engine import Dask, Engine, Given, Pool, SchedulerLost
from tests.batch.jobs import Jobs
from tests.command.process import wait_until

GOOD = [f"good-{number}" for number in range(40)]


@contextmanager
def local_cluster(workers: int) -> Iterator[LocalCluster]:
    """Workers of one thread each, forked from a process that has loaded Dask: that takes a second."""
    with (
        dask.config.set({"distributed.worker.multiprocessing-method": "forkserver"}),
        LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as found,
    ):
        yield found


@pytest.fixture
def cluster() -> Iterator[LocalCluster]:
    """A cluster of its own for each test: a worker that dies while it starts is lost to those after it."""
    with local_cluster(2) as found:
        yield found


@pytest.fixture(params=["pool", "dask"])
def engine(request: pytest.FixtureRequest) -> Engine:
    if request.param == "pool":
        return Pool(2)
    cluster: LocalCluster = request.getfixturevalue("cluster")
    wait_until(lambda: all(nanny.status.name == "running" for nanny in cluster.workers.values()))
    return Dask(Client(cluster.scheduler_address), cluster.scheduler_address)


@pytest.fixture
def jobs(tmp_path: Path) -> Jobs:
    (tmp_path / "begun").mkdir()
    (tmp_path / "journals").mkdir()
    return Jobs(str(tmp_path / "begun"))


def _rows(items: list[str], jobs: Jobs, engine: Engine, limits: Limits, retries: int = 1) -> dict[str, Row]:
    job = Job(jobs.make, jobs.blank, limits, retries, str(Path(jobs.begun).parent / "journals"))
    rows = [row for step in drive(items, job, engine) for row in step.rows]
    assert sorted(row.series for row in rows) == sorted(items)
    return {row.series: row for row in rows}


def _made(rows: dict[str, Row]) -> set[str]:
    return {name for name, row in rows.items() if row.status is Status.MADE}


def test_each_ends_in_its_row(jobs: Jobs, engine: Engine) -> None:
    rows = _rows([*GOOD, "flaky", "refused", "down"], jobs, engine, Limits())
    assert _made(rows) == {*GOOD, "flaky"}
    assert (rows["refused"].fault, rows["down"].fault) == ("NoPixels", "Busy")
    assert (rows["flaky"].attempts, rows["down"].attempts, rows["refused"].attempts) == (2, 2, 1)
    assert all(jobs.starts(name) == 1 for name in GOOD)


def test_what_kills_its_worker_costs_no_other(jobs: Jobs, engine: Engine) -> None:
    rows = _rows([*GOOD[:5], "poison-1", *GOOD[5:], "poison-2"], jobs, engine, Limits())
    assert _made(rows) == set(GOOD)
    for name in ("poison-1", "poison-2"):
        assert (rows[name].status, rows[name].fault) == (Status.KILLED, "WorkerDied")
        assert jobs.starts(name) == 2
    assert all(jobs.starts(name) <= 5 for name in GOOD)


@pytest.mark.parametrize("name", ["hang", "locked"])
def test_what_takes_too_long_is_ended(jobs: Jobs, engine: Engine, name: str) -> None:
    rows = _rows([*GOOD[:3], name, *GOOD[3:8]], jobs, engine, Limits(seconds=2.0), retries=0)
    assert _made(rows) == set(GOOD[:8])
    assert (rows[name].status, rows[name].fault) == (Status.TIMED_OUT, "SeriesTimedOut")
    assert (" 2 s" in rows[name].words, jobs.starts(name)) == (True, 1)


def test_what_eats_memory_is_ended(jobs: Jobs, engine: Engine) -> None:
    rows = _rows([*GOOD[:3], "big", *GOOD[3:8]], jobs, engine, Limits(memory=GIB // 2))
    assert _made(rows) == set(GOOD[:8])
    assert (rows["big"].status, rows["big"].fault) == (Status.KILLED, "OutOfMemory")
    assert "0.5 GiB" in rows["big"].words
    assert jobs.starts("big") == 2


def test_a_worker_that_is_killed_from_outside_costs_nothing(jobs: Jobs, engine: Engine) -> None:
    def kill() -> None:
        while not jobs.starts("waits"):
            sleep(0.01)
        os.kill(int(Path(jobs.begun, "waits").read_text().split()[0]), signal.SIGKILL)
        Path(jobs.begun, "go").touch()

    killer = Thread(target=kill)
    killer.start()
    rows = _rows([*GOOD[:10], "waits", *GOOD[10:]], jobs, engine, Limits())
    killer.join()
    assert _made(rows) == {*GOOD, "waits"}
    assert jobs.starts("waits") == 2


def test_who_stops_listening_ends_all_workers(jobs: Jobs) -> None:
    job = Job(jobs.make, jobs.blank, Limits(), 1, str(Path(jobs.begun).parent / "journals"))
    steps = drive([*GOOD, "hang-1", "hang-2"], job, Pool(2))
    while not (jobs.starts("hang-1") and jobs.starts("hang-2")):
        next(steps)
    steps.close()
    assert [pid for pid in jobs.workers() if Path(f"/proc/{pid}").exists()] == []


class _OfAnother(Executor):
    """A pool of another library: it breaks as that of the standard library does, and is not of its class."""

    def __init__(self) -> None:
        self.pool = ProcessPoolExecutor(2, get_context("spawn"))

    def submit(self, call: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        return self.pool.submit(call, *args, **named)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self.pool.shutdown(wait, cancel_futures=cancel_futures)


@pytest.mark.parametrize("journals", [True, False])
@pytest.mark.parametrize("make", [_OfAnother, lambda: _OfAnother().pool])
def test_a_pool_that_breaks_is_made_again_whoever_made_it(
    jobs: Jobs, make: Callable[[], Executor], journals: bool
) -> None:
    folder = str(Path(jobs.begun).parent / "journals") if journals else None
    items = [*GOOD[:5], "poison", *GOOD[5:8]]
    steps = drive(items, Job(jobs.make, jobs.blank, Limits(), 1, folder), Given(make(), 2, make))
    rows = {row.series: row for step in steps for row in step.rows}
    assert rows.keys() == set(items)
    assert _made(rows) == set(GOOD[:8])
    assert (rows["poison"].status, jobs.starts("poison")) == (Status.KILLED, 2)


def test_nothing_more_is_begun_by_a_pool_of_ones_own_when_nobody_listens(jobs: Jobs) -> None:
    folder = Path(jobs.begun).parent / "journals"
    with ThreadPoolExecutor(2) as executor:
        steps = drive(
            ["waits", *GOOD], Job(jobs.make, jobs.blank, Limits(), 1, str(folder)), Given(executor, 2, None)
        )
        while not jobs.starts("waits"):
            next(steps)
        steps.close()
        shutil.rmtree(folder)
        begun = {name for name in GOOD if jobs.starts(name)}
        Path(jobs.begun, "go").touch()
    assert len({name for name in GOOD if jobs.starts(name)} - begun) <= 1  # what was just being begun


def test_it_is_told_that_a_cluster_has_no_workers(jobs: Jobs) -> None:
    with local_cluster(0) as cluster:
        engine = Dask(Client(cluster.scheduler_address), cluster.scheduler_address)
        folder = str(Path(jobs.begun).parent / "journals")
        steps = drive(GOOD[:3], Job(jobs.make, jobs.blank, Limits(), 1, folder), engine)
        assert next(steps) == Step((), (), workers=0)
        cluster.scale(1)
        rows = {row.series: row for step in steps for row in step.rows}
    assert _made(rows) == set(GOOD[:3])


def test_a_scheduler_that_goes_ends_the_work(jobs: Jobs) -> None:
    with local_cluster(1) as cluster:
        engine = Dask(Client(cluster.scheduler_address), cluster.scheduler_address)
        folder = str(Path(jobs.begun).parent / "journals")
        steps = drive(["waits"], Job(jobs.make, jobs.blank, Limits(), 1, folder), engine)
        while not jobs.starts("waits"):
            next(steps)
    with pytest.raises(SchedulerLost):
        for _ in steps:
            pass


def test_a_scheduler_that_has_just_gone_is_lost_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client takes it for running until it hears nothing more."""

    def nthreads(_: Client) -> None:
        raise OSError("Timed out trying to connect")

    monkeypatch.setattr(Client, "nthreads", nthreads)
    with local_cluster(1) as cluster:
        engine = Dask(Client(cluster.scheduler_address), cluster.scheduler_address)
        with pytest.raises(SchedulerLost):
            _ = engine.workers
        engine.close()


class _AtOnce:
    """An engine that does a call when it is told to, and counts those that wait."""

    workers = 4

    def __init__(self) -> None:
        self.waiting: list[tuple[Future[Any], Callable[[], Any]]] = []
        self.most = 0

    def submit(self, call: Callable[[], Any]) -> Future[Any]:
        future: Future[Any] = Future()
        self.waiting.append((future, call))
        self.most = max(self.most, len(self.waiting))
        return future

    def finish_one(self) -> None:
        future, call = self.waiting.pop(0)
        future.set_result(call())

    def renew(self) -> None: ...

    def calm_down(self) -> None: ...

    def close(self) -> None:
        while self.waiting:
            self.finish_one()


def test_of_a_hundred_thousand_only_what_is_in_flight_is_submitted() -> None:
    def make(item: int) -> Outcome:
        return Outcome(Row(str(item), None, "", "", Status.MADE))

    def blank(item: int) -> Row:
        return Row(str(item), None, "", "", Status.FAILED)

    engine = _AtOnce()
    rows = 0
    for step in drive(range(100_000), Job(make, blank, Limits(), 0, None), engine):
        rows += len(step.rows)
        if engine.waiting:
            engine.finish_one()
    assert rows == 100_000
    assert engine.most == 2 * engine.workers
