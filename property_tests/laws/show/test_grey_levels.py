"""Laws of stored values -> grey levels: modality, VOI, inversion, padding, and windows found from pixels.

The transformations and their order are those of PS3.3 C.11.1 and C.11.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor, inf, isfinite, nan

import numpy as np
import pytest
from attrs import evolve
from hypothesis import assume, example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dicom_series_preview.core.grey import Lut, ModalityLut, Rescale, Voi, VoiFunction, Window, exact_window
from dicom_series_preview.core.show.grey_levels import (
    Chain,
    Grey,
    Stored,
    apply_voi,
    auto_window,
    is_padding,
    pooled,
    tally,
    to_grey,
    to_modality,
)
from property_tests.models import windowed
from property_tests.strategies import windows

IDENTITY = Rescale()
INTEGERS = ("u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8")


def _grey(levels: Grey) -> list[int]:
    return [int(level) for level in levels.ravel()]


def _listed(stored: Stored) -> list[float]:
    """Stored values as Python numbers: integers stay exact."""
    values: list[float] = stored.ravel().tolist()  # type: ignore[assignment]
    return values


def _entries(*values: int) -> bytes:
    return b"".join(bytes((value % 256, value // 256)) for value in values)


@st.composite
def luts(draw: st.DrawFn) -> Lut:
    """Small tables that begin anywhere."""
    bits = draw(st.sampled_from((1, 8, 12, 16)))
    entries = draw(st.lists(st.integers(0, (1 << bits) - 1), min_size=1, max_size=12))
    return Lut(draw(st.integers(-20, 20)), bits, _entries(*entries))


modality_luts: st.SearchStrategy[ModalityLut] = st.one_of(
    st.just(IDENTITY),
    st.builds(
        Rescale,
        slope=st.sampled_from((1.0, -1.0, 2.0, 0.5, 0.0, 1 / 3)),
        intercept=st.sampled_from((0.0, -1024.0, 0.25)),
    ),
    luts(),
)
vois: st.SearchStrategy[Voi] = st.one_of(windows(), luts())
paddings = st.one_of(st.none(), st.tuples(st.integers(-30, 0), st.integers(0, 30)))


@st.composite
def chains(draw: st.DrawFn) -> Chain:
    """Any chain of transformations."""
    low_high = draw(paddings)
    padding = None if low_high is None else (float(low_high[0]), float(low_high[1]))
    return Chain(draw(modality_luts), draw(vois), draw(st.booleans()), padding)


@st.composite
def frames(draw: st.DrawFn, kinds: Sequence[str] = (*INTEGERS, "f4", "f8")) -> Stored:
    """Stored values around 0 and, often, at the ends of their type, where arithmetic overflows."""
    kind = draw(st.sampled_from(kinds))
    shape = draw(st.tuples(st.integers(1, 4), st.integers(1, 5)))
    if kind[0] == "f":
        values: st.SearchStrategy[float] = st.one_of(
            st.integers(-60, 60).map(lambda n: n / 4), st.sampled_from((inf, -inf, nan))
        )
    else:
        bits = 8 * int(kind[1])
        low, high = (0, 2**bits - 1) if kind[0] == "u" else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
        values = st.integers(max(low, -60), 60)
        if draw(st.booleans()):
            values = st.one_of(values, st.sampled_from((low, low + 1, high - 1, high)))
        elif draw(st.booleans()):
            values = st.integers(high - 100, high)
    found: Stored = draw(hnp.arrays(np.dtype(kind), shape, elements=values))
    return found


# --- One value ---------------------------------------------------------------------------------------------


@given(window=windows(), quarters=st.lists(st.integers(-80_000, 80_000), min_size=1, max_size=8))
def test_windows_are_those_of_the_standard(window: Window, quarters: list[int]) -> None:
    """LINEAR, LINEAR_EXACT and SIGMOID, as PS3.3 C.11.2.1.2.1, C.11.2.1.3.2 and C.11.2.1.3.1 write them."""
    values = [quarter / 4 for quarter in quarters]
    found = apply_voi(window, np.array(values))
    assert found.tolist() == pytest.approx([windowed(window, value) for value in values], abs=1e-9)


@given(window=windows(VoiFunction.LINEAR_EXACT), beyond=st.floats(1e-6, 1e6))
def test_an_exact_window_is_black_below_and_white_above(window: Window, beyond: float) -> None:
    """Below centre - width/2 black, above centre + width/2 white, mid-grey at the centre."""
    low, high = window.center - window.width / 2, window.center + window.width / 2
    found = to_grey(
        Chain(IDENTITY, window, False, None),
        np.array([low - beyond, low, window.center, high, high + beyond]),
    )
    assert _grey(found) == [0, 0, 128, 255, 255]


@given(center=st.integers(-100, 100).map(float), above=st.floats(0, 100))
def test_a_linear_window_of_1_is_a_threshold(center: float, above: float) -> None:
    """LINEAR with a width of 1: white above centre - 0.5, black up to it (PS3.3 C.11.2.1.2.1)."""
    window = Window(center, 1.0, VoiFunction.LINEAR)
    edge = center - 0.5
    assert apply_voi(window, np.array([edge - above, edge, edge + above + 1e-6])).tolist() == [0.0, 0.0, 1.0]


@given(voi=windows(), stored=frames(("i2", "f8")))
def test_brighter_values_are_never_shown_darker(voi: Window, stored: Stored) -> None:
    """Every window is monotonic."""
    values = np.sort(stored[np.isfinite(stored)])
    levels = _grey(to_grey(Chain(IDENTITY, voi, False, None), values))
    assert levels == sorted(levels)


@given(value=st.sampled_from((1e300, -1e300, 1e-300)), width=st.sampled_from((1e-3, 1.0, 1e6)))
@pytest.mark.filterwarnings("error")
def test_extreme_values_do_not_overflow_a_sigmoid(value: float, width: float) -> None:
    """A sigmoid is defined everywhere: far below it is black, far above white."""
    (found,) = apply_voi(Window(0.0, width, VoiFunction.SIGMOID), np.array([value])).tolist()
    assert found == pytest.approx(0.5 if abs(value) < 1 else float(value > 0))


@given(lut=luts(), values=st.lists(st.integers(-120, 120), min_size=1, max_size=8))
def test_a_table_is_looked_up_with_its_ends_held(lut: Lut, values: list[int]) -> None:
    """Entry i is for input first + i; inputs beyond the ends take the end entries (PS3.3 C.11.1.1.1)."""
    entries = [int.from_bytes(lut.entries[i : i + 2], "little") for i in range(0, len(lut.entries), 2)]
    table = {lut.first + i: entry for i, entry in enumerate(entries)}
    inputs = [floor(value / 4) for value in values]
    expected = [table[min(max(v, min(table)), max(table))] for v in inputs]
    found = to_modality(lut, np.array([value / 4 for value in values]))
    assert found.tolist() == expected
    grey = apply_voi(lut, np.array([value / 4 for value in values]))
    top = 2**lut.bits - 1
    white = max(entries) if 0 < 2 * max(entries) < top else top  # a dark table has a white of its own
    assert grey.tolist() == pytest.approx([entry / white for entry in expected])


def test_entries_beyond_the_bits_of_a_voi_lut_are_white() -> None:
    """An entry greater than its bits allow is as white as white gets."""
    assert apply_voi(Lut(0, 8, _entries(300)), np.array([0.0])).tolist() == [1.0]


@given(stored=frames(INTEGERS), slope=st.integers(-8, 8), intercept=st.integers(-4096, 4096))
def test_rescale_is_slope_times_stored_plus_intercept(stored: Stored, slope: int, intercept: int) -> None:
    """Output = slope x stored + intercept (PS3.3 C.11.1.1.2), without overflow of the stored type."""
    found = to_modality(Rescale(slope / 4, float(intercept)), stored)
    expected = [float(Fraction(slope, 4) * int(value) + intercept) for value in stored.ravel()]
    assert found.ravel().tolist() == pytest.approx(expected)
    assert found.shape == stored.shape


# --- Whole frames ------------------------------------------------------------------------------------------


@given(chain=chains(), stored=frames())
@example(Chain(IDENTITY, exact_window(100, 0), False, None), np.array([[-128, 127]], np.int8))
@example(Chain(IDENTITY, exact_window(100, 0), False, None), np.array([[2**64 - 1, 2**64 - 3]], np.uint64))
def test_a_frame_is_shown_pixel_by_pixel(chain: Chain, stored: Stored) -> None:
    """A pixel's grey level depends on its own value alone: the whole frame shows what each pixel would."""
    found = to_grey(chain, stored)
    assert found.dtype == np.uint8
    assert found.shape == stored.shape
    alone = [int(to_grey(chain, stored[i : i + 1, j : j + 1])[0, 0]) for i, j in np.ndindex(*stored.shape)]
    assert _grey(found) == alone


