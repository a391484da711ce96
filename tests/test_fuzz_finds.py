"""What `python -m tests.fuzz` found, made by hand and small."""

from __future__ import annotations

import logging
import warnings
from collections import Counter as Tally
from collections.abc import Iterator, Sequence
from pathlib import Path
from struct import pack
from threading import Lock
from time import sleep

import numpy as np
import pytest

from dicom_series_preview.core.ask.options import Options
from dicom_series_preview.core.ask.preview import check_preview
from dicom_series_preview.core.faults.objects import BadPixelModule
from dicom_series_preview.core.faults.series import NoPixels
from dicom_series_preview.core.header.elements import Element
from dicom_series_preview.core.header.instance import Instance, Pixels
from dicom_series_preview.core.header.raw import Unparsable
from dicom_series_preview.core.header.scan import inflate, scan_header
from dicom_series_preview.core.header.wanted import PREVIEW
from dicom_series_preview.core.order.series import Slice
from dicom_series_preview.core.pixels.palette import read_palette
from dicom_series_preview.shell.cli.messages import LONGEST, log_to_stderr, refuse
from dicom_series_preview.shell.progress import Counter
from dicom_series_preview.shell.run.draw import draw
from dicom_series_preview.shell.sources import folder as source
from dicom_series_preview.shell.sources.folder import HELD_LIMIT, FolderSource
from dicom_series_preview.shell.sources.open_source import open_source
from dicom_series_preview.shell.storage.store import Network
from dicom_series_preview.shell.workers import Memory
from tests.support import headers
from tests.support.dicom import default_pixels, make_object, plane
from tests.support.pipeline import AS_IT_IS, Canvas, Root

RT_DOSE = "1.2.840.10008.5.1.4.1.1.481.2"
DEFLATED = "1.2.840.10008.1.2.1.99"
JPEG_LOSSLESS = "1.2.840.10008.1.2.4.70"


LOG = logging.getLogger("dicom_series_preview")


@pytest.fixture
def log() -> Iterator[logging.Logger]:
    """The package's log, afterwards as it was; and so are warnings and pydicom's log."""
    state, pydicom = (LOG.handlers, LOG.level, LOG.propagate), logging.getLogger("pydicom").level
    with warnings.catch_warnings():
        yield LOG
    LOG.handlers, LOG.propagate = state[0], state[2]
    LOG.setLevel(state[1])
    logging.getLogger("pydicom").setLevel(pydicom)


def instance_of(content: bytes) -> Instance:
    """The typed header of an object."""
    return headers.instance_of("a", content)


def said(capsys: pytest.CaptureFixture[str], log: logging.Logger, kind: str) -> str:
    """What is said of a Modality, as an error and as a warning alike."""
    assert refuse([str(NoPixels("series", (kind,)))]) == 1
    error = capsys.readouterr().err
    log_to_stderr(verbose=False)
    log.warning("only %s", kind)
    warning = capsys.readouterr().err
    assert error.count("\n") == warning.count("\n") == 1
    assert error.startswith("error: ")
    assert warning.startswith("warning: ")
    return error + warning


def test_control_characters_of_a_header_do_not_reach_the_terminal(
    capsys: pytest.CaptureFixture[str], log: logging.Logger
) -> None:
    words = said(capsys, log, "\x1b[31mCT\x07\x9b\r\nerror: b")
    assert words.count(r"\x1b[31mCT\x07\x9b\r\nerror: b") == 2
    assert words.replace("\n", "").isprintable()


def test_a_value_of_thousands_of_characters_is_told_in_short(
    capsys: pytest.CaptureFixture[str], log: logging.Logger
) -> None:
    words = said(capsys, log, "9" * 5000)
    assert [len(line) <= LONGEST + len("warning: ") for line in words.splitlines()] == [True, True]
    assert words.splitlines()[0].endswith("9: there is nothing to preview.")


