"""Laws of what is told of a finished canvas: a picture of one grey, and pixels that were odd."""

from __future__ import annotations

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.choose.canvas_layout import Rect
from dicom_series_preview.core.choose.contrast import AutoWindow, SliceContrast
from dicom_series_preview.core.choose.pick import Chosen
from dicom_series_preview.core.choose.plan import Tile
from dicom_series_preview.core.geometry import Axis
from dicom_series_preview.core.grey import Lut, Voi, Window, exact_window
from dicom_series_preview.core.odd_pixels import (
    BitsBeyond,
    MoreFrames,
    NativeAnyway,
    NoDelimiter,
    OtherCodec,
    OtherColours,
    OtherPrecision,
    OtherSign,
    PixelOddity,
    UselessPalette,
    UselessTable,
    WrappedAnyway,
)
from dicom_series_preview.core.order.series import Slice
from dicom_series_preview.core.remarks import OddPixels, OneGrey
from dicom_series_preview.core.show.odd import odd_pixels, one_grey
from property_tests.strategies import make_frame, make_instance

OWN = exact_window(40.0, 20.0)
TABLE = Lut(0, 8, b"\5\0\7\0")


def tile(voi: Voi | None, contrast: SliceContrast, name: str = "a") -> Tile:
    frame = evolve(make_frame(), voi=voi)
    return Tile(Chosen(Slice(make_instance(name, frame), frame), 0, Axis.Z, None), Rect(0, 0, 2, 2), contrast)


def flat(level: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.full((2, 2), level, np.uint8)


@given(
    levels=st.lists(st.sampled_from([None, 0, 255, 7]), min_size=1, max_size=4),
    voi=st.sampled_from([OWN, TABLE]),
)
def test_a_canvas_of_one_grey_is_told(levels: list[int | None], voi: Voi) -> None:
    """All black, or all white, wherever there is a picture; the window is the first one's."""
    tiles = [tile(voi, voi) for _ in levels]
    shown = [None if level is None else flat(level) for level in levels]
    there = {level for level in levels if level is not None}
    found = one_grey(tiles, shown)
    expected = {0: OneGrey(False, voi), 255: OneGrey(True, voi)}
    assert found == (expected.get(there.pop()) if len(there) == 1 else None)


@pytest.mark.parametrize(
    ("voi", "contrast"),
    [(OWN, exact_window(1.0, 2.0)), (OWN, AutoWindow("CT", False)), (None, OWN), (OWN, None)],
)
def test_only_windows_of_the_file_are_blamed(voi: Voi | None, contrast: SliceContrast) -> None:
    """A window of the command line, or one found from pixels, shows what it was asked for."""
    assert one_grey([tile(voi, contrast)], [flat(0)]) is None
    assert one_grey([tile(OWN, OWN), tile(voi, contrast)], [flat(0), flat(0)]) is None


def test_colours_and_single_pixels_are_no_grey() -> None:
    """One pixel that differs is something to see."""
    other = flat(0)
    other[1, 1] = 1
    assert one_grey([tile(OWN, OWN)], [other]) is None
    assert one_grey([tile(OWN, OWN)], [np.zeros((2, 2, 3), np.uint8)]) is None
    assert one_grey([], []) is None


def test_the_words_name_the_window_and_the_way_out() -> None:
    """As numbers, or as the table of the file."""
    assert str(OneGrey(False, Window(16000.0, 32000.0, OWN.function))) == (
        "All that is shown is black through the window of the file (width 32000, center 16000): "
        "try --contrast-preset auto."
    )
    assert str(OneGrey(True, TABLE)) == (
        "All that is shown is white through the VOI LUT of the file: try --contrast-preset auto."
    )


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sets(st.sampled_from([1, 2, "end"]))), max_size=6))
def test_each_oddity_is_told_once_with_its_objects(made: list[tuple[str, set[int | str]]]) -> None:
    """An object of which several frames are shown counts once; the first is named, with its number."""
    tiles = [tile(OWN, OWN, name) for name, _ in made]
    met = [(name, MoreFrames(said)) for name, told in made for said in sorted({1, 2} & told)]
    ends = [(name, NoDelimiter()) for name, told in made if "end" in told]
    odd: dict[int, tuple[PixelOddity, ...]] = {
        number: (*(MoreFrames(said) for said in sorted({1, 2} & told)), *([NoDelimiter()] * ("end" in told)))
        for number, (_, told) in enumerate(made)
    }
    expected = [OddPixels(of[0][1], len({name for name, _ in of}), of[0][0]) for of in (met, ends) if of]
    assert sorted(odd_pixels(tiles, odd), key=str) == sorted(expected, key=str)


@pytest.mark.parametrize(
    ("oddity", "words"),
    [
        (OtherCodec("RLE", "JPEG, 1.2"), "RLE, not what the transfer syntax (JPEG, 1.2) says"),
        (
            OtherSign(),
            "signed, but PixelRepresentation is 0: its samples are read without a sign",
        ),
        (OtherColours("YBR_FULL"), "PhotometricInterpretation is YBR_FULL: they are read as the header says"),
        (
            OtherPrecision(8, 12),
            "has 8 bits a sample, but BitsStored is 12: its samples are used as they are",
        ),
        (BitsBeyond(12), "beyond the 12 of BitsStored"),
        (NativeAnyway("JPEG, 1.2"), "the pixels are native, not what the transfer syntax (JPEG, 1.2) says"),
        (WrappedAnyway("Implicit, 1.2"), "although the transfer syntax (Implicit, 1.2) has none"),
        (MoreFrames(3), "more frames than NumberOfFrames says (3): the others are not shown"),
        (UselessTable(), "the offset table is wrong: each fragment is taken as a frame"),
        (NoDelimiter(), "the fragments do not end with a delimiter: what follows them is left out"),
        (UselessPalette("It is lame."), "only grey is shown. It is lame"),
    ],
)
def test_every_oddity_says_what_was_done(oddity: PixelOddity, words: str) -> None:
    """With the object it concerns, or the number of them and the first."""
    assert words in str(oddity)
    assert str(OddPixels(oddity, 1, "a.dcm")) == f"a.dcm: {oddity}."
    assert str(OddPixels(oddity, 3, "a.dcm")) == f"3 objects, the first is a.dcm: {oddity}."