@given(chain=chains(), stored=frames(INTEGERS), tall=st.booleans())
def test_a_large_frame_is_shown_as_its_parts_are(chain: Chain, stored: Stored, tall: bool) -> None:
    """Many copies of a frame, below or beside one another, show many copies of its picture."""
    copies = 70_000 // stored.size + 1
    times = (copies, 1) if tall else (1, copies)
    assert np.array_equal(to_grey(chain, np.tile(stored, times)), np.tile(to_grey(chain, stored), times))


@given(stored=frames(INTEGERS), modality_lut=modality_luts, padding=paddings)
def test_a_large_frame_is_counted_as_its_parts_are(
    stored: Stored, modality_lut: ModalityLut, padding: tuple[float, float] | None
) -> None:
    copies = 70_000 // stored.size + 1
    one, many = (tally(each, modality_lut, padding) for each in (stored, np.tile(stored, (copies, 1))))
    assert np.array_equal(many.values, one.values)
    assert np.array_equal(many.counts, one.counts * copies)


@given(chain=chains(), stored=frames(INTEGERS))
def test_integers_and_floats_of_one_value_look_alike(chain: Chain, stored: Stored) -> None:
    """The way over a table and the way over each pixel give the same levels."""
    assume(int(np.abs(stored.astype(np.float64)).max()) < 2**50)
    assert _grey(to_grey(chain, stored)) == _grey(to_grey(chain, stored.astype(np.float64)))


