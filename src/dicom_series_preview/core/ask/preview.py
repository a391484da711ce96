"""What the user asked for, checked without I/O: raw options in, a `Preview` or every refusal out."""

from __future__ import annotations

from math import isfinite
from typing import Final

from attrs import field, frozen
from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.ask.contrasts import CONTRAST_PRESETS, Auto, Contrast, FromFile
from dicom_series_preview.core.ask.formats import ENCODERS, WEBP, Encoder
from dicom_series_preview.core.ask.paths import optional_path, series_text
from dicom_series_preview.core.ask.roots import Root, parse_root
from dicom_series_preview.core.ask.series_id import SeriesId, parse_series
from dicom_series_preview.core.ask.views import Mosaic, Single, View
from dicom_series_preview.core.faults.request import (
    BadExtension,
    BadOptions,
    CanvasTooLarge,
    Conflict,
    Needs,
    OutOfRange,
    RequestError,
)
from dicom_series_preview.core.faults.words import digits
from dicom_series_preview.core.grey import PRESETS, exact_window

DEFAULT_ROOT: Final = "s3://idc-open-data"
DEFAULT_TILE_WIDTH: Final = 6
DEFAULT_IMAGE_WIDTH: Final = 128
DEFAULT_QUALITY: Final = 25
DEFAULT_CONCURRENCY: Final = 64
DEFAULT_TIMEOUT: Final = 20.0

MOST_CONCURRENCY: Final = 1024
LONGEST_TIMEOUT: Final = 1e6
"""Eleven days, in s."""


@frozen
class Output:
    """Where the picture goes, and how it is encoded; `quality` is 0 to 100."""

    path: str | None
    """None: it stays a value."""
    encoder: Encoder
    quality: int


@frozen
class Patience:
    """How a store is asked: `concurrency` requests at once, each of which may take `timeout` seconds."""

    concurrency: int
    timeout: float


@frozen
class IndexFile:
    """The index that names the slices, and where the objects are now, if not where it says."""

    path: str
    root: Root | None


@frozen
class Preview:
    """A valid request for one picture."""

    series: SeriesId
    root: Root
    output: Output
    view: View
    image_width: int | None
    """The width of a tile in px; None: `DEFAULT_IMAGE_WIDTH`, or more where a grid that fits leaves room."""
    contrast: Contrast
    patience: Patience
    index: IndexFile | None = None
    """None: the series is found by listing, and its headers are read."""


@frozen
class Options:
    """The preview's options as given, unchecked; None where an option was not given and its absence matters.

    `image_width` is in px, `window_width` and `window_center` in rescaled values (HU for CT), `timeout` in
    seconds; `start`, `end` and `position` are fractions from 0 to 1, `quality` is 0 to 100.  `series`, `output`,
    `root` and `index` may be path objects; without an `output` nothing is written.
    """

    series: str = field(converter=series_text)
    output: str | None = field(default=None, converter=optional_path)
    root: str | None = field(default=None, converter=optional_path)
    tile_width: int | None = None
    tile_height: int | None = None
    image_width: int | None = None
    contrast_preset: str | None = None
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


def extension(path: str) -> str:
    """The lower-case extension of a path with its dot, or an empty text.

    >>> extension("a.b/c.WebP")
    '.webp'
    """
    name = path.replace("\\", "/").rpartition("/")[2]
    stem, dot, ending = name.rpartition(".")
    return f".{ending.lower()}" if dot and stem else ""


def check_preview(options: Options) -> Result[Preview, BadOptions]:
    """Check everything that can be checked without I/O; all refusals at once, in the order of the options.

    >>> check_preview(Options("389*", "a.webp", position=0.5)).unwrap().view
    Single(position=0.5, offset=0)
    >>> wrong = check_preview(Options("xyz", "a.gif", quality=101)).failure()
    >>> [type(refusal).__name__ for refusal in wrong.refusals]
    ['BadSeriesId', 'BadExtension', 'OutOfRange']
    """
    root = parse_root(DEFAULT_ROOT if options.root is None else options.root)
    series = parse_series(options.series, root.value_or(None))
    encoder = WEBP if options.output is None else ENCODERS.get(extension(options.output))
    refusals: list[RequestError] = [
        *([] if is_successful(series) else [series.failure()]),
        *([] if encoder is not None else [BadExtension(options.output or "", tuple(ENCODERS))]),
        *([] if is_successful(root) else [root.failure()]),
        *_grid_refusals(options, encoder),
        *_contrast_refusals(options),
        *_range_refusals(options),
    ]
    if not 0 <= options.quality <= 100:
        refusals.append(OutOfRange("--quality", str(options.quality), "a whole number from 0 to 100"))
    refusals.extend(check_patience(options.concurrency, options.timeout))
    if refusals or encoder is None:
        return Failure(BadOptions(tuple(refusals)))
    return Success(
        Preview(
            series=series.unwrap(),
            root=root.unwrap(),
            output=Output(options.output, encoder, options.quality),
            view=_view(options),
            image_width=options.image_width,
            contrast=_contrast(options),
            patience=Patience(options.concurrency, options.timeout),
            index=_index(options.index, None if options.root is None else root.unwrap()),
        )
    )


