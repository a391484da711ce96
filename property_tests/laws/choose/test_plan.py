"""Laws of the plan: which slices a request shows, through which window and where.

A file's window is that of the VOI LUT module (PS3.3 C.11.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

import pytest
from attrs import evolve
from hypothesis import assume, example, given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from returns.pipeline import is_successful
from returns.result import Result

from dicom_series_preview.core.ask.contrasts import Auto, Contrast, FromFile
from dicom_series_preview.core.ask.formats import Encoder
from dicom_series_preview.core.ask.options import Options
from dicom_series_preview.core.ask.preview import Preview, check_preview
from dicom_series_preview.core.ask.views import Mosaic, Single, View
from dicom_series_preview.core.choose.canvas_layout import tile_height
from dicom_series_preview.core.choose.contrast import AutoWindow, choose_contrast, choose_contrasts
from dicom_series_preview.core.choose.pick import Chosen, choose
from dicom_series_preview.core.choose.plan import Plan, plan, shape
from dicom_series_preview.core.faults.objects import BadPixelModule
from dicom_series_preview.core.faults.request import CanvasTooLarge
from dicom_series_preview.core.faults.series import NothingInRange, OffsetOutOfBounds
from dicom_series_preview.core.grey import Lut, Voi, Window, exact_window
from dicom_series_preview.core.header.instance import (
    PARAMETRIC_MAP,
    RT_DOSE,
    SEGMENTATIONS,
    Instance,
    Pixels,
    Tiling,
)
from dicom_series_preview.core.order.series import Item, Measure, Series, Slice
from dicom_series_preview.core.order.stacks import order
from property_tests.models import nearest_by_hand, rounded_half_up
from property_tests.strategies import (
    AXIAL,
    CORONAL,
    CT_IMAGE,
    NO_TIMES,
    Built,
    make_frame,
    make_instance,
    make_pixels,
    stacks,
    windows,
)

REQUEST: Preview = check_preview(Options("38902e14b11f4548910e771ee757dc82", "out.jpg")).unwrap()


def _asked(view: View, contrast: Contrast | None = None, width: int = 16) -> Preview:
    return evolve(REQUEST, view=view, contrasts=(contrast or FromFile(),), image_width=width)


def _items(found: Result[tuple[Chosen[Item], ...], Any]) -> tuple[Item, ...]:
    return tuple(one.item for one in found.unwrap())


def _names(slices: Sequence[Slice]) -> list[str]:
    return [slice_.instance.name for slice_ in slices]


def _axial(count: int, spacing: float = 2.0) -> list[Instance]:
    return [
        make_instance(f"a{i:03}", make_frame((0.0, 0.0, -spacing * i), AXIAL), number=-i)
        for i in range(count)
    ]


def _scouts(count: int) -> list[Instance]:
    return [
        make_instance(f"s{i}", make_frame((0.0, 30.0 * i, 0.0), CORONAL), number=-900) for i in range(count)
    ]


counts = st.integers(1, 40)
mosaics = st.builds(
    Mosaic, columns=st.integers(1, 5), rows=st.integers(1, 5), start=st.just(0.0), end=st.just(1.0)
)
several = mosaics.filter(lambda view: view.columns * view.rows > 1)
edges = st.integers(0, 100).map(lambda n: n / 100)


# --- Choosing ----------------------------------------------------------------------------------------------


@given(stack=st.integers(3, 30), scouts=st.integers(0, 2), pages=st.integers(0, 3), view=several)
def test_a_mosaic_over_the_whole_range_spreads_over_all_stacks(
    stack: int, scouts: int, pages: int, view: Mosaic
) -> None:
    """Both ends of the whole list are in, in reading order, none twice, as many as there are tiles for."""
    report = [make_instance(f"p{i}", make_frame(), number=i) for i in range(pages)]
    everything = [*_axial(stack), *_scouts(scouts), *report]
    shown = _names(_items(choose(view, order(everything))))
    names = [instance.name for instance in everything]
    assert shown == [name for name in names if name in shown]
    assert len(shown) == min(view.columns * view.rows, len(names))
    assert (shown[0], shown[-1]) == (names[0], names[-1])


@given(
    stack=st.integers(3, 30),
    scouts=st.integers(1, 2),
    ends=st.tuples(st.integers(0, 29), st.integers(0, 29)),
    short=st.tuples(*[st.sampled_from((0.0, 0.3, 0.9))] * 2),
    view=several,
)
@example(stack=3, scouts=1, ends=(0, 1), short=(0.0, 0.9), view=Mosaic(3, 3))
@example(stack=3, scouts=1, ends=(1, 2), short=(0.9, 0.0), view=Mosaic(3, 3))
def test_a_range_that_leaves_something_out_speaks_of_the_first_stack(
    stack: int, scouts: int, ends: tuple[int, int], short: tuple[float, float], view: Mosaic
) -> None:
    """Less than the whole range: the slices of the first stack inside it, spread over the tiles."""
    first, last = sorted(end % stack for end in ends)
    assume(last - first < stack - 1)
    start = max(0.0, (first - short[0]) / (stack - 1))
    end = min(1.0, (last + short[1]) / (stack - 1))
    instances = _axial(stack)
    inside = [instance.name for instance in instances[first : last + 1]]
    found = choose(evolve(view, start=start, end=end), order([*_scouts(scouts), *instances]))
    shown = _names(_items(found))
    assert shown == [name for name in inside if name in shown]
    assert len(shown) == min(view.columns * view.rows, len(inside))
    assert (shown[0], shown[-1]) == (inside[0], inside[-1])


@given(stack=st.integers(2, 30), after=st.integers(0, 28), view=mosaics)
def test_a_range_between_two_slices_is_refused(stack: int, after: int, view: Mosaic) -> None:
    """Nothing lies there: the refusal names the slices on either side."""
    before = after % (stack - 1)
    start, end = (before + 0.2) / (stack - 1), (before + 0.8) / (stack - 1)
    refused = choose(evolve(view, start=start, end=end), order(_axial(stack))).failure()
    assert isinstance(refused, NothingInRange)
    assert (refused.start, refused.end) == (start, end)
    assert refused.before == pytest.approx(before / (stack - 1))
    assert refused.after == pytest.approx((before + 1) / (stack - 1))


@given(built=stacks(2, 6), thousandths=st.integers(0, 1000), scouts=st.integers(0, 1))
def test_a_position_picks_the_nearest_slice_of_the_first_stack(
    built: Built, thousandths: int, scouts: int
) -> None:
    """The slice nearest to that fraction of the way from the first to the last, measured along the normal."""
    far = [make_instance(f"far{i}", make_frame(None, None), number=i) for i in range(scouts)]
    series = order([*far, *built.instances])
    position = thousandths / 1000
    (found,) = _items(choose(Single(position, 0), series))
    coordinates = series.stacks[0].coordinates
    expected = nearest_by_hand(coordinates, position)
    index = series.slices.index(found)
    extent = coordinates[-1] - coordinates[0]
    target = coordinates[0] + position * extent
    assert abs(coordinates[index] - target) <= abs(coordinates[expected] - target) + 2e-6 * extent


@given(count=st.integers(1, 30), thousandths=st.integers(0, 1000), geometry=st.booleans())
def test_a_position_without_places_or_times_is_an_index(count: int, thousandths: int, geometry: bool) -> None:
    """Nothing to measure: index round-half-up(p·(n-1))."""
    place = (0.0, 0.0, 0.0) if geometry else None
    series = order([make_instance(f"{i:03}", make_frame(place), number=i) for i in range(count)])
    assert series.stacks[0].measure is Measure.INDEX
    (found,) = _items(choose(Single(thousandths / 1000, 0), series))
    wanted = Fraction(thousandths, 1000) * (count - 1)
    # A decimal that floats cannot hold may fall on either side of a half.
    near = {rounded_half_up(wanted), rounded_half_up(wanted - Fraction(1, 10**9))}
    assert found.instance.instance_number in near


def test_halves_of_an_index_go_up() -> None:
    """Half-way between two indices the later one is meant, unlike half-way between two places."""
    pages = order([make_instance(f"{i}", make_frame(), number=i) for i in range(2)])
    assert _names(_items(choose(Single(0.5, 0), pages))) == ["1"]
    assert _names(_items(choose(Single(0.5, 0), order(_axial(2))))) == ["a000"]


@given(
    times=st.lists(st.integers(0, 1000), min_size=2, max_size=8, unique=True),
    thousandths=st.integers(0, 1000),
)
def test_a_position_in_a_temporal_stack_is_a_time(times: list[int], thousandths: int) -> None:
    """At one place with a time key: the instance nearest in time, the earlier of two equally near."""
    instances = [
        make_instance(
            f"{time}", make_frame((0.0, 0.0, 0.0), AXIAL, (None, float(time), *NO_TIMES[2:])), number=-time
        )
        for time in times
    ]
    (found,) = _items(choose(Single(thousandths / 1000, 0), order(instances)))
    moments = sorted(times)
    extent = moments[-1] - moments[0]
    target = moments[0] + Fraction(thousandths, 1000) * extent
    off = abs(int(found.instance.name) - target)
    assert off <= min(abs(moment - target) for moment in moments) + Fraction(extent, 10**6)


@given(count=st.integers(1, 12), times=st.integers(2, 4), position=edges)
def test_a_position_with_several_times_picks_the_first(count: int, times: int, position: float) -> None:
    """Of several instances at the chosen place the first is shown."""
    instances = [
        make_instance(f"{i:02}/{t}", make_frame((0.0, 0.0, -3.0 * i), AXIAL), number=t)
        for i in range(count)
        for t in range(times)
    ]
    assume(count > 1)
    (found,) = _items(choose(Single(position, 0), order(instances[::-1])))
    assert found.instance.instance_number == 0


@given(stack=st.integers(4, 10), scouts=st.integers(0, 3), to=st.integers(0, 12), last=st.booleans())
def test_an_offset_walks_the_whole_list(stack: int, scouts: int, to: int, last: bool) -> None:
    """From the chosen slice the offset counts through all stacks."""
    instances = [*_axial(stack), *_scouts(scouts)]
    chosen, target = stack - 1 if last else 0, to % len(instances)
    found = choose(Single(1.0 if last else 0.0, target - chosen), order(instances))
    assert _names(_items(found)) == [instances[target].name]


@given(stack=st.integers(2, 10), beyond=st.integers(1, 9), last=st.booleans(), up=st.booleans())
def test_an_offset_beyond_the_list_is_refused(stack: int, beyond: int, last: bool, up: bool) -> None:
    """Past the last slice of all or before the first: refused with what was chosen and the last index."""
    instances = [*_axial(stack), *_scouts(1)]
    chosen = stack - 1 if last else 0
    offset = len(instances) - 1 + beyond - chosen if up else -chosen - beyond
    found = choose(Single(1.0 if last else 0.0, offset), order(instances))
    assert found.failure() == OffsetOutOfBounds(chosen, offset, len(instances) - 1)


@given(built=stacks(1, 6), view=st.one_of(mosaics, st.builds(Single, position=edges, offset=st.just(0))))
def test_indices_and_slices_are_chosen_alike(built: Built, view: View) -> None:
    """What is chosen follows from coordinates alone, so that an index file can stand in for headers."""
    series = order(built.instances)
    numbers = iter(range(len(series.slices)))
    chosen = choose(view, series).unwrap()
    by_number = choose(view, series.map(lambda _: next(numbers))).unwrap()
    assert [one.number for one in chosen] == [one.item for one in by_number]
    assert [series.slices[one.number] for one in chosen] == [one.item for one in chosen]


@given(built=stacks(1, 6), view=st.one_of(mosaics, st.builds(Single, position=edges, offset=st.just(0))))
def test_a_chosen_slice_knows_its_stack(built: Built, view: View) -> None:
    """With each slice comes the axis of its stack, and what orders it in time there."""
    series = order(built.instances)
    home = {slice_.ref: stack for stack in series.stacks for slice_ in stack.slices}
    for one in choose(view, series).unwrap():
        stack = home[one.item.ref]
        assert (one.axis, one.time_key) == (stack.axis, stack.time_key)


# --- Windows -----------------------------------------------------------------------------------------------


def _slice(
    voi: Voi | None,
    modality: str = "CT",
    sop_class: str = CT_IMAGE,
    pixels: Pixels | BadPixelModule | None = None,
) -> Slice:
    frame = evolve(make_frame(), voi=voi)
    instance = make_instance("a", frame, modality=modality, sop_class=sop_class)
    return Slice(evolve(instance, pixels=pixels or make_pixels()), frame)


contrasts: st.SearchStrategy[Contrast] = st.one_of(windows(), st.just(Auto()), st.just(FromFile()))
own_windows: st.SearchStrategy[Voi | None] = st.one_of(st.none(), windows(), st.just(Lut(0, 8, b"\1\0")))


@given(window=windows(), own=own_windows, sop_class=st.sampled_from((CT_IMAGE, RT_DOSE, *SEGMENTATIONS)))
def test_the_window_of_the_command_line_comes_first(window: Window, own: Voi | None, sop_class: str) -> None:
    """A window that was asked for is used for every grey picture, whatever its file says."""
    assert choose_contrast(window, _slice(own, sop_class=sop_class)) == window


@given(own=own_windows, modality=st.sampled_from(("CT", "MR", "")))
def test_then_the_file_s_own_window_then_the_pixels(own: Voi | None, modality: str) -> None:
    """The file's VOI where it has one, else a window from the pixels of its modality; `auto` skips the file's.

    See PS3.3 C.11.2.
    """
    pixels = AutoWindow(modality, label=False)
    assert choose_contrast(FromFile(), _slice(own, modality)) == (own or pixels)
    assert choose_contrast(Auto(), _slice(own, modality)) == pixels


@given(
    own=own_windows, modality=st.sampled_from(("SEG", "OT")), contrast=st.sampled_from((Auto(), FromFile()))
)
@pytest.mark.parametrize("sop_class", sorted(SEGMENTATIONS))
def test_labels_are_shown_from_minimum_to_maximum(
    sop_class: str, own: Voi | None, modality: str, contrast: Contrast
) -> None:
    """Segmentations have no grey values to window: all of them show all their labels."""
    assert choose_contrast(contrast, _slice(own, modality, sop_class)) == AutoWindow(modality, label=True)
    other = _slice(None, "SEG", CT_IMAGE)
    assert choose_contrast(contrast, other) == AutoWindow("SEG", label=True)


@given(own=own_windows)
@pytest.mark.parametrize("sop_class", [RT_DOSE, PARAMETRIC_MAP])
def test_doses_and_maps_are_shown_as_their_values_are(sop_class: str, own: Voi | None) -> None:
    """A window in a dose grid or parametric map says nothing about what it holds."""
    assert choose_contrast(FromFile(), _slice(own, "RTDOSE", sop_class)) == AutoWindow("RTDOSE", label=False)


@given(contrast=contrasts, own=own_windows)
@pytest.mark.parametrize(
    "pixels",
    [make_pixels(samples=3, photometric="RGB"), evolve(make_pixels(photometric="PALETTE COLOR"), palette={})],
)
def test_colour_is_never_windowed(pixels: Pixels, contrast: Contrast, own: Voi | None) -> None:
    """RGB, YBR and PALETTE COLOR are shown as they are (PS3.3 C.7.6.3.1.2)."""
    assert choose_contrast(contrast, _slice(own, pixels=pixels)) is None


@given(contrast=contrasts, own=own_windows)
def test_what_cannot_be_decoded_has_a_window_all_the_same(contrast: Contrast, own: Voi | None) -> None:
    """An instance whose pixels cannot be described is planned like any other: its tile stays black."""
    assert choose_contrast(contrast, _slice(own, pixels=BadPixelModule("Rows", "", ""))) is not None


# --- The plan ----------------------------------------------------------------------------------------------


def _planned(request: Preview, series: Series[Slice]) -> Plan:
    return plan(request, choose(request.view, series).unwrap()).unwrap()


@given(
    shapes=st.lists(
        st.tuples(st.integers(1, 9), st.integers(1, 9), st.sampled_from((0.5, 1.0, 2.0))),
        min_size=1,
        max_size=6,
    ),
    width=st.integers(1, 30),
    view=mosaics,
)
def test_every_tile_has_its_true_shape(
    shapes: list[tuple[int, int, float]], width: int, view: Mosaic
) -> None:
    """The canvas has all tiles asked for; each shown one has the height of its own shape in millimetres."""
    instances = []
    for i, (rows, columns, aspect) in enumerate(shapes):
        frame = evolve(make_frame((0.0, 0.0, -2.0 * i), AXIAL), pixel_aspect=aspect)
        instances.append(evolve(make_instance(f"{i}", frame), pixels=make_pixels(rows, columns)))
    found = _planned(_asked(view, width=width), order(instances))
    heights = []
    for tile in found.tiles:
        rows, columns, aspect = shapes[int(tile.slice.instance.name)]
        heights.append(tile_height(width, rows, columns, aspect))
        assert (tile.rect.width, tile.rect.height) == (width, heights[-1])
    assert (found.layout.width, found.layout.height) == (view.columns * width, view.rows * max(heights))
    assert [tile.rect for tile in found.tiles] == list(found.layout.rects)


@given(width=st.integers(1, 300), position=edges)
def test_a_single_slice_fills_the_canvas(width: int, position: float) -> None:
    """With --position the canvas is the one tile."""
    found = _planned(_asked(Single(position, 0), width=width), order(_axial(5)))
    (tile,) = found.tiles
    assert (tile.rect.left, tile.rect.top) == (0, 0)
    assert (tile.rect.width, tile.rect.height) == (found.layout.width, found.layout.height)
    assert found.layout.width == width


def test_a_slide_has_the_shape_of_its_level() -> None:
    """A level assembled from tiles has the shape of the whole, not of a tile."""
    tiled = evolve(make_pixels(rows=4, columns=6), tiling=Tiling(100, 50, ()))
    assert shape(tiled) == (100, 50)
    assert shape(make_pixels(rows=4, columns=6)) == (4, 6)
    slide = evolve(make_instance("a", make_frame()), pixels=tiled)
    found = _planned(_asked(Single(0.5, 0), width=10), order([slide]))
    assert (found.layout.width, found.layout.height) == (10, 20)


def test_a_tile_of_unknown_shape_fills_its_cell() -> None:
    """An instance whose pixels cannot be described has a place as high as the others'; alone, a square one."""
    bad = evolve(
        make_instance("bad", make_frame((0.0, 0.0, 50.0), AXIAL)), pixels=BadPixelModule("Rows", "", "")
    )
    found = _planned(_asked(Mosaic(3, 1, 0.0, 1.0), width=12), order([bad, *_axial(2)]))
    assert [tile.rect.height for tile in found.tiles] == [8, 8, 8]
    alone = _planned(_asked(Mosaic(1, 1, 0.0, 1.0), width=12), order([bad]))
    assert (alone.layout.width, alone.layout.height) == (12, 12)