@given(chain=chains(), low=st.integers(-40, 40))
def test_widely_spread_values_are_shown_too(chain: Chain, low: int) -> None:
    """Values so far apart that no table could hold them all are shown like any other."""
    stored = np.array([[low, low + (1 << 17), low + (1 << 25)]], dtype=np.int32)
    assert _grey(to_grey(chain, stored)) == _grey(to_grey(chain, stored.astype(np.float64)))


@given(chain=chains())
@pytest.mark.parametrize("kind", INTEGERS)
def test_an_empty_frame_is_shown_as_nothing(kind: str, chain: Chain) -> None:
    """A frame without pixels has no grey levels."""
    assert to_grey(chain, np.zeros((0, 4), dtype=kind)).shape == (0, 4)


@given(chain=chains(), stored=frames())
def test_levels_are_the_nearest_of_256(chain: Chain, stored: Stored) -> None:
    """Grey from 0 to 1 becomes the nearest level from 0 to 255; white is 255, black 0."""
    assume(np.isfinite(stored).all())
    plain = evolve(chain, inverted=False, padding=None)
    grey = apply_voi(chain.voi, to_modality(chain.modality_lut, stored))
    for level, value in zip(_grey(to_grey(plain, stored)), grey.ravel().tolist(), strict=True):
        assert abs(level - 255 * value) <= 0.5 + 1e-9


@given(chain=chains(), stored=frames())
def test_inversion_mirrors_the_grey_levels(chain: Chain, stored: Stored) -> None:
    """MONOCHROME1 shows black as white (PS3.3 C.7.6.3.1.2): both levels sum to 255, padding apart.

    At the very middle between two levels both round up, so there the sum is 256.
    """
    there = to_grey(evolve(chain, inverted=False), stored).astype(int)
    back = to_grey(evolve(chain, inverted=True), stored).astype(int)
    shown = ~is_padding(chain.padding, stored)
    assert set((there + back)[shown].tolist()) <= {255, 256}
    assert set((there + back)[~shown].tolist()) <= {0}
    grey = apply_voi(chain.voi, to_modality(chain.modality_lut, stored[shown]))
    halves = np.abs(grey * 255 % 1 - 0.5) < 1e-6
    assert set((there + back)[shown][~halves].tolist()) <= {255}


@given(
    window=windows(),
    stored=frames(("i2", "f8")),
    factor=st.sampled_from((0.5, 2.0, 4.0)),
    shift=st.integers(-2000, 2000),
)
def test_a_window_moves_with_the_values(window: Window, stored: Stored, factor: float, shift: int) -> None:
    """Values and window shifted and stretched together give the same picture.

    LINEAR's edges are half a unit off (C.11.2.1.2.1), so that it may be shifted only.
    """
    scale = 1.0 if window.function is VoiFunction.LINEAR else factor
    moved = Window(scale * window.center + shift, scale * window.width, window.function)
    plain = to_grey(Chain(IDENTITY, window, False, None), stored)
    rescaled = to_grey(Chain(Rescale(scale, float(shift)), moved, False, None), stored)
    rounded = 1 if window.function is VoiFunction.SIGMOID else 0
    assert np.abs(plain.astype(int) - rescaled.astype(int)).max() <= rounded


