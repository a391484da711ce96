"""What is read and unpacked is bounded by what headers describe: bombs cost their tile, and little memory."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from struct import pack

import imagecodecs
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.support.peak import GIB, MIB, Run, run
from tests.support.raw import LITTLE, RLE, element, head, item, items, native

LOSSLESS_JPEG = "1.2.840.10008.1.2.4.70"
SLIDE = "1.2.840.10008.5.1.4.1.1.77.1.6"


def level(number: int) -> int:
    """The grey of a good object."""
    return 40 + 20 * number


def good(number: int, syntax: str = LITTLE) -> bytes:
    """64 x 64 of one grey."""
    return head(syntax, rows=64, columns=64, number=number) + native(
        np.full((64, 64), level(number), np.uint8).tobytes()
    )


def preview(folder: Path | str, out: Path, tiles: int) -> tuple[Run, list[int]]:
    """A mosaic of one row, and the grey in the middle of each tile."""
    done = run(
        folder, out, "--tile-width", str(tiles), "--tile-height", "1", "--image-width", "16", "-q", "100"
    )
    if done.status:
        return done, []
    with Image.open(out) as image:
        middle = np.asarray(image.convert("L"))[image.height // 2]
    return done, [int(middle[8 + 16 * number]) for number in range(tiles)]


def sparse(path: Path, content: bytes, size: int) -> None:
    """A file that begins with `content` and goes on with zeros that take no room."""
    with path.open("wb") as file:
        file.write(content)
        file.truncate(size)


def check(folder: Path, bad: int, out: Path, *, most: int = GIB // 2) -> Run:
    """Two good objects are shown, `bad` tiles are black, and each of those has a reason that is not empty."""
    for number in (1, 2):
        (folder / f"good{number}.dcm").write_bytes(good(number))
    done, greys = preview(folder, out, 2 + bad)
    assert done.status == 0, done.words
    assert sorted(greys) == pytest.approx(sorted([*[0] * bad, level(1), level(2)]), abs=3)
    assert "black tile" in done.words
    assert ":." not in done.words
    assert "defect" not in done.words
    assert done.peak < most
    return done


def test_rle_that_unpacks_to_gigabytes_costs_its_tile(tmp_path: Path) -> None:
    count = 8
    folder = tmp_path / "s"
    folder.mkdir()
    bomb = pack("<16I", 1, 64, *[0] * 14) + b"\x81\x00" * 10_000_000
    for number in range(10, 10 + count):
        (folder / f"{number}.dcm").write_bytes(
            head(RLE, rows=64, columns=64, number=number) + items(b"", bomb)
        )
    done = check(folder, count, tmp_path / "o.webp", most=300 * MIB)
    assert "it has more than 1060864 bytes, too many for 64 x 64" in done.words


def test_rle_of_few_bytes_that_unpacks_to_many_costs_its_tile(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    folder.mkdir()
    bomb = pack("<16I", 1, 64, *[0] * 14) + b"\x81\x00" * 500_000
    (folder / "9.dcm").write_bytes(head(RLE, rows=64, columns=64, number=9) + items(b"", bomb))
    assert "unpacks to more than a frame" in check(folder, 1, tmp_path / "o.webp", most=300 * MIB).words


@pytest.mark.parametrize("length", [100, 2**32 - 16], ids=["short item", "endless item"])
def test_one_frame_in_a_sparse_object_is_not_read_to_its_end(length: int, tmp_path: Path) -> None:
    folder = tmp_path / "s"
    folder.mkdir()
    start = head(LOSSLESS_JPEG, rows=64, columns=64, number=9) + items(b"", end=b"")
    sparse(folder / "9.dcm", start + b"\xfe\xff\x00\xe0" + pack("<I", length), 100 * GIB)
    check(folder, 1, tmp_path / "o.webp", most=300 * MIB)


def test_distant_tiles_of_a_slide_take_two_small_reads(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    folder.mkdir()
    tile = bytes(imagecodecs.ljpeg_encode(np.full((64, 64), 200, np.uint8), bitspersample=8))
    tables = (
        element(0x7FE0, 1, "OW", pack("<2Q", 0, 900 * MIB))[:4] + b"OV\0\0" + pack("<I2Q", 16, 0, 900 * MIB)
    )
    tables += pack("<HH", 0x7FE0, 2) + b"OV\0\0" + pack("<I2Q", 16, len(tile), len(tile))
    matrix = pack("<HH2sHI", 0x0048, 6, b"UL", 4, 128) + pack("<HH2sHI", 0x0048, 7, b"UL", 4, 64)
    start = head(LOSSLESS_JPEG, rows=64, columns=64, frames=2, sop_class=SLIDE) + matrix + tables
    content = start + items(b"", end=b"")
    with (folder / "1.dcm").open("wb") as file:
        file.write(content + item(tile))
        file.seek(len(content) + 900 * MIB)
        file.write(item(tile))
    done, greys = preview(folder, tmp_path / "o.webp", 1)
    assert done.status == 0, done.words
    assert greys == pytest.approx([200], abs=6)
    assert done.peak < 300 * MIB


def test_a_deflated_frame_inflates_to_one_frame(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    folder.mkdir()
    squeezer = zlib.compressobj(9, wbits=-15)
    bomb = squeezer.compress(np.full(64 * 64, 160, np.uint8).tobytes())
    bomb += b"".join(squeezer.compress(bytes(MIB)) for _ in range(400)) + squeezer.flush()
    content = head("1.2.840.10008.1.2.8.1", rows=64, columns=64) + items(b"", bomb)
    (folder / "1.dcm").write_bytes(content)
    done, greys = preview(folder, tmp_path / "o.webp", 1)
    assert done.status == 0, done.words
    assert greys == pytest.approx([160], abs=3)
    assert done.peak < 300 * MIB


HUGE: dict[str, tuple[str, Callable[[NDArray[np.uint8]], bytes]]] = {
    "jpeg": ("1.2.840.10008.1.2.4.50", lambda values: bytes(imagecodecs.jpeg_encode(values))),
    "jpegls": ("1.2.840.10008.1.2.4.80", lambda values: bytes(imagecodecs.jpegls_encode(values))),
    "j2k": (
        "1.2.840.10008.1.2.4.90",
        lambda values: bytes(imagecodecs.jpeg2k_encode(values, codecformat="j2k")),
    ),
    "jxl": (
        "1.2.840.10008.1.2.4.110",
        lambda values: bytes(imagecodecs.jpegxl_encode(values, lossless=True, effort=1)),
    ),
}


@pytest.mark.parametrize("codec", sorted(HUGE))
def test_a_stream_that_claims_a_huge_picture_is_never_decoded(codec: str, tmp_path: Path) -> None:
    folder = tmp_path / "s"
    folder.mkdir()
    syntax, encode = HUGE[codec]
    frame = encode(np.zeros((2000, 2000), np.uint8))
    for number in range(10, 18):
        content = head(syntax, rows=64, columns=64, number=number) + items(b"", frame)
        (folder / f"{number}.dcm").write_bytes(content)
    done = check(folder, 8, tmp_path / "o.webp", most=300 * MIB)
    assert "the frame is 2000 x 2000" in done.words


def test_frames_over_a_whole_series_are_bounded(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    folder.mkdir()
    for number in range(1, 41):
        content = bytearray(head(LITTLE, rows=1, columns=1, frames=100_000, number=number))
        for wrong, right in ((pack("<H", 0x0100), 1), (pack("<H", 0x0101), 1), (pack("<H", 0x0102), 0)):
            at = content.index(b"\x28\0" + wrong + b"US")
            content[at + 8 : at + 10] = pack("<H", right)
        (folder / f"{number:02}.dcm").write_bytes(bytes(content) + native(b"\xaa" * 12_500))
    done = run(folder, tmp_path / "o.webp")
    assert done.status in (0, 1)
    assert "defect" not in done.words
    assert done.peak < GIB
    assert done.seconds < 40


class _Endless(BaseHTTPRequestHandler):
    """A web folder of good objects and one without end; `items` says whether it is one item, or empty ones."""

    objects: dict[str, bytes]
    endless: bytes
    chunk: bytes
    ranges = False

    def do_PROPFIND(self) -> None:
        self.send_error(405)

    def do_GET(self) -> None:
        name = self.path.rsplit("/", 1)[1]
        if not name:
            links = "".join(f'<a href="{one}">{one}</a>' for one in (*self.objects, "bad.dcm"))
            self._whole(f"<title>Index of /s/</title>{links}".encode(), "text/html")
        elif name in self.objects:
            self._whole(self.objects[name], "application/dicom")
        elif self.ranges:
            start, stop = (int(part) for part in self.headers["Range"].removeprefix("bytes=").split("-"))
            body = self.endless[start : stop + 1]
            missing = stop + 1 - max(start, len(self.endless))
            body += (self.chunk * (missing // len(self.chunk) + 2))[
                (max(start, len(self.endless)) - len(self.endless)) % len(self.chunk) :
            ][: max(0, missing)]
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{stop}/*")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        else:
            self.send_response(200)
            self.end_headers()
            try:
                self.wfile.write(self.endless)
                while True:
                    self.wfile.write(self.chunk * 8192)
            except OSError:
                return

    def _whole(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def serving(endless: bytes, chunk: bytes, *, ranges: bool) -> Iterator[str]:
    """The address of a folder with three good objects and the endless one."""
    objects = {f"good{number}.dcm": good(number) for number in (1, 2, 3)}
    made = type(
        "Made", (_Endless,), {"objects": objects, "endless": endless, "chunk": chunk, "ranges": ranges}
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), made)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/s"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("kind", ["one endless item", "empty items for ever"])
def test_an_object_without_end_on_a_server_costs_its_tile(kind: str, tmp_path: Path) -> None:
    if kind == "one endless item":
        start = head(LOSSLESS_JPEG, rows=64, columns=64, number=9) + items(b"", end=b"")
        content, chunk = start + b"\xfe\xff\x00\xe0" + pack("<I", 0xFFFFFFF0), bytes(8)
    else:
        content = head(LOSSLESS_JPEG, rows=64, columns=64, frames=2, number=9) + items(b"", end=b"")
        chunk = item(b"")
    with serving(content, chunk, ranges=kind != "one endless item") as place:
        done, greys = preview(place, tmp_path / "o.webp", 5 if "empty" in kind else 4)
    assert done.status == 0, done.words
    assert [grey for grey in greys if grey > 20] == pytest.approx([level(1), level(2), level(3)], abs=3)
    assert "black tile" in done.words
    assert done.peak < GIB // 2
