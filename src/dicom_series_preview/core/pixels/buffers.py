"""Memory for large pictures that goes back to the system when they have gone."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Whole = TypeVar("Whole", bound="np.integer[Any]")

_LARGE: Final = 1 << 20
"""Bytes from which on an array is large."""

_ALWAYS_MAPPED: Final = 33 << 20
"""Bytes that glibc always asks the system for, and gives back: its own threshold rises up to 32 MiB.

An array of less is given back once.  From then on glibc holds such arrays for frequent ones, and keeps the memory
of the next for each thread that has made one.
"""


def buffer(shape: tuple[int, ...], dtype: type[Whole]) -> NDArray[Whole]:
    """An array whose values are not set, as `np.empty`: of a large one only what is written to takes memory."""
    size = prod(shape) * np.dtype(dtype).itemsize
    if size < _LARGE:
        return np.empty(shape, dtype)
    whole = np.empty(max(size, _ALWAYS_MAPPED), np.uint8)
    return whole[:size].view(dtype).reshape(shape)
