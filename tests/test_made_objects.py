"""Headers that the real data lacks, from files to the canvas; expected grey levels are worked out by hand.

Tiles are as wide as their pixels, so that nothing is resized, and many windows have width 256 and centre 128
with the function LINEAR: that one shows the value v, of 0 to 255, as the grey level v.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import Dataset
from pydicom.uid import JPEG2000Lossless

from tests.support.dicom import Value, make_object, plane
from tests.support.pipeline import AS_IT_IS, NO_WINDOW, Root, lut, row

SEGMENTATION = "1.2.840.10008.5.1.4.1.1.66.4"
PARAMETRIC_MAP = "1.2.840.10008.5.1.4.1.1.30"


@pytest.fixture
def root(tmp_path: Path) -> Root:
    return Root(tmp_path)


# --- Windows -------------------------------------------------------------------------------------------------


def test_the_first_of_several_windows_counts(root: Root) -> None:
    elements = AS_IT_IS | {"WindowCenter": [128, 40], "WindowWidth": [256, 2]}
    (tile,) = root.tiles(make_object(pixels=row(0, 7, 200, 255, 256), **elements), width=5)
    assert tile.tolist() == [[0, 7, 200, 255, 255]]


@pytest.mark.parametrize(
    ("function", "center", "width", "expected"),
    [
        ("LINEAR", 101, 101, [0, 22, 124, 129, 251, 255]),  # 255·((x - 100.5)/100 + ½) = 2.55·(x - 50.5)
        ("LINEAR_EXACT", 100, 102, [0, 25, 125, 130, 250, 255]),  # 255·((x - 100)/102 + ½) = 2.5·(x - 49)
        ("SIGMOID", 100, 40, [2, 4, 121, 134, 253, 255]),  # 255/(1 + exp(-(x - 100)/10))
        (None, 99.5, 1, [0, 0, 0, 255, 255, 255]),  # LINEAR: black up to c - ½, white above
        ("LINEAR", 100.95, 0.5, [0, 0, 0, 153, 255, 255]),  # too narrow for LINEAR: exact, 0.05/0.5 + ½
        ("NO_SUCH", 128, 256, [49, 59, 99, 101, 149, 200]),  # as if absent: LINEAR
    ],
)
def test_the_functions_of_a_window(
    root: Root, function: str | None, center: float, width: float, expected: list[int]
) -> None:
    values = row(49, 59, 99, 101, 149, 200)
    window: dict[str, Any] = {"WindowCenter": center, "WindowWidth": width, "VOILUTFunction": function}
    (tile,) = root.tiles(make_object(pixels=values, **(AS_IT_IS | window)), width=6)
    assert tile.tolist() == [expected]


RAMP = row(*range(101))
AUTO = [max(0, min(255, (2 * 255 * (x - 2) + 96) // 192)) for x in range(101)]
"""The levels of 0 to 100, from their 2nd percentile 2 to their 98th 98, rounded."""


@pytest.mark.parametrize("width", [0, -400, "", None])
def test_a_window_that_cannot_be_is_as_if_absent(
    root: Root, width: Value, caplog: pytest.LogCaptureFixture
) -> None:
    made = make_object(pixels=RAMP, RescaleIntercept=None, WindowCenter=40, WindowWidth=width)
    (tile,) = root.tiles(made, width=101)
    assert np.abs(tile[0].astype(int) - AUTO).max() <= 1
    assert ("WindowWidth" in caplog.text) == isinstance(width, int)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"window_width": 100.0, "window_center": 50.0}, [8, 102, 247]),  # 255·x/100
        ({"contrast_preset": "lung"}, [213, 219, 229]),  # 255·(x + 1250)/1500
    ],
)
def test_the_command_line_comes_before_the_file(
    root: Root, options: dict[str, Any], expected: list[int]
) -> None:
    voi = lut((2, 0, 8), [255, 255])
    made = make_object(pixels=row(3, 40, 97), VOILUTSequence=voi, **AS_IT_IS)
    (tile,) = root.tiles(made, width=3, **options)
    assert tile.tolist() == [expected]


# --- Tables --------------------------------------------------------------------------------------------------


def test_65536_entries_are_written_as_none(root: Root) -> None:
    voi = lut((0, 0, 16), range(65535, -1, -1))
    made = make_object(pixels=row(0, 25700, 65535), VOILUTSequence=voi, **AS_IT_IS)
    (tile,) = root.tiles(made, width=3)
    assert tile.tolist() == [[255, 155, 0]]  # 25,700 is 100 · 257, and 65,535 is 255 · 257


@pytest.mark.parametrize("written", [("SS", [4, -2, 8]), ("US", [4, 65534, 8])])
def test_the_first_entry_may_be_for_a_negative_value(root: Root, written: tuple[str, list[int]]) -> None:
    item = Dataset()
    item.add_new("LUTDescriptor", *written)
    item.add_new("LUTData", "OW", bytes([10, 0, 20, 0, 30, 0, 240, 0]))
    values = row(-9, -2, -1, 0, 1, 9, dtype="i2")
    made = make_object(pixels=values, extra={0x00283010: ("SQ", [item])}, **AS_IT_IS)
    (tile,) = root.tiles(made, width=6)
    assert tile.tolist() == [[10, 10, 20, 30, 240, 240]]


def test_modality_table_then_voi_table(root: Root) -> None:
    made = make_object(
        pixels=row(0, 1, 2, 3, 4, 9),
        ModalityLUTSequence=lut((5, 0, 16), [0, 100, 200, 201, 300]),
        VOILUTSequence=lut((3, 199, 8), [0, 128, 255]),
        **AS_IT_IS,
    )
    (tile,) = root.tiles(made, width=6)
    assert tile.tolist() == [[0, 0, 128, 255, 255, 255]]


def test_a_modality_table_replaces_rescale_and_feeds_the_window(root: Root) -> None:
    table = lut((3, 10, 16), [50, 150, 250])
    elements = AS_IT_IS | {"ModalityLUTSequence": table, "RescaleSlope": 7, "RescaleIntercept": 3}
    (tile,) = root.tiles(make_object(pixels=row(0, 10, 11, 12, 99), **elements), width=5)
    assert tile.tolist() == [[50, 50, 150, 250, 250]]


# --- Stored values -------------------------------------------------------------------------------------------


def test_bits_above_those_stored_are_ignored(root: Root) -> None:
    junk = row(0x5000, 0xF000 | 100, 0xA000 | 255)
    (tile,) = root.tiles(make_object(pixels=junk, BitsStored=12, HighBit=11, **AS_IT_IS), width=3)
    assert tile.tolist() == [[0, 100, 255]]


def test_signed_values_have_their_sign_in_the_highest_bit_stored(root: Root) -> None:
    """-1, -100 and 5 in 12 bits, under other bits; the window's black is at -128, so v shows as v + 128."""
    junk = row(0x7FFF, 0x3F9C, 0x7005).view("i2")
    elements = AS_IT_IS | {"WindowCenter": 0, "BitsStored": 12, "HighBit": 11}
    (tile,) = root.tiles(make_object(pixels=junk, **elements), width=3)
    assert tile.tolist() == [[127, 28, 133]]


