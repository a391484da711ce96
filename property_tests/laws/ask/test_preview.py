"""Laws of a request: what is right becomes a `Preview`, what is wrong is refused, all of it at once."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, isnan, nan

import pytest
from attrs import asdict, evolve
from hypothesis import assume, example, given
from hypothesis import strategies as st
from returns.pipeline import is_successful

from dicom_series_preview.core.ask.contrasts import Auto, FromFile
from dicom_series_preview.core.ask.dicomweb import WebSeries
from dicom_series_preview.core.ask.formats import JPEG, PNG, WEBP
from dicom_series_preview.core.ask.options import Options
from dicom_series_preview.core.ask.paths import extension
from dicom_series_preview.core.ask.patience import Patience, check_patience
from dicom_series_preview.core.ask.preview import IndexFile, Preview, check_preview
from dicom_series_preview.core.ask.roots import HttpRoot, parse_root
from dicom_series_preview.core.ask.series_id import parse_series
from dicom_series_preview.core.ask.views import Mosaic, Single, check_view
from dicom_series_preview.core.faults.request import (
    BadExtension,
    BadRoot,
    BadSeriesId,
    CanvasTooLarge,
    Conflict,
    Needs,
    OutOfRange,
    RequestError,
)
from dicom_series_preview.core.grey import PRESETS, VoiFunction, Window
from property_tests.prose import flaws

UID = "38902e14-b11f-4548-910e-771ee757dc82"
PLAIN = Options(UID, "out.webp")

fractions = st.one_of(st.sampled_from((0.0, 0.5, 1.0)), st.floats(0, 1))
not_fractions = st.one_of(
    st.sampled_from((nan, inf, -inf, 1.0000001, -1e-9, -0.5, 2.0)), st.floats(1, 1e6, exclude_min=True)
)


def _preview(options: Options) -> Preview:
    return check_preview(options).unwrap()


def _typed(value: float) -> str:
    """A number as a person types it: whole numbers without a point, others to their last digit."""
    return str(value).removesuffix(".0")


def _refusals(options: Options) -> tuple[RequestError, ...]:
    return check_preview(options).failure().refusals


# --- What is right -----------------------------------------------------------------------------------------


def test_the_defaults_make_a_mosaic_of_6_by_6() -> None:
    """Series and output alone: up to 6 x 6 tiles of the whole range, as wide as fits, the file's window."""
    root = parse_root("s3://idc-open-data").unwrap()
    found = _preview(PLAIN)
    assert (found.series, found.root) == (parse_series(UID).unwrap(), root)
    assert found.view == Mosaic(6, 6, 0.0, 1.0, fit=True)
    assert (found.image_width, found.contrasts) == (None, (FromFile(),))
    assert (found.output.path, found.output.encoder, found.output.quality) == ("out.webp", WEBP, 25)
    assert found.patience == Patience(64, 20.0)


@given(
    columns=st.one_of(st.none(), st.integers(1, 40)),
    rows=st.one_of(st.none(), st.integers(1, 40)),
    ends=st.tuples(st.one_of(st.none(), fractions), st.one_of(st.none(), fractions)),
)
def test_a_mosaic_is_as_asked_for(
    columns: int | None, rows: int | None, ends: tuple[float | None, float | None]
) -> None:
    """Rows default to the columns, columns to 6, the range to everything; nothing said, the grid fits."""
    start, end = ends
    low, high = 0.0 if start is None else start, 1.0 if end is None else end
    assume(low <= high)
    options = evolve(PLAIN, tile_width=columns, tile_height=rows, start=start, end=end)
    across = 6 if columns is None else columns
    silent = columns is None and rows is None and start is None and end is None
    down = across if rows is None else rows
    assert _preview(options).view == Mosaic(across, down, low, high, fit=silent)


@given(position=fractions, offset=st.one_of(st.none(), st.integers(-(10**6), 10**6)))
def test_a_position_asks_for_one_slice(position: float, offset: int | None) -> None:
    """With --position one slice is shown, by default without an offset from it."""
    found = _preview(evolve(PLAIN, position=position, slice_offset=offset))
    assert found.view == Single(position, 0 if offset is None else offset)


