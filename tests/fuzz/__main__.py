"""Fuzz the command: `python -m tests.fuzz [--headers N] [--pixels N] [--indexes N] [--listings N] [--answers N]
[--seed S] [--only WORD]`.

Objects with damaged headers or pixel data, and damaged index files, are sent through the whole command, damaged
listings and answers of servers through what reads them; each
has to end in a refusal in words or in a picture, within 5 s of computing and 1 GiB.  Cases run in processes of
their own, so that one that ends its process is found too.  A case is named by its kind and number, such as
`headers/4711`: with the same seed and the same objects `--only headers/4711` runs it again.  Exit 1 on finds.
"""

from __future__ import annotations

import argparse
import faulthandler
import multiprocessing
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from multiprocessing.connection import Connection, wait
from pathlib import Path
from random import Random
from typing import Any, Final

from attrs import define, field, frozen

from tests.fuzz.seeds import Seed, made, real

PATIENCE: Final = 5.0  # s of computing for one case
STANDSTILL: Final = 60.0  # s of waiting for one case, on a busy machine too
LIBRARIES: Final = 160 << 20  # bytes that a process holds before it has read anything
MEMORY: Final = (1 << 30) - LIBRARIES  # bytes more for one case
TURN: Final = 1000  # cases for one process
ADDRESSES: Final = 8 << 30  # bytes; what spoils the machine ends the process first

_FORKED: Final = multiprocessing.get_context("fork")


@frozen
class Find:
    """A case that went wrong, and how."""

    case: str
    problem: str
    details: str


@define
class Worker:
    """A process that runs every so-manieth case of a kind."""

    process: Any
    pipe: Connection
    log: Path
    numbers: range
    running: int | None = None
    left: range | None = None
    """What another process is to do, when this one has told that it is done."""
    since: float = field(factory=time.monotonic)


