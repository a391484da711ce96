"""Laws of what may be asked of a picture beside its slices: windows to compare, marks, an animation, a map."""

from __future__ import annotations

import re
from collections.abc import Callable
from math import inf, nan
from typing import Final

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from returns.pipeline import is_successful

from dicom_series_preview.core.ask.contrasts import CONTRAST_PRESETS, Auto, FromFile, read_contrast
from dicom_series_preview.core.ask.formats import JPEG, MP4, PNG, WEBP
from dicom_series_preview.core.ask.look import Label, read_background, read_labels
from dicom_series_preview.core.ask.options import Options
from dicom_series_preview.core.ask.preview import Preview, check_preview
from dicom_series_preview.core.ask.views import Cine, Mosaic, Single, check_view
from dicom_series_preview.core.faults.request import (
    BadExtension,
    CanvasTooLarge,
    Conflict,
    Needs,
    OutOfRange,
    RequestError,
)
from dicom_series_preview.core.grey import PRESETS, exact_window
from property_tests.prose import flaws

PLAIN: Final = Options("38902e14b11f4548910e771ee757dc82", "out.webp")

numbers = st.floats(-1e6, 1e6)
widths = st.floats(1e-6, 1e6)


def _asked(options: Options) -> Preview:
    return check_preview(options).unwrap()


def _refused(options: Options) -> tuple[RequestError, ...]:
    return check_preview(options).failure().refusals


# --- Windows to compare -------------------------------------------------------------------------------------


@given(width=widths, level=numbers, comma=st.booleans())
def test_a_window_is_written_as_width_and_level(width: float, level: float, comma: bool) -> None:
    """Width first, as presets are told, with a slash or a comma between."""
    text = f"{width!r}{',' if comma else '/'}{level!r}"
    assert read_contrast(text).unwrap() == exact_window(width, level)


@pytest.mark.parametrize("name", CONTRAST_PRESETS)
def test_a_name_is_what_it_says(name: str) -> None:
    """A preset is its width and level, `file` the file's own window and `auto` one from the pixels."""
    known = {"auto": Auto(), "file": FromFile()} | {key: exact_window(*PRESETS[key]) for key in PRESETS}
    assert read_contrast(name).unwrap() == known[name]


@pytest.mark.parametrize(
    "text", ["0/1", "-5/1", "nan/1", "1/nan", "inf/0", "1/inf", "1/", "/1", "1/2/3", "a/b", ""]
)
def test_what_is_no_window_is_refused_by_name(text: str) -> None:
    """The width must be above 0 and both finite."""
    refusal = read_contrast(text).failure()
    assert (refusal.option, refusal.value) == ("--contrast-preset", text)
    assert _refused(evolve(PLAIN, contrast_preset=("lung", text))) == (refusal,)


@given(
    names=st.lists(st.sampled_from(CONTRAST_PRESETS), min_size=2, max_size=5),
    rows=st.none() | st.integers(1, 9),
)
def test_several_windows_make_a_row_for_each_slice(names: list[str], rows: int | None) -> None:
    """Three slices unless --tile-height says else; one with --position; each through all windows in order."""
    request = _asked(evolve(PLAIN, contrast_preset=tuple(names), tile_height=rows))
    assert request.contrasts == tuple(read_contrast(name).unwrap() for name in names)
    assert request.view == Mosaic(1, rows or 3, 0.0, 1.0, fit=rows is None)
    one = _asked(evolve(PLAIN, contrast_preset=tuple(names), position=0.5))
    assert (one.view, one.contrasts) == (Single(0.5), request.contrasts)


def test_columns_of_windows_cannot_be_counted_by_hand() -> None:
    """There are as many as windows."""
    options = evolve(PLAIN, contrast_preset=("lung", "bone"), tile_width=2)
    reason = "there is a column for each of them"
    assert _refused(options) == (Conflict("--tile-width", "several --contrast-preset", reason),)
    assert is_successful(check_preview(evolve(options, contrast_preset="lung")))


# --- Marks, gaps, the ground --------------------------------------------------------------------------------


@given(labels=st.sets(st.sampled_from(Label), min_size=1))
def test_labels_are_a_list_of_names(labels: set[Label]) -> None:
    """In any order, with blanks or without."""
    assert read_labels(", ".join(label.value for label in labels)).unwrap() == labels
    assert _asked(evolve(PLAIN, labels=",".join(label.value for label in labels))).look.labels == labels


