"""Many jobs at once: all results, none twice, no more threads than allowed, and no waiting for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from dicom_series_preview.core.faults.fault import Stalled, Unfinished
from dicom_series_preview.shell.progress import Counter
from dicom_series_preview.shell.workers import run_all, watch


def square(number: int) -> int:
    return number * number


@pytest.mark.parametrize("threads", [1, 2, 7, 200])
@pytest.mark.parametrize("count", [0, 1, 100])
def test_every_job_gives_its_result_once(threads: int, count: int) -> None:
    jobs = (partial(square, number) for number in range(count))
    assert sorted(run_all(jobs, threads)) == [square(number) for number in range(count)]


def test_so_many_jobs_run_at_once_and_no_more() -> None:
    together = threading.Barrier(5)  # breaks unless five jobs wait at it at the same time
    running, most, lock = 0, 0, threading.Lock()

    def job() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        together.wait(timeout=30)
        with lock:
            running -= 1

    list(run_all([job] * 20, 5))
    assert most == 5


def test_results_are_read_while_jobs_are_still_being_found() -> None:
    seen = threading.Event()

    def jobs() -> Iterator[Callable[[], int]]:
        yield partial(square, 3)
        assert seen.wait(timeout=30)
        yield partial(square, 4)

    results = run_all(jobs(), 2)
    assert next(results) == 9
    seen.set()
    assert list(results) == [16]


def test_no_job_is_begun_after_the_reader_has_gone() -> None:
    begun: list[int] = []
    go = threading.Event()

    def job(number: int) -> None:
        begun.append(number)
        if number:
            assert go.wait(timeout=30)

    results = run_all((partial(job, number) for number in range(1000)), 2)
    next(results)
    results.close()  # type: ignore[attr-defined]  # a generator
    go.set()
    assert len(begun) < 10


@pytest.mark.parametrize("threads", [1, 4])
def test_a_defect_comes_to_the_reader(threads: int) -> None:
    def bad() -> int:
        raise ZeroDivisionError("a defect")

    jobs: list[Callable[[], int]] = [bad, *(partial(square, number) for number in range(10))]
    with pytest.raises(ZeroDivisionError, match="a defect"):
        list(run_all(jobs, threads))


def test_a_defect_in_the_jobs_themselves_comes_to_the_reader() -> None:
    def jobs() -> Iterator[Callable[[], int]]:
        yield partial(square, 1)
        raise ZeroDivisionError("a listing's defect")

    with pytest.raises(ZeroDivisionError, match="listing"):
        list(run_all(jobs(), 3))


def test_a_watched_job_runs_elsewhere_and_gives_its_result() -> None:
    assert watch(threading.get_ident, Counter(), 60.0).unwrap() != threading.get_ident()


def test_a_defect_of_a_watched_job_comes_to_the_watcher() -> None:
    def bad() -> int:
        raise ZeroDivisionError("a defect")

    with pytest.raises(ZeroDivisionError, match="a defect"):
        watch(bad, Counter(), 60.0)


class _Looked(Counter):
    """Lets a job end when it was looked at five times; `happens` tells whether something did, each time."""

    def __init__(self, *, happens: bool) -> None:
        self._happens, self._looks, self.end = happens, 0, threading.Event()
        super().__init__()

    @property
    def latest(self) -> float:
        self._looks += 1
        if self._looks == 5:
            self.end.set()
        return float(self._looks) if self._happens else 0.0

    @latest.setter
    def latest(self, when: float) -> None:
        """Only looks count."""


def test_a_network_that_brings_nothing_is_given_up() -> None:
    end, progress = threading.Event(), Counter()
    with progress.waiting():
        watched = watch(end.wait, progress, stall_seconds=0.2)
    end.set()
    assert watched.failure() == Stalled(0.2)


def test_a_network_that_brings_something_is_waited_for() -> None:
    progress = _Looked(happens=True)
    with progress.waiting():
        assert watch(lambda: progress.end.wait(timeout=30), progress, stall_seconds=1e-9).unwrap()


def test_work_is_no_network_and_waited_for_longer() -> None:
    """A decoder may take its time."""
    progress = _Looked(happens=False)
    assert watch(lambda: progress.end.wait(timeout=30), progress, stall_seconds=1e-9).unwrap()


def test_work_that_finishes_nothing_is_given_up_and_told_as_that() -> None:
    end = threading.Event()
    watched = watch(end.wait, Counter(), stall_seconds=1e-9, longest_work=0.2)
    end.set()
    assert watched.failure() == Unfinished(0.2)
