"""The options of a preview as given, unchecked, and their defaults."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from attrs import field, frozen

from dicom_series_preview.core.ask.paths import optional_path, series_text

DEFAULT_ROOT: Final = "s3://idc-open-data"
DEFAULT_TILE_WIDTH: Final = 6
DEFAULT_IMAGE_WIDTH: Final = 128
DEFAULT_CINE_WIDTH: Final = 256
DEFAULT_COMPARED: Final = 3
"""Slices that are shown through several windows."""
DEFAULT_FRAMES: Final = 120
DEFAULT_QUALITY: Final = 25
DEFAULT_CONCURRENCY: Final = 64
DEFAULT_TIMEOUT: Final = 20.0

STDOUT: Final = "-"
"""The OUTPUT that is standard output."""


def _several(given: str | Iterable[str] | None) -> tuple[str, ...]:
    return () if given is None else (given,) if isinstance(given, str) else tuple(given)


@frozen
class Options:
    """None stands for an option that was not given where its absence matters.

    `image_width` and `gap` are in px, `window_width` and `window_center` in rescaled values (HU for CT),
    `timeout` in seconds, `rate` in frames a second; `start`, `end` and `position` are fractions from 0 to 1,
    `quality` is 0 to 100.  `contrast_preset` may be one text or several.  `series`, `output`, `root`, `index` and
    `map` may be path objects; without an `output` nothing is written.
    """

    series: str = field(converter=series_text)
    output: str | None = field(default=None, converter=optional_path)
    root: str | None = field(default=None, converter=optional_path)
    tile_width: int | None = None
    tile_height: int | None = None
    image_width: int | None = None
    contrast_preset: tuple[str, ...] = field(default=(), converter=_several)
    window_width: float | None = None
    window_center: float | None = None
    start: float | None = None
    end: float | None = None
    position: float | None = None
    slice_offset: int | None = None
    quality: int = DEFAULT_QUALITY
    concurrency: int = DEFAULT_CONCURRENCY
    timeout: float = DEFAULT_TIMEOUT
    index: str | None = field(default=None, converter=optional_path)
    labels: str = "none"
    gap: int = 0
    background: str = "0"
    cine: bool = False
    frames: int | None = None
    rate: float | None = None
    map: str | None = field(default=None, converter=optional_path)
    format: str | None = None
    lossless: bool = False
