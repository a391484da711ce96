"""From stored values to grey levels: modality transformation, window, inversion, 8 bit.

The steps follow PS3.4 N.2: stored values -> modality LUT or rescale -> VOI -> presentation (inversion) -> 8 bit.
Integer pixels go through a table that holds the whole chain for every stored value that occurs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias, assert_never

import numpy as np
from attrs import frozen

from dicom_series_preview.core.grey import (
    Lut,
    ModalityLut,
    Rescale,
    Voi,
    VoiFunction,
    Window,
    exact_window,
    white_of,
)
from dicom_series_preview.core.pixels.buffers import buffer

if TYPE_CHECKING:
    from numpy.typing import NDArray

Grey: TypeAlias = "NDArray[np.uint8]"
Values: TypeAlias = "NDArray[np.float64]"
Stored: TypeAlias = "NDArray[np.number[Any]]"
"""Stored pixel values: (rows, columns), signed or unsigned integers or floats."""

AUTO_PERCENTILES: Final = (2.0, 98.0)

LARGEST_TABLE: Final = 1 << 17
"""Stored values spread wider than this are computed pixel by pixel instead of through a table."""

_AT_ONCE: Final = 1 << 16  # pixels that are looked up, computed or counted at once
_STEP: Final = 1024
"""Tables begin and end at multiples of this, so that the slices of a series share them."""


@frozen
class Chain:
    """All that turns one frame's stored values into grey levels."""

    modality_lut: ModalityLut
    voi: Voi
    inverted: bool
    padding: tuple[float, float] | None
    """Lowest and highest stored value that is padding."""


def _look_up(lut: Lut, values: Values) -> Values:
    entries = np.frombuffer(lut.entries, dtype="<u2")
    index = np.clip(np.floor(values) - lut.first, 0, len(entries) - 1).astype(np.intp)
    return np.asarray(entries[index], dtype=np.float64)


def to_modality(modality_lut: ModalityLut, stored: Stored) -> Values:
    """Stored values in the modality's units (PS3.3 C.11.1); same shape, float64."""
    values = stored.astype(np.float64)
    match modality_lut:
        case Rescale(slope=slope, intercept=intercept):
            return np.asarray(values * slope + intercept)
        case Lut():
            return _look_up(modality_lut, values)
        case _ as never:
            assert_never(never)


def apply_voi(voi: Voi, values: Values) -> Values:
    """Grey from 0 (black) to 1 (white) of values in the modality's units (PS3.3 C.11.2)."""
    match voi:
        case Lut():
            return np.minimum(_look_up(voi, values) / white_of(voi), 1.0)
        case Window():
            return _apply_window(voi, values)
        case _ as never:
            assert_never(never)


def _apply_window(window: Window, values: Values) -> Values:
    center, width = window.center, window.width
    match window.function:
        case VoiFunction.LINEAR:  # C.11.2.1.2.1; a width of 1 is a threshold
            if width == 1:
                return (values > center - 0.5).astype(np.float64)
            return np.clip((values - (center - 0.5)) / (width - 1) + 0.5, 0.0, 1.0)
        case VoiFunction.LINEAR_EXACT:  # C.11.2.1.3.2
            return np.clip((values - center) / width + 0.5, 0.0, 1.0)
        case VoiFunction.SIGMOID:  # C.11.2.1.3.1; far below the centre the exponential is infinite: black
            with np.errstate(over="ignore"):
                return np.asarray(1.0 / (1.0 + np.exp(-4.0 * (values - center) / width)), dtype=np.float64)
        case _ as never:
            assert_never(never)


def _grey_levels(chain: Chain, stored: Stored) -> Grey:
    nothing = is_padding(chain.padding, stored)
    shown = np.where(nothing, 0, stored)  # keeps infinities and NaN out of the arithmetic
    with np.errstate(over="ignore", invalid="ignore"):  # absurd rescales give an absurd picture, no more
        grey = apply_voi(chain.voi, to_modality(chain.modality_lut, shown))
    if chain.inverted:
        grey = 1.0 - grey
    levels = np.floor(np.nan_to_num(grey) * 255.0 + 0.5).astype(np.uint8)
    return np.where(nothing, np.uint8(0), levels)


def is_padding(padding: tuple[float, float] | None, stored: Stored) -> NDArray[np.bool_]:
    """Which stored values show nothing: padding (PS3.3 C.7.5.1.1.2) and floats that are no number."""
    nothing = ~np.isfinite(stored)
    if padding is not None:
        nothing |= (stored >= padding[0]) & (stored <= padding[1])
    return nothing


def _table_range(stored: Stored) -> tuple[int, int] | None:
    """The lowest and highest stored value, if a table can hold all between them."""
    if stored.dtype.kind == "f" or stored.dtype.itemsize > 4 or stored.size == 0:
        return None
    low, high = int(stored.min()), int(stored.max())
    return (low, high) if high - low < LARGEST_TABLE else None