@given(width=st.floats(1e-6, 1e6), center=st.floats(-1e6, 1e6))
def test_a_window_is_taken_as_given(width: float, center: float) -> None:
    """Window width and centre of the command line make an exact window."""
    found = _preview(evolve(PLAIN, window_width=width, window_center=center))
    assert found.contrasts == (Window(center, width, VoiFunction.LINEAR_EXACT),)


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_a_preset_is_its_window(name: str) -> None:
    """A preset stands for its width and centre; `auto` for the window of the pixels."""
    width, center = PRESETS[name]
    (contrast,) = _preview(evolve(PLAIN, contrast_preset=name)).contrasts
    assert contrast == Window(center, width, VoiFunction.LINEAR_EXACT)
    assert _preview(evolve(PLAIN, contrast_preset="auto")).contrasts == (Auto(),)


@given(
    quality=st.integers(0, 100),
    width=st.one_of(st.none(), st.integers(1, 16383)),
    concurrency=st.integers(1, 500),
    timeout=st.floats(1e-3, 1e6),
)
def test_numbers_in_range_are_taken_over(
    quality: int, width: int | None, concurrency: int, timeout: float
) -> None:
    """Quality 0 to 100, tiles at least 1 px wide, at least one request at once, any time above 0."""
    options = evolve(
        PLAIN, quality=quality, image_width=width, concurrency=concurrency, timeout=timeout, root="/data"
    )
    found = _preview(options)
    assert (found.output.quality, found.image_width) == (quality, width)
    assert found.patience == Patience(concurrency, timeout)
    assert found.root == parse_root("/data").unwrap()
    assert found.index is None


@given(path=st.text(min_size=1, max_size=8), root=st.sampled_from((None, "/data", "s3://bucket/there")))
def test_an_index_is_read_where_it_lies(path: str, root: str | None) -> None:
    """--index names a file; --root, when given, says where the objects are now, else the file does."""
    found = _preview(evolve(PLAIN, index=path, root=root)).index
    assert found == IndexFile(path, None if root is None else parse_root(root).unwrap())


def test_the_words_for_options_that_clash() -> None:
    """A clash names both options and why."""
    window = evolve(PLAIN, window_width=1.0, window_center=1.0, contrast_preset="lung")
    assert _refusals(window) == (
        Conflict("--window-width", "--contrast-preset", "each of them sets the window"),
        Conflict("--window-center", "--contrast-preset", "each of them sets the window"),
    )
    tiles = evolve(PLAIN, position=0.5, start=0.0, end=1.0, tile_width=1, tile_height=1)
    assert _refusals(tiles) == tuple(
        Conflict("--position", option, "it asks for one slice, not for a mosaic")
        for option in ("--start", "--end", "--tile-width", "--tile-height")
    )


@given(stem=st.text("ab.C/\\ ", min_size=1), dots=st.sampled_from(("", ".", "a.b")))
@pytest.mark.parametrize(("ending", "encoder"), [("webp", WEBP), ("jpg", JPEG), ("jpeg", JPEG), ("png", PNG)])
def test_the_extension_chooses_the_encoder(ending: str, encoder: object, stem: str, dots: str) -> None:
    """.webp, .jpg, .jpeg and .png, in upper or lower case, wherever the file lies."""
    assume(not stem.endswith(("/", "\\")) or dots)
    for spelled in (ending, ending.upper(), ending.capitalize()):
        path = f"{stem}{dots}.{spelled}"
        assert extension(path) == f".{ending}"
        assert _preview(evolve(PLAIN, output=path)).output.encoder is encoder


def test_a_picture_that_goes_nowhere_is_bounded_as_a_webp() -> None:
    """Of a value that is not written yet the format is still open."""
    assert _preview(evolve(PLAIN, output=None)).output.encoder is WEBP


NO_EXTENSION = (
    "out",
    "",
    ".",
    "webp",
    ".webp",
    "a/.jpg",
    "a.webp/b",
    "a.jpg\\b",
    "a\\.jpg",
    "out.webp/",
    "a.",
)


