"""Reads ink back from a picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def places(inked: NDArray[np.bool_], dots: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Where the dots stand in a picture of ink, (top, left) of each place; what is no dot holds no ink there.

    Only places with ink at the first dot are compared whole: in a large picture they are few.
    """
    windows = np.lib.stride_tricks.sliding_window_view(inked, dots.shape)
    row, column = np.argwhere(dots)[0]
    return [
        (int(top), int(left))
        for top, left in np.argwhere(windows[:, :, row, column])
        if (windows[top, left] == dots).all()
    ]
