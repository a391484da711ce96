"""Every series of the real data against a second way to render it: what is shown, in which order, and how.

Needs DSP_TEST_DATA, the folder that holds series.tsv and idc/.
"""

from __future__ import annotations

import csv
import os
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from attrs import evolve, frozen
from numpy.typing import NDArray
from PIL import Image
from returns.pipeline import is_successful

from dicom_series_preview.core.ask.options import Options
from dicom_series_preview.core.ask.preview import Preview, check_preview
from dicom_series_preview.core.show.tile_map import ShownTile
from dicom_series_preview.shell.progress import Counter
from dicom_series_preview.shell.run.preview import write_picture
from tests.oracle.decoding import needs_dcmtk, read
from tests.oracle.ordering import default_grid, order_of, sampled
from tests.oracle.rendering import Shot, mosaic
from tests.support.pipeline import Canvas, cut, render_request

DATA: Final = Path(os.environ.get("DSP_TEST_DATA", ""))
pytestmark = [
    pytest.mark.skipif("DSP_TEST_DATA" not in os.environ, reason="DSP_TEST_DATA names no real data"),
    pytest.mark.filterwarnings("ignore:Invalid value for VR"),
]


@frozen
class Tolerance:
    """How far a tile may be from the oracle's, in grey levels: on average, and anywhere."""

    mean: float
    largest: float


ROUNDED = Tolerance(0.5, 2.5)
"""Levels are rounded before resizing, after each of its two directions, and here not at all."""
BOXED = Tolerance(1.0, 25.0)
"""Frames of four times the tile's size and more are first averaged over whole pixels, which dims lines that are
one pixel wide: the worst is white lettering on black."""
REDUCED = Tolerance(1.5, 56.0)
"""JPEG 2000 at half its size has been low-passed by the wavelet before the window cuts values off.  The narrower
the window, the more a single edge shows it: 27 levels at 600 HU, 50 at 350 HU."""


@frozen
class Shows:
    """A series that renders: tiles, canvas height for 6 x 6 tiles of 128 px, and colour or not."""

    tiles: int
    height: int = 768
    colour: bool = False
    within: Tolerance = ROUNDED


@frozen
class Refuses:
    """A series that does not render, and words of the reason."""

    words: tuple[str, ...]