def _index(path: str | None, root: Root | None) -> IndexFile | None:
    return None if path is None else IndexFile(path, root)


def _columns_rows(options: Options) -> tuple[int, int]:
    columns = DEFAULT_TILE_WIDTH if options.tile_width is None else options.tile_width
    return columns, columns if options.tile_height is None else options.tile_height


def _view(options: Options) -> View:
    if options.position is not None:
        return Single(options.position, options.slice_offset or 0)
    columns, rows = _columns_rows(options)
    start = 0.0 if options.start is None else options.start
    end = 1.0 if options.end is None else options.end
    return Mosaic(columns, rows, start, end, fit=_fits(options))


def _fits(options: Options) -> bool:
    """Whether the grid shall fit what it shows: nothing was said of it, nor of a part of the range."""
    return (options.tile_width, options.tile_height, options.start, options.end) == (None,) * 4


def _contrast(options: Options) -> Contrast:
    if options.window_width is not None and options.window_center is not None:
        return exact_window(options.window_width, options.window_center)
    if options.contrast_preset is None:
        return FromFile()
    return Auto() if options.contrast_preset == "auto" else exact_window(*PRESETS[options.contrast_preset])


def _grid_refusals(options: Options, encoder: Encoder | None) -> list[RequestError]:
    counts = {
        "--tile-width": options.tile_width,
        "--tile-height": options.tile_height,
        "--image-width": options.image_width,
    }
    refusals: list[RequestError] = [
        OutOfRange(option, str(count), "a whole number of at least 1")
        for option, count in counts.items()
        if count is not None and count < 1
    ]
    if refusals or encoder is None:
        return refusals
    # A grid that fits may turn out to be a single tile.
    one = options.position is not None or _fits(options)
    columns, rows = (1, 1) if one else _columns_rows(options)
    width = columns * (options.image_width or DEFAULT_IMAGE_WIDTH)
    # A tile is at least 1 px high; how much higher is known once the headers are.
    if max(width, rows) > encoder.limit:
        return [CanvasTooLarge(width, rows, encoder.name, encoder.limit)]
    return []


def _contrast_refusals(options: Options) -> list[RequestError]:
    refusals: list[RequestError] = []
    preset = options.contrast_preset
    if preset is not None and preset not in CONTRAST_PRESETS:
        refusals.append(OutOfRange("--contrast-preset", preset, f"one of {', '.join(CONTRAST_PRESETS)}"))
    given = {"--window-width": options.window_width, "--window-center": options.window_center}
    for (option, value), other in zip(given.items(), reversed(given), strict=True):
        if value is None:
            continue
        if given[other] is None:
            refusals.append(Needs(option, other))
        if options.contrast_preset is not None:
            refusals.append(Conflict(option, "--contrast-preset", "each of them sets the window"))
        if not isfinite(value) or (option == "--window-width" and value <= 0):
            allowed = "a finite number" + (" above 0" if option == "--window-width" else "")
            refusals.append(OutOfRange(option, digits(value), allowed))
    return refusals


def check_patience(concurrency: int, timeout: float) -> list[RequestError]:
    """What is wrong with how a store shall be asked."""
    refusals: list[RequestError] = []
    if not 1 <= concurrency <= MOST_CONCURRENCY:
        allowed = f"a whole number from 1 to {MOST_CONCURRENCY}"
        refusals.append(OutOfRange("--concurrency", str(concurrency), allowed))
    if not 0 < timeout <= LONGEST_TIMEOUT:
        allowed = f"a number above 0 and at most {LONGEST_TIMEOUT:.0f}"
        refusals.append(OutOfRange("--timeout", digits(timeout), allowed))
    return refusals


def _range_refusals(options: Options) -> list[RequestError]:
    fractions = {"--start": options.start, "--end": options.end, "--position": options.position}
    refusals: list[RequestError] = [
        OutOfRange(option, digits(value), "a number from 0 to 1")
        for option, value in fractions.items()
        if value is not None and not 0 <= value <= 1
    ]
    view = None if refusals else _view(options)
    if isinstance(view, Mosaic) and view.start > view.end:
        refusals.append(
            OutOfRange("--start", digits(view.start), f"at most --end, which is {digits(view.end)}")
        )
    if options.position is None:
        if options.slice_offset is not None:
            refusals.append(Needs("--slice-offset", "--position"))
        return refusals
    mosaic_options = {
        "--start": options.start,
        "--end": options.end,
        "--tile-width": options.tile_width,
        "--tile-height": options.tile_height,
    }
    refusals.extend(
        Conflict("--position", option, "it asks for one slice, not for a mosaic")
        for option, value in mosaic_options.items()
        if value is not None
    )
    return refusals
