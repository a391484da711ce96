"""What is odd about a finished canvas: nobody but the program looks at all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dicom_series_preview.core.choose.plan import Tile
from dicom_series_preview.core.faults.words import without_numbers
from dicom_series_preview.core.odd_pixels import PixelOddity
from dicom_series_preview.core.remarks import OddPixels, OneGrey
from dicom_series_preview.core.show.tile import Shown


def one_grey(tiles: Sequence[Tile], shown: Sequence[Shown | None]) -> OneGrey | None:
    """Whether all tiles that could be shown are black throughout, or all white, through windows of the file.

    `shown` are the finished tiles, None for those that stay black for want of a picture.
    """
    there = [(tile, one) for tile, one in zip(tiles, shown, strict=True) if one is not None]
    voi = there[0][0].slice.frame.voi if there else None
    if voi is None or any(tile.contrast != tile.slice.frame.voi for tile, _ in there):
        return None
    for level in (0, 255):
        if all(one.ndim == 2 and bool((one == level).all()) for _, one in there):
            return OneGrey(white=level == 255, voi=voi)
    return None


def odd_pixels(tiles: Sequence[Tile], odd: Mapping[int, tuple[PixelOddity, ...]]) -> tuple[OddPixels, ...]:
    """What was odd about the pixels of the tiles, by their numbers: once for each kind, with its objects.

    Objects whose numbers of frames are wrong are of one kind, whatever the numbers.
    """
    kinds: dict[str, tuple[PixelOddity, dict[str, None]]] = {}
    for number, found in sorted(odd.items()):
        for oddity in found:
            _, names = kinds.setdefault(without_numbers(str(oddity)), (oddity, {}))
            names[tiles[number].slice.instance.name] = None
    return tuple(OddPixels(oddity, len(names), next(iter(names))) for oddity, names in kinds.values())