def test_labels_may_be_all_or_none() -> None:
    """Nothing is marked unless it is asked for."""
    assert read_labels("all").unwrap() == set(Label)
    assert read_labels("none").unwrap() == _asked(PLAIN).look.labels == frozenset()


@pytest.mark.parametrize("text", ["", "all,scale", "none,scale", "Scale", "scale,,number", "letters"])
def test_unknown_labels_are_refused(text: str) -> None:
    """A name that is none is refused with those that are."""
    (refusal,) = _refused(evolve(PLAIN, labels=text))
    assert isinstance(refusal, OutOfRange)
    assert (refusal.option, refusal.value) == ("--labels", text)
    assert {label.value for label in Label} <= set(re.split("[ ,]+", refusal.allowed))
    assert flaws(str(refusal)) == []


@given(red=st.integers(0, 255), green=st.integers(0, 255), blue=st.integers(0, 255), upper=st.booleans())
def test_a_background_is_grey_or_a_colour(red: int, green: int, blue: int, upper: bool) -> None:
    """A level from 0 to 255, or three of them in hexadecimal digits."""
    text = f"{red:02x}{green:02x}{blue:02x}"
    assert read_background("#" + (text.upper() if upper else text)).unwrap() == (red, green, blue)
    assert read_background(str(red)).unwrap() == (red, red, red)


@pytest.mark.parametrize("text", ["256", "-1", "", "red", "#12345", "#1234567", "#12345g", "1.5"])
def test_what_is_no_background_is_refused(text: str) -> None:
    """With what it may be."""
    (refusal,) = _refused(evolve(PLAIN, background=text))
    assert isinstance(refusal, OutOfRange)
    assert (refusal.option, refusal.value) == ("--background", text)
    assert {"0", "255", "#rrggbb"} <= set(refusal.allowed.split())
    assert flaws(str(refusal)) == []


@given(gap=st.integers(-5, 1005))
def test_a_gap_is_a_number_of_pixels(gap: int) -> None:
    """From 0, which is the default, to 1000."""
    found = check_preview(evolve(PLAIN, gap=gap))
    assert is_successful(found) == (0 <= gap <= 1000)
    assert _asked(PLAIN).look.gap == 0


@given(gap=st.integers(0, 1000), columns=st.integers(1, 200), width=st.integers(1, 200))
def test_gaps_count_in_what_the_encoder_can_hold(gap: int, columns: int, width: int) -> None:
    """The canvas is its tiles and the gaps between them."""
    found = check_preview(evolve(PLAIN, gap=gap, tile_width=columns, tile_height=1, image_width=width))
    across = columns * width + (columns - 1) * gap
    assert is_successful(found) == (across <= 16383)
    assert is_successful(found) or found.failure().refusals == (CanvasTooLarge(across, 1, "WebP", 16383),)


# --- Animations ---------------------------------------------------------------------------------------------


@given(
    frames=st.none() | st.integers(1, 500),
    rate=st.none() | st.floats(0.001, 1000),
    start=st.none() | st.floats(0, 0.5),
    end=st.none() | st.floats(0.5, 1),
)
def test_an_animation_shows_a_part_of_the_range(
    frames: int | None, rate: float | None, start: float | None, end: float | None
) -> None:
    """All of it, at most 120 frames and at the header's rate, unless options say else."""
    request = _asked(evolve(PLAIN, cine=True, frames=frames, rate=rate, start=start, end=end))
    assert request.view == Cine(frames or 120, start or 0.0, 1.0 if end is None else end)
    assert request.output.rate == rate


@pytest.mark.parametrize(
    ("options", "refusal"),
    [
        ({"position": 0.5}, Conflict("--cine", "--position", "")),
        ({"tile_width": 2}, Conflict("--cine", "--tile-width", "")),
        ({"tile_height": 2}, Conflict("--cine", "--tile-height", "")),
        ({"contrast_preset": ("lung", "bone")}, Conflict("--cine", "several --contrast-preset", "")),
        ({"frames": 0}, OutOfRange("--frames", "0", "")),
        ({"rate": 0.0}, OutOfRange("--rate", "0", "")),
        ({"rate": -1.0}, OutOfRange("--rate", "-1", "")),
        ({"rate": nan}, OutOfRange("--rate", "nan", "")),
        ({"rate": inf}, OutOfRange("--rate", "inf", "")),
        ({"start": 0.6, "end": 0.5}, OutOfRange("--start", "0.6", "")),
        ({"output": "a.jpg"}, BadExtension("a.jpg", (".webp", ".mp4"))),
        ({"output": "a.png"}, BadExtension("a.png", (".webp", ".mp4"))),
        ({"slice_offset": 1}, Needs("--slice-offset", "--position")),
    ],
)
def test_an_animation_is_no_mosaic_and_no_single_slice(
    options: dict[str, object], refusal: Conflict | OutOfRange | BadExtension | Needs
) -> None:
    """What only these have is refused, and so are numbers that mean nothing."""
    change: Callable[..., Options] = evolve
    (found,) = _refused(change(PLAIN, cine=True, **options))
    blank = {"reason": ""} if isinstance(found, Conflict) else {"allowed": ""}
    same: Callable[..., RequestError] = evolve
    assert (same(found, **blank) if isinstance(found, Conflict | OutOfRange) else found) == refusal
    assert flaws(str(found)) == []