@pytest.mark.parametrize("path", NO_EXTENSION)
def test_a_path_without_an_extension_has_none(path: str) -> None:
    """A hidden file, a folder with a dot and a bare name have no extension."""
    assert extension(path) in ("", ".")
    assert BadExtension(path, (".webp", ".jpg", ".jpeg", ".png")) in _refusals(evolve(PLAIN, output=path))


# --- What is wrong -----------------------------------------------------------------------------------------


@given(ending=st.text("abjpgwe", min_size=1).filter(lambda text: text not in ("webp", "jpg", "jpeg")))
def test_other_extensions_are_refused(ending: str) -> None:
    """An extension that names no format is refused, with those that do."""
    path = f"out.{ending}"
    assert _refusals(evolve(PLAIN, output=path)) == (BadExtension(path, (".webp", ".jpg", ".jpeg", ".png")),)


@given(value=not_fractions)
@example(1.0000001)
@pytest.mark.parametrize(
    ("option", "asked"),
    [
        ("--start", lambda value: evolve(PLAIN, start=value)),
        ("--end", lambda value: evolve(PLAIN, end=value)),
        ("--position", lambda value: evolve(PLAIN, position=value)),
    ],
)
def test_fractions_lie_between_0_and_1(option: str, asked: Callable[[float], Options], value: float) -> None:
    """NaN, infinities and anything below 0 or above 1 are refused, in digits that read back as given."""
    (refusal,) = _refusals(asked(value))
    assert isinstance(refusal, OutOfRange)
    assert (refusal.option, refusal.allowed) == (option, "a number from 0 to 1")
    assert not refusal.value.endswith(".0")
    assert float(refusal.value) == value or (isnan(value) and isnan(float(refusal.value)))


@given(start=fractions, end=fractions)
def test_a_range_does_not_run_backwards(start: float, end: float) -> None:
    """A start beyond the end is refused, one at the end is not."""
    options = evolve(PLAIN, start=start, end=end)
    assert is_successful(check_preview(options)) == (start <= end)
    assume(start > end)
    allowed = f"at most --end, which is {_typed(end)}"
    assert _refusals(options) == (OutOfRange("--start", _typed(start), allowed),)


@given(value=st.integers(-(10**6), 0), right=st.integers(1, 50))
@pytest.mark.parametrize(
    ("option", "asked"),
    [
        ("--tile-width", lambda value: evolve(PLAIN, tile_width=value)),
        ("--tile-height", lambda value: evolve(PLAIN, tile_height=value)),
        ("--image-width", lambda value: evolve(PLAIN, image_width=value)),
        ("--concurrency", lambda value: evolve(PLAIN, concurrency=value)),
    ],
)
def test_counts_are_at_least_1(option: str, asked: Callable[[int], Options], value: int, right: int) -> None:
    """No tiles, no width, no requests: refused; one is enough."""
    most = "from 1 to 1024" if option == "--concurrency" else "of at least 1"
    assert _refusals(asked(value)) == (OutOfRange(option, str(value), f"a whole number {most}"),)
    assert is_successful(check_preview(asked(right)))


@given(value=st.one_of(st.integers(-(10**6), -1), st.integers(101, 10**6)))
def test_quality_is_0_to_100(value: int) -> None:
    """Any other quality is refused."""
    refusal = OutOfRange("--quality", str(value), "a whole number from 0 to 100")
    assert _refusals(evolve(PLAIN, quality=value)) == (refusal,)


@given(value=st.one_of(st.sampled_from((nan, inf, -inf, 0.0, -0.0, 1000000.5)), st.floats(-1e6, 0)))
def test_a_timeout_is_a_time(value: float) -> None:
    """Nothing, less than nothing, eleven days and more, and NaN are no timeout."""
    refusal = OutOfRange("--timeout", _typed(value), "a number above 0 and at most 1000000")
    assert _refusals(evolve(PLAIN, timeout=value)) == (refusal,)


