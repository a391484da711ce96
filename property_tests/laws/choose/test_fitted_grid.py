"""Laws of the default grid: it fits what is shown, and its tiles grow with the canvas."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st

from dicom_series_preview.core.ask.formats import Encoder
from dicom_series_preview.core.ask.options import Options
from dicom_series_preview.core.ask.preview import Preview, check_preview
from dicom_series_preview.core.choose.canvas_layout import tile_height
from dicom_series_preview.core.choose.pick import choose
from dicom_series_preview.core.choose.plan import Plan, plan
from dicom_series_preview.core.faults.objects import BadPixelModule
from dicom_series_preview.core.header.instance import Instance
from dicom_series_preview.core.order.stacks import order
from property_tests.strategies import AXIAL, make_frame, make_instance, make_pixels

GIVEN = Options("38902e14b11f4548910e771ee757dc82", "out.jpg")
CANVAS = 768


def _asked(options: Options) -> Preview:
    return check_preview(options).unwrap()


def _stack(shapes: Sequence[tuple[int, int]]) -> list[Instance]:
    """Slices of these (rows, columns), one a place."""
    return [
        evolve(
            make_instance(f"{i:03}", make_frame((0.0, 0.0, -3.0 * i), AXIAL)),
            pixels=make_pixels(rows, columns),
        )
        for i, (rows, columns) in enumerate(shapes)
    ]


def _planned(options: Options, instances: Sequence[Instance]) -> Plan:
    return _plan(_asked(options), instances)


def _plan(request: Preview, instances: Sequence[Instance]) -> Plan:
    return plan(request, choose(request.view, order(instances)).unwrap()).unwrap()


def _cells(found: Plan) -> tuple[int, int, int]:
    """Columns, rows and tile width, as the rectangles show them."""
    (width,) = {rect.width for rect in found.layout.rects}
    heights = [rect.height for rect in found.layout.rects]
    return found.layout.width // width, found.layout.height // max(heights), width


counts = st.integers(1, 60)
sizes = st.integers(1, 2000)


@given(count=counts, side=sizes)
@example(count=10, side=256)
@example(count=36, side=512)
def test_a_grid_that_is_not_asked_for_fits(count: int, side: int) -> None:
    """The fewest columns whose square holds all that is shown, at most 6, and no row without a tile."""
    found = _planned(GIVEN, _stack([(side, side)] * count))
    shown = min(count, 36)
    columns = min(6, next(c for c in range(1, 7) if c * c >= shown))
    assert len(found.tiles) == shown
    assert _cells(found)[:2] == (columns, -(-shown // columns))


@given(shapes=st.lists(st.tuples(st.integers(1, 900), st.integers(32, 2000)), min_size=1, max_size=40))
@example(shapes=[(1000, 800)])
def test_tiles_grow_with_the_canvas(shapes: list[tuple[int, int]]) -> None:
    """768 px over the columns, not beyond the widest picture shown, and never below 128 px."""
    found = _planned(GIVEN, _stack(shapes))
    columns, _, width = _cells(found)
    widest = max(tile.slice.instance.pixels.format.columns for tile in found.tiles)  # type: ignore[union-attr]
    assert width == sorted((128, CANVAS // columns, max(128, widest)))[1]
    for tile in found.tiles:
        rows, across = shapes[int(tile.slice.instance.name)]
        assert tile.rect.height == tile_height(width, rows, across, 1.0)


@given(count=st.integers(36, 60), side=sizes)
def test_a_full_mosaic_is_6_by_6_tiles_of_128_px(count: int, side: int) -> None:
    """36 slices and more are shown as with --tile-width 6."""
    instances = _stack([(side, side)] * count)
    assert _planned(GIVEN, instances) == _planned(evolve(GIVEN, tile_width=6), instances)


@given(
    count=st.integers(1, 12),
    side=sizes,
    columns=st.one_of(st.none(), st.integers(1, 8)),
    rows=st.one_of(st.none(), st.integers(1, 8)),
    ends=st.sampled_from((("start", 0.0), ("end", 1.0), (None, None))),
)
@example(count=1, side=9, columns=None, rows=None, ends=("start", 0.0))
def test_any_word_on_the_grid_or_the_range_gives_the_full_grid(
    count: int, side: int, columns: int | None, rows: int | None, ends: tuple[str | None, float | None]
) -> None:
    """With --tile-width, --tile-height, --start or --end all tiles are there, 128 px wide, black ones too."""
    start, end = (ends[1] if ends[0] == name else None for name in ("start", "end"))
    across = columns if columns is not None or rows is not None or ends[0] else 5
    options = evolve(GIVEN, tile_width=across, tile_height=rows, start=start, end=end)
    found = _planned(options, _stack([(side, side)] * count))
    wide = 6 if across is None else across
    assert _cells(found) == (wide, wide if rows is None else rows, 128)


@given(count=st.integers(1, 40), side=sizes, width=st.integers(1, 300))
def test_a_width_that_is_given_is_kept(count: int, side: int, width: int) -> None:
    """The grid fits all the same, but its tiles are as wide as they were asked for."""
    found = _planned(evolve(GIVEN, image_width=width), _stack([(side, side)] * count))
    grown = _planned(GIVEN, _stack([(side, side)] * count))
    assert found.layout.width == width * (grown.layout.width // grown.layout.rects[0].width)
    assert {rect.width for rect in found.layout.rects} == {width}


@given(side=sizes, position=st.sampled_from((0.0, 0.5, 1.0)))
def test_a_single_slice_is_128_px_wide(side: int, position: float) -> None:
    """With --position nothing grows."""
    found = _planned(evolve(GIVEN, position=position), _stack([(side, side)] * 3))
    assert (found.layout.width, found.layout.height) == (128, 128)


@given(count=st.integers(1, 40))
def test_pictures_that_cannot_be_described_do_not_grow(count: int) -> None:
    """Nothing is known of their size: their black tiles are 128 px wide."""
    bad = [evolve(one, pixels=BadPixelModule("Rows", "", "")) for one in _stack([(9, 9)] * count)]
    assert {rect.width for rect in _planned(GIVEN, bad).layout.rects} == {128}
    found = _planned(GIVEN, [*bad[:3], *_stack([(700, 700)])])
    assert {rect.width for rect in found.layout.rects} == {CANVAS // (1 + (count > 0))}


@given(rows=st.integers(16, 60))
def test_tiles_grow_only_as_far_as_the_encoder_holds_them(rows: int) -> None:
    """A picture that fits 128 px wide but not 768 is shown as before, not refused."""
    tall = _stack([(1000 * rows, 1000)])
    small = evolve(_asked(GIVEN), output=evolve(_asked(GIVEN).output, encoder=Encoder("Tiny", 7680)))
    found = _plan(small, tall)
    assert (found.layout.width, found.layout.height) == (128, 128 * rows)