TABLE: Final[dict[str, Shows | Refuses]] = {
    # Frames in all files, 36 at most, fewer where places are compared;
    # 6 · round(128 · rows · row spacing / (columns · column spacing)).
    "asl-multi": Shows(30),  # 10 places at 3 times of 7
    "bad-vr": Shows(1),  # NumberOfFrames is "1A", which is no number: one frame
    "cr-mono1-nopreamble": Shows(1),
    "cr-teeth-modlut-mono1": Shows(1, 612, within=BOXED),  # 1576 x 1976
    "ct-dose-report-nopx": Refuses(("holds no image", "CT objects without pixel data")),
    "ct-ibsi-orientation": Shows(36, 1152),  # 48 x 32
    "ct-osirix-j2k": Shows(2, within=REDUCED),
    "ct-phantom-j2k-undecodable": Refuses(
        ("None of 19", "JPEG 2000 Image Compression, 1.2.840.10008.1.2.4.91")
    ),
    "ct-qiicr-3slice": Shows(3, within=BOXED),
    "ct-radiomics-60": Shows(36, 756),  # 201 x 204
    "ct-rle-frags": Shows(1, within=BOXED),
    "ct-scouts-summary-mixed": Shows(6, 876, colour=True, within=BOXED),  # the highest is 741 x 650
    "ct-small-padded": Shows(1),
    "ct-thorax-4mm": Shows(36, within=BOXED),  # of 105
    "dti-ge-coronal": Shows(16),
    "dx-mono1-chest": Shows(1, 612),  # 169 x 211 pixels of 1.2 x 1.2012 mm
    "enh-ct-zoo": Shows(20, within=BOXED),  # ten files of two frames
    "enh-hyperfine": Shows(8, 960),  # 138 x 112 pixels of 1.61 x 1.59 mm
    "enh-mr-knee-19f": Shows(19),
    "enh-philips-fmri": Shows(32),
    "enh-siemens-xa10": Shows(24),  # four files of six frames
    "explvr-be-nometa": Refuses(("holds no image", "RT Ion Plan Storage")),
    "fmri-ge-15x10": Shows(30),  # 15 places at 2 times of 10
    "htj2k-pydicom": Shows(2, 576, colour=True, within=REDUCED),  # 480 x 640
    "jpegext12-cr": Shows(1, 936, within=BOXED),  # 2140 x 1760
    "jpegll57-mr": Shows(1, within=BOXED),
    "lumbar-disc-groups": Shows(19, within=BOXED),
    "mg-ge-sigmoid-voilut": Shows(1, 984, within=BOXED),  # 3062 x 2394
    "mr-cine-sax": Shows(10),
    "mr-cor-genesis": Shows(16),
    "mr-localizer-3plane": Shows(11, within=BOXED),
    "mr-nonsquare-pmod": Shows(4, 210),  # 28 x 64 pixels of 4 x 6.4 mm
    "mr-rows-missing": Refuses(("Rows", "missing")),
    "mr-sag-dwv-memprage": Shows(6),
    "mr-sag-t1-csa": Shows(35),
    "mr-truncated": Refuses(("Frame 1", "ends at byte")),  # 8130 bytes of 8192
    "mr-ts-zoo": Shows(9),
    "ot-deflated": Shows(1, within=BOXED),
    "ot-six-overlays": Shows(1, within=BOXED),
    "pet-suyash-1": Shows(1),
    "philips-mag-phase": Shows(36),  # of 30 places, 2 echoes, magnitude and phase
    "pmap-float": Shows(1),
    "rtdose-15f": Shows(15),
    "seg-ct-binary-ovl": Shows(8),
    "sm-tiled-rgb": Shows(1, colour=True),  # 25 tiles of one level
    "sr-basic": Refuses(("holds no image", "Basic Text SR Storage")),
    "us-be-rgb": Shows(1, 576, colour=True, within=BOXED),  # 480 x 640
    "us-palette-rle-10f": Shows(10, 552, colour=True, within=BOXED),  # 430 x 600
    "us-rgb-esopecho": Shows(1, 480, colour=True),  # 120 x 256 pixels of 4:3
    "us-sonosite-jpeg-30f": Shows(30, 576, colour=True),  # 240 x 320
    "us-ybr422-native": Shows(1, 534, colour=True, within=BOXED),  # 555 x 800
    "xa-cine-96f": Shows(36, within=BOXED),  # of 96
}
SHOWN: Final = {name: expected for name, expected in TABLE.items() if isinstance(expected, Shows)}
REFUSED: Final = {name: expected for name, expected in TABLE.items() if isinstance(expected, Refuses)}


@cache
def _uuids() -> dict[str, str]:
    with (DATA / "series.tsv").open(newline="") as lines:
        return {row["name"]: row["series"] for row in csv.DictReader(lines, delimiter="\t")}


def folder(name: str) -> Path:
    return DATA / "idc" / _uuids()[name]


FULL: Final = Options("", "unused.webp", tile_width=6)
"""6 x 6 tiles of 128 px, however few slices there are."""


def request(name: str, options: Options | None = None) -> Preview:
    """A valid request for a series of the data; `options` gives all but what it is and where."""
    given = options or FULL
    return check_preview(evolve(given, series=_uuids()[name], root=str(DATA / "idc"))).unwrap()


@cache
def rendered(name: str, options: Options | None = None) -> tuple[tuple[ShownTile, ...], Canvas] | str:
    """The tiles and the canvas before it is encoded, or the words of the refusal."""
    return render_request(request(name, options))


def shown(name: str, options: Options | None = None) -> tuple[tuple[ShownTile, ...], Canvas]:
    found = rendered(name, options)
    assert not isinstance(found, str), found
    return found


def tiles(name: str, options: Options | None = None) -> list[Canvas]:
    """The tiles cut out of the canvas again, in reading order."""
    return cut(*shown(name, options))


