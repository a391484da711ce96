"""The format is the one the extension names, the picture is the one given, and the bytes repeat."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from dicom_series_preview.core.ask.formats import JPEG, WEBP, Encoder
from dicom_series_preview.core.ask.preview import Output
from dicom_series_preview.core.faults.request import CanvasTooLarge
from dicom_series_preview.shell.outputs.encode import encode

FORMATS = pytest.mark.parametrize("encoder", [WEBP, JPEG], ids=lambda encoder: encoder.name)


def scene(*channels: int) -> NDArray[np.uint8]:
    rows, columns = np.mgrid[0:96, 0:128]
    grey = ((np.sin(rows / 9) + np.cos(columns / 13) + 2) * 60).astype(np.uint8)
    return np.stack([np.roll(grey, 7 * i, axis=1) for i in range(channels[0])], axis=-1) if channels else grey


def encoded(canvas: NDArray[np.uint8], output: Output) -> bytes:
    return encode(canvas, output).unwrap()


def decoded(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


@FORMATS
@pytest.mark.parametrize("quality", [0, 1, 25, 99, 100])
def test_every_quality_gives_a_picture_of_the_format_and_size(encoder: Encoder, quality: int) -> None:
    for canvas in (scene(), scene(3)):
        image = decoded(encoded(canvas, Output("out", encoder, quality)))
        assert (image.format, image.size) == (encoder.name.upper(), (128, 96))
        image.load()


@FORMATS
def test_the_best_quality_is_close_to_the_canvas(encoder: Encoder) -> None:
    for canvas in (scene(), scene(3)):
        image = decoded(encoded(canvas, Output("out", encoder, 100)))
        found = np.asarray(image.convert("L" if canvas.ndim == 2 else "RGB")).astype(int)
        assert np.abs(found - canvas).mean() < 2


@FORMATS
def test_less_quality_is_fewer_bytes(encoder: Encoder) -> None:
    sizes = [len(encoded(scene(3), Output("out", encoder, quality))) for quality in (5, 25, 60, 95)]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]


@FORMATS
def test_the_same_canvas_is_the_same_bytes(encoder: Encoder) -> None:
    output = Output("out", encoder, 25)
    assert encoded(scene(3), output) == encoded(scene(3), output)


def test_grey_stays_grey() -> None:
    assert decoded(encoded(scene(), Output("out.jpg", JPEG, 25))).mode == "L"
    # WebP knows only colour; a grey level may come back one off, alike in all channels to within that.
    channels = np.asarray(decoded(encoded(scene(), Output("out.webp", WEBP, 25))).convert("RGB")).astype(int)
    assert np.ptp(channels, axis=-1).max() <= 2


@FORMATS
def test_nothing_of_this_machine_or_of_the_patient_is_written_along(encoder: Encoder) -> None:
    image = decoded(encoded(scene(), Output("out", encoder, 25)))
    assert {"exif", "xmp", "icc_profile", "comment"} & set(image.info) == set()


@pytest.mark.parametrize("shape", [(1, 1), (1, 128), (16383, 1)])
def test_the_smallest_and_the_longest_canvas(shape: tuple[int, int]) -> None:
    for encoder in (WEBP, JPEG):
        image = decoded(encoded(np.zeros(shape, np.uint8), Output("out", encoder, 25)))
        assert image.size == shape[::-1]


def test_the_longest_sides_are_those_the_encoders_take() -> None:
    """The refusal comes before the library fails, and while it would not."""
    for encoder, longest in ((WEBP, 16383), (JPEG, 65500)):
        output = Output("out", encoder, 0)
        for shape in ((1, longest), (longest, 1)):
            assert decoded(encoded(np.zeros(shape, np.uint8), output)).size == shape[::-1]
    refused = encode(np.zeros((1, 65501), np.uint8), Output("out", JPEG, 0))
    assert refused.failure() == CanvasTooLarge(65501, 1, "JPEG", 65500)


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
    assert decoded(encoded(scene(), Output("out.webp", WEBP, 25))).size == (128, 96)
    assert tried == [2, 0]