@given(own=st.lists(own_windows, min_size=1, max_size=5), contrast=contrasts)
def test_a_window_belongs_to_its_tile(own: list[Voi | None], contrast: Contrast) -> None:
    """Each tile of a plan has the window of its own slice."""
    instances = [
        make_instance(f"{i}", evolve(make_frame((0.0, 0.0, -2.0 * i), AXIAL), voi=voi))
        for i, voi in enumerate(own)
    ]
    found = _planned(_asked(Mosaic(5, 1, 0.0, 1.0), contrast), order(instances))
    assert [tile.contrast for tile in found.tiles] == [
        choose_contrast(contrast, tile.slice) for tile in found.tiles
    ]
    from_files = _planned(_asked(Mosaic(5, 1, 0.0, 1.0), FromFile()), order(instances))
    expected = [voi or AutoWindow("CT", label=False) for voi in own]
    assert [tile.contrast for tile in from_files.tiles] == expected


def test_refusals_are_handed_on() -> None:
    """A plan is refused where its canvas is."""
    series = order(_axial(3))
    small = evolve(
        _asked(Mosaic(2, 2, 0.0, 1.0), exact_window(1, 1), 12),
        output=evolve(REQUEST.output, encoder=Encoder("Tiny", 20)),
    )
    assert plan(small, choose(small.view, series).unwrap()).failure() == CanvasTooLarge(24, 16, "Tiny", 20)