@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2", "u4", "i4"])
def test_integers_of_every_size(root: Root, dtype: str) -> None:
    (tile,) = root.tiles(make_object(pixels=row(0, 5, 99, 127, dtype=dtype), **AS_IT_IS), width=4)
    assert tile.tolist() == [[0, 5, 99, 127]]


@pytest.mark.parametrize(("keyword", "dtype"), [("Float", "<f4"), ("DoubleFloat", "<f8")])
def test_floating_point_pixels(root: Root, keyword: str, dtype: str) -> None:
    """-1000 to -900 is padding, and what is no number is nothing: both black, and neither counts."""
    values = [*np.linspace(0, 1, 101), -1000.0, -950.0, np.nan, np.inf]
    elements = NO_WINDOW | {
        "SOPClassUID": PARAMETRIC_MAP,
        "Modality": "OT",
        f"{keyword}PixelData": np.array(values, dtype).tobytes(),
        f"{keyword}PixelPaddingValue": -900.0,
        f"{keyword}PixelPaddingRangeLimit": -1000.0,
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "Rows": 1,
        "Columns": 105,
        "BitsAllocated": 32 if dtype == "<f4" else 64,
    }
    (tile,) = root.tiles(make_object(has_pixels=False, **elements), width=105)
    assert np.abs(tile[0].astype(int) - [*AUTO, 0, 0, 0, 0]).max() <= 1
    assert tile[0, 101:].tolist() == [0, 0, 0, 0]


