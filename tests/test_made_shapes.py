"""Frames, colours, slides and shapes that the real data lacks, from files to the canvas.

Expected values are worked out by hand, or by the oracle; see `test_made_objects` for the windows used.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from dicom_series_preview.core.ask.options import Options
from tests.oracle.ordering import order_of
from tests.oracle.rendering import mosaic
from tests.support.dicom import SAGITTAL, Groups, make_object, plane, uuid_for
from tests.support.pipeline import AS_IT_IS, NO_WINDOW, Root, lut, row

RT_DOSE = "1.2.840.10008.5.1.4.1.1.481.2"
LABEL_MAP = "1.2.840.10008.5.1.4.1.1.66.7"
SLIDE = "1.2.840.10008.5.1.4.1.1.77.1.6"


@pytest.fixture
def root(tmp_path: Path) -> Root:
    return Root(tmp_path)


# --- Multi-frame ---------------------------------------------------------------------------------------------


def test_every_frame_has_its_own_rescale_and_window(root: Root) -> None:
    """Frames lie in the file in no order; head first they are the second, the third and the first."""

    def transformed(slope: float, intercept: float) -> list[Groups]:
        return [{"RescaleSlope": slope, "RescaleIntercept": intercept}]

    frames = np.array([[[10, 20]], [[10, 20]], [[10, 20]]], "u2")
    made = make_object(
        pixels=frames,
        shared={"FrameVOILUTSequence": [{"WindowCenter": 128, "WindowWidth": 256}]},
        per_frame=[
            plane((0, 0, 0), PixelValueTransformationSequence=transformed(1, 0)),
            plane((0, 0, 20), PixelValueTransformationSequence=transformed(2, 5)),
            plane(
                (0, 0, 10),
                PixelValueTransformationSequence=transformed(1, 0),
                FrameVOILUTSequence=[
                    {"WindowCenter": 51, "WindowWidth": 102, "VOILUTFunction": "LINEAR_EXACT"}
                ],
            ),
        ],
        **NO_WINDOW,
    )
    tiles = root.tiles(made, width=2)
    assert [tile[0].tolist() for tile in tiles] == [[25, 45], [25, 50], [10, 20]]  # 2x + 5, 2.5x, x


@pytest.mark.parametrize("offsets", [[0, 5, 10], [0, -5, -10], [30, 25, 20]])
def test_dose_frames_are_placed_by_their_offsets(root: Root, offsets: list[float]) -> None:
    """Doses of 0 to 100 times 0.001 of all frames share one window, and the highest slice comes first."""
    frames = np.array([[[0, 100]], [[0, 50]], [[0, 25]]], "u4")
    elements = NO_WINDOW | {
        "SOPClassUID": RT_DOSE,
        "Modality": "RTDOSE",
        "RescaleSlope": None,
        "DoseGridScaling": 0.001,
        "GridFrameOffsetVector": offsets,
        "WindowCenter": 40,
        "WindowWidth": 400,
    }
    tiles = root.tiles(make_object(pixels=frames, position=(0, 0, 30), **elements), width=2)
    low, high = np.percentile(frames, [2, 98])
    levels = [round(float(np.clip((dose - low) / (high - low), 0, 1) * 255)) for dose in (100, 50, 25)]
    assert [tile[0, 1] for tile in tiles] == (levels[::-1] if offsets[1] > offsets[0] else levels)


# --- Colour --------------------------------------------------------------------------------------------------

COLOURS = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [10, 20, 30]]], "u1")


@pytest.mark.parametrize("planar", [0, 1])
def test_colour_is_never_windowed(root: Root, planar: int) -> None:
    pixels = COLOURS if planar == 0 else np.moveaxis(COLOURS, -1, 0).reshape(1, 4, 3)
    made = make_object(pixels=pixels, photometric="RGB", PlanarConfiguration=planar)
    (tile,) = root.tiles(made, width=4, window_width=2, window_center=7)
    assert tile.tolist() == COLOURS.tolist()


def test_grey_and_colour_make_a_colour_mosaic(root: Root) -> None:
    grey = make_object(pixels=row(0, 10, 100, 255), position=(0, 0, 9), **AS_IT_IS)
    colour = make_object(pixels=COLOURS, photometric="RGB", position=(0, 0, 0))
    canvas = root.canvas(grey, colour, width=4, tile_width=3, tile_height=1)
    assert canvas.shape == (1, 12, 3)
    assert canvas[0, :4].tolist() == [[value] * 3 for value in (0, 10, 100, 255)]
    assert canvas[0, 4:8].tolist() == COLOURS[0].tolist()
    assert not canvas[0, 8:].any()


def test_a_label_map_shows_its_palette(root: Root) -> None:
    palette: dict[str, Any] = {}
    for channel, entries in (("Red", [0, 255, 16]), ("Green", [0, 0, 32]), ("Blue", [0, 0, 64])):
        palette[f"{channel}PaletteColorLookupTableDescriptor"] = [3, 0, 16]
        scaled = (np.array(entries, "<u2") * np.uint16(257)).astype("<u2")
        palette[f"{channel}PaletteColorLookupTableData"] = scaled.tobytes()
    made = make_object(
        pixels=np.array([[[0, 1, 2]]], "u1"),
        photometric="PALETTE COLOR",
        per_frame=[plane((0, 0, 0))],
        SOPClassUID=LABEL_MAP,
        Modality="SEG",
        SegmentationType="LABELMAP",
        **(NO_WINDOW | palette),
    )
    (tile,) = root.tiles(made, width=3)
    assert tile.tolist() == [[[0, 0, 0], [255, 0, 0], [16, 32, 64]]]


# --- Slides --------------------------------------------------------------------------------------------------


def slide(flavour: str, colour: int, size: int, number: int) -> bytes:
    """One level of `size` x `size` px in one tile of one grey."""
    return make_object(
        instance_number=number,
        pixels=np.full((1, size, size, 3), colour, "u1"),
        photometric="RGB",
        SOPClassUID=SLIDE,
        Modality="SM",
        ImageType=["ORIGINAL", "PRIMARY", flavour, "NONE"],
        TotalPixelMatrixRows=size,
        TotalPixelMatrixColumns=size,
        position=None,
        orientation=None,
    )


LABELS = (slide("LABEL", 250, 2, 1), slide("OVERVIEW", 240, 2, 2))


def test_a_slide_shows_its_thumbnail(root: Root) -> None:
    levels = (slide("VOLUME", 10, 64, 3), slide("VOLUME", 20, 4, 4), slide("THUMBNAIL", 30, 8, 5))
    (tile,) = root.tiles(*LABELS, *levels, width=8)
    assert set(tile.ravel().tolist()) == {30}


def test_a_slide_without_thumbnail_shows_its_smallest_level(root: Root) -> None:
    (tile,) = root.tiles(*LABELS, slide("VOLUME", 10, 64, 3), slide("VOLUME", 20, 4, 4), width=4)
    assert set(tile.ravel().tolist()) == {20}


def test_a_slide_of_labels_alone_is_refused(root: Root) -> None:
    said = root.render(LABELS, Options("", "a.jpg"))
    assert isinstance(said, str)
    assert "slide labels and overviews" in said


def test_sparse_tiles_go_where_they_say(root: Root) -> None:
    """Four tiles of 2 x 2 in no order; the matrix is 3 x 3, so that three of them hang over its edge."""
    tiles = np.array([np.full((2, 2, 3), colour) for colour in (10, 20, 30, 40)], "u1")
    corners = [(3, 3), (1, 1), (3, 1), (1, 3)]
    per_frame: list[Groups] = [
        {
            "PlanePositionSlideSequence": [
                {
                    "RowPositionInTotalImagePixelMatrix": top,
                    "ColumnPositionInTotalImagePixelMatrix": left,
                }
            ]
        }
        for top, left in corners
    ]
    made = make_object(
        pixels=tiles,
        photometric="RGB",
        per_frame=per_frame,
        SOPClassUID=SLIDE,
        Modality="SM",
        ImageType=["ORIGINAL", "PRIMARY", "VOLUME", "NONE"],
        TotalPixelMatrixRows=3,
        TotalPixelMatrixColumns=3,
        **NO_WINDOW,
    )
    (tile,) = root.tiles(made, width=3)
    assert tile[..., 0].tolist() == [[20, 20, 40], [20, 20, 40], [30, 30, 10]]


# --- Shapes --------------------------------------------------------------------------------------------------


def test_tiles_of_different_shape_are_centred(root: Root) -> None:
    """4, 1 and 2 rows on 4 columns: of three rows left over the odd one is below."""
    made = [
        make_object(pixels=np.full((rows, 4), 200, "u2"), position=(0, 0, -i), **AS_IT_IS)
        for i, rows in enumerate((4, 1, 2))
    ]
    canvas = root.canvas(*made, width=4, tile_width=3, tile_height=1)
    lit = [canvas[:, 4 * i].tolist() for i in range(3)]
    assert lit == [[200, 200, 200, 200], [0, 200, 0, 0], [0, 200, 200, 0]]


@pytest.mark.parametrize(
    ("spacing", "height"),
    [
        ({"PixelSpacing": [2, 1]}, 20),
        ({"PixelSpacing": [1, 4]}, 3),  # 2.5 rounds up
        ({"PixelSpacing": None, "ImagerPixelSpacing": [3, 1]}, 30),
        ({"PixelSpacing": None, "PixelAspectRatio": [1, 2]}, 5),
        ({"PixelSpacing": [0, 0], "PixelAspectRatio": [1, 2]}, 5),
        ({"PixelSpacing": [1, 1000]}, 1),
        ({"PixelSpacing": None}, 10),
    ],
)
def test_height_follows_the_shape_in_mm(root: Root, spacing: dict[str, Any], height: int) -> None:
    (tile,) = root.tiles(make_object(pixels=np.full((10, 10), 9, "u2"), **spacing), width=10)
    assert tile.shape == (height, 10)


def test_tiny_frames_are_enlarged(root: Root) -> None:
    pixels = np.array([[0, 0, 0], [0, 255, 0], [0, 0, 0]], "u2")
    (tile,) = root.tiles(make_object(pixels=pixels, **AS_IT_IS), width=128)
    assert tile.shape == (128, 128)
    assert tile[64, 64] == 255
    for other in (tile[::-1], tile[:, ::-1], tile.T):
        assert np.abs(tile.astype(int) - other).max() <= 1
    assert not tile[:20].any()


@pytest.mark.parametrize(("rows", "columns", "shape"), [(20000, 64, (2500, 8)), (64, 20000, (3, 800))])
def test_long_sides(root: Root, rows: int, columns: int, shape: tuple[int, int]) -> None:
    """Grey runs from 0 to 255 along the long side."""
    ramp = np.linspace(0, 255, max(rows, columns)).astype("u1")
    pixels = np.broadcast_to(ramp[:, None] if rows > columns else ramp[None, :], (rows, columns))
    made = make_object(pixels=np.ascontiguousarray(pixels), **AS_IT_IS)
    (tile,) = root.tiles(made, width=shape[1], tile_width=1, tile_height=1)
    assert tile.shape == shape
    along = tile[:, 4] if rows > columns else tile[1]
    assert np.abs(along - np.linspace(0, 255, len(along))).max() <= 1.5


def test_a_canvas_beyond_webp_is_refused(root: Root) -> None:
    made = make_object(pixels=np.zeros((2000, 4), "u1"), **AS_IT_IS)
    said = root.render([made], Options("", "a.webp", image_width=40, tile_width=1))
    assert isinstance(said, str)
    assert "20000" in said
    assert "16383" in said


# --- Together ------------------------------------------------------------------------------------------------


def test_one_unreadable_object_is_a_black_tile(root: Root, caplog: pytest.LogCaptureFixture) -> None:
    good = [
        make_object(pixels=row(100, 200), position=(0, 0, z), instance_number=z, **AS_IT_IS) for z in (1, 3)
    ]
    bad = make_object(pixels=row(100, 200), position=(0, 0, 2), **(AS_IT_IS | {"Rows": 500}))
    with caplog.at_level(logging.WARNING):
        tiles = root.tiles(*good, bad, width=2, tile_width=3, tile_height=1)
    assert [tile.max() for tile in tiles] == [200, 0, 200]
    assert caplog.text.count("black tile") == 1
    assert uuid_for("2") in caplog.text


def test_a_mixed_series_is_what_the_oracle_makes_of_it(root: Root) -> None:
    """Axial and sagittal slices, inverted and not, with windows, tables and neither, padded, of many shapes."""
    numbers = np.random.default_rng(8)

    def noise(rows: int, columns: int) -> NDArray[Any]:
        return numbers.integers(-500, 1500, (rows, columns)).astype("i2")

    made = [
        make_object(pixels=noise(40, 30), position=(0, 0, 7), instance_number=1),
        make_object(pixels=noise(30, 40), position=(0, 0, 3), instance_number=2, **NO_WINDOW),
        make_object(
            pixels=noise(20, 20),
            position=(0, 0, 9),
            instance_number=3,
            photometric="MONOCHROME1",
            **NO_WINDOW,
        ),
        make_object(
            pixels=noise(64, 64),
            position=(0, 0, 1),
            instance_number=4,
            WindowCenter=300,
            WindowWidth=900,
            VOILUTFunction="SIGMOID",
            PixelPaddingValue=-500,
            PixelPaddingRangeLimit=-300,
        ),
        make_object(
            pixels=noise(50, 20),
            position=(4, 0, 0),
            orientation=SAGITTAL,
            instance_number=5,
            RescaleSlope=0.5,
            VOILUTSequence=lut((256, -1300, 8), range(256)),
        ),
        make_object(
            pixels=noise(33, 35),
            position=(-4, 0, 0),
            orientation=SAGITTAL,
            instance_number=6,
            PixelSpacing=[2.0, 1.0],
            Modality="MR",
            **NO_WINDOW,
        ),
    ]
    canvas = root.canvas(*made, width=40, tile_width=3, tile_height=2)
    expected = mosaic(order_of(root.folder), 3, 2, 40)
    assert canvas.shape == expected.shape
    assert np.abs(canvas - expected).max() <= 2.5  # levels are rounded before and after each direction
