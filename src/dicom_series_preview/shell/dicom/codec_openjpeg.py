"""openjpeg as a decoder: JPEG 2000 and HTJ2K."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
from returns.result import Failure, Result, Success

if TYPE_CHECKING:
    from dicom_series_preview.core.pixels.finish import Raw
    from dicom_series_preview.core.pixels.recipe import Step


def is_installed() -> bool:
    """Whether openjpeg can be imported."""
    return find_spec("openjpeg") is not None


def decode(step: Step, frame: bytes) -> Result[Raw, str]:
    """(rows, columns) or (rows, columns, 3) samples of a frame; in words, why there are none."""
    from openjpeg.utils import decode_pixel_data

    try:
        decoded = decode_pixel_data(frame, version=2)
    except (RuntimeError, ValueError) as error:  # what openjpeg says of a broken frame
        return Failure(str(error) or type(error).__name__)
    fmt = step.fmt
    precision = fmt.bits_stored if step.header is None else step.header.precision
    kind = "<u1" if precision <= 8 else "<u2" if precision <= 16 else "<u4"
    shape = (fmt.rows, fmt.columns, 3) if fmt.samples_per_pixel == 3 else (fmt.rows, fmt.columns)
    samples = np.frombuffer(decoded, kind)
    if samples.size != np.prod(shape):
        return Failure(f"openjpeg made {samples.size} samples of it, not {np.prod(shape)}")
    return Success(samples.reshape(shape))