def test_one_bit_frames_begin_within_a_byte(root: Root) -> None:
    """Two frames of 3 x 3 bits, the lowest bit of a byte first; the head's end is the second frame."""
    one, other = [1, 0, 0, 0, 1, 0, 0, 0, 1], [0, 0, 1, 0, 1, 0, 1, 0, 0]
    elements = NO_WINDOW | {
        "SOPClassUID": SEGMENTATION,
        "Modality": "SEG",
        "PixelData": np.packbits([*one, *other], bitorder="little").tobytes() + b"\0",
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "Rows": 3,
        "Columns": 3,
        "NumberOfFrames": 2,
        "BitsAllocated": 1,
        "BitsStored": 1,
        "HighBit": 0,
        "PixelRepresentation": 0,
    }
    per_frame = [plane((0, 0, 0)), plane((0, 0, 5))]
    made = make_object(has_pixels=False, per_frame=per_frame, **elements)
    tiles = root.tiles(made, width=3)
    assert [(tile // 255).ravel().tolist() for tile in tiles] == [other, one]
    assert [tile.max() for tile in tiles] == [255, 255]


# --- Padding and inversion -----------------------------------------------------------------------------------


@pytest.mark.parametrize("written", [("SS", -2000), ("US", 63536)])
def test_padding_has_the_sign_of_the_pixels(root: Root, written: tuple[str, int]) -> None:
    """In MONOCHROME1 low values are white, so that black is padding alone; it does not count for the window."""
    values = np.concatenate([RAMP.astype("i2"), np.full((1, 30), -2000, "i2")], axis=1)
    made = make_object(pixels=values, photometric="MONOCHROME1", extra={0x00280120: written}, **NO_WINDOW)
    (tile,) = root.tiles(made, width=131)
    assert np.abs(tile[0, :101].astype(int) - [255 - level for level in AUTO]).max() <= 1
    assert not tile[0, 101:].any()


@pytest.mark.parametrize(("value", "limit"), [(-1000, -2000), (-2000, -1000)])
def test_the_limit_of_padding_may_lie_on_either_side(root: Root, value: int, limit: int) -> None:
    made = make_object(
        pixels=row(-2001, -2000, -1500, -1000, -999, dtype="i2"),
        photometric="MONOCHROME1",
        PixelPaddingValue=value,
        PixelPaddingRangeLimit=limit,
        **AS_IT_IS,
    )
    (tile,) = root.tiles(made, width=5)
    assert tile.tolist() == [[255, 0, 0, 0, 255]]


def test_padding_is_compared_before_rescale(root: Root) -> None:
    elements = AS_IT_IS | {"RescaleSlope": 2, "RescaleIntercept": 10, "PixelPaddingValue": 20}
    (tile,) = root.tiles(make_object(pixels=row(5, 20, 30), **elements), width=3)
    assert tile.tolist() == [[20, 0, 70]]  # 5 becomes 20, and is none


def test_a_picture_of_padding_alone_is_black(root: Root) -> None:
    made = make_object(pixels=np.full((4, 4), 7, "u2"), PixelPaddingValue=7, **NO_WINDOW)
    (tile,) = root.tiles(made, width=4)
    assert not tile.any()


@pytest.mark.parametrize(
    ("photometric", "shape", "inverts"),
    [
        ("MONOCHROME1", None, True),
        ("MONOCHROME1", "INVERSE", True),
        ("MONOCHROME2", "INVERSE", True),
        ("MONOCHROME2", "IDENTITY", False),
        ("MONOCHROME1", "IDENTITY", True),
    ],
)
def test_monochrome1_and_inverse_invert_once(
    root: Root, photometric: str, shape: str | None, inverts: bool
) -> None:
    made = make_object(
        pixels=row(0, 100, 255), photometric=photometric, PresentationLUTShape=shape, **AS_IT_IS
    )
    (tile,) = root.tiles(made, width=3)
    assert tile.tolist() == [[255, 155, 0] if inverts else [0, 100, 255]]


# --- One window for several pictures -------------------------------------------------------------------------


def test_slices_of_one_modality_share_their_window(root: Root) -> None:
    """PET: every slice has its own slope, and the window is found after it was applied."""
    made = [
        make_object(
            instance_number=slope,
            position=(0, 0, -slope),
            pixels=RAMP,
            **(NO_WINDOW | {"Modality": "PT", "RescaleSlope": slope}),
        )
        for slope in (1, 2)
    ]
    tiles = root.tiles(*made, width=101)
    values = [np.arange(101), 2 * np.arange(101)]
    low, high = np.percentile(np.concatenate(values), [2, 98])
    for tile, shown in zip(tiles, values, strict=True):
        expected = np.clip((shown - low) / (high - low), 0, 1) * 255
        assert np.abs(tile[0] - expected).max() <= 0.51


def test_modalities_do_not_share(root: Root) -> None:
    made = [
        make_object(position=(0, 0, -i), pixels=RAMP * 50**i, **(NO_WINDOW | {"Modality": modality}))
        for i, modality in enumerate(("PT", "MR"))
    ]
    tiles = root.tiles(*made, width=101)
    assert [np.abs(tile[0].astype(int) - AUTO).max() <= 1 for tile in tiles] == [True, True]


def test_a_sparse_mask_runs_from_minimum_to_maximum(root: Root) -> None:
    values = np.zeros((10, 50), "u2")
    values[3, 7] = 77
    (tile,) = root.tiles(make_object(pixels=values, **NO_WINDOW), width=50)
    assert (int(tile[3, 7]), int(np.count_nonzero(tile))) == (255, 1)


@pytest.mark.parametrize("value", [0, 1, 1000])
def test_a_constant_picture_renders(root: Root, value: int) -> None:
    (tile,) = root.tiles(make_object(pixels=np.full((4, 4), value, "u2"), **NO_WINDOW), width=4)
    assert tile.min() == tile.max()


def test_label_data_run_from_minimum_to_maximum_however_they_are_compressed(root: Root) -> None:
    """Of 4096 pixels one is at the top: percentiles, or a picture decoded at half its size, would lose it."""
    values = np.zeros((64, 64), "u1")
    values[20:40, 20:40] = 100
    values[9, 9] = 200
    elements = NO_WINDOW | {"SOPClassUID": SEGMENTATION, "Modality": "SEG"}
    made = make_object(pixels=values, transfer_syntax=JPEG2000Lossless, **elements)
    (tile,) = root.tiles(made, width=16)
    assert abs(int(tile[7, 7]) - 127) <= 1
