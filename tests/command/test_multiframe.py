"""What a preview of one large object asks of its server: the header, the chosen frames and nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydicom.uid import ExplicitVRLittleEndian, RLELossless

from tests.command.here import run
from tests.support.bucket import Content
from tests.support.dicom import OffsetTable, encode_frame, make_object, uuid_for
from tests.support.s3server import Server, serve

FRAMES = 200
CHOSEN = tuple((2 * i * (FRAMES - 1) + 35) // 70 for i in range(36))  # i (n - 1) / 35, halves up
HEADER = 5 * 1024  # bytes that are asked for when nothing is known
TABLE = 8 + 4 * FRAMES  # bytes of a Basic Offset Table with its head (PS3.5 A.4)
SERIES = uuid_for("frames")
NAME = f"{SERIES}/{uuid_for('frames/0')}.dcm"


WINDOW = ("--window-center", "100", "--window-width", "200")


def _pixels() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Noise, so that frames do not become smaller by compression."""
    return np.random.default_rng(1).integers(0, 200, (FRAMES, 64, 64)).astype(np.uint8)


def _stored(frame: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> int:
    """Bytes of a compressed frame with the head of its item (PS3.5 A.4)."""
    length = len(encode_frame(frame, RLELossless))
    return 8 + length + length % 2


def _preview(server: Server, folder: Path, *more: str) -> None:
    env = {"AWS_ENDPOINT_URL": server.endpoint}
    ran = run(SERIES, folder / "out.webp", "--root", "s3://bucket", *WINDOW, *more, env=env)
    assert (ran.status, ran.err) == (0, "")


def _ranges(content: Content, folder: Path, *more: str) -> list[tuple[int, int]]:
    """The byte ranges that were asked for, in order; whatever else was asked for is one listing."""
    with serve(content) as server:
        _preview(server, folder, *more)
        gets = [one for one in server.requests if one.kind == "get"]
        counts = server.counts
    assert (counts.lists, counts.heads) == (1, 0)
    ranges = [(one.start, one.stop) for one in gets if one.start is not None and one.stop is not None]
    assert len(ranges) == len(gets)
    return sorted((start, stop) for start, stop in ranges)


def _size(ranges: list[tuple[int, int]]) -> int:
    return sum(stop - start for start, stop in ranges)


def test_native_frames_cost_their_own_bytes(tmp_path: Path) -> None:
    pixels = _pixels()
    data = make_object(pixels=pixels, transfer_syntax=ExplicitVRLittleEndian)
    begin, length = len(data) - pixels.nbytes, pixels[0].nbytes
    frames = [(begin + frame * length, begin + (frame + 1) * length) for frame in CHOSEN]
    assert _ranges({NAME: data}, tmp_path) == sorted([(0, HEADER), *frames])


def test_an_object_of_2_gb_costs_its_header_and_36_frames(tmp_path: Path) -> None:
    count, length = 4096, 512 * 512 * 2
    one = np.zeros((1, 512, 512), np.uint16)
    small = make_object(pixels=one, transfer_syntax=ExplicitVRLittleEndian, NumberOfFrames=count)
    head = small[: -length - 4] + (count * length).to_bytes(4, "little")
    path = tmp_path / "bucket" / NAME
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:  # all but the header is a hole
        file.write(head)
        file.truncate(len(head) + count * length)
    ranges = _ranges(tmp_path / "bucket", tmp_path)
    assert len(ranges) == 1 + 36
    assert _size(ranges) == HEADER + 36 * length


@pytest.mark.parametrize("table", ["basic", "extended"])
def test_compressed_frames_cost_their_own_bytes_and_a_table_once(tmp_path: Path, table: OffsetTable) -> None:
    pixels = _pixels()
    data = make_object(pixels=pixels, transfer_syntax=RLELossless, offset_table=table)
    ranges = _ranges({NAME: data}, tmp_path)
    frames = sum(_stored(pixels[frame]) for frame in CHOSEN)
    read = {"basic": 1, "extended": 0}[table]  # an extended table lies in the header
    assert len(ranges) == 1 + read + 36
    assert frames <= _size(ranges) - HEADER <= frames + read * (TABLE + 16) + 8  # heads, and the delimiter


def test_without_a_table_the_object_is_walked_through_once(tmp_path: Path) -> None:
    pixels = _pixels()
    data = make_object(pixels=pixels, transfer_syntax=RLELossless, offset_table="empty")
    ranges = _ranges({NAME: data}, tmp_path)
    frames = sum(_stored(pixels[frame]) for frame in CHOSEN)
    assert _size(ranges) <= HEADER + len(data) + frames


def test_without_a_table_one_frame_is_searched_only_as_far_as_it_lies(tmp_path: Path) -> None:
    pixels = np.concatenate([_pixels()] * 2)
    data = make_object(pixels=pixels, transfer_syntax=RLELossless, offset_table="empty")
    ranges = _ranges({NAME: data}, tmp_path, "--position", "0")
    assert _size(ranges) < len(data) / 3


def test_damage_behind_the_frames_that_are_shown_does_not_concern_them(tmp_path: Path) -> None:
    pixels = _pixels()
    data = make_object(pixels=pixels, transfer_syntax=RLELossless, offset_table="empty")
    with serve({NAME: data[: len(data) // 2]}) as server:
        env = {"AWS_ENDPOINT_URL": server.endpoint}
        ran = run(SERIES, tmp_path / "out.webp", "--root", "s3://bucket", *WINDOW, env=env)
    assert ran.status == 0
    # Those that begin in the second half are gone: a warning for each, and no more.
    lost = [line for line in ran.messages if "black tile" in line]
    assert 0 < len(lost) < 36
    assert ran.messages == lost
