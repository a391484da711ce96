"""The laws of the work of a batch: what is done next, whatever becomes of the workers."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from random import Random

from hypothesis import example, given
from hypothesis import strategies as st

from dicom_series_preview.core.batch.retries import (
    Ending,
    GivenUp,
    Step,
    Task,
    Try,
    Work,
    hand_out,
    judge,
    settle,
)
from property_tests.batch_world import INNOCENT, Kind, World

kinds = st.lists(st.sampled_from(Kind), max_size=60).map(tuple) | st.lists(
    st.sampled_from([*[Kind.GOOD] * 20, *Kind]), max_size=300
).map(tuple)

worlds = st.builds(
    World,
    kinds=kinds,
    retries=st.integers(0, 3),
    workers=st.integers(1, 4),
    shared=st.booleans(),
    journals=st.booleans(),
    chance=st.integers(0, 2**32).map(Random),
)

# How each kind ends that is given up, where it is known what was at work.
LAST = {
    Kind.DOWN: Ending.PASSING,
    Kind.HANG: Ending.TIMED_OUT,
    Kind.BIG: Ending.TOO_BIG,
    Kind.POISON: Ending.DIED,
}


def _work(world: World) -> Work:
    return Work(len(world.kinds), world.retries)


@given(worlds, st.integers(0, 5))
def test_every_item_ends_once(world: World, murders: int) -> None:
    """Whatever dies when, each item is done once or given up once, and then all is over."""
    world.murders = murders
    work = world.run(_work(world))
    assert work.is_over
    assert sorted([*world.done, *(one.tried.item for one in world.given_up)]) == list(range(len(world.kinds)))


@given(worlds)
def test_no_innocent_is_blamed_for_a_death(world: World) -> None:
    """What ends no worker is never given up for a death or for its length, in whatever order others die."""
    world.run(_work(world))
    blamed = {one.tried.item for one in world.given_up if one.ending is not Ending.PASSING}
    assert {world.kinds[item] for item in blamed}.isdisjoint(INNOCENT)
    assert {item for item, kind in enumerate(world.kinds) if kind is Kind.POISON} <= blamed


@given(worlds)
@example(World((Kind.POISON,) * 3 + (Kind.HANG, Kind.BIG, Kind.DOWN), 1, 2, True, True, Random(0)))
def test_the_reason_is_true_where_workers_write_down_what_they_are_at(world: World) -> None:
    """Each item that spoils its worker is given up for that reason; one that meets faults, for those."""
    world.journals = True
    world.run(_work(world))
    told = {one.tried.item: one.ending for one in world.given_up}
    expected = {item: LAST[kind] for item, kind in enumerate(world.kinds) if kind in LAST}
    flaky = {i: e for i, e in told.items() if world.kinds[i] is Kind.FLAKY}
    assert {item: ending for item, ending in told.items() if item not in flaky} == expected
    # One fault is one too many only where nothing is tried again, or where a death has used up its tries.
    assert set(flaky.values()) <= {Ending.PASSING}
    assert world.retries < 2 or not flaky


@given(worlds, st.integers(0, 5))
def test_starts_are_bounded(world: World, murders: int) -> None:
    """An item is begun at most twice more than it may be tried again, and once for each that took it along."""
    world.murders = murders
    world.run(_work(world))
    most = world.retries + 2
    assert all(world.begun[item] <= most + world.cut[item] for item in world.begun)
    assert all(1 <= one.tried.attempts <= most for one in world.given_up)
    guilty = sum(kind not in INNOCENT for kind in world.kinds)
    assert world.deaths <= guilty * most + murders


@given(worlds, st.integers(0, 5))
def test_workers_have_enough_to_do_and_no_more(world: World, murders: int) -> None:
    """Two tasks a worker at most, of 32 items at most; nothing beside a suspect, which is a task of its own."""
    world.murders = murders
    world.run(_work(world))
    assert world.most_flying <= 2 * world.workers
    assert all(1 <= len(task.tries) <= 32 for task in world.handed)
    assert all(len(task.tries) == 1 for task in world.handed if task.alone)
    assert world.beside_alone == 0
    assert [task.number for task in world.handed] == list(range(len(world.handed)))


@given(worlds)
def test_what_failed_in_passing_waits_for_all_others(world: World) -> None:
    """Nothing is tried again before all has been tried once."""
    world.run(_work(world))
    assert world.early == 0


@given(st.integers(1, 3000), st.integers(1, 8))
def test_tasks_grow_smaller_at_the_end(total: int, workers: int) -> None:
    """While nothing fails, each item goes out once, in order, in tasks that only shrink, the last to one.

    The shares are so small that each worker could still have four of them.
    """
    work, sizes, items = Work(total, 2), list[int](), list[int]()
    while True:
        waiting = total - len(items)
        work, tasks = hand_out(work, workers)
        for task in tasks:
            sizes.append(len(task.tries))
            assert sizes[-1] == min(32, max(1, waiting // (4 * workers)))
            waiting -= sizes[-1]
            items += [tried.item for tried in task.tries]
        if not tasks:
            break
        for task in tasks:
            work, _ = settle(work, {task.number: {tried.item: Ending.DONE for tried in task.tries}})
    assert items == list(range(total))
    assert all(one >= other for one, other in pairwise(sizes))
    assert sizes[-1] == 1


@given(st.integers(0, 3000), st.integers(1, 8))
def test_all_workers_have_two_tasks_while_there_are_items(total: int, workers: int) -> None:
    """Nothing is submitted but what is in flight: of a list of any length, two tasks a worker."""
    work, tasks = hand_out(Work(total, 2), workers)
    assert len(tasks) == min(total, 2 * workers)
    assert hand_out(work, workers) == (work, ())


@given(st.integers(1, 200), st.integers(1, 4), st.booleans())
def test_workers_that_begin_nothing_are_given_up(total: int, workers: int, together: bool) -> None:
    """Where all tasks are lost before anything is begun, time and again, no more are handed out: nothing ends."""
    work, rounds, lost = Work(total, 2), 0, 0
    while tasks := hand_out(work, workers)[1]:
        work = hand_out(work, workers)[0]
        rounds += 1
        lost += len(tasks)
        groups = (
            [{task.number: dict[int, Ending]() for task in tasks}]
            if together
            else [{task.number: {task.tries[0].item: Ending.CUT}} for task in tasks]
        )
        for group in groups:
            work, given_up = settle(work, group)
            assert given_up == ()
    assert not work.is_over
    assert work.ready == total
    assert 6 * workers <= lost < 8 * workers


def test_one_thing_done_is_hope() -> None:
    """Workers that end before they begin are told from those that bring something now and then."""
    work, tasks = hand_out(Work(1000, 2), 1)
    for _ in range(20):
        number = min(work.flying)
        items = {work.flying[number].tries[0].item: Ending.DONE} if number % 3 == 0 else {}
        work, _ = settle(work, {number: items})
        work, tasks = hand_out(work, 1)
        assert len(tasks) == 1


@given(st.sampled_from(Ending), st.integers(1, 9), st.integers(0, 9), st.booleans())
def test_one_rule_says_what_comes_next(ending: Ending, attempts: int, retries: int, alone: bool) -> None:
    """The table of endings and steps."""
    table = {
        Ending.DONE: Step.DONE,
        Ending.CUT: Step.BACK,
        Ending.PASSING: Step.AGAIN if retries >= attempts else Step.GIVE_UP,
        Ending.TIMED_OUT: Step.AGAIN if retries >= attempts else Step.GIVE_UP,
        Ending.DIED: Step.GIVE_UP if alone else Step.ALONE,
        Ending.TOO_BIG: Step.GIVE_UP if alone else Step.ALONE,
    }
    assert judge(ending, attempts, retries, alone=alone) is table[ending]


@given(st.lists(st.sampled_from(Ending), min_size=1, max_size=20), st.integers(0, 3))
def test_nothing_is_lost_when_a_task_ends(endings: list[Ending], retries: int) -> None:
    """Each item of a task is afterwards in one place; what was cut is as if it had never been begun."""
    flying = Task(7, tuple(Try(item, item % 3) for item in range(len(endings))), alone=False)
    work = Work(len(endings), retries, begun=len(endings), flying={7: flying}, tasks=8, in_vain=5)
    after, given_up = settle(work, {7: dict(enumerate(endings))})
    places = [after.back, after.again, after.suspects, [one.tried for one in given_up]]
    held = [tried for place in places for tried in place]
    open_items = [item for item, ending in enumerate(endings) if ending is not Ending.DONE]
    assert Counter(tried.item for tried in held) == Counter(open_items)
    for tried in held:
        assert tried.attempts == tried.item % 3 + (endings[tried.item] is not Ending.CUT)
    assert [tried.item for tried in after.back] == [i for i, e in enumerate(endings) if e is Ending.CUT]
    assert after.flying == {}
    assert after.in_vain == (6 if set(endings) == {Ending.CUT} else 0)
    assert {one: endings[one.tried.item] for one in given_up} == {one: one.ending for one in given_up}
    assert all(one.task == 7 for one in given_up)


def test_a_suspect_that_was_cut_is_a_suspect_still() -> None:
    """It comes first among them, and alone again."""
    first, second = Try(0, 1), Try(1, 1)
    work = Work(2, 2, begun=2, suspects=(first, second))
    work, (task,) = hand_out(work, 3)
    assert task == Task(0, (first,), alone=True)
    work, given_up = settle(work, {0: {}})
    assert (work.suspects, given_up) == ((first, second), ())
    work, (task,) = hand_out(work, 3)
    work, given_up = settle(work, {1: {0: Ending.DIED}})
    assert given_up == (GivenUp(Try(0, 2), Ending.DIED, 1),)
    assert hand_out(work, 3)[1] == (Task(2, (second,), alone=True),)