@given(
    slope=st.sampled_from((1e308, -1e308, 1e-308)),
    intercept=st.sampled_from((0.0, 1e308, -1e308)),
    width=st.sampled_from((1e-300, 1.0, 1e308)),
    function=st.sampled_from(VoiFunction),
    stored=frames(("i2", "f8")),
)
@example(  # the window from the pixels is infinitely wide, and so is the last value
    slope=1e308,
    intercept=0.0,
    width=1.0,
    function=VoiFunction.LINEAR,
    stored=np.array([[-1, 1, 2]], np.int16),
)
@pytest.mark.filterwarnings("error")
def test_absurd_numbers_still_give_a_picture(
    slope: float, intercept: float, width: float, function: VoiFunction, stored: Stored
) -> None:
    """A header with numbers beyond all sense gives a picture of some kind, without a word of complaint."""
    rescale = Rescale(slope, intercept)
    counted = tally(stored, rescale, None)
    assert all(isfinite(value) for value in counted.values.tolist())
    least = 1.0 if function is VoiFunction.LINEAR else width
    for window in (Window(0.0, max(width, least), function), auto_window(counted, label=False)):
        assert to_grey(Chain(rescale, window, False, None), stored).shape == stored.shape


# --- Padding -----------------------------------------------------------------------------------------------


@given(chain=chains(), stored=frames())
def test_padding_is_black(chain: Chain, stored: Stored) -> None:
    """Stored values within the padding range, and floats that are no number, are black, inverted or not."""
    low, high = chain.padding or (1, 0)
    expected = [not isfinite(value) or low <= value <= high for value in _listed(stored)]
    assert is_padding(chain.padding, stored).ravel().tolist() == expected
    for level, padded in zip(_grey(to_grey(chain, stored)), expected, strict=True):
        assert not padded or level == 0


@given(chain=chains(), stored=frames(("i2", "u1", "f4")), data=st.data())
def test_what_padding_holds_changes_nothing(chain: Chain, stored: Stored, data: st.DataObject) -> None:
    """Another value of the padding range in the place of padding: the same picture, the same statistics."""
    assume(chain.padding is not None)
    low, high = chain.padding or (0, 0)
    floor_ = 0 if stored.dtype.kind == "u" else int(low)
    other = stored.copy()
    other[is_padding(chain.padding, stored)] = data.draw(st.integers(floor_, int(high)))
    assert _grey(to_grey(chain, other)) == _grey(to_grey(chain, stored))
    one, two = (tally(values, chain.modality_lut, chain.padding) for values in (stored, other))
    assert (one.values.tolist(), one.counts.tolist()) == (two.values.tolist(), two.counts.tolist())


# --- Windows found from the pixels -------------------------------------------------------------------------


def _shown(stored: Stored, modality: ModalityLut, padding: tuple[float, float] | None) -> list[float]:
    """All values that count, in the modality's units, one by one."""
    found = []
    low, high = padding or (1, 0)
    for place, value in enumerate(_listed(stored)):
        if isfinite(value) and not low <= value <= high:
            found += to_modality(modality, stored.ravel()[place : place + 1]).tolist()
    return sorted(found)


@given(stored=frames(), chain=chains())
@example(np.array([[2**64 - 1, 2**64 - 3]], np.uint64), Chain(IDENTITY, exact_window(1, 1), False, None))
@example(np.array([[-(2**63), 2**63 - 1]], np.int64), Chain(IDENTITY, exact_window(1, 1), False, None))
def test_a_tally_counts_every_shown_value(stored: Stored, chain: Chain) -> None:
    """A tally holds each value as often as it is shown, ascending, none twice, padding left out."""
    counted = tally(stored, chain.modality_lut, chain.padding)
    listed = [
        value
        for value, count in zip(counted.values.tolist(), counted.counts.tolist(), strict=True)
        for _ in range(count)
    ]
    assert listed == _shown(stored, chain.modality_lut, chain.padding)
    assert len(set(counted.values.tolist())) == len(counted.values)
    assert counted.counts.dtype == np.int64


@given(low=st.integers(-40, 40))
def test_a_tally_counts_widely_spread_values_too(low: int) -> None:
    """Values too far apart to be counted in a table are counted all the same."""
    stored = np.array([[low, low + (1 << 17), low, low + (1 << 25)]], dtype=np.int32)
    counted = tally(stored, IDENTITY, None)
    assert counted.values.tolist() == [low, low + (1 << 17), low + (1 << 25)]
    assert counted.counts.tolist() == [2, 1, 1]


