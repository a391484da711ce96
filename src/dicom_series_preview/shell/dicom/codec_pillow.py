"""Pillow as a decoder: 8-bit JPEG, and JPEG and JPEG 2000 at a fraction of their size.

Images are opened by their classes: `Image.open` would guard against large ones by a limit for the whole process,
and load all formats.  Here the size was compared with the DICOM header, and that with a limit, before.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from returns.result import Failure, Result, Success

from dicom_series_preview.core.pixels.codec import Codec

if TYPE_CHECKING:
    from dicom_series_preview.core.pixels.finish import Raw
    from dicom_series_preview.core.pixels.recipe import Step


def is_installed() -> bool:
    """Pillow always is: it also makes the tiles."""
    return True


def decode(step: Step, frame: bytes) -> Result[Raw, str]:
    """(rows, columns) or (rows, columns, 3) samples of a frame as Pillow holds them; else why not."""
    try:
        return _jpeg_2000(step, frame) if step.codec is Codec.JPEG_2000 else _jpeg(step, frame)
    except (OSError, SyntaxError, ValueError) as error:  # what Pillow says of a broken frame
        return Failure(str(error) or type(error).__name__)


def _jpeg(step: Step, frame: bytes) -> Result[Raw, str]:
    from PIL.JpegImagePlugin import JpegImageFile

    image = JpegImageFile(BytesIO(frame))
    if image.mode not in ("L", "RGB"):
        return Failure(f"Pillow makes {image.mode} of it")
    # Asked for YCbCr, Pillow leaves three components as they are.
    mode = "L" if image.mode == "L" else "YCbCr" if step.keep_colours else "RGB"
    image.draft(mode, (image.width >> step.halvings, image.height >> step.halvings))
    return Success(np.asarray(image))


def _jpeg_2000(step: Step, frame: bytes) -> Result[Raw, str]:
    from PIL.Jpeg2KImagePlugin import Jpeg2KImageFile

    image = Jpeg2KImageFile(BytesIO(frame))
    image.reduce = step.halvings
    return Success(np.asarray(image))
