"""What is under way is counted from many threads, and shown on a terminal alone."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import pytest

from dicom_series_preview.shell.progress import Counter, progress_bar


def test_nothing_is_lost_between_threads() -> None:
    counter = Counter()
    counter.phase("headers")
    counter.expect(2000)
    with ThreadPoolExecutor(8) as pool:
        for _ in range(2000):
            pool.submit(counter.advance)
            pool.submit(counter.arrived, 3)
    assert (counter.done, counter.expected, counter.received) == (2000, 2000, 6000)


def test_a_phase_begins_afresh_and_bytes_go_on() -> None:
    counter = Counter()
    counter.expect(5)
    counter.advance()
    counter.arrived(7)
    counter.phase("pixels")
    assert (counter.done, counter.expected, counter.received) == (0, 0, 7)


@pytest.mark.parametrize("what", ["phase", "expect", "advance", "arrived", "waiting", "waited"])
def test_everything_that_happens_is_a_sign_of_life(what: str) -> None:
    counter = Counter()
    waiting = counter.waiting()
    if what == "waited":
        waiting.__enter__()
    counter.latest = before = monotonic() - 100
    calls: dict[str, Callable[[], object]] = {
        "phase": lambda: counter.phase("x"),
        "expect": lambda: counter.expect(1),
        "advance": counter.advance,
        "arrived": lambda: counter.arrived(1),
        "waiting": waiting.__enter__,
        "waited": lambda: waiting.__exit__(None, None, None),
    }
    calls[what]()
    assert counter.latest > before + 99


def test_as_long_as_one_thread_waits_for_a_network_it_is_waited_for() -> None:
    counter = Counter()
    seen = [counter.waits]
    with counter.waiting():
        with counter.waiting():
            seen.append(counter.waits)
        seen.append(counter.waits)
    assert [*seen, counter.waits] == [False, True, True, False]


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_no_terminal_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    said = sys.stderr
    with progress_bar(lambda _level, _text: None) as progress:
        progress.phase("headers")
        progress.expect(3)
        progress.advance()
    assert isinstance(said, io.StringIO)
    assert said.getvalue() == ""


def test_a_terminal_sees_steps_and_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    said = _Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(sys, "stderr", said)
    with progress_bar(lambda _level, _text: None) as progress:
        progress.phase("headers")
        progress.expect(1000)
        progress.expect(234)
        for _ in range(17):
            progress.advance()
        progress.arrived(1_234_567)
        sys.stderr.write("a remark in between\n")
    seen = said.getvalue()
    assert "headers" in seen
    assert "17/1234" in seen
    assert "1,234,567 bytes" in seen
    assert "a remark in between" in seen
    assert sys.stderr is said
