"""What is wrong with the options of a preview, each rule by itself, and the view they ask for."""

from __future__ import annotations

from math import isfinite
from typing import Final

from returns.pipeline import is_successful

from dicom_series_preview.core.ask.contrasts import read_contrast
from dicom_series_preview.core.ask.formats import ANIMATIONS, ENCODERS, WEBP, Encoder
from dicom_series_preview.core.ask.look import read_background, read_labels
from dicom_series_preview.core.ask.options import (
    DEFAULT_CINE_WIDTH,
    DEFAULT_COMPARED,
    DEFAULT_FRAMES,
    DEFAULT_IMAGE_WIDTH,
    DEFAULT_TILE_WIDTH,
    STDOUT,
    Options,
)
from dicom_series_preview.core.ask.paths import extension
from dicom_series_preview.core.ask.views import Cine, Mosaic, Single, View
from dicom_series_preview.core.faults.request import (
    BadExtension,
    CanvasTooLarge,
    Conflict,
    Needs,
    OutOfRange,
    RequestError,
)
from dicom_series_preview.core.faults.words import digits

_MOST_GAP: Final = 1000  # px
_FASTEST: Final = 1000.0  # frames/s: an animation counts whole milliseconds


def view_of(options: Options) -> View:
    """The view that was asked for; its numbers may yet be refused."""
    start = 0.0 if options.start is None else options.start
    end = 1.0 if options.end is None else options.end
    if options.cine:
        return Cine(DEFAULT_FRAMES if options.frames is None else options.frames, start, end)
    if options.position is not None:
        return Single(options.position, options.slice_offset or 0)
    if compares(options):
        rows = DEFAULT_COMPARED if options.tile_height is None else options.tile_height
        return Mosaic(1, rows, start, end, fit=options.tile_height is None)
    columns, rows = columns_rows(options)
    return Mosaic(columns, rows, start, end, fit=fits(options))


def compares(options: Options) -> bool:
    """Whether each slice is shown through several windows."""
    return len(options.contrast_preset) > 1


def columns_rows(options: Options) -> tuple[int, int]:
    """The grid of a mosaic."""
    columns = DEFAULT_TILE_WIDTH if options.tile_width is None else options.tile_width
    return columns, columns if options.tile_height is None else options.tile_height


def fits(options: Options) -> bool:
    """Whether the grid shall fit what it shows: nothing was said of it, nor of a part of the range."""
    return (options.tile_width, options.tile_height, options.start, options.end) == (None,) * 4


def encoder_of(options: Options) -> Encoder | None:
    """What the picture is encoded with; None where the output names nothing that it can be."""
    known = ANIMATIONS if options.cine else ENCODERS
    if options.output is None:
        return WEBP
    if options.output == STDOUT:
        return known.get(".webp" if options.format is None else f".{options.format}")
    return known.get(extension(options.output))


def output_refusals(options: Options) -> list[RequestError]:
    """Extension, format, quality, and what cannot be written together."""
    refusals: list[RequestError] = []
    known = ANIMATIONS if options.cine else ENCODERS
    if encoder_of(options) is None and options.output == STDOUT:
        formats = [name.removeprefix(".") for name in known]
        refusals.append(OutOfRange("--format", options.format or "", f"one of {', '.join(formats)}"))
    elif encoder_of(options) is None and extension(options.output or "") == ".mp4":
        refusals.append(Needs("An OUTPUT that ends in .mp4", "--cine"))
    elif encoder_of(options) is None:
        refusals.append(BadExtension(options.output or "", tuple(known)))
    if options.format is not None and options.output != STDOUT:
        refusals.append(Needs("--format", "an OUTPUT of -"))
    if not 0 <= options.quality <= 100:
        refusals.append(OutOfRange("--quality", str(options.quality), "a whole number from 0 to 100"))
    if options.lossless and encoder_of(options) not in (WEBP, None):
        refusals.append(Needs("--lossless", "an OUTPUT that ends in .webp"))
    if options.map is not None:
        if options.output == STDOUT or options.map == STDOUT:
            refusals.append(
                Conflict("--map", STDOUT, "the picture and its map are written as files, both or neither")
            )
        elif extension(options.map) != ".json":
            refusals.append(OutOfRange("--map", options.map, "a file that ends in .json"))
    return refusals


