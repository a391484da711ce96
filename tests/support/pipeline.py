"""The command's straight line up to the canvas, before an encoder blurs it; and made objects sent down it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from attrs import evolve
from numpy.typing import NDArray
from returns.pipeline import is_successful

from dicom_series_preview.core.ask.options import Options
from dicom_series_preview.core.ask.preview import Preview, check_preview
from dicom_series_preview.core.show.tile_map import ShownTile
from dicom_series_preview.shell.progress import Counter
from dicom_series_preview.shell.run.preview import make_picture
from tests.support.dicom import Groups, uuid_for

Canvas: TypeAlias = NDArray[np.uint8]

LOG = logging.getLogger(__name__)  # the command sets up one of its own name


AS_IT_IS: dict[str, Any] = {
    "WindowCenter": 128,
    "WindowWidth": 256,
    "RescaleSlope": None,
    "RescaleIntercept": None,
}
"""Elements with which a stored value of 0 to 255 is its own grey level."""
NO_WINDOW: dict[str, Any] = {"WindowCenter": None, "WindowWidth": None, "RescaleIntercept": None}


def row(*values: int, dtype: str = "u2") -> NDArray[Any]:
    """One row of pixels."""
    return np.array([values], dtype)


def lut(descriptor: tuple[int, int, int], entries: Sequence[int]) -> list[Groups]:
    """A LUT sequence of one item."""
    return [{"LUTDescriptor": list(descriptor), "LUTData": np.array(entries, "<u2").tobytes()}]


def render_request(asked: Preview) -> tuple[tuple[ShownTile, ...], Canvas] | str:
    """The tiles and the canvas, (height, width[, 3]), or the words of the refusal; remarks are logged."""
    made = make_picture(asked, Counter(LOG.log))
    if not is_successful(made):
        return str(made.failure())
    picture = made.unwrap()
    return picture.tiles, picture.pixels


def cut(tiles: Sequence[ShownTile], canvas: Canvas) -> list[Canvas]:
    """The tiles cut out of the canvas again, in reading order."""
    return [
        canvas[rect.top : rect.top + rect.height, rect.left : rect.left + rect.width]
        for rect in (tile.rect for tile in tiles)
    ]


class Root:
    """A storage root with one series."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.series = uuid_for("series")

    @property
    def folder(self) -> Path:
        return self.path / self.series

    def render(self, objects: Sequence[bytes], options: Options) -> tuple[list[Canvas], Canvas] | str:
        """The tiles and the whole canvas, or the refusal's words."""
        self.folder.mkdir()
        for number, content in enumerate(objects):
            (self.folder / f"{uuid_for(str(number))}.dcm").write_bytes(content)
        placed = evolve(options, series=self.series, root=str(self.path))
        found = render_request(check_preview(placed).unwrap())
        return found if isinstance(found, str) else (cut(*found), found[1])

    def tiles(self, *objects: bytes, width: int, **options: Any) -> list[Canvas]:
        """The tiles, each `width` px wide."""
        found = self.render(objects, Options("", "a.jpg", image_width=width, **options))
        assert not isinstance(found, str), found
        return found[0]

    def canvas(self, *objects: bytes, width: int, **options: Any) -> Canvas:
        """The whole canvas."""
        found = self.render(objects, Options("", "a.jpg", image_width=width, **options))
        assert not isinstance(found, str), found
        return found[1]