def _peak() -> int:
    """The most memory that this process held since the last reset, in bytes."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024
    except (OSError, IndexError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _reset_peak() -> None:
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return


def _work(kind: str, numbers: range, seed: int, seeds: tuple[Seed, ...], pipe: Connection, log: Path) -> None:
    """In the child: run cases, and tell before and after each."""
    from tests.fuzz.cases import Seeds, run_case

    faulthandler.enable(log.open("w"))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("ignore")
    with_pixels = tuple(one for one in seeds if one.pixels)
    chosen = Seeds(seeds, with_pixels + tuple(one for one in with_pixels if one.compressed) * 3)
    for number in numbers:
        pipe.send(("begin", number))
        _reset_peak()
        before = _peak()
        began = time.process_time()
        try:
            outcome = run_case(kind, Random(f"{seed}/{kind}/{number}"), chosen)
            problem = details = ""
        except BaseException as error:  # noqa: BLE001  whatever it is, it is a find
            outcome, problem, details = (
                "",
                f"{type(error).__name__}: {error}"[:300],
                traceback.format_exc(limit=-20),
            )
        seconds, grown = time.process_time() - began, _peak() - before
        if not problem and seconds > PATIENCE:
            problem = f"{seconds:.1f} s ({outcome})"
        if not problem and grown > MEMORY:
            problem = f"{(grown + LIBRARIES) / (1 << 30):.2f} GiB ({outcome})"
        pipe.send(("end", number, outcome, problem, details))
        done = numbers.index(number) + 1
        if problem or done == TURN:  # what went wrong may go on in a thread; decoders may keep memory
            return pipe.send(("done", numbers[done:]))
    return pipe.send(("done", range(0)))


class Fuzzer:
    """Runs cases on a few processes, and replaces those that end or stand still."""

    def __init__(self, seed: int, seeds: tuple[Seed, ...], folder: Path, jobs: int) -> None:
        self.seed, self.seeds, self.folder, self.jobs = seed, seeds, folder, jobs
        self.finds: list[Find] = []
        self.outcomes: Counter[str] = Counter()
        self.tried_again: set[tuple[str, int]] = set()
        self.done = 0

    def run(self, kind: str, numbers: range) -> None:
        """Run the cases of one kind with these numbers."""
        workers = [self._start(kind, numbers[part :: self.jobs]) for part in range(self.jobs)]
        before, began = self.done, time.monotonic()
        told = began
        while workers:
            for pipe in wait([worker.pipe for worker in workers], timeout=1.0):
                worker = next(one for one in workers if one.pipe is pipe)
                if not self._hear(kind, worker):
                    workers.remove(worker)
                    workers += self._replaced(kind, worker)
            for worker in list(workers):
                if worker.running is not None and _stands_still(worker):
                    worker.process.kill()  # the pipe ends, and it is replaced
            if time.monotonic() - told > 60:
                told = time.monotonic()
                done = self.done - before
                rate = done / (told - began)
                print(f"{kind}: {done} cases, {len(self.finds)} finds, {rate:.0f}/s", flush=True)

    def _start(self, kind: str, numbers: range) -> Worker:
        mine, its = _FORKED.Pipe(duplex=False)
        log = self.folder / f"{kind}-{numbers.start}.log"
        process = _FORKED.Process(
            target=_work, args=(kind, numbers, self.seed, self.seeds, its, log), daemon=True
        )
        process.start()
        its.close()
        return Worker(process, mine, log, numbers)

    def _hear(self, kind: str, worker: Worker) -> bool:
        """Take one message; False when the process has ended or is done."""
        try:
            message = worker.pipe.recv()
        except EOFError:
            return False
        if message[0] == "begin":
            worker.running, worker.since = message[1], time.monotonic()
        elif message[0] == "end":
            _, number, outcome, problem, details = message
            worker.running = None
            self.done += 1
            self.outcomes[f"{kind}: {outcome or 'find'}"] += 1
            if problem:
                self._found(Find(f"{kind}/{number}", problem, details))
        else:
            worker.left = message[1]
            return False
        return True

    def _replaced(self, kind: str, worker: Worker) -> list[Worker]:
        """Another process for what a process that ended has left over."""
        worker.process.join()
        left = worker.left
        if left is None:
            number = worker.numbers.start if worker.running is None else worker.running
            left = worker.numbers[worker.numbers.index(number) :]
            if _stands_still(worker) and (kind, number) not in self.tried_again:
                self.tried_again.add((kind, number))  # it may have been the machine
                return [self._start(kind, left)]
            left = left[1:]
            self._found(Find(f"{kind}/{number}", _end_of(worker), worker.log.read_text(encoding="utf-8")))
        return [self._start(kind, left)] if left else []

    def _found(self, find: Find) -> None:
        self.finds.append(find)
        print(f"--- {find.case} (--seed {self.seed}): {find.problem}\n{find.details}", flush=True)


def _stands_still(worker: Worker) -> bool:
    return time.monotonic() - worker.since > STANDSTILL


def _end_of(worker: Worker) -> str:
    """In words, how a process ended that should not have."""
    if _stands_still(worker):
        return f"stood still for {STANDSTILL:.0f} s"
    status = worker.process.exitcode or 0
    return f"ended its process: {signal.Signals(-status).name if status < 0 else f'status {status}'}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--headers", type=int, default=100_000, help="objects with damaged headers")
    parser.add_argument("--pixels", type=int, default=20_000, help="objects with damaged pixel data")
    parser.add_argument("--indexes", type=int, default=2_000, help="damaged index files")
    parser.add_argument("--listings", type=int, default=20_000, help="damaged listings of web servers and S3")
    parser.add_argument("--answers", type=int, default=10_000, help="damaged answers of web servers")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2, help="processes at once")
    parser.add_argument(
        "--only",
        default="",
        help="one kind (headers, pixels, parquet, listings, answers), or one case (pixels/12)",
    )
    return parser.parse_args()


def main() -> int:
    """Run what the arguments ask for."""
    arguments = _arguments()
    kind_only, _, number = arguments.only.partition("/")
    counts = {
        "headers": arguments.headers,
        "pixels": arguments.pixels,
        "parquet": arguments.indexes,
        "listings": arguments.listings,
        "answers": arguments.answers,
    }
    seeds = (*made(), *(real() if "DSP_TEST_DATA" in os.environ else ()))
    print(f"{len(seeds)} objects, seed {arguments.seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        fuzzer = Fuzzer(arguments.seed, seeds, Path(folder), arguments.jobs)
        for kind, count in counts.items():
            if kind_only in ("", kind):
                fuzzer.run(kind, range(int(number), int(number) + 1) if number else range(count))
    for outcome, times in sorted(fuzzer.outcomes.items()):
        print(f"{times:8d} {outcome}")
    print(f"{fuzzer.done} cases, {len(fuzzer.finds)} finds")
    return 1 if fuzzer.finds else 0


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    sys.exit(main())
