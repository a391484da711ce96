"""Laws of the demo's person: whole slices, the right way round, each telling where it is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from dicom_series_preview.core.show.glyphs import ink
from dicom_series_preview.phantom.slices import SIZE, SLICE_SPACING, SLICES, phantom_slice, slice_z
from property_tests.inked import places

INK = 1500
LETTERS = "0123456789ALPR"


def _holds(image: NDArray[np.int16], text: str) -> bool:
    """Whether the image holds a text as ink, three pixels a dot."""
    return bool(places(image >= INK, ink(text, 3)))


@pytest.fixture(scope="module")
def slices() -> list[NDArray[np.int16]]:
    """All slices, from head to feet."""
    return [phantom_slice(index) for index in range(SLICES)]


def test_every_slice_is_twelve_bits_with_air_around(slices: list[NDArray[np.int16]]) -> None:
    """All slices are 256 x 256 HU from -1024 to 3071, with air in the corners."""
    for image in slices:
        assert image.shape == (SIZE, SIZE)
        assert image.dtype == np.int16
        assert -1024 <= int(image.min()) < -950
        assert int(image.max()) <= 3071
        assert int(np.median(image[:3, -3:])) < -950


def test_every_slice_has_a_longer_bar_than_the_one_before(slices: list[NDArray[np.int16]]) -> None:
    """The bar at the left edge grows from head to feet, so that a wrong order shows."""
    bars = [int((image[:, 5] >= INK).sum()) for image in slices]
    assert bars == sorted(set(bars))


def test_every_slice_carries_its_number_and_letters(slices: list[NDArray[np.int16]]) -> None:
    """R and A lie on one side of the middle, L and P on the other; the number counts from 1 at the head."""
    half = SIZE // 2
    for number, image in enumerate(slices, start=1):
        assert _holds(image[:, :half], "R")
        assert _holds(image[:, half:], "L")
        assert _holds(image[:half], "A")
        assert _holds(image[half:], "P")
        assert _holds(image, f"{number:03}")


def test_a_slice_is_the_same_each_time(slices: list[NDArray[np.int16]]) -> None:
    """Nothing is random: the same slice every time, in whatever order they are made, and no two alike."""
    again = [phantom_slice(index) for index in reversed(range(SLICES))]
    assert all(np.array_equal(one, other) for one, other in zip(slices, reversed(again), strict=True))
    assert len({image.tobytes() for image in slices}) == SLICES


@given(index=st.integers(0, SLICES - 2))
def test_slices_go_down_in_equal_steps(index: int) -> None:
    """z decreases toward the feet by the slice spacing."""
    assert slice_z(index) - slice_z(index + 1) == SLICE_SPACING


@given(text=st.text(LETTERS, min_size=1, max_size=4), scale=st.integers(1, 4))
def test_ink_is_a_page_of_letters(text: str, scale: int) -> None:
    """A text is its letters side by side, one blank column between, each dot a square of `scale`."""
    dots = ink(text, scale)
    assert dots.shape == (7 * scale, (6 * len(text) - 1) * scale)
    small = ink(text)
    for row, column in np.ndindex(*dots.shape):
        assert dots[row, column] == small[row // scale, column // scale]
    for place, letter in enumerate(text):
        assert np.array_equal(small[:, 6 * place : 6 * place + 5], ink(letter))
    assert not small[:, 5::6].any()


def test_no_two_letters_look_alike() -> None:
    """All digits and the letters of the four sides differ."""
    assert len({ink(letter).tobytes() for letter in LETTERS}) == len(LETTERS)