# --- A plan that changes step by step ------------------------------------------------------------------------


@lru_cache(8)
def _at_depths(depths: tuple[int, ...]) -> Series[Slice]:
    """An axial series, in the order of `depths`."""
    return order(
        [make_instance(f"{depth:+06}", make_frame((0.0, 0.0, -float(depth)), AXIAL)) for depth in depths]
    )


class Planning(RuleBasedStateMachine):
    """A series that grows, a range that widens and a grid that gains tiles: nothing shown gets lost."""

    def __init__(self) -> None:
        super().__init__()
        self.depths = [0]
        self.start, self.end = 50, 50
        self.tiles = 1

    def _series(self) -> Series[Slice]:
        return _at_depths(tuple(self.depths))

    def _shown(self, tiles: int, start: float = 0.0, end: float = 1.0) -> list[str]:
        found = choose(Mosaic(tiles, 1, start, end), self._series())
        return _names(_items(found)) if is_successful(found) else []

    @rule(depth=st.integers(-500, 500))
    def add(self, depth: int) -> None:
        """Adding an instance never changes the order of the others."""
        before = _names(self._series().slices)
        if depth not in self.depths:
            self.depths.append(depth)
        after = _names(self._series().slices)
        assert [name for name in after if name in before] == before

    @precondition(lambda self: self.start > 0 or self.end < 100)
    @rule(lower=st.integers(0, 20), higher=st.integers(0, 20))
    def widen(self, lower: int, higher: int) -> None:
        """Widening the range never drops a slice, as long as there are tiles for all."""
        room = len(self.depths)
        before = self._shown(room, self.start / 100, self.end / 100)
        self.start, self.end = max(0, self.start - lower), min(100, self.end + higher)
        assert set(before) <= set(self._shown(room, self.start / 100, self.end / 100))

    @rule(more=st.integers(1, 5))
    def enlarge(self, more: int) -> None:
        """More tiles never show fewer distinct slices."""
        before = len(set(self._shown(self.tiles)))
        self.tiles += more
        assert len(set(self._shown(self.tiles))) >= before

    @invariant()
    def never_twice(self) -> None:
        """No slice is shown twice, and slices are shown in reading order."""
        shown = self._shown(self.tiles)
        assert shown == sorted(set(shown), key=int)
        assert len(shown) == min(self.tiles, len(self.depths))


