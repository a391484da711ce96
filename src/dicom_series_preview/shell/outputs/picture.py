"""A finished picture as a value: what is shown, what stands where on it, what was odd, what it cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from dicom_series_preview.core.ask.formats import ANIMATIONS, ENCODERS, MP4, Encoder
from dicom_series_preview.core.ask.options import DEFAULT_QUALITY
from dicom_series_preview.core.faults.request import CanvasTooLarge, NeedsExtra
from dicom_series_preview.core.grey import Lut, Window
from dicom_series_preview.core.order.report import StackSummary
from dicom_series_preview.core.remarks import Remark
from dicom_series_preview.core.show.tile_map import ShownTile
from dicom_series_preview.shell.outputs.animate import DEFAULT_RATE, can_encode, encode_animation
from dicom_series_preview.shell.outputs.encode import encode

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import DTypeLike, NDArray


_FORMATS: Final = {name.removeprefix("."): encoder for name, encoder in (ENCODERS | ANIMATIONS).items()}


@frozen(eq=False)
class Picture:
    """One preview: it shows itself in a notebook, and `numpy.asarray` gives its pixels."""

    pixels: NDArray[np.uint8]
    """(height, width) grey, 0 black and 255 white, or (height, width, 3) RGB."""
    tiles: tuple[ShownTile, ...]
    """What stands where, in reading order."""
    series: str
    """The series as it was asked for."""
    stacks: tuple[StackSummary, ...]
    """The stacks of the series in reading order, in numbers."""
    remarks: tuple[Remark, ...]
    """What was odd; `str()` of each is a sentence."""
    requests: int
    """Requests that were made for it: listings and reads."""
    bytes_read: int
    modality: str = ""
    """Modality (0008,0060) of what is shown, "" where it is not known."""
    description: str = ""
    """SeriesDescription (0008,103E)."""
    frames: tuple[NDArray[np.uint8], ...] = ()
    """The canvases of an animation, each like `pixels`, which is the first of them; empty for a still picture."""
    rate: float = DEFAULT_RATE
    """Frames a second of an animation."""

    @property
    def windows(self) -> tuple[Window | Lut, ...]:
        """The different windows of its tiles, in the order of the tiles."""
        return tuple(dict.fromkeys(tile.window for tile in self.tiles if tile.window is not None))

    def encode(
        self,
        format: str = "webp",  # noqa: A002  the word users know
        quality: int = DEFAULT_QUALITY,
        *,
        lossless: bool = False,
    ) -> bytes:
        """The file that the command would write, for a `format` like its extension and a `quality` of 0 to 100.

        An animation moves in WebP and MP4; other formats hold its first frame.  Raises `ValueError`, with words,
        for a format or quality that is none, and for a picture with a side that the format cannot hold.
        """
        encoder = _FORMATS.get(format.lower().removeprefix("."))
        if encoder is None:
            raise ValueError(f"{format!r} is no format of a picture: give one of {', '.join(_FORMATS)}.")
        if not 0 <= quality <= 100:
            raise ValueError(f"A quality of {quality} is not allowed: it must be from 0 to 100.")
        height, width = self.pixels.shape[:2]
        if max(height, width) > encoder.limit:
            raise ValueError(str(CanvasTooLarge(width, height, encoder.name, encoder.limit)))
        if not can_encode(encoder):
            raise ValueError(str(NeedsExtra(encoder.name, "video")))
        return self.encoded(encoder, quality, lossless)

    def encoded(self, encoder: Encoder, quality: int, lossless: bool) -> bytes:
        """The file, with an encoder that can hold the picture."""
        if encoder in ANIMATIONS.values() and (self.frames or encoder is MP4):
            frames = self.frames or (self.pixels,)
            return encode_animation(frames, encoder, quality, self.rate, lossless=lossless)
        return encode(self.pixels, encoder, quality, lossless=lossless)

    def _repr_png_(self) -> bytes:
        return self.encode("png")

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        import numpy as np

        return np.array(self.pixels, dtype=dtype, copy=copy)
