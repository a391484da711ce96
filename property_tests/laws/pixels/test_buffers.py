"""Laws of memory for pictures: an array is as large as was asked for, however much is taken for it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dicom_series_preview.core.pixels.buffers import buffer

MIB = 1 << 20


@given(shape=st.lists(st.integers(0, 60), min_size=1, max_size=3).map(tuple))
@example(shape=(1024, 1024))
@example(shape=(1, 3 * MIB))
@example(shape=(70, MIB))
@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.int32])
def test_an_array_has_its_shape_and_its_type(shape: tuple[int, ...], kind: type[np.integer[Any]]) -> None:
    """And each of its values is its own."""
    made = buffer(shape, kind)
    assert (made.shape, made.dtype) == (shape, np.dtype(kind))
    assert made.flags.c_contiguous
    assert made.flags.writeable
    made.ravel()[-1:] = 7
    assert made.ravel()[-1:].tolist() == [7] * min(made.size, 1)


@pytest.mark.parametrize(("pixels", "is_large"), [(MIB // 2 - 1, False), (MIB // 2, True), (40 * MIB, True)])
def test_a_large_array_is_one_that_is_always_given_back(pixels: int, is_large: bool) -> None:
    """From 1 MiB on it lies in 33 MiB, more than glibc ever keeps (its M_MMAP_THRESHOLD rises to 32 MiB)."""
    made = buffer((pixels,), np.uint16)
    whole = made if made.base is None else made.base
    assert isinstance(whole, np.ndarray)
    assert (whole.nbytes >= 33 * MIB) == is_large
