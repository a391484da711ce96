"""What the user asked for, checked without I/O: raw options in, a `Preview` or every refusal out."""

from __future__ import annotations

from attrs import frozen
from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.ask.contrasts import Contrast, FromFile, read_contrast
from dicom_series_preview.core.ask.formats import Encoder
from dicom_series_preview.core.ask.look import NO_FRILLS, Look, read_background, read_labels
from dicom_series_preview.core.ask.option_rules import (
    contrast_refusals,
    encoder_of,
    grid_refusals,
    look_refusals,
    output_refusals,
    range_refusals,
    view_of,
)
from dicom_series_preview.core.ask.options import DEFAULT_ROOT, Options
from dicom_series_preview.core.ask.patience import Patience, check_patience
from dicom_series_preview.core.ask.roots import Root, parse_root
from dicom_series_preview.core.ask.series_id import SeriesId, parse_series
from dicom_series_preview.core.ask.views import View
from dicom_series_preview.core.faults.request import BadOptions, RequestError
from dicom_series_preview.core.grey import exact_window


@frozen
class Output:
    """Where the picture goes, and how it is encoded; `quality` is 0 to 100."""

    path: str | None
    """None: it stays a value; `-` is standard output."""
    encoder: Encoder
    quality: int
    lossless: bool = False
    """Of WebP alone: nothing is lost, and `quality` means nothing."""
    map: str | None = None
    """The file that says what stands where on the picture."""
    rate: float | None = None
    """Frames a second of an animation; None: the header's own, or 10."""


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
    """The width of a tile in px; None: the view's default, or more where a grid that fits leaves room."""
    contrasts: tuple[Contrast, ...]
    """At least one; each slice is shown once through each of them."""
    patience: Patience
    index: IndexFile | None = None
    """None: the series is found by listing, and its headers are read."""
    look: Look = NO_FRILLS


def check_preview(options: Options) -> Result[Preview, BadOptions]:
    """Check everything that can be checked without I/O; all refusals at once.

    >>> check_preview(Options("389*", "a.webp", position=0.5)).unwrap().view
    Single(position=0.5, offset=0)
    >>> wrong = check_preview(Options("xyz", "a.gif", quality=101)).failure()
    >>> [type(refusal).__name__ for refusal in wrong.refusals]
    ['BadSeriesId', 'BadExtension', 'OutOfRange']
    """
    root = parse_root(DEFAULT_ROOT if options.root is None else options.root)
    said = None if options.root in (None, DEFAULT_ROOT) else root.value_or(None)
    series = parse_series(options.series, said)
    encoder = encoder_of(options)
    refusals: list[RequestError] = [
        *([] if is_successful(series) else [series.failure()]),
        *output_refusals(options),
        *([] if is_successful(root) else [root.failure()]),
        *grid_refusals(options),
        *look_refusals(options),
        *contrast_refusals(options),
        *range_refusals(options),
        *check_patience(options.concurrency, options.timeout),
    ]
    if refusals or encoder is None:
        return Failure(BadOptions(tuple(refusals)))
    return Success(
        Preview(
            series=series.unwrap(),
            root=root.unwrap(),
            output=Output(
                options.output, encoder, options.quality, options.lossless, options.map, options.rate
            ),
            view=view_of(options),
            image_width=options.image_width,
            contrasts=_contrasts(options),
            patience=Patience(options.concurrency, options.timeout),
            index=_index(options.index, None if options.root is None else root.unwrap()),
            look=Look(
                read_labels(options.labels).unwrap(),
                options.gap,
                read_background(options.background).unwrap(),
            ),
        )
    )


def _index(path: str | None, root: Root | None) -> IndexFile | None:
    return None if path is None else IndexFile(path, root)


def _contrasts(options: Options) -> tuple[Contrast, ...]:
    if options.window_width is not None and options.window_center is not None:
        return (exact_window(options.window_width, options.window_center),)
    return tuple(read_contrast(text).unwrap() for text in options.contrast_preset) or (FromFile(),)