def test_what_only_an_animation_has_needs_one() -> None:
    """Frames and a rate, and a film's file."""
    assert _refused(evolve(PLAIN, frames=3, rate=2.0)) == (
        Needs("--frames", "--cine"),
        Needs("--rate", "--cine"),
    )
    assert _refused(evolve(PLAIN, output="a.mp4")) == (Needs("An OUTPUT that ends in .mp4", "--cine"),)


@given(
    frames=st.integers(-3, 3), start=st.sampled_from((0.0, 0.6, -0.1)), end=st.sampled_from((1.0, 0.5, 1.1))
)
def test_an_animation_made_by_hand_is_checked_too(frames: int, start: float, end: float) -> None:
    """At least one frame, of a part of the range."""
    expected = None
    if frames < 1:
        expected = OutOfRange("frames", str(frames), "a whole number of at least 1")
    elif not 0 <= start <= end <= 1:
        shown = ", ".join(str(one).removesuffix(".0") for one in (start, end))
        expected = OutOfRange("start, end", shown, "from 0 to 1, in this order")
    assert check_view(Cine(frames, start, end)) == expected


# --- Where it goes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("format_", "cine", "encoder"),
    [
        *((None, False, WEBP), ("webp", False, WEBP), ("jpeg", False, JPEG), ("jpg", False, JPEG)),
        *(("png", False, PNG), (None, True, WEBP), ("webp", True, WEBP), ("mp4", True, MP4)),
    ],
)
def test_standard_output_has_a_format(format_: str | None, cine: bool, encoder: object) -> None:
    """WebP unless --format says else."""
    assert _asked(evolve(PLAIN, output="-", format=format_, cine=cine)).output.encoder is encoder


@pytest.mark.parametrize(("format_", "cine"), [("gif", False), ("", False), ("mp4", False), ("png", True)])
def test_an_unknown_format_is_refused(format_: str, cine: bool) -> None:
    """With those there are."""
    allowed = "one of webp, mp4" if cine else "one of webp, jpg, jpeg, png"
    refused = _refused(evolve(PLAIN, output="-", format=format_, cine=cine))
    assert refused == (OutOfRange("--format", format_, allowed),)


def test_a_format_is_that_of_standard_output() -> None:
    """A file has its extension."""
    assert _refused(evolve(PLAIN, format="png")) == (Needs("--format", "an OUTPUT of -"),)


@pytest.mark.parametrize("output", ["a.webp", "a.jpg", "a.png", "-"])
def test_webp_alone_may_lose_nothing(output: str) -> None:
    """PNG never does, JPEG always."""
    found = check_preview(evolve(PLAIN, output=output, lossless=True))
    fits = output in ("a.webp", "-")
    assert found.map(lambda request: request.output.lossless).value_or(None) == (True if fits else None)
    refused = (Needs("--lossless", "an OUTPUT that ends in .webp"),)
    assert fits or found.failure().refusals == refused


_NO_FILES = Conflict("--map", "-", "the picture and its map are written as files, both or neither")


@pytest.mark.parametrize(
    ("output", "map_", "refused"),
    [
        *(("a.webp", "a.json", None), ("-", "a.json", _NO_FILES), ("a.webp", "-", _NO_FILES)),
        ("a.webp", "a.txt", OutOfRange("--map", "a.txt", "a file that ends in .json")),
    ],
)
def test_a_map_is_a_file_beside_a_file(output: str, map_: str, refused: RequestError | None) -> None:
    """Both are written or neither, so that neither can be standard output."""
    found = check_preview(evolve(PLAIN, output=output, map=map_))
    assert found.map(lambda request: request.output.map).value_or(None) == (None if refused else map_)
    assert refused is None or found.failure().refusals == (refused,)
