"""Whole processes, measured: seconds, peak memory, and what they asked of a server."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from statistics import median, quantiles

from attrs import define, field, frozen

from tests.support.s3server import Counts, Spawned


@frozen
class Run:
    """One run of a process: wall-clock and processor seconds, peak memory in bytes, and its requests."""

    seconds: float
    cpu: float
    memory: int
    counts: Counts | None


@frozen
class Limit:
    """What a case has to reach.

    Of time at most `floors` x the floor + `extra` seconds, and of the processor's `cpu` x the floor.
    """

    floors: float | None = None
    cpu: float | None = None
    extra: float = 0.0
    memory: int | None = None
    requests: int | None = None
    sent: int | None = None
    lists: int | None = None


@define
class Case:
    """A command that is run several times; `status` is the exit status it should end with."""

    name: str
    command: Sequence[str]
    limit: Limit = field(factory=Limit)
    server: Spawned | None = None
    environment: Mapping[str, str] = field(factory=dict)
    status: int = 0
    rounds: int | None = None
    runs: list[Run] = field(factory=list)

    @property
    def seconds(self) -> float:
        """The median of all runs."""
        return median(run.seconds for run in self.runs)

    @property
    def cpu(self) -> float:
        """The median of the processor's seconds, user and system."""
        return median(run.cpu for run in self.runs)

    @property
    def spread(self) -> float:
        """How far apart the middle half of the runs is, in medians."""
        first, _, third = quantiles([run.seconds for run in self.runs], n=4, method="inclusive")
        return (third - first) / self.seconds

    @property
    def memory(self) -> int:
        """The median of the peaks, bytes."""
        return int(median(run.memory for run in self.runs))


class CaseFailedError(Exception):
    """A command ended otherwise than it should; there is nothing to measure."""


def run_once(case: Case, cold: bool = False) -> None:
    """Run the case once more and note what it took, unless it is `cold` (the first, which fills caches)."""
    if case.server is not None:
        case.server.counts()
    environment = {**os.environ, **case.environment}
    started = time.perf_counter()
    with subprocess.Popen(
        case.command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        said = process.stderr.read() if process.stderr else b""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    if process.returncode != case.status or b"Traceback" in said:
        raise CaseFailedError(
            f"{case.name}: exit status {process.returncode}\n{said.decode(errors='replace')}"
        )
    counts = None if case.server is None else case.server.counts()
    if not cold:
        case.runs.append(Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, counts))


@frozen
class Row:
    """A case in the table, and what of its limit it misses."""

    name: str
    seconds: float
    floors: float
    cpu_floors: float
    limit: float | None  # s
    cpu_limit: float | None  # floors
    memory: int
    requests: int | None
    sent: int | None
    misses: tuple[str, ...]


QUIET = 0.1
"""How far the floor's own runs may spread on a machine that is quiet enough to conclude anything from times."""


def row(case: Case, floor: Case) -> Row:
    """The case's medians against its limit; the last run's requests, as all of them ask the same.

    On a machine that is not quiet no time counts as missed.
    """
    quiet = floor.spread <= QUIET
    counts = case.runs[-1].counts
    requests = None if counts is None else counts.lists + counts.heads + counts.gets
    sent = None if counts is None else counts.bytes_sent
    limit = case.limit
    most = None if limit.floors is None else limit.floors * floor.seconds + limit.extra
    misses = (
        *(["time"] if quiet and most is not None and case.seconds > most else []),
        *(["CPU"] if quiet and limit.cpu is not None and case.cpu > limit.cpu * floor.cpu else []),
        *(["memory"] if limit.memory is not None and case.memory > limit.memory else []),
        *(
            ["requests"]
            if limit.requests is not None and requests is not None and requests > limit.requests
            else []
        ),
        *(["listings"] if limit.lists is not None and counts and counts.lists > limit.lists else []),
        *(["bytes"] if limit.sent is not None and sent is not None and sent > limit.sent else []),
    )
    floors, cpu_floors = case.seconds / floor.seconds, case.cpu / floor.cpu
    return Row(
        case.name, case.seconds, floors, cpu_floors, most, limit.cpu, case.memory, requests, sent, misses
    )