def test_the_limits_of_patience_are_inclusive() -> None:
    """The most requests at once and the longest timeout are allowed, one more is not."""
    assert _preview(evolve(PLAIN, concurrency=1024, timeout=1e6)).patience == Patience(1024, 1e6)
    refusal = OutOfRange("--concurrency", "1025", "a whole number from 1 to 1024")
    assert check_patience(1025, 20.0) == [refusal]
    assert check_patience(1, 0.5) == []


@given(timeout=st.floats(1e-3, 1e6))
def test_a_run_has_not_stalled_while_a_silent_server_is_asked_twice(timeout: float) -> None:
    """Nor within 45 s, by default; what is given counts as it is."""
    patience = Patience(1, timeout)
    assert patience.stall > 2 * timeout
    assert patience.stall >= 45
    assert Patience(1, 1.0).stall == 45
    assert Patience(1, 100.0).stall == 225
    assert Patience(1, timeout, 0.5).stall == 0.5


@given(
    value=st.one_of(st.sampled_from((nan, inf, -inf, 0.0)), st.floats(-1e6, 0)), center=st.floats(-1e3, 1e3)
)
def test_a_window_has_a_width(value: float, center: float) -> None:
    """A width of 0, below it, or without end is refused."""
    refusal = OutOfRange("--window-width", _typed(value), "a finite number above 0")
    assert _refusals(evolve(PLAIN, window_width=value, window_center=center)) == (refusal,)


@pytest.mark.parametrize("value", [nan, inf, -inf])
def test_a_window_has_a_centre(value: float) -> None:
    """A centre nowhere is refused."""
    refusal = OutOfRange("--window-center", _typed(value), "a finite number")
    assert _refusals(evolve(PLAIN, window_width=1.0, window_center=value)) == (refusal,)


@given(value=st.floats(1, 100))
def test_width_and_centre_go_together(value: float) -> None:
    """Half a window is refused, naming the other half."""
    assert _refusals(evolve(PLAIN, window_width=value)) == (Needs("--window-width", "--window-center"),)
    assert _refusals(evolve(PLAIN, window_center=value)) == (Needs("--window-center", "--window-width"),)


@given(
    preset=st.text("abcdeflung -/,0", max_size=8).filter(lambda text: text not in PRESETS and "0" not in text)
)
def test_unknown_presets_are_refused(preset: str) -> None:
    """A preset that does not exist is refused, with those that do."""
    allowed = f"one of auto, file, {', '.join(PRESETS)}, or width/level with a finite width above 0"
    assert _refusals(evolve(PLAIN, contrast_preset=preset)) == (
        OutOfRange("--contrast-preset", preset, allowed),
    )


def _keys(refusals: tuple[RequestError, ...]) -> set[tuple[str, ...]]:
    """What each refusal is about."""
    found: set[tuple[str, ...]] = set()
    for refusal in refusals:
        values = [value for value in asdict(refusal, recurse=False).values() if isinstance(value, str)]
        pair = values[:2] if isinstance(refusal, Conflict | Needs) else values[:1]
        found.add((type(refusal).__name__, *pair))
    return found


maybe_count = st.one_of(st.none(), st.integers(-1, 3))
maybe_fraction = st.one_of(st.none(), st.sampled_from((0.0, 0.5, 1.0, -0.1, 1.1, nan)))
maybe_number = st.one_of(st.none(), st.sampled_from((-1.0, 0.0, 5.0, nan)))