def test_a_frame_that_claims_to_unpack_to_gigabytes_is_refused() -> None:
    # 16384 x 32768 in the header as well as in the stream took 5.6 GiB to decode.
    stream = b"\xff\xd8\xff\xc3" + pack(">HBHHB", 11, 12, 16384, 32768, 1) + b"\x01\x11\x00" + b"\xff\xd9"
    pixels = instance_of(
        make_object(
            frames=[stream],
            transfer_syntax=JPEG_LOSSLESS,
            Rows=16384,
            Columns=32768,
            BitsStored=12,
            HighBit=11,
        )
    ).pixels
    assert isinstance(pixels, BadPixelModule)
    assert pixels.attribute == "Rows x Columns"


def test_of_many_frames_that_are_alike_one_is_read() -> None:
    content = make_object(pixels=np.zeros((256, 256), "u2"), NumberOfFrames=100_000)
    frames = instance_of(content).frames
    assert [frame.number for frame in frames] == list(range(100_000))
    assert all(frame.times is frames[0].times for frame in frames)  # read once, not once for each


def test_frames_without_functional_groups_of_their_own_have_the_shared_ones() -> None:
    own = [plane((0, 0, z), None) for z in (5, 7)]
    found = instance_of(
        make_object(
            pixels=np.zeros((5, 4, 6), "u2"),
            per_frame=own,
            shared={"PlanePositionSequence": [{"ImagePositionPatient": [1, 2, 3]}]},
        )
    )
    assert [frame.position for frame in found.frames] == [(0, 0, 5), (0, 0, 7), *[(1, 2, 3)] * 3]
    assert [frame.number for frame in found.frames] == [0, 1, 2, 3, 4]


def test_dose_frames_beyond_the_vector_of_their_offsets_stay_at_the_first() -> None:
    found = instance_of(
        make_object(
            pixels=np.zeros((4, 4, 6), "u2"),
            position=(0, 0, 10),
            SOPClassUID=RT_DOSE,
            GridFrameOffsetVector=[0, 2],
        )
    )
    assert isinstance(found.pixels, Pixels)
    assert [frame.position for frame in found.frames] == [(0, 0, 10), (0, 0, 12), (0, 0, 10), (0, 0, 10)]


def test_a_palette_of_repeated_segments_stops_when_it_is_full() -> None:
    # One indirect segment asks for 3000 linear ones of 65535 entries each: two hundred million.
    codes = pack("<HHH", 0, 1, 9) + pack("<HHI", 2, 3000, 14) + pack("<HHH", 1, 65535, 0) * 3000
    colours = {
        f"Segmented{name}PaletteColorLookupTableData": Element("OW", (codes,))
        for name in ("Red", "Green", "Blue")
    }
    descriptors = {
        f"{name}PaletteColorLookupTableDescriptor": Element("US", (0, 0, 16))
        for name in ("Red", "Green", "Blue")
    }
    palette = read_palette(colours | descriptors, signed=False, big_endian=False).unwrap()
    assert palette.colours.shape == (65536, 3)


@pytest.mark.parametrize("tag", [b"\x02\0\0\0", b"\x02\0\x10\0"])
@pytest.mark.parametrize("explicit", [True, False])
def test_sequences_nested_deep_in_the_file_meta_information_are_refused(tag: bytes, explicit: bool) -> None:
    # pydicom put the length of the group, and the transfer syntax, into words: minutes for 400 sequences.
    head = tag + (b"SQ\0\0" if explicit else b"")
    nested = b""
    for _ in range(400):
        item = b"\xfe\xff\x00\xe0" + pack("<I", len(nested)) + nested
        nested = head + pack("<I", len(item)) + item
    parsed = scan_header(bytes(128) + b"DICM" + nested + make_object(meta=False), True, PREVIEW)
    assert parsed == Unparsable("its file meta information holds a sequence")


