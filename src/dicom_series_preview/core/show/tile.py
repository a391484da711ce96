"""A decoded picture -> what is shown of it, at its full size: grey levels, or colour as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from attrs import frozen

from dicom_series_preview.core.choose.contrast import AutoWindow
from dicom_series_preview.core.choose.plan import Tile
from dicom_series_preview.core.grey import Lut, Voi, Window
from dicom_series_preview.core.header.instance import Pixels
from dicom_series_preview.core.pixels.palette import over, supplement
from dicom_series_preview.core.show.grey_levels import Chain, Tally, auto_window, pooled, tally, to_grey

if TYPE_CHECKING:
    from numpy.typing import NDArray

Decoded: TypeAlias = "NDArray[np.number[Any]]"
"""Stored values (rows, columns), or 8-bit RGB (rows, columns, 3)."""

Shown: TypeAlias = "NDArray[np.uint8]"
"""Grey levels (rows, columns), 0 black and 255 white, or RGB (rows, columns, 3)."""


@frozen(eq=False)
class Waiting:
    """A picture whose window depends on the pixels of others."""

    picture: Decoded
    group: AutoWindow
    tally: Tally


def least_size(tile: Tile) -> tuple[int, int] | None:
    """The (rows, columns) to which a decoder may reduce the picture of a tile; None: it must be whole.

    Twice the tile's size leaves the resizing enough to work on.  Reduced decoding averages stored values,
    which is wrong for padding, for labels, whose extremes make their window, and for tables that need not be
    monotonous.
    """
    pixels = tile.slice.instance.pixels
    supplemental = isinstance(pixels, Pixels) and pixels.supplemental is not None
    tables = supplemental or isinstance(tile.contrast, Lut) or isinstance(tile.slice.frame.modality_lut, Lut)
    labels = isinstance(tile.contrast, AutoWindow) and tile.contrast.label
    if tables or labels or (isinstance(pixels, Pixels) and pixels.padding is not None):
        return None
    return 2 * tile.rect.height, 2 * tile.rect.width


def show(tile: Tile, picture: Decoded) -> Shown | Waiting:
    """What is shown of a tile's picture, unless that has to wait for the others."""
    if picture.ndim == 3:
        return picture.astype(np.uint8)
    if isinstance(tile.contrast, Window | Lut):
        return show_grey(tile, picture, tile.contrast)
    pixels = tile.slice.instance.pixels
    padding = pixels.padding if isinstance(pixels, Pixels) else None
    palette = supplement(pixels) if isinstance(pixels, Pixels) else None
    grey = picture if palette is None else picture[picture < palette.first_mapped]
    return Waiting(picture, group_of(tile), tally(grey, tile.slice.frame.modality_lut, padding))


def group_of(tile: Tile) -> AutoWindow:
    """The pictures with which a tile shares a window found from pixels."""
    if isinstance(tile.contrast, AutoWindow):
        return tile.contrast
    return AutoWindow(tile.slice.instance.modality, label=False)


def show_grey(tile: Tile, stored: Decoded, voi: Voi) -> Shown:
    """The grey levels of stored values through the whole chain: modality, VOI, inversion, padding.

    Values of which a supplemental palette speaks are in its colours.
    """
    pixels = tile.slice.instance.pixels
    inverted, padding = (pixels.inverted, pixels.padding) if isinstance(pixels, Pixels) else (False, None)
    grey = to_grey(Chain(tile.slice.frame.modality_lut, voi, inverted, padding), stored)
    palette = supplement(pixels) if isinstance(pixels, Pixels) else None
    return grey if palette is None else over(palette, grey, stored)


def settle(waiting: Sequence[Waiting]) -> Mapping[AutoWindow, Window]:
    """The windows of all groups, each from the pooled values of its pictures; their order does not matter."""
    groups: dict[AutoWindow, list[Tally]] = {}
    for one in waiting:
        groups.setdefault(one.group, []).append(one.tally)
    return {group: auto_window(pooled(tallies), group.label) for group, tallies in groups.items()}