@given(
    options=st.builds(
        Options,
        series=st.sampled_from((UID, "xyz", "")),
        output=st.sampled_from(("a.webp", "a.gif", "a")),
        root=st.sampled_from(("s3://bucket", "s3://", "ftp://x")),
        tile_width=maybe_count,
        tile_height=maybe_count,
        image_width=st.one_of(st.none(), st.integers(-1, 3)),
        contrast_preset=st.sampled_from((None, "lung", "auto", "spam")),
        window_width=maybe_number,
        window_center=maybe_number,
        start=maybe_fraction,
        end=maybe_fraction,
        position=maybe_fraction,
        slice_offset=st.one_of(st.none(), st.integers(-1, 1)),
        quality=st.sampled_from((-1, 0, 100, 101)),
        concurrency=st.integers(0, 1),
        timeout=st.sampled_from((0.0, 1.0)),
    )
)
def test_everything_wrong_is_named_at_once(options: Options) -> None:
    """Each broken rule is refused by itself, and together they are all named, none twice, none made up."""
    o = options
    expected: set[tuple[str, ...]] = set()
    fractions_ = {"--start": o.start, "--end": o.end, "--position": o.position}
    wrong = {name for name, value in fractions_.items() if value is not None and not 0 <= value <= 1}
    backwards = (o.start or 0.0) > (1.0 if o.end is None else o.end)
    rules: list[tuple[bool, tuple[str, ...]]] = [
        (o.series != UID, ("BadSeriesId", o.series)),
        (o.output != "a.webp", ("BadExtension", o.output or "")),
        (o.root != "s3://bucket", ("BadRoot", o.root or "")),
        (o.tile_width is not None and o.tile_width < 1, ("OutOfRange", "--tile-width")),
        (o.tile_height is not None and o.tile_height < 1, ("OutOfRange", "--tile-height")),
        (o.image_width is not None and o.image_width < 1, ("OutOfRange", "--image-width")),
        (o.contrast_preset == ("spam",), ("OutOfRange", "--contrast-preset")),
        (o.window_width is not None and not o.window_width > 0, ("OutOfRange", "--window-width")),
        (o.window_center is not None and isnan(o.window_center), ("OutOfRange", "--window-center")),
        ("--start" in wrong, ("OutOfRange", "--start")),
        ("--end" in wrong, ("OutOfRange", "--end")),
        ("--position" in wrong, ("OutOfRange", "--position")),
        (not wrong and o.position is None and backwards, ("OutOfRange", "--start")),
        (o.slice_offset is not None and o.position is None, ("Needs", "--slice-offset", "--position")),
        (not 0 <= o.quality <= 100, ("OutOfRange", "--quality")),
        (o.concurrency < 1, ("OutOfRange", "--concurrency")),
        (o.timeout <= 0, ("OutOfRange", "--timeout")),
    ]
    for name, value, other, other_value in (
        ("--window-width", o.window_width, "--window-center", o.window_center),
        ("--window-center", o.window_center, "--window-width", o.window_width),
    ):
        rules.append((value is not None and other_value is None, ("Needs", name, other)))
        both = value is not None and o.contrast_preset != ()
        rules.append((both, ("Conflict", name, "--contrast-preset")))
    for name, given_ in (
        ("--start", o.start),
        ("--end", o.end),
        ("--tile-width", o.tile_width),
        ("--tile-height", o.tile_height),
    ):
        clash = o.position is not None and given_ is not None
        rules.append((clash, ("Conflict", "--position", name)))
    expected = {key for broken, key in rules if broken}
    found = check_preview(o)
    refusals = () if is_successful(found) else found.failure().refusals
    assert _keys(refusals) == expected
    assert len(refusals) == len(expected)
    assert [flaws(str(refusal)) for refusal in refusals] == [[]] * len(refusals)


@given(columns=st.integers(1, 20_000), rows=st.integers(1, 70_000), width=st.integers(1, 70_000))
@example(columns=16383, rows=16383, width=1)
@example(columns=1, rows=16384, width=1)
@example(columns=16384, rows=1, width=1)
@example(columns=1, rows=65500, width=65501)
@example(columns=1, rows=65501, width=1)
def test_a_canvas_no_encoder_can_hold_is_refused_at_once(columns: int, rows: int, width: int) -> None:
    """Wider than the encoder holds, or more rows than that: refused before anything is fetched.

    WebP holds 16383 px a side, JPEG 65500.
    """
    for output, name, limit in (("a.webp", "WebP", 16383), ("a.jpg", "JPEG", 65500)):
        found = check_preview(
            evolve(PLAIN, output=output, tile_width=columns, tile_height=rows, image_width=width)
        )
        too_large = columns * width > limit or rows > limit
        refusals = () if is_successful(found) else found.failure().refusals
        expected = CanvasTooLarge(columns * width, rows, name, limit)
        assert refusals == ((expected,) if too_large else ())


