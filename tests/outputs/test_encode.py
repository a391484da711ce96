"""The format is the one the extension names, the picture is the one given, and the bytes repeat."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from dicom_series_preview.core.ask.formats import JPEG, PNG, WEBP, Encoder
from dicom_series_preview.shell.outputs.encode import encode

FORMATS = pytest.mark.parametrize("encoder", [WEBP, JPEG], ids=lambda encoder: encoder.name)


def scene(*channels: int) -> NDArray[np.uint8]:
    rows, columns = np.mgrid[0:96, 0:128]
    grey = ((np.sin(rows / 9) + np.cos(columns / 13) + 2) * 60).astype(np.uint8)
    return np.stack([np.roll(grey, 7 * i, axis=1) for i in range(channels[0])], axis=-1) if channels else grey


def decoded(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


@FORMATS
@pytest.mark.parametrize("quality", [0, 1, 25, 99, 100])
def test_every_quality_gives_a_picture_of_the_format_and_size(encoder: Encoder, quality: int) -> None:
    for canvas in (scene(), scene(3)):
        image = decoded(encode(canvas, encoder, quality))
        assert (image.format, image.size) == (encoder.name.upper(), (128, 96))
        image.load()


@FORMATS
def test_the_best_quality_is_close_to_the_canvas(encoder: Encoder) -> None:
    for canvas in (scene(), scene(3)):
        image = decoded(encode(canvas, encoder, 100))
        found = np.asarray(image.convert("L" if canvas.ndim == 2 else "RGB")).astype(int)
        assert np.abs(found - canvas).mean() < 2


@FORMATS
def test_less_quality_is_fewer_bytes(encoder: Encoder) -> None:
    sizes = [len(encode(scene(3), encoder, quality)) for quality in (5, 25, 60, 95)]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]


@FORMATS
def test_the_same_canvas_is_the_same_bytes(encoder: Encoder) -> None:
    assert encode(scene(3), encoder, 25) == encode(scene(3), encoder, 25)


def test_grey_stays_grey() -> None:
    assert decoded(encode(scene(), JPEG, 25)).mode == "L"
    # WebP knows only colour; a grey level may come back one off, alike in all channels to within that.
    channels = np.asarray(decoded(encode(scene(), WEBP, 25)).convert("RGB")).astype(int)
    assert np.ptp(channels, axis=-1).max() <= 2


@FORMATS
def test_nothing_of_this_machine_or_of_the_patient_is_written_along(encoder: Encoder) -> None:
    image = decoded(encode(scene(), encoder, 25))
    assert {"exif", "xmp", "icc_profile", "comment"} & set(image.info) == set()


@pytest.mark.parametrize("shape", [(1, 1), (1, 128)])
def test_the_smallest_canvas(shape: tuple[int, int]) -> None:
    for encoder in (WEBP, JPEG):
        image = decoded(encode(np.zeros(shape, np.uint8), encoder, 25))
        assert image.size == shape[::-1]


@pytest.mark.parametrize("encoder", [WEBP, JPEG, PNG], ids=lambda encoder: encoder.name)
def test_the_longest_sides_are_those_the_encoders_take(encoder: Encoder) -> None:
    for shape in ((1, encoder.limit), (encoder.limit, 1)):
        assert decoded(encode(np.zeros(shape, np.uint8), encoder, 0)).size == shape[::-1]


@pytest.mark.parametrize("encoder", [WEBP, JPEG])
def test_one_pixel_more_is_what_the_encoders_refuse(encoder: Encoder) -> None:
    """So that the limits, by which a picture is refused before anything is read, refuse none too early."""
    with pytest.raises((OSError, ValueError)):
        encode(np.zeros((1, encoder.limit + 1), np.uint8), encoder, 0)


@pytest.mark.parametrize("channels", [0, 3])
def test_lossless_pictures_come_back_as_they_were(channels: int) -> None:
    canvas = scene(channels) if channels else scene()
    png = decoded(encode(canvas, PNG, 25))
    assert (png.format, np.asarray(png).tolist()) == ("PNG", canvas.tolist())
    webp = decoded(encode(canvas, WEBP, 25, lossless=True))
    assert webp.format == "WEBP"
    assert np.array_equal(np.asarray(webp.convert("RGB" if channels else "L")), canvas)


@pytest.mark.parametrize("quality", [*range(88, 101), 0, 50])
@pytest.mark.parametrize("shape", [(96, 96), (96, 96, 3), (8, 8, 3)])
def test_noise_of_every_quality_is_a_jpeg(quality: int, shape: tuple[int, ...]) -> None:
    noise = np.random.default_rng(1).integers(0, 256, shape).astype(np.uint8)
    image = decoded(encode(noise, JPEG, quality))
    image.load()
    assert image.size == (shape[1], shape[0])


@pytest.mark.parametrize(("quality", "apart"), [(89, False), (90, True), (100, True)])
def test_from_quality_90_on_neighbouring_colours_stay_apart(quality: int, apart: bool) -> None:
    canvas = np.empty((16, 64, 3), np.uint8)
    canvas[:, ::2], canvas[:, 1::2] = (200, 60, 60), (60, 60, 200)
    found = np.asarray(decoded(encode(canvas, JPEG, quality))).astype(int)
    assert (np.abs(found - canvas).max() <= 12) == apart


def test_a_picture_that_overflows_the_best_method_is_written_by_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As libwebp does from about 200 million px on."""
    tried: list[object] = []
    save = Image.Image.save

    def overflowing(image: Image.Image, file: BytesIO, kind: str, **options: object) -> None:
        tried.append(options["method"])
        if options["method"] == 2:
            raise ValueError("encoding error 6")
        save(image, file, kind, **options)

    monkeypatch.setattr(Image.Image, "save", overflowing)
    assert decoded(encode(scene(), WEBP, 25)).size == (128, 96)
    assert tried == [2, 0]
