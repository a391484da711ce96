"""Large pictures are shown piece by piece: what is computed takes little memory besides what comes of it."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from struct import pack

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from dicom_series_preview.core.grey import Rescale, exact_window
from dicom_series_preview.core.pixels.palette import Palette, apply, over
from dicom_series_preview.core.show.grey_levels import Chain, tally, to_grey
from tests.support.peak import GIB, MIB, run
from tests.support.raw import element, head, items

LOSSLESS_JPEG = "1.2.840.10008.1.2.4.70"


@contextmanager
def taking_little(given_back: int) -> Iterator[None]:
    """Besides the bytes it gives back what is done takes 40 MiB at most: numpy tells of what it takes."""
    tracemalloc.start()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < given_back + 40 * MIB


LARGE = (4096, 4096)
COLOURS = Palette(100, np.arange(300, dtype=np.uint8).reshape(100, 3))


def test_a_large_picture_with_a_palette_is_coloured_piece_by_piece() -> None:
    """Of 16 million pixels a copy with 64 bits each would take 128 MiB, and more."""
    values = np.full(LARGE, 150, np.uint16)
    with taking_little(3 * values.size):
        rgb = apply(COLOURS, values)
    assert rgb.shape == (*LARGE, 3)
    assert rgb[0, 0].tolist() == rgb[-1, -1].tolist() == [150, 151, 152]


def test_a_large_picture_with_a_supplemental_palette_is_coloured_piece_by_piece() -> None:
    grey, values = np.full(LARGE, 7, np.uint8), np.full(LARGE, 150, np.uint16)
    values[1::2] = 99
    with taking_little(3 * values.size):
        rgb = over(COLOURS, grey, values)
    assert rgb.shape == (*LARGE, 3)
    assert rgb[0, 0].tolist() == rgb[-2, -1].tolist() == [150, 151, 152]
    assert rgb[1, 0].tolist() == rgb[-1, -1].tolist() == [7, 7, 7]


@pytest.mark.parametrize("kind", ["u1", "i2", "u4", "i4", "f4"])
@pytest.mark.parametrize("white", [100, 2**20])
def test_the_grey_of_a_large_picture_is_made_piece_by_piece(kind: str, white: int) -> None:
    """Also where values are spread too widely for a table."""
    highest = 2**20 if kind[0] == "f" else np.iinfo(kind).max
    values = np.zeros(LARGE, kind)
    values[1::2] = min(white, highest)
    chain = Chain(Rescale(), exact_window(1, 0.5), inverted=False, padding=None)
    with taking_little(values.size):
        grey = to_grey(chain, values)
    assert np.array_equal(grey, np.repeat([[0], [255]] * (LARGE[0] // 2), LARGE[1], axis=1))


@pytest.mark.parametrize("kind", ["u1", "i2", "u4"])
def test_the_values_of_a_large_picture_are_counted_piece_by_piece(kind: str) -> None:
    values = np.zeros(LARGE, kind)
    values[:, -1] = 100
    with taking_little(0):
        counted = tally(values, Rescale(), None)
    assert counted.values.tolist() == [0, 100]
    assert counted.counts.tolist() == [LARGE[0] * (LARGE[1] - 1), LARGE[0]]


def test_64_million_pixels_with_a_supplemental_palette_take_less_than_a_gibibyte(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    folder.mkdir()
    values = np.full((4096, 16384), 1000, np.uint16)
    tables = b"".join(element(0x28, 0x1101 + channel, "US", pack("<3H", 2, 0, 16)) for channel in range(3))
    tables += b"".join(element(0x28, 0x1201 + channel, "OW", pack("<2H", 0, 0xC800)) for channel in range(3))
    frame = bytes(imagecodecs.ljpeg_encode(values, bitspersample=16))
    content = head(LOSSLESS_JPEG, rows=4096, columns=16384, bits=16) + element(8, 0x9205, "CS", b"MIXED")
    (folder / "1.dcm").write_bytes(content + tables + items(b"", frame))
    done = run(folder, tmp_path / "o.webp", "-q", "100")
    assert done.status == 0, done.words
    with Image.open(tmp_path / "o.webp") as image:
        assert image.convert("L").getextrema() == pytest.approx((200, 200), abs=3)
    assert done.peak < GIB
