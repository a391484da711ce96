"""Laws of animations, of slices through several windows, and of the room between tiles."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from returns.result import Failure

from dicom_series_preview.core.ask.contrasts import FromFile, read_contrast
from dicom_series_preview.core.ask.formats import PNG, Encoder
from dicom_series_preview.core.ask.look import Look
from dicom_series_preview.core.ask.options import Options
from dicom_series_preview.core.ask.preview import Preview, check_preview
from dicom_series_preview.core.ask.views import Cine, Mosaic
from dicom_series_preview.core.choose.canvas_layout import grid, pages
from dicom_series_preview.core.choose.contrast import choose_contrasts
from dicom_series_preview.core.choose.pick import choose
from dicom_series_preview.core.choose.plan import plan
from dicom_series_preview.core.faults.request import CanvasTooLarge
from dicom_series_preview.core.geometry import Axis
from dicom_series_preview.core.order.series import Measure, Series, Stack
from dicom_series_preview.core.order.stacks import order
from property_tests.strategies import AXIAL, make_frame, make_instance

REQUEST: Final[Preview] = check_preview(Options("38902e14b11f4548910e771ee757dc82", "out.png")).unwrap()

heights = st.lists(st.none() | st.integers(1, 40), min_size=1, max_size=9)


def _stack(places: list[int]) -> Stack[tuple[int, int]]:
    """(place, time) of every slice, so many times at each place."""
    slices = tuple((place, time) for place, count in enumerate(places) for time in range(count))
    coordinates = tuple(float(place) for place, _ in slices)
    return Stack(Axis.Z, slices, coordinates, Measure.PLACE, "TriggerTime")


@given(count=st.integers(2, 200), frames=st.integers(2, 150))
def test_an_animation_runs_through_the_first_stack(count: int, frames: int) -> None:
    """From its first slice to its last, each once, in order and evenly; other stacks are other pictures."""
    series = Series((_stack([1] * count), _stack([1, 1])))
    shown = [one.number for one in choose(Cine(frames), series).unwrap()]
    assert len(shown) == min(count, frames)
    assert (shown[0], shown[-1]) == (0, count - 1)
    steps = {after - before for before, after in pairwise(shown)}
    assert max(steps) - min(steps) <= 1
    assert min(steps) >= 1


@given(before=st.integers(0, 5), times=st.integers(2, 9), frames=st.integers(2, 12))
def test_several_times_at_a_place_are_an_animation_of_time(before: int, times: int, frames: int) -> None:
    """At the place in the middle, from its first time to its last: not all places at one time."""
    series = Series((_stack([times] * (2 * before + 1)),))
    shown = [one.item for one in choose(Cine(frames), series).unwrap()]
    assert {place for place, _ in shown} == {before}
    assert len(shown) == min(times, frames)
    assert (shown[0][1], shown[-1][1]) == (0, times - 1)
    assert shown == sorted(set(shown))


@given(places=st.lists(st.integers(1, 3), min_size=2, max_size=60))
def test_slices_that_are_stored_twice_are_no_time(places: list[int]) -> None:
    """Where half of the places or more hold one slice, or the middle one does, all slices follow one another."""
    middle = (len(places) - 1) // 2
    alone = [index for index in range(len(places)) if index != middle]
    for most in ([*places[:middle], 1, *places[middle + 1 :]], _with_ones(places, alone)):
        shown = [one.number for one in choose(Cine(1000), Series((_stack(most),))).unwrap()]
        assert shown == list(range(sum(most)))


def _with_ones(places: list[int], among: list[int]) -> list[int]:
    """The same with one slice at half of the places, rounded up, which are the first `among` them."""
    single = set(among[: -(-len(places) // 2)])
    return [1 if index in single else size for index, size in enumerate(places)]


@given(count=st.integers(3, 60), edge=st.integers(0, 100))
def test_an_animation_of_a_part_stays_in_it(count: int, edge: int) -> None:
    """--start and --end are fractions of the range, as for a mosaic."""
    start, end = edge / 200, 0.5 + edge / 200
    series = Series((_stack([1] * count),))
    shown = [one.number for one in choose(Cine(1000, start, end), series).unwrap()]
    inside = [n for n in range(count) if start - 1e-6 <= n / (count - 1) <= end + 1e-6]
    assert shown == inside


@given(known=heights, width=st.integers(1, 30))
def test_each_frame_has_the_whole_canvas(known: list[int | None], width: int) -> None:
    """All canvases are as high as the highest picture; a lower one stands in the middle of its own."""
    layout = pages(width, known, PNG).unwrap()
    highest = max((height for height in known if height is not None), default=width)
    assert (layout.width, layout.height, layout.paged) == (width, highest, True)
    for rect, height in zip(layout.rects, known, strict=True):
        assert (rect.left, rect.width, rect.height) == (0, width, highest if height is None else height)
        below = highest - rect.top - rect.height
        assert below - rect.top in (0, 1)


@given(known=heights, width=st.integers(1, 30), limit=st.integers(1, 60))
def test_a_frame_that_cannot_be_held_is_refused(known: list[int | None], width: int, limit: int) -> None:
    """By the side that is too long."""
    encoder = Encoder("Tiny", limit)
    highest = max((height for height in known if height is not None), default=width)
    fits = max(width, highest) <= limit
    refused = Failure(CanvasTooLarge(width, highest, "Tiny", limit))
    assert pages(width, known, encoder) == (pages(width, known, PNG) if fits else refused)


@given(known=heights, columns=st.integers(1, 4), width=st.integers(1, 20), gap=st.integers(0, 9))
def test_a_gap_moves_tiles_apart(known: list[int | None], columns: int, width: int, gap: int) -> None:
    """As many px between cells as asked for, none around; the tiles themselves stay as they are."""
    rows = -(-len(known) // columns)
    tight = grid(width, known, columns, rows, PNG).unwrap()
    loose = grid(width, known, columns, rows, PNG, gap).unwrap()
    assert (loose.width, loose.height) == (
        tight.width + gap * (columns - 1),
        tight.height + gap * (rows - 1),
    )
    for index, (near, far) in enumerate(zip(tight.rects, loose.rects, strict=True)):
        right, down = index % columns, index // columns
        assert far == evolve(near, left=near.left + gap * right, top=near.top + gap * down)


@given(
    count=st.integers(1, 12),
    rows=st.integers(1, 4),
    names=st.lists(st.sampled_from(("lung", "bone", "auto", "file", "9/3")), min_size=2, max_size=4),
    fit=st.booleans(),
)
def test_rows_are_slices_and_columns_windows(count: int, rows: int, names: list[str], fit: bool) -> None:
    """Each slice that was chosen stands in a row of its own, once through every window, in order."""
    series = order([make_instance(f"{i}", make_frame((0.0, 0.0, -2.0 * i), AXIAL)) for i in range(count)])
    contrasts = tuple(read_contrast(name).unwrap() for name in names)
    request = evolve(
        REQUEST, view=Mosaic(1, rows, fit=fit), contrasts=contrasts, image_width=8, look=Look(gap=1)
    )
    chosen = choose(request.view, series).unwrap()
    planned = plan(request, chosen).unwrap()
    slices = [one.item for one in chosen]
    columns = [choose_contrasts(contrast, slices) for contrast in contrasts]
    assert len(planned.tiles) == len(chosen) * len(names)
    for number, tile in enumerate(planned.tiles):
        row, column = divmod(number, len(names))
        assert (tile.slice, tile.contrast) == (slices[row], columns[column][row])
        assert (tile.rect.left, tile.rect.top) == (9 * column, row * (planned.tiles[0].rect.height + 1))
    assert planned.layout.width == 9 * len(names) - 1
    cell = planned.tiles[0].rect.height + 1
    assert planned.layout.height == cell * (len(chosen) if fit else rows) - 1


@given(width=st.none() | st.integers(1, 300))
def test_an_animation_is_256_px_wide_unless_it_is_told(width: int | None) -> None:
    """Larger than the tile of a mosaic: it is all there is to see."""
    series = order([make_instance(f"{i}", make_frame((0.0, 0.0, -2.0 * i), AXIAL)) for i in range(3)])
    request = evolve(REQUEST, view=Cine(9), image_width=width, contrasts=(FromFile(),))
    planned = plan(request, choose(request.view, series).unwrap()).unwrap()
    assert planned.layout.width == (width or 256)
    assert planned.layout.paged
    assert len({tile.rect for tile in planned.tiles}) == 1
