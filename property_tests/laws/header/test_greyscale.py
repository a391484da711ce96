"""Laws of reading modality and VOI transformations from headers (PS3.3 C.11.1, C.11.2)."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dicom_series_preview.core.grey import (
    PRESETS,
    Lut,
    ModalityLut,
    Rescale,
    Voi,
    VoiFunction,
    Window,
    exact_window,
)
from dicom_series_preview.core.header.elements import Element, Elements, Value
from dicom_series_preview.core.header.functional_groups import HeaderReading
from dicom_series_preview.core.header.greyscale import (
    BEAM_INTENSITY,
    Stored,
    modality_span,
    read_modality_lut,
    read_voi,
)
from property_tests.strategies import decimals, element, finite, not_numbers

words = st.lists(st.integers(0, 0xFFFF), min_size=1, max_size=20)
slopes = finite().filter(bool)


def _item(count: Value, first: Value, bits: Value, data: Element) -> dict[str, Element]:
    return {"LUTDescriptor": element("US", count, first, bits), "LUTData": data}


def _packed(entries: list[int]) -> bytes:
    return b"".join(bytes((entry % 256, entry // 256)) for entry in entries)


WORDS = Stored()


def _modality(source: Elements, frame: int = 0) -> ModalityLut:
    return read_modality_lut(HeaderReading(source).frame(frame), WORDS)


def _voi(source: Elements, frame: int = 0) -> Voi | None:
    return read_voi(HeaderReading(source).frame(frame), Rescale(), WORDS)


def _noted(source: Elements) -> tuple[Voi | None, set[str]]:
    header = HeaderReading(source)
    return read_voi(header.frame(0), Rescale(), WORDS), header.notes.unusable


def _sequence(*items: Elements) -> Element:
    return Element("SQ", items)


# --- The modality transformation ---------------------------------------------------------------------------


@given(slope=slopes, intercept=finite())
def test_rescale_is_read_from_the_header(slope: float, intercept: float) -> None:
    """Slope and intercept each count alone; without both nothing is rescaled (PS3.3 C.11.1)."""
    both = {"RescaleSlope": decimals(slope), "RescaleIntercept": decimals(intercept)}
    assert _modality(both) == Rescale(slope, intercept)
    assert _modality({"RescaleSlope": decimals(slope)}) == Rescale(slope, 0.0)
    assert _modality({"RescaleIntercept": decimals(intercept)}) == Rescale(1.0, intercept)
    assert _modality({}) == Rescale(1.0, 0.0)


@given(slope=slopes, junk=not_numbers())
def test_an_unreadable_rescale_counts_as_missing(slope: float, junk: str) -> None:
    """A slope that is no number is 1, an intercept that is none is 0 (PS3.3 C.11.1)."""
    broken = element("DS", junk)
    assert _modality({"RescaleSlope": broken, "RescaleIntercept": decimals(slope)}) == Rescale(1.0, slope)
    assert _modality({"RescaleSlope": decimals(slope), "RescaleIntercept": broken}) == Rescale(slope, 0.0)


@given(scaling=slopes, slope=slopes)
def test_dose_scaling_counts_where_there_is_no_rescale(scaling: float, slope: float) -> None:
    """DoseGridScaling turns stored values into dose (PS3.3 C.8.8.3), unless a rescale is stated."""
    dose = {"DoseGridScaling": decimals(scaling)}
    assert _modality(dose) == Rescale(scaling, 0.0)
    assert _modality({**dose, "RescaleSlope": decimals(slope)}) == Rescale(slope, 0.0)
    assert _modality({**dose, "RescaleIntercept": decimals(slope)}) == Rescale(1.0, slope)


@given(entries=words, slope=slopes)
def test_a_modality_lut_comes_before_rescale(entries: list[int], slope: float) -> None:
    """The first item of the Modality LUT Sequence is used, a broken one is not (PS3.3 C.11.1)."""
    item = _item(len(entries), 0, 16, element("US", *entries))
    other = _item(1, 7, 16, element("US", 9))
    rescale = {"RescaleSlope": decimals(slope)}
    assert _modality({"ModalityLUTSequence": _sequence(item, other), **rescale}) == Lut(
        0, 16, _packed(entries)
    )
    assert _modality({"ModalityLUTSequence": _sequence({}, other), **rescale}) == Rescale(slope, 0.0)


@given(intercept=finite())
@pytest.mark.parametrize("keyword", ["RescaleSlope", "DoseGridScaling"])
def test_a_slope_of_zero_is_not_used(keyword: str, intercept: float) -> None:
    """Zero would make all pixels one: it is treated as missing, and named."""
    header = HeaderReading({keyword: decimals(0), "RescaleIntercept": decimals(intercept)})
    assert read_modality_lut(header.frame(0), WORDS) == Rescale(1.0, intercept)
    assert header.notes.unusable == {keyword}


@given(entries=words, slope=slopes)
@pytest.mark.parametrize("number", ["12.1", "12.2", "12.3", "2"])
def test_what_leads_back_to_beam_intensity_is_not_for_display(
    entries: list[int], slope: float, number: str
) -> None:
    """XA, XRF and biplane XA ignore a Modality LUT Sequence (PS3.3 C.8.7.1.1.2, PS3.4 N.2.1.2); others do not."""
    source = {
        "SOPClassUID": element("UI", f"1.2.840.10008.5.1.4.1.1.{number}"),
        "ModalityLUTSequence": _sequence(_item(len(entries), 0, 16, element("US", *entries))),
        "RescaleSlope": decimals(slope),
    }
    table = Lut(0, 16, _packed(entries))
    assert _modality(source) == (table if number == "2" else Rescale(slope, 0.0))
    assert len(BEAM_INTENSITY) == 3


@given(low=st.integers(-(2**15), 2**15), width=st.integers(0, 2**16), slope=slopes, intercept=finite())
def test_what_may_come_out_of_a_rescale_has_its_ends_where_pixels_have_theirs(
    low: int, width: int, slope: float, intercept: float
) -> None:
    """The span of a rescale is that of its ends, whichever way it runs; every value in between is within."""
    ends = sorted(value * slope + intercept for value in (low, low + width))
    assert modality_span(Rescale(slope, intercept), (low, low + width)) == tuple(ends)


@given(entries=words)
def test_what_may_come_out_of_a_table_is_what_is_in_it(entries: list[int]) -> None:
    """The span of a table goes from its lowest entry to its highest, whatever the pixels are."""
    assert modality_span(Lut(7, 16, _packed(entries)), (-5, 5)) == (min(entries), max(entries))


# --- The VOI -----------------------------------------------------------------------------------------------


@given(
    center=finite(),
    width=st.floats(1, 1e6),
    more=st.lists(finite(), max_size=3),
    function=st.sampled_from((None, *VoiFunction)),
)
def test_the_first_window_counts_with_its_function(
    center: float, width: float, more: list[float], function: VoiFunction | None
) -> None:
    """Of several windows the first pair; VOI LUT Function is LINEAR unless stated (PS3.3 C.11.2.1.3)."""
    source = {"WindowCenter": decimals(center, *more), "WindowWidth": decimals(width, *more)}
    if function is not None:
        source["VOILUTFunction"] = element("CS", function.value)
    assert _voi(source) == Window(center, width, function or VoiFunction.LINEAR)


@given(center=finite(), width=st.floats(1e-3, 0.999))
def test_a_linear_window_narrower_than_1_is_exact(center: float, width: float) -> None:
    """LINEAR needs a width of 1 (C.11.2.1.2.1): narrower ones are read as LINEAR_EXACT, others stay."""
    for function in VoiFunction:
        source = {
            "WindowCenter": decimals(center),
            "WindowWidth": decimals(width),
            "VOILUTFunction": element("CS", function.value),
        }
        meant = VoiFunction.LINEAR_EXACT if function is VoiFunction.LINEAR else function
        assert _voi(source) == Window(center, width, meant)


@given(center=finite(), width=st.one_of(st.just(0.0), st.floats(-1e6, 0)))
@example(center=40.0, width=-0.0)
def test_a_window_without_width_is_unusable(center: float, width: float) -> None:
    """Zero and negative widths are no window, and the element is named (PS3.3 C.11.2.1.2)."""
    source = {"WindowCenter": decimals(center), "WindowWidth": decimals(width)}
    assert _noted(source) == (None, {"WindowWidth"})


@given(center=finite(), width=st.floats(1, 1e6), name=st.sampled_from(("CUBIC", "LINEAR EXACT", "0")))
def test_an_unknown_function_is_linear_and_named(center: float, width: float, name: str) -> None:
    """A VOI LUT Function that does not exist is treated as LINEAR, and the element is named (PS3.3 C.11.2.1.3)."""
    source = {
        "WindowCenter": decimals(center),
        "WindowWidth": decimals(width),
        "VOILUTFunction": element("CS", name),
    }
    assert _noted(source) == (Window(center, width, VoiFunction.LINEAR), {"VOILUTFunction"})


@given(value=st.floats(1, 1e6), junk=not_numbers())
@pytest.mark.parametrize(("one", "other"), [("WindowCenter", "WindowWidth"), ("WindowWidth", "WindowCenter")])
def test_half_a_window_is_none_and_what_is_wrong_with_it_is_named(
    value: float, junk: str, one: str, other: str
) -> None:
    """A centre without a width, or the reverse, is no window (PS3.3 C.11.2.1.2).

    It is named itself where it stands alone; where the other is no number, that one alone is.
    """
    assert _noted({}) == (None, set())
    assert _noted({one: decimals(value)}) == (None, {one})
    assert _noted({one: decimals(value), other: element("DS")}) == (None, {one})
    assert _noted({one: decimals(value), other: element("DS", junk)}) == (None, {other})


@given(center=finite(), width=st.floats(1, 1e6))
@pytest.mark.parametrize("name", [" sigmoid ", "Sigmoid", "linear_exact", "LINEAR_EXACT  "])
def test_a_function_is_named_without_regard_to_case_and_outer_blanks(
    name: str, center: float, width: float
) -> None:
    """VOI LUT Function is a code string (PS3.5 6.2)."""
    source = {
        "WindowCenter": decimals(center),
        "WindowWidth": decimals(width),
        "VOILUTFunction": element("CS", name),
    }
    assert _noted(source) == (Window(center, width, VoiFunction(name.strip().upper())), set())


@given(entries=words, center=finite(), width=st.floats(1, 1e6))
def test_a_voi_lut_comes_before_a_window(entries: list[int], center: float, width: float) -> None:
    """With both, the first table of the VOI LUT Sequence is used; a broken one leaves the window.

    See PS3.3 C.11.2.
    """
    item = _item(len(entries), 0, 16, element("US", *entries))
    other = _item(1, 7, 16, element("US", 9))
    window = {"WindowCenter": decimals(center), "WindowWidth": decimals(width)}
    assert _voi({"VOILUTSequence": _sequence(item, other), **window}) == Lut(0, 16, _packed(entries))
    broken = _noted({"VOILUTSequence": _sequence({}, other), **window})
    assert broken == (Window(center, width, VoiFunction.LINEAR), {"VOILUTSequence"})


# --- Functional groups -------------------------------------------------------------------------------------


@st.composite
def _grouped(draw: st.DrawFn, macro: str, keyword: str) -> tuple[Elements, list[float | None]]:
    """A multi-frame header whose frames may have a value each, share one, or leave it to the root."""
    count = draw(st.integers(1, 4))
    own = draw(st.lists(st.one_of(st.none(), finite()), min_size=count, max_size=count))
    shared, root = draw(st.one_of(st.none(), finite())), draw(st.one_of(st.none(), finite()))

    def group(value: float | None) -> dict[str, Element]:
        # A macro may be there and hold nothing: then the next level counts.  It has one item: others are noise.
        noise = {keyword: decimals(7e7)}
        empty = draw(
            st.sampled_from(
                (
                    {},
                    {macro: _sequence()},
                    {macro: _sequence({keyword: element("DS")})},
                    {macro: _sequence({}, noise)},
                )
            )
        )
        return empty if value is None else {macro: _sequence({keyword: decimals(value)}, {})}

    source: dict[str, Element] = {"PerFrameFunctionalGroupsSequence": _sequence(*(group(v) for v in own))}
    if shared is not None or draw(st.booleans()):
        noise = {macro: _sequence({keyword: decimals(8e7)})}
        source["SharedFunctionalGroupsSequence"] = _sequence(group(shared), noise)
    if root is not None:
        source[keyword] = decimals(root)
    return source, [next((v for v in (value, shared, root) if v is not None), None) for value in own]


@given(made=_grouped("PixelValueTransformationSequence", "RescaleIntercept"))
def test_rescale_is_per_frame_else_shared_else_root(made: tuple[Elements, list[float | None]]) -> None:
    """The functional groups of a frame come first, then the shared ones, then the root (PS3.3 C.7.6.16)."""
    source, expected = made
    for frame, intercept in enumerate(expected):
        assert _modality(source, frame) == Rescale(1.0, intercept or 0.0)


@given(value=finite(), junk=not_numbers(), shared=st.booleans())
def test_what_cannot_be_used_for_a_frame_leaves_the_next_level(value: float, junk: str, shared: bool) -> None:
    """A value that counts as missing is looked for further on, as a missing one is (PS3.3 C.7.6.16)."""
    macro = "PixelValueTransformationSequence"
    group = {macro: _sequence({"RescaleIntercept": element("DS", junk)})}
    good = {"RescaleIntercept": decimals(value)}
    source = {
        "PerFrameFunctionalGroupsSequence": _sequence(group),
        **({"SharedFunctionalGroupsSequence": _sequence({macro: _sequence(good)})} if shared else good),
    }
    header = HeaderReading(source)
    assert read_modality_lut(header.frame(0), WORDS) == Rescale(1.0, value)
    assert header.notes.unusable == {"RescaleIntercept"}


@given(centers=st.lists(finite(), min_size=1, max_size=4), width=st.floats(1, 1e6))
def test_each_frame_has_its_own_window(centers: list[float], width: float) -> None:
    """A frame's window is that of its Frame VOI LUT macro (PS3.3 C.7.6.16.2.10)."""

    def group(center: float) -> Elements:
        window = {"WindowCenter": decimals(center), "WindowWidth": decimals(width)}
        return {"FrameVOILUTSequence": _sequence(window)}

    source = {
        "PerFrameFunctionalGroupsSequence": _sequence(*(group(center) for center in centers)),
        "WindowCenter": decimals(1e7),
        "WindowWidth": decimals(1e7),
    }
    for frame, center in enumerate(centers):
        assert _voi(source, frame) == Window(center, width, VoiFunction.LINEAR)


