"""Decoded pixels, and what was odd about getting them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from attrs import frozen

from dicom_series_preview.core.odd_pixels import PixelOddity

if TYPE_CHECKING:  # sources name these before numpy is loaded
    import numpy as np
    from numpy.typing import NDArray

Samples: TypeAlias = "NDArray[np.integer | np.floating]"
"""Stored values, (rows, columns) or (rows, columns, 3)."""


@frozen(eq=False)
class Decoding:
    """One picture before any window: a frame, or a slide level put together.

    `values` are (rows, columns) stored values, or (rows, columns, 3) uint8 RGB; the array may be read-only.
    """

    values: Samples
    odd: tuple[PixelOddity, ...] = ()