@given(columns=st.integers(1, 600), start=st.booleans())
@example(columns=127, start=False)
@example(columns=128, start=False)
def test_tiles_of_128_px_are_counted_where_no_width_is_given(columns: int, start: bool) -> None:
    """A grid that was asked for is as wide as its tiles, 128 px each; WebP holds 16383."""
    found = check_preview(evolve(PLAIN, tile_width=columns, tile_height=1, start=0.5 if start else None))
    assert is_successful(found) == (128 * columns <= 16383)


@given(width=st.integers(1, 70_000), position=st.one_of(st.none(), st.just(0.5)))
def test_a_single_slice_is_a_canvas_too(width: int, position: float | None) -> None:
    """With --position the canvas is one tile wide, and one high; a mosaic may turn out to be so too."""
    found = check_preview(evolve(PLAIN, position=position, image_width=width))
    assert is_successful(found) == (width <= 16383)
    assert is_successful(found) or found.failure().refusals == (CanvasTooLarge(width, 1, "WebP", 16383),)


def test_a_bad_series_and_a_bad_root_are_refused_in_their_own_words() -> None:
    """The refusals of identifiers and roots are handed on, with the user's own text."""
    found = _refusals(evolve(PLAIN, series="not hex", root="ftp://x"))
    assert [type(refusal) for refusal in found] == [BadSeriesId, BadRoot]
    assert found == (parse_series("not hex").failure(), parse_root("ftp://x").failure())


any_number = st.one_of(fractions, not_fractions)


@given(st.integers(-2, 3), st.integers(-2, 3), any_number, any_number)
@example(1, 1, 0.0, 1.0000001)
def test_a_mosaic_has_tiles_and_a_range_within_the_series(c: int, r: int, start: float, end: float) -> None:
    """A view made by hand is refused where its numbers mean nothing: no tiles, or a range out of order.

    The words name the fields, and quote their values to the last digit.
    """
    expected = None
    if c < 1 or r < 1:
        expected = OutOfRange("columns, rows", f"{c}, {r}", "whole numbers of at least 1")
    elif not (start >= 0 and end <= 1 and start <= end):
        shown = f"{_typed(start)}, {_typed(end)}"
        expected = OutOfRange("start, end", shown, "from 0 to 1, in this order")
    assert check_view(Mosaic(c, r, start, end)) == expected


@given(any_number, st.integers())
@example(1.0000001, 0)
def test_a_single_position_lies_within_the_series(position: float, offset: int) -> None:
    """A position is a fraction; how far an offset may go depends on the series."""
    refused = OutOfRange("position", _typed(position), "a number from 0 to 1")
    allowed = position >= 0 and position <= 1
    assert check_view(Single(position, offset)) == (None if allowed else refused)


@given(gap=st.integers(-5, -1) | st.integers(1001, 1010))
def test_a_gap_is_a_whole_number_of_pixels(gap: int) -> None:
    """None is the least, a thousand the most."""
    assert _refusals(evolve(PLAIN, gap=gap)) == (
        OutOfRange("--gap", str(gap), "a whole number from 0 to 1000"),
    )
    assert [_preview(evolve(PLAIN, gap=right)).look.gap for right in (0, 1000)] == [0, 1000]


def test_a_picture_on_standard_output_has_no_map_beside_it() -> None:
    """Nothing could take away what is out already, if the other cannot be written."""
    reason = "the picture and its map are written as files, both or neither"
    assert _refusals(evolve(PLAIN, output="-", format="png", map="a.json")) == (
        Conflict("--map", "-", reason),
    )


def test_a_page_of_a_viewer_is_read_at_the_service_that_is_the_root() -> None:
    """It names study and series alone."""
    page = "https://host/viewer?StudyInstanceUIDs=1.2&SeriesInstanceUIDs=3.4"
    found = _preview(evolve(PLAIN, series=page, root="dicomweb+https://host/rs")).series
    assert found == WebSeries(HttpRoot("https", "host", "rs"), "1.2", "3.4")