def grid_refusals(options: Options) -> list[RequestError]:
    """Counts, and a canvas that is known to be too large."""
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
    if not 0 <= options.gap <= _MOST_GAP:
        refusals.append(OutOfRange("--gap", str(options.gap), f"a whole number from 0 to {_MOST_GAP}"))
    if compares(options) and options.tile_width is not None:
        refusals.append(
            Conflict("--tile-width", "several --contrast-preset", "there is a column for each of them")
        )
    encoder = encoder_of(options)
    if refusals or encoder is None:
        return refusals
    columns, rows = _least_grid(options)
    width = columns * least_width(options) + (columns - 1) * options.gap
    height = rows + (rows - 1) * options.gap
    # A tile is at least 1 px high; how much higher is known once the headers are.
    if max(width, height) > encoder.limit:
        return [CanvasTooLarge(width, height, encoder.name, encoder.limit)]
    return []


def _least_grid(options: Options) -> tuple[int, int]:
    """Columns and rows that there will be at least: a grid that fits may turn out to be a single tile."""
    if compares(options):
        return len(options.contrast_preset), options.tile_height or 1
    one = options.position is not None or options.cine or fits(options)
    return (1, 1) if one else columns_rows(options)


def least_width(options: Options) -> int:
    """The width of a tile in px, where it does not grow."""
    return options.image_width or (DEFAULT_CINE_WIDTH if options.cine else DEFAULT_IMAGE_WIDTH)


def contrast_refusals(options: Options) -> list[RequestError]:
    """Presets, and a window by its numbers."""
    refusals: list[RequestError] = []
    for preset in options.contrast_preset:
        read = read_contrast(preset)
        refusals.extend([] if is_successful(read) else [read.failure()])
    given = {"--window-width": options.window_width, "--window-center": options.window_center}
    for (option, value), other in zip(given.items(), reversed(given), strict=True):
        if value is None:
            continue
        if given[other] is None:
            refusals.append(Needs(option, other))
        if options.contrast_preset:
            refusals.append(Conflict(option, "--contrast-preset", "each of them sets the window"))
        if not isfinite(value) or (option == "--window-width" and value <= 0):
            allowed = "a finite number" + (" above 0" if option == "--window-width" else "")
            refusals.append(OutOfRange(option, digits(value), allowed))
    return refusals


def range_refusals(options: Options) -> list[RequestError]:
    """The part of the range, one slice, an animation."""
    fractions = {"--start": options.start, "--end": options.end, "--position": options.position}
    refusals: list[RequestError] = [
        OutOfRange(option, digits(value), "a number from 0 to 1")
        for option, value in fractions.items()
        if value is not None and not 0 <= value <= 1
    ]
    view = None if refusals else view_of(options)
    if isinstance(view, Mosaic | Cine) and view.start > view.end:
        refusals.append(
            OutOfRange("--start", digits(view.start), f"at most --end, which is {digits(view.end)}")
        )
    if options.position is None and options.slice_offset is not None:
        refusals.append(Needs("--slice-offset", "--position"))
    refusals.extend(_cine_refusals(options) if options.cine else _still_refusals(options))
    return refusals


def _still_refusals(options: Options) -> list[RequestError]:
    refusals: list[RequestError] = [
        Needs(option, "--cine")
        for option, value in (("--frames", options.frames), ("--rate", options.rate))
        if value is not None
    ]
    if options.position is not None:
        given = {"--start": options.start, "--end": options.end} | _tiles(options)
        reason = "it asks for one slice, not for a mosaic"
        refusals.extend(
            Conflict("--position", option, reason) for option, value in given.items() if value is not None
        )
    return refusals


def _cine_refusals(options: Options) -> list[RequestError]:
    given = {"--position": options.position} | _tiles(options)
    refusals: list[RequestError] = [
        Conflict("--cine", option, "it shows one slice after another, each in the whole picture")
        for option, value in given.items()
        if value is not None
    ]
    if compares(options):
        refusals.append(Conflict("--cine", "several --contrast-preset", "it has one window"))
    if options.frames is not None and options.frames < 1:
        refusals.append(OutOfRange("--frames", str(options.frames), "a whole number of at least 1"))
    if options.rate is not None and not 0 < options.rate <= _FASTEST:
        allowed = f"a number of frames a second above 0 and at most {_FASTEST:.0f}"
        refusals.append(OutOfRange("--rate", digits(options.rate), allowed))
    return refusals


def _tiles(options: Options) -> dict[str, int | None]:
    return {"--tile-width": options.tile_width, "--tile-height": options.tile_height}


def look_refusals(options: Options) -> list[RequestError]:
    """Labels and background."""
    read = (read_labels(options.labels), read_background(options.background))
    return [one.failure() for one in read if not is_successful(one)]
