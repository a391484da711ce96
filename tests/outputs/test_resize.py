"""Resizing keeps the mean, the orientation and the colours; small pictures are enlarged."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from dicom_series_preview.shell.outputs.resize import resize

RNG = np.random.default_rng(11)


def noise(*shape: int) -> NDArray[np.uint8]:
    return RNG.integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize("shape", [(512, 512), (100, 37), (1, 1), (3, 500), (512, 300, 3), (2, 2, 3)])
@pytest.mark.parametrize(("width", "height"), [(128, 128), (1, 1), (7, 90), (300, 3)])
def test_the_size_is_the_one_asked_for(shape: tuple[int, ...], width: int, height: int) -> None:
    resized = resize(noise(*shape), width, height)
    assert resized.shape == (height, width, *shape[2:])
    assert resized.dtype == np.uint8


def test_the_size_it_has_changes_nothing() -> None:
    picture = noise(40, 30)
    assert np.array_equal(resize(picture, 30, 40), picture)


@pytest.mark.parametrize("value", [0, 1, 127, 254, 255])
def test_a_plain_picture_stays_plain(value: int) -> None:
    assert set(np.unique(resize(np.full((500, 333), value, np.uint8), 64, 77))) == {value}


def test_the_mean_stays() -> None:
    for picture in (noise(512, 512), noise(333, 500)):
        assert abs(float(resize(picture, 64, 64).mean()) - float(picture.mean())) < 1


def test_a_bright_line_does_not_vanish_wherever_it_lies() -> None:
    """Every pixel of the source weighs in: taking every eighth would lose seven lines of eight."""
    for row in range(100, 116):
        picture = np.zeros((512, 512), np.uint8)
        picture[row] = 255
        shrunk = resize(picture, 64, 64)
        assert abs(float(shrunk.mean()) - 255 / 512) < 0.2


def test_nothing_is_turned_or_mirrored() -> None:
    picture = np.zeros((300, 200), np.uint8)
    picture[:150, :100] = 100
    picture[150:, 100:] = 200
    resized = resize(picture, 50, 75).astype(int)
    corners = resized[5, 5], resized[5, -5], resized[-5, 5], resized[-5, -5]
    assert np.abs(np.subtract(corners, (100, 0, 0, 200))).max() <= 1


def test_colours_stay_with_their_channels() -> None:
    picture = np.zeros((64, 64, 3), np.uint8)
    picture[..., 0], picture[..., 2] = 250, 30
    assert np.unique(resize(picture, 16, 16).reshape(-1, 3), axis=0).tolist() == [[250, 0, 30]]


def test_it_is_close_to_resizing_in_one_step() -> None:
    smooth = np.asarray(Image.fromarray(noise(16, 16)).resize((512, 512), Image.Resampling.BICUBIC))
    whole = np.asarray(Image.fromarray(smooth).resize((100, 90), Image.Resampling.LANCZOS))
    difference = np.abs(resize(smooth, 100, 90).astype(int) - whole)
    assert difference.mean() < 0.5
    assert difference.max() <= 4


def test_arrays_that_are_views_are_taken_as_they_look() -> None:
    picture = noise(100, 80)
    assert np.array_equal(resize(picture[::-1, ::2], 20, 25), resize(picture[::-1, ::2].copy(), 20, 25))
