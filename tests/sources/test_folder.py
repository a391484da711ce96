"""Headers and pixels by ranges: what is learned of an object is the same however its bytes come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from threading import Lock

import numpy as np
import pytest
from attrs import define, field
from pydicom.uid import MediaStorageDirectoryStorage
from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.objects import NotDicom
from dicom_series_preview.core.faults.storage import (
    AccessDenied,
    Busy,
    Changed,
    CredentialsRefused,
    CutShort,
    NoBucket,
    NotFound,
    StoreFailed,
    StoreFault,
    TimedOut,
    WrongRegion,
)
from dicom_series_preview.core.header.instance import Instance
from dicom_series_preview.core.header.readahead import FIRST_GUESS
from dicom_series_preview.core.order.stacks import order
from dicom_series_preview.core.show.tile import Decoded
from dicom_series_preview.core.storage.entries import Chunk, Entry
from dicom_series_preview.shell.progress import Counter
from dicom_series_preview.shell.sources.folder import FolderSource
from dicom_series_preview.shell.sources.header_reader import HeaderReader
from dicom_series_preview.shell.storage.locate import Located
from dicom_series_preview.shell.storage.store import Network
from tests.header.test_made_headers import DEFLATED_ONES, WITH_PIXELS, WITHOUT_PIXELS
from tests.support.dicom import default_pixels, make_object
from tests.support.headers import instance_of

# A cut value is remarked on, and then not used.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:pydicom")

EXPLICIT, DEFLATED = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99"


@define
class Memory:
    """A store that holds objects in memory and remembers what was read of them."""

    objects: Mapping[str, bytes]
    listing_tells_sizes: bool = True
    answers_tell_sizes: bool = True
    faults: Mapping[str, StoreFault] = field(factory=dict)
    asked: list[tuple[str, int, int | None]] = field(factory=list)
    place: str = "memory:"
    version: str | None = None
    _lock: Lock = field(factory=Lock)

    def pages(self, folder: str) -> Iterator[Result[tuple[Entry, ...], StoreFault]]:
        assert folder == "series"
        for name, data in self.objects.items():
            yield Success((Entry(name, len(data) if self.listing_tells_sizes else None),))

    def read(self, name: str, start: int, stop: int | None) -> Result[Chunk, StoreFault]:
        name = name.removeprefix("series/")
        with self._lock:
            self.asked.append((name, start, stop))
        if name in self.faults:
            return Failure(self.faults[name])
        data = self.objects[name]
        return Success(Chunk(data[start:stop], len(data) if self.answers_tell_sizes else None, self.version))

    def names(self, prefix: str) -> Iterator[Result[tuple[str, ...], StoreFault]]:
        raise NotImplementedError


def source_of(
    store: Memory, threads: int = 1, held_limit: int = 1 << 20, guess: int = FIRST_GUESS
) -> FolderSource:
    source = FolderSource(Located(store, "series", "series", "memory:"), threads, Counter(), held_limit)
    source.reader = HeaderReader(source.stored, guess)
    return source


def instances_of(source: FolderSource) -> dict[str, Instance]:
    headers = source.headers().unwrap()
    assert (headers.foreign, headers.failed) == ((), ())
    return {instance.name: instance for instance in headers.made}


def expected_of(name: str, data: bytes) -> Instance:
    """What the whole object says."""
    return instance_of(name, data)


OBJECTS = {
    **WITH_PIXELS,
    **DEFLATED_ONES,
    **{f"{name}, bare": data for name, data in WITHOUT_PIXELS.items()},
}
TELLING = pytest.mark.parametrize(
    ("listing", "answers"), [(True, True), (True, False), (False, True), (False, False)]
)


@TELLING
@pytest.mark.parametrize("guess", [1, 50, 131, 132, 133, 145, 400, 701, 5120, 1 << 20])
def test_headers_read_in_pieces_are_those_of_the_whole_objects(
    guess: int, listing: bool, answers: bool
) -> None:
    for name, data in OBJECTS.items():
        store = Memory({name: data}, listing, answers)  # alone: what one needed would be the next one's guess
        found = instances_of(source_of(store, guess=guess))[name]
        expected = expected_of(name, data)
        if found.size is not None:
            assert found == expected, name
        else:  # nobody told the size, and the header was whole before the end
            assert (found.pixels, found.frames, found.sop_instance_uid) == (
                expected.pixels,
                expected.frames,
                expected.sop_instance_uid,
            ), name


@TELLING
@pytest.mark.parametrize("guess", [1, 300, 5120])
def test_no_byte_is_asked_for_twice_and_none_behind_the_end(guess: int, listing: bool, answers: bool) -> None:
    for name, data in OBJECTS.items():
        store = Memory({name: data}, listing, answers)
        source_of(store, guess=guess).headers().unwrap()
        ranges = [(start, stop) for asked, start, stop in store.asked if asked == name]
        assert ranges[0][0] == 0
        assert all(before[1] == after[0] for before, after in pairwise(ranges))
        if listing:
            assert all(stop is not None and stop <= len(data) for _, stop in ranges)


def test_one_request_where_the_first_guess_is_enough() -> None:
    objects = {str(i): make_object(position=(0, 0, i)) for i in range(20)}
    store = Memory(objects)
    instances_of(source_of(store, threads=4))
    assert sorted(name for name, _, _ in store.asked) == sorted(objects)


def test_what_one_header_needed_is_the_guess_for_the_next() -> None:
    objects = {
        str(i): make_object(position=(0, 0, i), extra={0x00091010: ("OB", b"\1" * 30_000)}) for i in range(20)
    }
    store = Memory(objects)
    instances_of(source_of(store))
    assert len(store.asked) <= len(objects) + 1
    assert store.asked[-1] == ("19", 0, len(objects["19"]))


def pixels_of(source: FolderSource) -> list[Decoded]:
    slices = order(list(instances_of(source).values())).slices
    return [source.picture(slice_, None).unwrap().values for slice_ in slices]


@pytest.mark.parametrize("syntax", [EXPLICIT, DEFLATED])
def test_what_came_with_the_headers_is_not_asked_for_again(syntax: str) -> None:
    objects = {str(i): make_object(position=(0, 0, -i), transfer_syntax=syntax) for i in range(5)}
    store = Memory(objects)
    assert all(np.array_equal(picture, default_pixels()) for picture in pixels_of(source_of(store)))
    assert len(store.asked) == len(objects)


@pytest.mark.parametrize("syntax", [EXPLICIT, DEFLATED])
def test_what_there_was_no_room_for_is_asked_for_once_more(syntax: str) -> None:
    objects = {str(i): make_object(position=(0, 0, -i), transfer_syntax=syntax) for i in range(5)}
    store = Memory(objects)
    held_limit = max(len(data) for data in objects.values()) * 2 + 500
    pictures = pixels_of(source_of(store, held_limit=held_limit))
    assert all(np.array_equal(picture, default_pixels()) for picture in pictures)
    held = 10 - len(store.asked)
    assert 1 <= held <= 4


def test_only_the_bytes_of_the_frame_are_asked_for() -> None:
    frames = np.arange(10 * 64 * 64, dtype=np.uint16).reshape(10, 64, 64)
    data = make_object(pixels=frames)
    store = Memory({"one": data})
    source = source_of(store)
    (instance,) = instances_of(source).values()
    slices = order([instance]).slices
    assert len(slices) == 10
    store.asked.clear()
    assert np.array_equal(source.picture(slices[7], None).unwrap().values, frames[7])
    end = len(data) - 2 * 64 * 64 * 2
    assert store.asked == [("one", end - 64 * 64 * 2, end)]


def directory() -> bytes:
    uid = MediaStorageDirectoryStorage.encode() + b"\0"
    element = b"\x02\x00\x02\x00UI" + len(uid).to_bytes(2, "little") + uid
    return b"\0" * 128 + b"DICM" + element + b"\x04\x00\x00\x12UL\x04\x00\x01\x00\x00\x00" * 200


FOREIGN = {
    "empty": b"",
    "DICOMDIR": directory(),
    ".hidden": b"junk",
    "sub/readme.txt": b"Please read me. " * 100,
    "picture.png": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 10,
    "one byte": b"\0",
    "zeros": bytes(10_000),
}


def test_what_is_no_dicom_is_passed_over() -> None:
    store = Memory({**FOREIGN, "one": make_object()})
    headers = source_of(store, threads=3).headers().unwrap()
    assert [instance.name for instance in headers.made] == ["one"]
    assert headers.failed == ()
    assert sorted(fault.place for fault in headers.foreign) == sorted(
        f"memory:/series/{name}" for name in FOREIGN
    )
    assert all(fault.reason for fault in headers.foreign)
    assert "empty" not in {name for name, _, _ in store.asked}


def test_what_begins_like_dicom_and_cannot_be_read_is_a_failure() -> None:
    deflated = make_object(transfer_syntax=DEFLATED)[:450]
    headers = source_of(Memory({"b": deflated, "a": make_object()})).headers().unwrap()
    assert [fault.place for fault in headers.failed] == ["memory:/series/b"]
    assert isinstance(headers.failed[0], NotDicom)
    assert "cut short" in headers.failed[0].reason
    too_long = make_object()[:200] + b"\x08\x00\x18\x00UI\xff\x7f" + b"\xfe" * 60
    headers = source_of(Memory({"c": too_long, "a": make_object()})).headers().unwrap()
    assert [fault.place for fault in headers.failed] == ["memory:/series/c"]


@pytest.mark.parametrize(
    "fault",
    [
        NotFound("b"),
        AccessDenied("b", "403"),
        CutShort("b", 9, 5),
        Busy("b", "503 SlowDown"),
        TimedOut("b", 2.0),
        StoreFailed("b", "Too many levels of symbolic links."),
        Changed("b"),
    ],
    ids=lambda fault: type(fault).__name__,
)
def test_a_fault_of_one_object_is_gathered(fault: StoreFault) -> None:
    store = Memory({"a": make_object(), "b": make_object()}, faults={"b": fault})
    headers = source_of(store).headers().unwrap()
    assert headers.failed == (fault,)
    assert len(headers.made) == 1


@pytest.mark.parametrize(
    "fault",
    [NoBucket("b"), CredentialsRefused("b", "403", ""), WrongRegion("b", None)],
    ids=lambda fault: type(fault).__name__,
)
def test_a_fault_of_the_store_alone_ends_the_reading(fault: StoreFault) -> None:
    data = make_object()
    store = Memory({str(i): data for i in range(500)}, faults={"3": fault})
    assert source_of(store).headers().failure() == fault
    assert len(store.asked) < len(store.objects)


def test_a_store_that_is_down_ends_the_reading() -> None:
    data = make_object()
    faults = {str(i): Busy("b", "503 SlowDown") for i in range(4, 9000)}
    store = Memory({str(i): data for i in range(9000)}, faults=faults)
    assert source_of(store).headers().failure() == Busy("b", "503 SlowDown")
    assert len(store.asked) < len(store.objects)


def test_an_object_that_changes_while_it_is_read_is_refused() -> None:
    store = Memory({"a": make_object()})
    store.version = "1"
    source = source_of(store)
    assert is_successful(source.stored.fetch("a", 0, 10))
    store.version = "2"
    assert source.stored.fetch("a", 10, 20).failure() == Changed("memory:/series/a")


def test_progress_is_told_of_every_object() -> None:
    progress = Counter()
    store = Memory({**FOREIGN, "one": make_object(), "two": make_object()})
    FolderSource(Located(store, "series", "series", "memory:"), 1, progress).headers()
    assert (progress.done, progress.expected) == (len(FOREIGN) + 2, len(FOREIGN) + 2)


def test_order_of_arrival_and_threads_do_not_matter() -> None:
    objects = {str(i): make_object(position=(0, 0, i), instance_number=i) for i in range(50)}
    found = instances_of(source_of(Memory(objects)))
    for threads in (2, 16):
        backwards = dict(reversed(objects.items()))
        assert instances_of(source_of(Memory(backwards), threads)) == found


def test_a_folder_on_disk_with_all_there_is_in_folders(tmp_path: Path) -> None:
    """Subfolders, names without an extension, hidden files, and what is no DICOM beside them."""
    from dicom_series_preview.core.ask.roots import parse_root
    from dicom_series_preview.core.ask.series_id import parse_series
    from dicom_series_preview.shell.storage.locate import locate

    objects = {f"A{i}/IM {i:03}#{i}": make_object(position=(0, 0, i), instance_number=i) for i in range(6)}
    for name, data in {**FOREIGN, **objects}.items():
        (tmp_path / "series" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "series" / name).write_bytes(data)
    place = parse_series(str(tmp_path / "series")).unwrap()
    located = locate(place, parse_root(str(tmp_path)).unwrap(), Network()).unwrap()
    headers = FolderSource(located, 4, Counter()).headers().unwrap()
    assert sorted(instance.name for instance in headers.made) == sorted(objects)
    assert headers.failed == ()
    assert len(headers.foreign) == len(FOREIGN)