@given(first=words, second=words)
def test_each_frame_has_its_own_voi_lut(first: list[int], second: list[int]) -> None:
    """A frame's VOI LUT is that of its Frame VOI LUT macro, before one at the root (PS3.3 C.7.6.16.2.10)."""
    tables = [_item(len(entries), 0, 16, element("US", *entries)) for entries in (first, second)]
    groups = [{"FrameVOILUTSequence": _sequence({"VOILUTSequence": _sequence(table)})} for table in tables]
    source = {
        "PerFrameFunctionalGroupsSequence": _sequence(*groups),
        "VOILUTSequence": _sequence(_item(1, 9, 16, element("US", 1))),
    }
    assert _voi(source, 0) == Lut(0, 16, _packed(first))
    assert _voi(source, 1) == Lut(0, 16, _packed(second))


def test_a_frame_beyond_the_groups_uses_what_is_shared() -> None:
    """An object with fewer per-frame items than frames leaves the rest to the shared ones (PS3.3 C.7.6.16)."""
    source = {
        "PerFrameFunctionalGroupsSequence": _sequence({}),
        "SharedFunctionalGroupsSequence": _sequence(
            {"PixelValueTransformationSequence": _sequence({"RescaleSlope": decimals(5.0)})}
        ),
    }
    assert _modality(source, 0) == _modality(source, 7) == Rescale(5.0, 0.0)


# --- Windows of the command line ---------------------------------------------------------------------------


def test_the_presets_are_the_usual_windows() -> None:
    """Width and centre in HU of every preset."""
    assert PRESETS == {
        "lung": (1500, -500),
        "bone": (2000, 300),
        "brain": (80, 40),
        "abdomen": (350, 50),
        "mediastinum": (350, 50),
        "liver": (150, 30),
        "soft_tissue": (400, 50),
    }


@given(width=st.floats(0.1, 1e6), center=finite())
def test_windows_of_the_command_line_are_exact(width: float, center: float) -> None:
    """A window that a person gives runs exactly from centre - width/2 to centre + width/2 (PS3.3 C.11.2.1.3.2)."""
    assert exact_window(width, center) == Window(center, width, VoiFunction.LINEAR_EXACT)