@pytest.mark.parametrize("kind", [*INTEGERS, "f4", "f8"])
def test_an_empty_frame_counts_nothing(kind: str) -> None:
    """A frame without pixels has an empty tally."""
    counted = tally(np.zeros((0, 4), dtype=kind), IDENTITY, None)
    assert (counted.values.tolist(), counted.counts.tolist()) == ([], [])


@given(parts=st.lists(frames(("i2", "u2", "f4")), min_size=1, max_size=4), data=st.data())
def test_pooling_counts_all_frames_in_any_order(parts: list[Stored], data: st.DataObject) -> None:
    """The pooled tally is the tally of all values together, whichever frame came first."""
    tallies = [tally(part, IDENTITY, None) for part in data.draw(st.permutations(parts))]
    together = np.concatenate([part.ravel().astype(np.float64) for part in parts])
    found, expected = pooled(tallies), tally(together, IDENTITY, None)
    assert found.values.tolist() == expected.values.tolist()
    assert found.counts.tolist() == expected.counts.tolist()


@given(
    values=st.lists(st.integers(-2000, 2000), min_size=1, max_size=400), scale=st.sampled_from((1.0, 0.25))
)
@example(values=[0] * 100 + [5], scale=1.0)
@example(values=list(range(101)), scale=1.0)
def test_the_auto_window_runs_from_the_2nd_to_the_98th_percentile(values: list[int], scale: float) -> None:
    """The window ends at numpy's 2nd and 98th percentile of all values, each counted as often as it occurs."""
    stored = np.array([values], dtype=np.int16)
    low, high = np.percentile(stored * scale, [2.0, 98.0])
    assume(high > low)
    found = auto_window(tally(stored, Rescale(scale, 0.0), None), label=False)
    assert found.function is VoiFunction.LINEAR_EXACT
    assert found.width == pytest.approx(high - low)
    assert found.center == pytest.approx((low + high) / 2, abs=1e-9)


@given(
    background=st.integers(-5, 5),
    others=st.lists(st.integers(-100, 100), min_size=1, max_size=3, unique=True),
)
def test_a_sparse_mask_runs_from_minimum_to_maximum(background: int, others: list[int]) -> None:
    """Where both percentiles are equal, the window runs from the least to the greatest value."""
    assume(set(others) != {background})
    values = [background] * 300 + others
    found = auto_window(tally(np.array([values], np.int16), IDENTITY, None), label=False)
    assert (found.center - found.width / 2, found.center + found.width / 2) == (min(values), max(values))


@given(values=st.lists(st.integers(-50, 50), min_size=2, max_size=300).filter(lambda v: len(set(v)) > 1))
def test_labels_run_from_minimum_to_maximum(values: list[int]) -> None:
    """Label data are shown from the least to the greatest value, whatever the percentiles say."""
    found = auto_window(tally(np.array([values], np.int16), IDENTITY, None), label=True)
    assert (found.center - found.width / 2, found.center + found.width / 2) == (min(values), max(values))


@given(value=st.integers(-4000, 4000), label=st.booleans(), slope=st.sampled_from((1.0, -0.5)))
def test_a_constant_image_still_renders(value: int, label: bool, slope: float) -> None:
    """One value throughout: black where it is 0, mid-grey otherwise."""
    stored = np.full((3, 4), value, dtype=np.int16)
    rescale = Rescale(slope, 0.0)
    window = auto_window(tally(stored, rescale, None), label)
    assert window.width > 0
    assert set(_grey(to_grey(Chain(rescale, window, False, None), stored))) == {128 if value else 0}


@given(label=st.booleans())
def test_nothing_but_padding_still_renders(label: bool) -> None:
    """A picture of padding alone has a window too, and is black."""
    stored = np.full((2, 2), -2000, dtype=np.int16)
    padding = (-2000.0, -2000.0)
    window = auto_window(tally(stored, IDENTITY, padding), label)
    assert window.width > 0
    assert isfinite(window.center)
    assert set(_grey(to_grey(Chain(IDENTITY, window, True, padding), stored))) == {0}


@given(values=st.lists(st.integers(-2000, 2000), min_size=1, max_size=60), label=st.booleans())
def test_an_auto_window_shows_its_values_in_order(values: list[int], label: bool) -> None:
    """The least value of a picture is never white and the greatest never black, unless there is only one."""
    assume(len(set(values)) > 1)
    stored = np.array([values], dtype=np.int16)
    window = auto_window(tally(stored, IDENTITY, None), label)
    levels = to_grey(Chain(IDENTITY, window, False, None), np.array([min(values), max(values)]))
    assert _grey(levels) == [0, 255]