@cache
def reading_order(name: str) -> tuple[Shot, ...]:
    return tuple(order_of(folder(name)))


@cache
def expected_shots(name: str) -> list[Shot]:
    return sampled(folder(name), 36)


@cache
def expected_mosaic(name: str, window: tuple[float, float] | str | None = None) -> NDArray[np.floating]:
    """6 x 6 tiles of 128 px by the oracle."""
    return mosaic(expected_shots(name), 6, 6, 128, window)


def assert_alike(
    name: str,
    found: Canvas,
    expected: NDArray[np.floating],
    planned: tuple[ShownTile, ...],
    within: Tolerance,
) -> None:
    """Every tile is as near as it must be, and around the tiles it is black."""
    assert found.shape == expected.shape
    away = np.abs(found.astype(float) - expected)
    covered = np.zeros(found.shape[:2], bool)
    for index, tile in enumerate(planned):
        rect = tile.rect
        window = np.s_[rect.top : rect.top + rect.height, rect.left : rect.left + rect.width]
        covered[window] = True
        assert away[window].mean() <= within.mean, f"{name}, tile {index}"
        assert away[window].max() <= within.largest, f"{name}, tile {index}"
    assert not found[~covered].any()


def needs_a_decoder(name: str) -> None:
    if any(needs_dcmtk(shot.path) for shot in reading_order(name)):
        pytest.skip("DCMTK, the second decoder for JPEG and JPEG-LS, is not installed")


def test_the_table_holds_every_series() -> None:
    assert set(TABLE) == set(_uuids())


@pytest.mark.parametrize("name", SHOWN)
def test_what_a_series_renders_to(name: str) -> None:
    planned, canvas = shown(name)
    expected = SHOWN[name]
    assert len(planned) == expected.tiles
    assert canvas.shape == (expected.height, 768, 3) if expected.colour else (expected.height, 768)
    assert canvas.dtype == np.uint8
    assert all(tile.any() for tile in tiles(name))  # one that cannot be read is black


@pytest.mark.parametrize("name", REFUSED)
def test_the_words_a_series_is_refused_with(name: str) -> None:
    said = rendered(name)
    assert isinstance(said, str)
    assert all(words in said for words in REFUSED[name].words), said


@pytest.mark.parametrize("name", SHOWN)
def test_the_order_is_that_of_the_oracle(name: str) -> None:
    planned, _ = shown(name)
    found = [Shot(folder(name) / tile.object, tile.frame - 1) for tile in planned]
    assert found == expected_shots(name)


@pytest.mark.parametrize("name", SHOWN)
def test_the_pictures_are_those_of_the_oracle(name: str) -> None:
    needs_a_decoder(name)
    planned, canvas = shown(name)
    expected = expected_mosaic(name)
    assert_alike(name, canvas, expected, planned, SHOWN[name].within)


@pytest.mark.parametrize("name", SHOWN)
def test_the_default_grid_fits(name: str) -> None:
    tiles, canvas = shown(name, Options("", "a.webp"))
    files = [read(shot.path) for shot in expected_shots(name)]
    widest = max(int(one.get("TotalPixelMatrixColumns") or one.Columns) for one in files)
    columns, rows, width = default_grid(len(tiles), widest)
    assert [(tile.rect.left, tile.rect.width) for tile in tiles] == [
        (index % columns * width, width) for index in range(len(tiles))
    ]
    assert canvas.shape[1] == columns * width
    assert canvas.shape[0] == rows * max(tile.rect.height for tile in tiles)


@pytest.mark.parametrize(
    ("name", "columns", "rows", "width"),
    [
        ("cr-mono1-nopreamble", 1, 1, 440),
        ("ct-qiicr-3slice", 2, 2, 384),
        ("mr-cine-sax", 4, 3, 192),
        ("us-palette-rle-10f", 4, 3, 192),
        ("asl-multi", 6, 5, 128),
    ],
)
def test_pictures_in_the_default_grid_are_those_of_the_oracle(
    name: str, columns: int, rows: int, width: int
) -> None:
    tiles, canvas = shown(name, Options("", "a.webp"))
    expected = mosaic(expected_shots(name), columns, rows, width)
    assert_alike(name, canvas, expected, tiles, BOXED)