def test_implicit_file_meta_information_is_walked() -> None:
    meta = b"".join(
        b"\x02\0" + pack("<HI", element, len(value)) + value
        for element, value in ((0x0002, b"1.2.840.10008.1.3.10"), (0x0010, b"1.2.840.10008.1.2\0"))
    )
    parsed = scan_header(bytes(128) + b"DICM" + meta + b"\x08\0", True, PREVIEW)
    assert parsed == Unparsable("it is a DICOMDIR")


class Watched:
    """Counts how often pictures are read, and how many at once."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reads = Tally[str]()
        self.most = 0
        self._now = 0
        self._lock = Lock()
        plain = FolderSource.picture

        def picture(whence: FolderSource, wanted: Slice, least: tuple[int, int] | None) -> object:
            with self._lock:
                self.reads[wanted.instance.name] += 1
                self._now += 1
                self.most = max(self.most, self._now)
            sleep(0.002)  # for others to come in, if they may
            found = plain(whence, wanted, least)
            with self._lock:
                self._now -= 1
            return found

        monkeypatch.setattr(FolderSource, "picture", picture)


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    """All reading of pictures, watched."""
    return Watched(monkeypatch)


def stack(count: int) -> list[bytes]:
    """Slices whose window has to be found from their pixels, each of 48 bytes."""
    return [
        make_object(
            instance_number=i + 1,
            position=(0, 0, -i),
            pixels=default_pixels() + np.uint16(9 * i),
            WindowWidth=None,
            WindowCenter=None,
        )
        for i in range(count)
    ]


def drawn(folder: Path, objects: Sequence[bytes], memory: Memory, tile_width: int) -> Canvas:
    """The canvas of a series, 6 px wide, made with so much memory."""
    folder.mkdir()
    for number, content in enumerate(objects):
        (folder / f"{number}.dcm").write_bytes(content)
    request = check_preview(Options(str(folder), "a.jpg", image_width=6, tile_width=tile_width)).unwrap()
    source = open_source(request, Network(), Counter()).unwrap()
    return draw(request, source, Counter(), memory).unwrap().pixels


def test_pictures_that_there_is_no_room_for_are_read_again_and_look_the_same(
    tmp_path: Path, watched: Watched
) -> None:
    # Four frames of 128 MiB from 3 kB each took 2.6 GiB while they waited for their window.
    roomy = drawn(tmp_path / "roomy", stack(7), Memory(), tile_width=3)
    assert set(watched.reads.values()) == {1}
    watched.reads.clear()
    narrow = drawn(tmp_path / "narrow", stack(7), Memory(kept=100), tile_width=3)
    assert sorted(watched.reads.values()) == [1, 1, 2, 2, 2, 2, 2]
    assert len(np.unique(roomy)) > 50
    assert np.array_equal(narrow, roomy)


def test_large_pictures_take_turns(tmp_path: Path, watched: Watched) -> None:
    drawn(tmp_path / "series", stack(60), Memory(at_once=40), tile_width=8)
    assert sum(watched.reads.values()) == 60
    assert watched.most == 1


def test_a_deflated_object_is_inflated_once_for_all_its_frames(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # 120 MiB deflated to 120 kB, once for each of 36 frames at the same time, took 4.4 GiB.
    levels = np.arange(10, dtype="u1").repeat(512 * 1024).reshape(10, 512, 1024) * 20
    content = make_object(pixels=levels, transfer_syntax=DEFLATED, **AS_IT_IS)
    assert len(content) < 1 << 20 < HELD_LIMIT < levels.nbytes
    inflated: list[int] = []

    def counting(data: bytes, at_most: int) -> object:
        inflated.append(len(data))
        return inflate(data, at_most)

    monkeypatch.setattr(source, "inflate", counting)
    tiles = Root(tmp_path).tiles(content, width=8, tile_width=10, tile_height=1)
    assert [int(np.median(tile)) for tile in tiles] == [0, 20, 40, 60, 80, 100, 120, 140, 160, 180]
    assert inflated == [len(content)]
