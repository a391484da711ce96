"""What to do next in a batch, as data: the state of the work, and how it goes on when a task has ended.

An item is the number of a series in the list.  Items go to workers in tasks.  Whatever becomes of a task, each
of its items has an `Ending`, and each ending leads to a `Step`.  Nothing here knows what a worker is.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import Final, assert_never

from attrs import evolve, field, frozen

TASK_SIZE: Final = 32
"""Items in a task at most: fewer tasks cost an engine less, and what is lost with one is still little."""

IN_FLIGHT: Final = 2
"""Tasks a worker: one at work, one waiting, so that no worker waits."""

_MOST_IN_VAIN: Final = 3


class Ending(Enum):
    """How an item left a worker."""

    DONE = auto()
    """Made, or refused for good."""

    PASSING = auto()
    """A fault that another try may not meet."""

    TIMED_OUT = auto()
    """It took longer than it may, and its worker was ended."""

    TOO_BIG = auto()
    """Its worker took more memory than it may, and was ended."""

    DIED = auto()
    """Its worker died while the item was at work, and nothing tells why: it may be the reason, or a victim."""

    CUT = auto()
    """It was not begun, or its worker was ended for the sake of another item."""


class Step(Enum):
    """What comes next for an item."""

    DONE = auto()
    BACK = auto()
    """As if it had never been begun."""
    AGAIN = auto()
    """Once more, after all others."""
    ALONE = auto()
    """Once more, with nothing else at work, so that it is known whose fault another death is."""
    GIVE_UP = auto()


@frozen
class Try:
    """An item, and how often it was begun and came to an end of its own."""

    item: int
    attempts: int = 0


@frozen
class Task:
    """Items that go to one worker, one after the other; nothing else is at work beside one that is `alone`."""

    number: int
    tries: tuple[Try, ...]
    alone: bool


@frozen
class GivenUp:
    """An item that gets no other try: what its last was, how it ended, and in which task."""

    tried: Try
    ending: Ending
    task: int


@frozen
class Work:
    """The state of a batch: what was not begun, what waits, what is at work."""

    total: int
    """Items are numbered from 0 to `total` - 1."""
    retries: int
    """How often an item that met a passing fault is tried again."""
    size: int = TASK_SIZE
    begun: int = 0
    """Items below this number were in a task."""
    back: tuple[Try, ...] = ()
    again: tuple[Try, ...] = ()
    suspects: tuple[Try, ...] = ()
    flying: Mapping[int, Task] = field(factory=dict[int, Task])
    """The tasks that are with the workers, by their numbers."""
    tasks: int = 0
    """How many tasks there were."""
    in_vain: int = 0
    """How many endings of tasks in a row have brought nothing."""

    @property
    def ready(self) -> int:
        """How many items may go to any worker now."""
        return self.total - self.begun + len(self.back)

    @property
    def is_over(self) -> bool:
        """Whether no item is left, neither waiting nor at work."""
        return not (self.ready or self.again or self.suspects or self.flying)


def judge(ending: Ending, attempts: int, retries: int, *, alone: bool) -> Step:
    """What comes next for an item that ended so, in its task alone or not; `attempts` counts this try too.

    A worker that dies takes others along: only who was alone with it is to blame, and that is its second time.
    """
    match ending:
        case Ending.DONE:
            return Step.DONE
        case Ending.CUT:
            return Step.BACK
        case Ending.PASSING | Ending.TIMED_OUT:
            return Step.AGAIN if attempts <= retries else Step.GIVE_UP
        case Ending.DIED | Ending.TOO_BIG:
            return Step.GIVE_UP if alone else Step.ALONE
        case _ as never:
            assert_never(never)


def hand_out(work: Work, workers: int) -> tuple[Work, tuple[Task, ...]]:
    """The tasks to submit now, so many that each worker has two; smaller ones at the end.

    What is to be tried again waits until all else has ended; what is suspected comes last, one by one.  Nothing
    is handed out any more when workers end time and again before they have begun anything.
    """
    tasks: list[Task] = []
    if work.in_vain >= _MOST_IN_VAIN * IN_FLIGHT * workers:
        return work, ()
    if not work.ready and not work.flying:
        work = evolve(work, back=work.again, again=())
        if not work.ready and work.suspects:
            task = Task(work.tasks, work.suspects[:1], alone=True)
            return _submitted(evolve(work, suspects=work.suspects[1:]), task), (task,)
    while work.ready and len(work.flying) < IN_FLIGHT * workers:
        size = max(1, min(work.size, work.ready // (2 * IN_FLIGHT * workers)))
        old, fresh = work.back[:size], max(0, size - len(work.back))
        new = tuple(Try(item) for item in range(work.begun, work.begun + fresh))
        task = Task(work.tasks, old + new, alone=False)
        work = _submitted(evolve(work, back=work.back[size:], begun=work.begun + fresh), task)
        tasks.append(task)
    return work, tuple(tasks)


def settle(work: Work, ended: Mapping[int, Mapping[int, Ending]]) -> tuple[Work, tuple[GivenUp, ...]]:
    """Go on when tasks have ended together: one, or all that were lost at once.

    `ended` gives for the number of each task how its items ended; those it does not name were cut.
    """
    tasks = {number: work.flying[number] for number in ended}
    left: dict[Step, list[Try]] = {step: [] for step in Step}
    suspects: list[Try] = []
    given_up: list[GivenUp] = []
    for number, task in tasks.items():
        for past in task.tries:
            ending = ended[number].get(past.item, Ending.CUT)
            tried = past if ending is Ending.CUT else Try(past.item, past.attempts + 1)
            step = judge(ending, tried.attempts, work.retries, alone=task.alone)
            if step is Step.GIVE_UP:
                given_up.append(GivenUp(tried, ending, number))
            # A suspect that was cut is a suspect still.
            (suspects if step is Step.BACK and task.alone else left[step]).append(tried)
    is_vain = all(ending is Ending.CUT for endings in ended.values() for ending in endings.values())
    return evolve(
        work,
        back=work.back + tuple(left[Step.BACK]),
        again=work.again + tuple(left[Step.AGAIN]),
        suspects=(*suspects, *work.suspects, *left[Step.ALONE]),
        flying={number: task for number, task in work.flying.items() if number not in tasks},
        in_vain=work.in_vain + len(tasks) if is_vain else 0,
    ), tuple(given_up)


def _submitted(work: Work, task: Task) -> Work:
    return evolve(work, flying={**work.flying, task.number: task}, tasks=work.tasks + 1)