GREY: Final = (
    "ct-thorax-4mm",
    "ct-qiicr-3slice",
    "ct-osirix-j2k",
    "cr-teeth-modlut-mono1",
    "dx-mono1-chest",
    "enh-siemens-xa10",
    "jpegext12-cr",
    "mg-ge-sigmoid-voilut",
    "mr-nonsquare-pmod",
    "pet-suyash-1",
)
"""Series whose own window, table or lack of one the command line overrules."""


@pytest.mark.parametrize("name", GREY)
@pytest.mark.parametrize(
    ("options", "window"),
    [
        (evolve(FULL, window_width=350, window_center=50), (50.0, 350.0)),
        (evolve(FULL, contrast_preset="lung"), (-500.0, 1500.0)),
        (evolve(FULL, contrast_preset="auto"), "auto"),
    ],
    ids=["350/50", "lung", "auto"],
)
def test_the_command_line_overrules_the_file(
    name: str, options: Options, window: tuple[float, float] | str
) -> None:
    needs_a_decoder(name)
    planned, canvas = shown(name, options)
    expected = expected_mosaic(name, window)
    assert_alike(name, canvas, expected, planned, SHOWN[name].within)


@pytest.mark.parametrize("name", ["ct-thorax-4mm", "mr-cor-genesis", "us-rgb-esopecho", "rtdose-15f"])
@pytest.mark.parametrize("width", [32, 61, 300, 700])
def test_tiles_of_any_width_have_the_right_shape_and_picture(name: str, width: int) -> None:
    options = Options("", "a.webp", position=0.0, image_width=width)
    planned, canvas = shown(name, options)
    first = reading_order(name)[:1]
    assert_alike(name, canvas, mosaic(first, 1, 1, width), planned, BOXED)


@pytest.mark.parametrize("name", ["ct-thorax-4mm", "us-sonosite-jpeg-30f"])
@pytest.mark.parametrize("output", ["out.jpg", "out.webp"])
def test_the_file_holds_the_picture(name: str, output: str, tmp_path: Path) -> None:
    """At quality 100 the encoders stay within 2 levels on average; WebP halves the resolution of colour."""
    needs_a_decoder(name)
    options = evolve(FULL, output=str(tmp_path / output), quality=100)
    assert is_successful(write_picture(request(name, options), str(tmp_path / output), Counter()))
    with Image.open(tmp_path / output) as image:
        found = np.asarray(image.convert("RGB" if SHOWN[name].colour else "L"), float)
    expected = expected_mosaic(name)
    assert found.shape == expected.shape
    assert np.abs(found - expected).mean() <= 2


def test_nine_transfer_syntaxes_give_one_picture() -> None:
    first, *others = tiles("mr-ts-zoo")
    assert all(np.array_equal(first, other) for other in others)


def test_lossless_syntaxes_of_enhanced_ct_give_one_picture_at_each_position() -> None:
    """Nine files agree; the tenth was made by 12-bit JPEG, and its stored values are 1027 higher."""
    planned, _ = shown("enh-ct-zoo")
    pictures = tiles("enh-ct-zoo")
    assert [tile.frame - 1 for tile in planned] == [1] * 10 + [0] * 10  # the head's end first
    for position in (pictures[:10], pictures[10:]):
        means = np.array([picture.mean() for picture in position])
        alike = np.abs(means - np.median(means)) < 1
        assert alike.sum() == 9
        assert means[~alike] > 1.5 * np.median(means)  # brighter, as its values say


def test_lungs_are_dark_and_bone_is_white_in_monochrome1() -> None:
    """In the chest film the lungs lie left and right of the spine, in the middle of the film's height."""
    (chest,) = tiles("cr-mono1-nopreamble")
    lung, spine = chest[40:70, 24:40], chest[40:70, 58:68]
    assert spine.mean() > lung.mean() + 30
    (teeth,) = tiles("cr-teeth-modlut-mono1")
    assert teeth[:30].mean() < 30  # nothing was exposed above the jaws