def to_grey(chain: Chain, stored: Stored) -> Grey:
    """Grey levels of a frame: (rows, columns) stored values -> (rows, columns) uint8, 0 black, 255 white."""
    ends = _table_range(stored)
    if ends is None:
        return _in_parts(lambda part: _grey_levels(chain, part), stored)
    low, high = ends
    width = stored.dtype.itemsize
    if width > 2:
        every = _grey_levels(chain, np.arange(low, high + 1))
        return _in_parts(lambda part: every[part.astype(np.intp) - low], stored)
    # A table of every value of 8 or 16 bits is indexed by the values as they are, whatever their sign.
    size = 1 << 8 * width
    step = min(_STEP, size // 2)
    table = _table(chain, low // step * step, (high // step + 1) * step, size)
    return _look_up_in_parts(table, stored.view(f"u{width}"))


def _in_parts(levels: Callable[[Stored], Grey], stored: Stored) -> Grey:
    """What `levels` makes of stored values, in their shape: for each it takes many times their size."""
    flat = stored.ravel()
    shown = buffer(flat.shape, np.uint8)
    for first in range(0, len(flat), _AT_ONCE):
        shown[first : first + _AT_ONCE] = levels(flat[first : first + _AT_ONCE])
    return shown.reshape(stored.shape)


def _look_up_in_parts(table: Grey, places: NDArray[np.unsignedinteger]) -> Grey:
    """The entries of a table at places, in their shape.

    numpy looks up by places of 8 bytes: a copy of all of them is many times the size of the frame, and once such
    a copy was given back, glibc keeps as much for each thread.
    """
    flat = places.ravel()
    shown = buffer(flat.shape, np.uint8)
    wide = np.empty(min(_AT_ONCE, len(flat)), np.intp)
    for first in range(0, len(flat), _AT_ONCE):
        part = flat[first : first + _AT_ONCE]
        wide[: len(part)] = part
        np.take(table, wide[: len(part)], mode="clip", out=shown[first : first + len(part)])
    return shown.reshape(places.shape)


@lru_cache(maxsize=16)
def _table(chain: Chain, low: int, high: int, size: int) -> Grey:
    """Grey levels of the stored values from `low` up to `high`, each where its bits count from 0 to `size`."""
    values = np.arange(low, high)
    whole = np.zeros(size, np.uint8)
    whole[values % size] = _grey_levels(chain, values)
    return whole


@frozen(eq=False)
class Tally:
    """How often each value occurs: ascending distinct `values` in the modality's units, and their counts."""

    values: Values
    counts: NDArray[np.int64]


def tally(stored: Stored, modality_lut: ModalityLut, padding: tuple[float, float] | None) -> Tally:
    """Count the values of a frame in the modality's units, padding left out."""
    ends = _table_range(stored)
    if ends is None:
        distinct, counts = np.unique(stored, return_counts=True)
    else:
        every = _counted(stored.ravel(), *ends)
        present = np.flatnonzero(every)
        distinct, counts = present + ends[0], every[present]
    shown = ~is_padding(padding, distinct)
    with np.errstate(over="ignore"):
        values = to_modality(modality_lut, distinct[shown])
    finite = np.isfinite(values)
    return _merged(values[finite], counts[shown][finite])


def _counted(stored: Stored, low: int, high: int) -> NDArray[np.int64]:
    """How often each value from `low` to `high` occurs among the (pixels,) stored values."""
    counts = np.zeros(high - low + 1, np.int64)
    for first in range(0, len(stored), _AT_ONCE):
        found = np.bincount(np.subtract(stored[first : first + _AT_ONCE], low, dtype=np.intp))
        counts[: len(found)] += found
    return counts


def _merged(values: Values, counts: NDArray[np.int64]) -> Tally:
    distinct, places = np.unique(values, return_inverse=True)
    return Tally(distinct, np.bincount(places, weights=counts).astype(np.int64))


def pooled(tallies: Sequence[Tally]) -> Tally:
    """The tally of all frames together; their order does not matter."""
    if len(tallies) == 1:
        return tallies[0]
    values = np.concatenate([tally.values for tally in tallies])
    return _merged(values, np.concatenate([tally.counts for tally in tallies]))


def _percentile(counted: Tally, percent: float) -> float:
    """The linearly interpolated percentile of all values, each taken as often as it was counted."""
    ends = np.cumsum(counted.counts)
    rank = percent / 100.0 * (int(ends[-1]) - 1)
    lower = int(np.floor(rank))
    at, after = np.searchsorted(ends, [lower, min(lower + 1, int(ends[-1]) - 1)], side="right")
    below, above = float(counted.values[at]), float(counted.values[after])
    return below + (above - below) * (rank - lower)


def auto_window(counted: Tally, label: bool) -> Window:
    """The window from the 2nd to the 98th percentile; from minimum to maximum where those are equal.

    Label data, whose background outnumbers everything, always run from minimum to maximum.  A constant image
    still renders: its one value is mid-grey when it is not 0, black when it is.
    """
    if len(counted.values) == 0:
        return exact_window(1.0, 0.5)
    low, high = (_percentile(counted, percent) for percent in AUTO_PERCENTILES)
    if label or low == high:
        low, high = float(counted.values[0]), float(counted.values[-1])
    if low == high:
        return exact_window(1.0, low or 0.5)
    return exact_window(high - low, low / 2 + high / 2)
