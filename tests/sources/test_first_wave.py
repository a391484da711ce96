"""Headers of one series are about as long as one another: few are asked for twice."""

from __future__ import annotations

import threading
from collections import Counter as Count
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import field, frozen
from returns.result import Failure, Result, Success

from dicom_series_preview import Options, preview
from dicom_series_preview.core.faults.storage import NotFound, StoreFault
from dicom_series_preview.core.storage.entries import Chunk, Entry
from dicom_series_preview.shell.progress import Counter
from dicom_series_preview.shell.sources.folder import FolderSource
from dicom_series_preview.shell.storage.locate import Located
from tests.support.dicom import make_object


@frozen
class Counting:
    """A store that counts what it is asked; `missing` objects are listed, and gone when they are read."""

    objects: dict[str, bytes]
    missing: frozenset[str] = frozenset()
    asked: Count[str] = field(factory=Count)
    place: str = "memory:"

    def pages(self, _folder: str) -> Iterator[Result[tuple[Entry, ...], StoreFault]]:
        """All objects at once."""
        yield Success(tuple(Entry(name, len(data)) for name, data in self.objects.items()))

    def read(self, name: str, start: int, stop: int | None) -> Result[Chunk, StoreFault]:
        """A range of an object."""
        own = name.removeprefix("series/")
        self.asked[own] += 1
        if own in self.missing:
            return Failure(NotFound(own))
        return Success(Chunk(self.objects[own][start:stop], len(self.objects[own])))

    def names(self, prefix: str) -> Iterator[Result[tuple[str, ...], StoreFault]]:
        """Nobody looks for it."""
        raise NotImplementedError


def _long(n: int, length: int) -> dict[str, bytes]:
    private = {0x00091010: ("OB", b"\1" * length)}
    return {
        f"{i:03}.dcm": make_object(instance_number=i + 1, position=(0, 0, i), extra=private) for i in range(n)
    }


def _headers(store: Counting) -> int:
    source = FolderSource(Located(store, "series", "series", "memory:"), 64, Counter())
    return len(source.headers().unwrap().made)


@pytest.mark.parametrize(("n", "length"), [(12, 130_000), (40, 78_000), (1, 130_000), (3, 130_000)])
def test_long_headers_are_asked_for_once_but_for_the_first(n: int, length: int) -> None:
    store = Counting(_long(n, length))
    assert _headers(store) == n
    assert sum(store.asked.values()) <= n + 8


def test_the_others_do_not_wait_for_ever_for_what_cannot_be_read() -> None:
    made = _long(12, 130_000)
    store = Counting(made, frozenset(sorted(made)[:8]))
    assert _headers(store) == 4


def test_a_file_of_this_machine_needs_no_threads_that_find_nothing_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[threading.Thread] = []
    start = threading.Thread.start

    def counted(thread: threading.Thread) -> None:
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", counted)
    (tmp_path / "one.dcm").write_bytes(make_object())
    assert preview(Options(str(tmp_path))).unwrap().tiles
    few = len(started)
    for thread in started:
        thread.join()
    assert few <= 7  # the run's own; for headers, pixels and tiles one each, and one that finds nothing left
    for name, data in _long(60, 10).items():
        (tmp_path / name).write_bytes(data)
    assert preview(Options(str(tmp_path))).unwrap().tiles
    assert len(started) - few <= 1 + 8 + 8 + 8  # headers, pixels, and tiles that waited for their window
