"""Canvases -> an animation: WebP with what is installed, MP4 with the extra `video`."""

from __future__ import annotations

from importlib.util import find_spec
from io import BytesIO
from typing import TYPE_CHECKING, Final

from dicom_series_preview.core.ask.formats import MP4, WEBP, Encoder

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

DEFAULT_RATE: Final = 10.0
"""Frames a second where neither the command nor the header tells."""


def can_encode(encoder: Encoder) -> bool:
    """Whether what the format needs is installed."""
    return encoder is not MP4 or find_spec("av") is not None


def encode_animation(
    canvases: Sequence[NDArray[np.uint8]],
    encoder: Encoder,
    quality: int,
    rate: float,
    *,
    lossless: bool = False,
) -> bytes:
    """Encode canvases of one shape, (height, width) grey or (height, width, 3) RGB, at `rate` frames a second.

    `quality` is 0 to 100; `lossless` is WebP's other kind.
    """
    if encoder is MP4:
        return _mp4(canvases, quality, rate)
    from dicom_series_preview.core.show.webp_animation import animate
    from dicom_series_preview.shell.outputs.encode import encode

    height, width = canvases[0].shape[:2]
    stills = [encode(canvas, WEBP, quality, lossless=lossless) for canvas in canvases]
    return animate(stills, width, height, round(1000 / rate))


def _mp4(canvases: Sequence[NDArray[np.uint8]], quality: int, rate: float) -> bytes:
    from fractions import Fraction

    import av
    import numpy as np

    buffer = BytesIO()
    height, width = canvases[0].shape[:2]
    even = ((0, height % 2), (0, width % 2))  # H.264 shares colours among four pixels
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=Fraction(rate).limit_denominator(1000))
        stream.height, stream.width = height + height % 2, width + width % 2
        stream.pix_fmt = "yuv420p"
        stream.options = {"crf": str(round(36 - 0.32 * quality)), "preset": "veryfast"}
        for canvas in canvases:
            grey = canvas.ndim == 2
            padded = np.pad(canvas, even if grey else (*even, (0, 0)))
            frame = av.VideoFrame.from_ndarray(padded, format="gray" if grey else "rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return buffer.getvalue()
