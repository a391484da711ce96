"""Values that are not written as the standard has them, and can only mean one thing."""

from __future__ import annotations

import pytest

from tests.header.shown import PLAIN, STEPS, Bench, columns, flat, near, one
from tests.support.dicom import make_object

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:pydicom")

LINEAR = (0, 0, 12, 115, 218, 255, 255, 255)
"""The steps through LINEAR 100.5/80.25: ((x - 100) / 79.25 + 0.5) * 255, cut to 0..255."""


@pytest.mark.parametrize(
    ("center", "width"), [(b"100,5", b"80,25"), (b" 100,50 ", b"+8,025E1"), (b"1005e-1", b" +80.25")]
)
def test_a_window_may_have_decimal_commas(bench: Bench, center: bytes, width: bytes) -> None:
    raw = {"WindowCenter": ("DS", center), "WindowWidth": ("DS", width)}
    shown = bench.columns(one(columns(), raw=raw))
    assert (shown.greys, shown.warnings) == (near(*LINEAR), [])


def test_a_rescale_may_have_decimal_commas(bench: Bench) -> None:
    raw = {"RescaleSlope": ("DS", b"0,5"), "RescaleIntercept": ("DS", b"-,5E1")}
    shown = bench.columns(one(columns(), raw=raw, WindowCenter=64, WindowWidth=128))
    expected = [min(255, max(0, round((value * 0.5 - 5 - 63.5) / 127 * 255 + 127.5))) for value in STEPS]
    assert (shown.greys, shown.warnings) == (near(*expected), [])


def test_positions_may_have_decimal_commas(bench: Bench) -> None:
    """From the head down, whatever InstanceNumber says."""

    def at(number: int, grey: int, z: bytes) -> bytes:
        raw = {
            "ImagePositionPatient": ("DS", b"0,0\\0,0\\" + z),
            "ImageOrientationPatient": ("DS", b"1,0\\0,0\\0,0\\0,0\\1,0\\0,0"),
        }
        return make_object(pixels=flat(grey), instance_number=number, raw=raw, **PLAIN)

    shown = bench.slices(at(1, 10, b"-5,5"), at(2, 30, b"5,5"), at(3, 20, b"0,5"))
    assert (shown.greys, shown.warnings) == (near(30, 20, 10), [])


def test_a_spacing_may_have_decimal_commas(bench: Bench) -> None:
    bench.put(one(columns([100, 100]), raw={"PixelSpacing": ("DS", b"1,5\\0,75")}))
    assert bench.show_everywhere("--position", "0", "--image-width", "32").size == (32, 32)


@pytest.mark.parametrize("written", [b" sigmoid ", b"Sigmoid", b"SIGMOID  "])
def test_a_function_may_be_written_in_any_case(bench: Bench, written: bytes) -> None:
    raw = {"VOILUTFunction": ("CS", written)}
    shown = bench.columns(one(columns(), raw=raw, WindowCenter=128, WindowWidth=100))
    assert (shown.greys, shown.warnings) == (near(2, 5, 18, 55, 128, 200, 237, 253), [])


def test_codes_may_be_written_in_any_case(bench: Bench) -> None:
    """Each of these inverts, once."""
    raw = {"PhotometricInterpretation": ("CS", b" monochrome1"), "PresentationLUTShape": ("CS", b"inverse ")}
    shown = bench.columns(one(columns(), raw=raw))
    assert (shown.greys, shown.warnings) == (near(*(255 - value for value in STEPS)), [])


@pytest.mark.parametrize("numbers", [(b" +3", b"\0 2", b"1.0 "), (b"3", b" 2 ", b"+1")])
def test_numbers_may_have_signs_and_blanks(bench: Bench, numbers: tuple[bytes, ...]) -> None:
    objects = [
        one(flat(grey), instance_number=grey, raw={"InstanceNumber": ("IS", number)})
        for grey, number in zip((90, 60, 30), numbers, strict=True)
    ]
    shown = bench.slices(*objects)
    assert (shown.greys, shown.warnings) == (near(30, 60, 90), [])
