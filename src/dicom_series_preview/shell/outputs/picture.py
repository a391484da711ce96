"""A finished picture as a value: what is shown, what stands where on it, what was odd, what it cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from dicom_series_preview.core.ask.formats import ENCODERS, PNG
from dicom_series_preview.core.ask.preview import DEFAULT_QUALITY
from dicom_series_preview.core.faults.request import CanvasTooLarge
from dicom_series_preview.core.grey import Lut, Window
from dicom_series_preview.core.order.report import StackSummary
from dicom_series_preview.core.remarks import Remark
from dicom_series_preview.core.show.tile_map import ShownTile

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import DTypeLike, NDArray


_FORMATS: Final = {name.removeprefix("."): encoder for name, encoder in (ENCODERS | {".png": PNG}).items()}


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

    @property
    def windows(self) -> tuple[Window | Lut, ...]:
        """The different windows of its tiles, in the order of the tiles."""
        return tuple(dict.fromkeys(tile.window for tile in self.tiles if tile.window is not None))

    def encode(self, format: str = "webp", quality: int = DEFAULT_QUALITY) -> bytes:  # noqa: A002  the word users know
        """The file that the command would write, for a `format` like its extension and a `quality` of 0 to 100.

        Raises `ValueError`, with words, for a format or quality that is none, and for a picture with a side
        that the format cannot hold.
        """
        from dicom_series_preview.shell.outputs.encode import encode

        encoder = _FORMATS.get(format.lower().removeprefix("."))
        if encoder is None:
            raise ValueError(f"{format!r} is no format of a picture: give one of {', '.join(_FORMATS)}.")
        if not 0 <= quality <= 100:
            raise ValueError(f"A quality of {quality} is not allowed: it must be from 0 to 100.")
        height, width = self.pixels.shape[:2]
        if max(height, width) > encoder.limit:
            raise ValueError(str(CanvasTooLarge(width, height, encoder.name, encoder.limit)))
        return encode(self.pixels, encoder, quality)

    def _repr_png_(self) -> bytes:
        return self.encode("png")

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        import numpy as np

        return np.array(self.pixels, dtype=dtype, copy=copy)