TestPlanning = Planning.TestCase


COLOUR = make_pixels(samples=3, photometric="RGB")
ONE, OTHER = exact_window(400, 40), exact_window(80, 40)


@given(
    made=st.lists(
        st.tuples(
            st.sampled_from(("PT", "CT")),
            st.sampled_from((make_pixels(), COLOUR)),
            st.one_of(own_windows, st.sampled_from((ONE, OTHER))),
        ),
        min_size=1,
        max_size=6,
    )
)
@example(made=[("PT", make_pixels(), ONE), ("PT", make_pixels(), OTHER), ("CT", make_pixels(), ONE)])
@example(made=[("PT", make_pixels(), ONE), ("PT", make_pixels(), OTHER), ("PT", COLOUR, ONE)])
def test_pet_slices_shown_together_have_comparable_windows(
    made: list[tuple[str, Pixels, Voi | None]],
) -> None:
    """Grey PET slices whose own windows differ share one from their pixels; everything else keeps its own.

    Equal windows of PET slices stay, and so do those of other modalities beside them; colour has none.
    """
    slices = [_slice(voi, modality, pixels=pixels) for modality, pixels, voi in made]
    grey_pet = [modality == "PT" and pixels is not COLOUR for modality, pixels, _ in made]
    own = [voi for pet, (_, _, voi) in zip(grey_pet, made, strict=True) if pet and voi is not None]
    shared = any(voi != own[0] for voi in own)
    expected = [
        AutoWindow("PT", label=False) if shared and pet else choose_contrast(FromFile(), slice_)
        for pet, slice_ in zip(grey_pet, slices, strict=True)
    ]
    assert list(choose_contrasts(FromFile(), slices)) == expected
    for asked in (Auto(), ONE):
        each = [choose_contrast(asked, slice_) for slice_ in slices]
        assert list(choose_contrasts(asked, slices)) == each
