"""Laws of reading modality and VOI transformations from headers (PS3.3 C.11.1, C.11.2)."""

from __future__ import annotations

import struct

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
from dicom_series_preview.core.header.functional_groups import frame_lookup
from dicom_series_preview.core.header.greyscale import output_is_signed, read_lut, read_modality_lut, read_voi
from property_tests.strategies import decimals, element, finite, not_numbers

words = st.lists(st.integers(0, 0xFFFF), min_size=1, max_size=20)


def _item(count: Value, first: Value, bits: Value, data: Element) -> dict[str, Element]:
    return {"LUTDescriptor": element("US", count, first, bits), "LUTData": data}


def _packed(entries: list[int]) -> bytes:
    return b"".join(bytes((entry % 256, entry // 256)) for entry in entries)


def _modality(source: Elements, frame: int = 0, signed: bool = False) -> ModalityLut:
    return read_modality_lut(frame_lookup(source, frame), signed, big_endian=False)


def _voi(source: Elements, frame: int = 0) -> tuple[Voi | None, str | None]:
    return read_voi(frame_lookup(source, frame), signed=False, big_endian=False)


def _sequence(*items: Elements) -> Element:
    return Element("SQ", items)


# --- Look-up tables ----------------------------------------------------------------------------------------


@given(entries=words, first=st.integers(0, 0xFFFF), bits=st.integers(1, 16), spare=st.integers(0, 2))
def test_lut_data_may_come_as_numbers_or_as_words(
    entries: list[int], first: int, bits: int, spare: int
) -> None:
    """The same entries as US numbers, SS numbers, little-endian OW or big-endian OW are the same table.

    See PS3.3 C.11.1.1.
    """
    lut = Lut(first, bits, _packed(entries))
    more = [0] * spare
    signed = [entry - 0x10000 if entry >= 0x8000 else entry for entry in entries]
    little = b"".join(struct.pack("<H", entry) for entry in [*entries, *more])
    big = b"".join(struct.pack(">H", entry) for entry in [*entries, *more])
    count = len(entries)
    assert read_lut(_item(count, first, bits, element("US", *entries, *more)), signed=False) == lut
    assert read_lut(_item(count, first, bits, element("SS", *signed)), signed=False) == lut
    assert read_lut(_item(count, first, bits, element("OW", little)), signed=False) == lut
    assert read_lut(_item(count, first, bits, element("OW", big)), signed=False, big_endian=True) == lut


@given(entries=st.lists(st.integers(0, 255), min_size=2, max_size=20), pad=st.booleans(), big=st.booleans())
def test_lut_data_may_be_packed_bytes(entries: list[int], pad: bool, big: bool) -> None:
    """One byte for each entry, with or without a byte that makes the length even, is a table of those.

    See PS3.3 C.11.1.1.
    """
    data = bytes(entries) + (b"\7" if pad else b"")
    found = read_lut(_item(len(entries), 0, 8, element("OW", data)), signed=False, big_endian=big)
    assert found == Lut(0, 8, _packed(entries))


def test_65536_entries_are_written_as_0() -> None:
    """The descriptor's 0 means 65536 entries (PS3.3 C.11.1.1.1)."""
    data = bytes(2 * 65536)
    assert read_lut(_item(0, 0, 16, element("OW", data)), signed=False) == Lut(0, 16, data)
    assert read_lut(_item(0, 0, 16, element("OW", data[2:])), signed=False) is None


def test_an_entry_count_may_have_been_read_as_signed() -> None:
    """The number of entries is unsigned, whatever sign the descriptor was read with (PS3.3 C.11.1.1)."""
    data = bytes(2 * 0xFFFF)
    assert read_lut(_item(-1, 0, 16, element("OW", data)), signed=False) == Lut(0, 16, data)


@given(first=st.integers(-0x8000, 0x7FFF))
def test_the_first_input_has_the_sign_of_the_pixels(first: int) -> None:
    """For signed pixels the first mapped input is signed, written as US or as SS (PS3.3 C.11.1.1.1)."""
    data = element("US", 1, 2, 3)
    assert read_lut(_item(3, first, 16, data), signed=True) == Lut(first, 16, _packed([1, 2, 3]))
    assert read_lut(_item(3, first % 0x10000, 16, data), signed=True) == Lut(first, 16, _packed([1, 2, 3]))
    unsigned = read_lut(_item(3, first % 0x10000, 16, data), signed=False)
    assert unsigned == Lut(first % 0x10000, 16, _packed([1, 2, 3]))


BROKEN_LUTS: list[dict[str, Element]] = [
    {},
    {"LUTData": element("US", 1)},
    {"LUTDescriptor": element("US", 1, 0, 16)},
    {"LUTDescriptor": element("US", 1, 0, 16), "LUTData": element("US")},
    {"LUTDescriptor": element("US", 1, 0), "LUTData": element("US", 1)},
    _item(2, 0, 16, element("US", 1)),
    _item(3, 0, 16, element("OW", b"12345")),
    _item(3, 0, 16, element("OW", b"12")),
    _item(1, 0, 8, element("OW", b"1")),
    _item(1, 0, 0, element("US", 1)),
    _item(1, 0, 17, element("US", 1)),
    _item(1, 0, 16, element("LT", "text")),
]


@pytest.mark.parametrize("item", BROKEN_LUTS)
def test_tables_that_do_not_fit_are_absent(item: dict[str, Element]) -> None:
    """A table without descriptor or data, with too few entries or impossible bits, is none (PS3.3 C.11.1.1)."""
    assert read_lut(item, signed=False) is None


# --- The modality transformation ---------------------------------------------------------------------------


@given(slope=finite(), intercept=finite())
def test_rescale_is_read_from_the_header(slope: float, intercept: float) -> None:
    """Slope and intercept each count alone; without both nothing is rescaled (PS3.3 C.11.1)."""
    both = {"RescaleSlope": decimals(slope), "RescaleIntercept": decimals(intercept)}
    assert _modality(both) == Rescale(slope, intercept)
    assert _modality({"RescaleSlope": decimals(slope)}) == Rescale(slope, 0.0)
    assert _modality({"RescaleIntercept": decimals(intercept)}) == Rescale(1.0, intercept)
    assert _modality({}) == Rescale(1.0, 0.0)


@given(slope=finite(), junk=not_numbers())
def test_an_unreadable_rescale_counts_as_missing(slope: float, junk: str) -> None:
    """A slope that is no number is 1, an intercept that is none is 0 (PS3.3 C.11.1)."""
    broken = element("DS", junk)
    assert _modality({"RescaleSlope": broken, "RescaleIntercept": decimals(slope)}) == Rescale(1.0, slope)
    assert _modality({"RescaleSlope": decimals(slope), "RescaleIntercept": broken}) == Rescale(slope, 0.0)


@given(scaling=finite(), slope=finite())
def test_dose_scaling_counts_where_there_is_no_rescale(scaling: float, slope: float) -> None:
    """DoseGridScaling turns stored values into dose (PS3.3 C.8.8.3), unless a rescale is stated."""
    dose = {"DoseGridScaling": decimals(scaling)}
    assert _modality(dose) == Rescale(scaling, 0.0)
    assert _modality({**dose, "RescaleSlope": decimals(slope)}) == Rescale(slope, 0.0)
    assert _modality({**dose, "RescaleIntercept": decimals(slope)}) == Rescale(1.0, slope)


@given(entries=words, slope=finite())
def test_a_modality_lut_comes_before_rescale(entries: list[int], slope: float) -> None:
    """The first item of the Modality LUT Sequence is used, a broken one is not (PS3.3 C.11.1)."""
    item = _item(len(entries), 0, 16, element("US", *entries))
    other = _item(1, 7, 16, element("US", 9))
    rescale = {"RescaleSlope": decimals(slope)}
    assert _modality({"ModalityLUTSequence": _sequence(item, other), **rescale}) == Lut(
        0, 16, _packed(entries)
    )
    assert _modality({"ModalityLUTSequence": _sequence({}, other), **rescale}) == Rescale(slope, 0.0)


@given(data=st.data())
def test_tables_take_sign_and_byte_order_from_the_object(data: st.DataObject) -> None:
    """Both LUT sequences read their first input and their words as the object's pixels are read.

    See PS3.3 C.11.2.1.1.
    """
    signed, big = data.draw(st.booleans()), data.draw(st.booleans())
    entries = b"\1\2\3\4"
    source = {
        keyword: _sequence(_item(2, 0xFFFF, 16, element("OW", entries)))
        for keyword in ("ModalityLUTSequence", "VOILUTSequence")
    }
    expected = Lut(-1 if signed else 0xFFFF, 16, b"\2\1\4\3" if big else entries)
    lookup = frame_lookup(source, 0)
    assert read_modality_lut(lookup, signed, big) == expected
    assert read_voi(lookup, signed, big) == (expected, None)


@given(intercept=finite(), signed=st.booleans())
def test_what_may_be_negative_after_the_modality_transformation(intercept: float, signed: bool) -> None:
    """A VOI LUT's input is signed when the pixels are, or when the intercept makes it so; a table's never is.

    See PS3.3 C.11.2.1.1.
    """
    assert output_is_signed(Rescale(1.0, intercept), signed) == (signed or intercept < 0)
    assert not output_is_signed(Lut(0, 16, b""), signed)


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
    assert _voi(source) == (Window(center, width, function or VoiFunction.LINEAR), None)


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
        assert _voi(source) == (Window(center, width, meant), None)


@given(center=finite(), width=st.one_of(st.just(0.0), st.floats(-1e6, 0)))
@example(center=40.0, width=-0.0)
def test_a_window_without_width_is_unusable(center: float, width: float) -> None:
    """Zero and negative widths are no window, and the element is named (PS3.3 C.11.2.1.2)."""
    assert _voi({"WindowCenter": decimals(center), "WindowWidth": decimals(width)}) == (None, "WindowWidth")


@given(center=finite(), width=st.floats(1, 1e6), name=st.sampled_from(("CUBIC", "linear", "LINEAR EXACT")))
def test_an_unknown_function_is_linear_and_named(center: float, width: float, name: str) -> None:
    """A VOI LUT Function that does not exist is treated as LINEAR, and the element is named (PS3.3 C.11.2.1.3)."""
    source = {
        "WindowCenter": decimals(center),
        "WindowWidth": decimals(width),
        "VOILUTFunction": element("CS", name),
    }
    assert _voi(source) == (Window(center, width, VoiFunction.LINEAR), "VOILUTFunction")


@given(value=finite(), junk=not_numbers())
def test_half_a_window_is_none(value: float, junk: str) -> None:
    """A centre without a width, or the reverse, or one that is no number: no window (PS3.3 C.11.2.1.2)."""
    for source in (
        {},
        {"WindowCenter": decimals(value)},
        {"WindowWidth": decimals(value)},
        {"WindowCenter": decimals(value), "WindowWidth": element("DS", junk)},
        {"WindowCenter": element("DS", junk), "WindowWidth": decimals(abs(value) + 1)},
    ):
        assert _voi(source) == (None, None)


@given(entries=words, center=finite(), width=st.floats(1, 1e6))
def test_a_voi_lut_comes_before_a_window(entries: list[int], center: float, width: float) -> None:
    """With both, the first table of the VOI LUT Sequence is used; a broken one leaves the window.

    See PS3.3 C.11.2.
    """
    item = _item(len(entries), 0, 16, element("US", *entries))
    other = _item(1, 7, 16, element("US", 9))
    window = {"WindowCenter": decimals(center), "WindowWidth": decimals(width)}
    found = _voi({"VOILUTSequence": _sequence(item, other), **window})
    assert found == (Lut(0, 16, _packed(entries)), None)
    broken = _voi({"VOILUTSequence": _sequence({}, other), **window})
    assert broken == (Window(center, width, VoiFunction.LINEAR), None)


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
        assert _voi(source, frame) == (Window(center, width, VoiFunction.LINEAR), None)


@given(first=words, second=words)
def test_each_frame_has_its_own_voi_lut(first: list[int], second: list[int]) -> None:
    """A frame's VOI LUT is that of its Frame VOI LUT macro, before one at the root (PS3.3 C.7.6.16.2.10)."""
    tables = [_item(len(entries), 0, 16, element("US", *entries)) for entries in (first, second)]
    groups = [{"FrameVOILUTSequence": _sequence({"VOILUTSequence": _sequence(table)})} for table in tables]
    source = {
        "PerFrameFunctionalGroupsSequence": _sequence(*groups),
        "VOILUTSequence": _sequence(_item(1, 9, 16, element("US", 1))),
    }
    assert _voi(source, 0) == (Lut(0, 16, _packed(first)), None)
    assert _voi(source, 1) == (Lut(0, 16, _packed(second)), None)


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
