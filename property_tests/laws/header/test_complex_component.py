"""Laws of what an MR picture shows: magnitude, phase, real or imaginary part (PS3.3 C.8.13.3.1.2)."""

from __future__ import annotations

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.header.elements import Element, Elements
from dicom_series_preview.core.header.image_pixel import PixelSpan
from dicom_series_preview.core.header.instance import ComplexComponent, Frame, PixelElement
from dicom_series_preview.core.header.read_instance import read_instance
from dicom_series_preview.core.header.wanted import ELEMENTS
from property_tests.strategies import EXPLICIT_LITTLE, decimals, element, not_numbers

MAGNITUDE, PHASE, REAL, IMAGINARY = ComplexComponent

WRITTEN = {
    MAGNITUDE: ("M", "MAGNITUDE", "M_FFE", "M_SE", "m"),
    PHASE: ("P", "PHASE", "PHASE MAP", "P_FFE", " phase "),
    REAL: ("R", "REAL", "R_IR", "Real"),
    IMAGINARY: ("I", "IMAGINARY", "I_FFE"),
}
SILENT = ("OTHER", "NONE", "ND", "MIXED", "EPI", "MPR", "T2 MAP", "IP", "ADC", "MEAN", "")

components = st.sampled_from(ComplexComponent)
others = st.sampled_from(SILENT)
BASE = {"Modality": element("CS", "MR"), "Rows": element("US", 4), "Columns": element("US", 6)}


def _frames(source: Elements, frames: int = 1) -> tuple[Frame, ...]:
    whole = {
        **BASE,
        "BitsAllocated": element("US", 16),
        "NumberOfFrames": element("IS", str(frames)),
        **source,
    }
    return read_instance(
        "a", None, whole, EXPLICIT_LITTLE, PixelElement("PixelData", "OW", PixelSpan(9, 48 * frames))
    ).frames


def _found(source: Elements) -> ComplexComponent | None:
    return _frames(source)[0].component


@given(one=components, other=components, third=components)
def test_the_element_made_for_it_is_asked_first(
    one: ComplexComponent, other: ComplexComponent, third: ComplexComponent
) -> None:
    """ComplexImageComponent, else ImageType, else the number that GE writes."""
    number = element("SS", list(ComplexComponent).index(third))
    source = {
        "ComplexImageComponent": element("CS", one.name),
        "ImageType": element("CS", "ORIGINAL", "PRIMARY", other.name),
        "(0043,102f)": number,
    }
    assert _found(source) is one
    del source["ComplexImageComponent"]
    assert _found(source) is other
    del source["ImageType"]
    assert _found(source) is third


@given(
    one=components, data=st.data(), before=st.lists(others, max_size=2), after=st.lists(others, max_size=2)
)
def test_an_image_type_tells_it_from_its_third_value_on(
    one: ComplexComponent, data: st.DataObject, before: list[str], after: list[str]
) -> None:
    """The first value that names one counts, spelt out or by its letter; the first two mean other things."""
    word = data.draw(st.sampled_from(WRITTEN[one]))
    another = data.draw(st.sampled_from(WRITTEN[data.draw(components)]))
    values = ("ORIGINAL", "PRIMARY", *before, word, another, *after)
    assert _found({"ImageType": element("CS", *values)}) is one
    assert _found({"ImageType": element("CS", word, word, *before)}) is None


@given(word=others, number=st.sampled_from((-1, 4, 70)))
def test_other_words_tell_nothing(word: str, number: int) -> None:
    """A component that is mixed, a type of another kind and a number beyond the four are no answer."""
    source = {
        "ComplexImageComponent": element("CS", word),
        "ImageType": element("CS", "ORIGINAL", "PRIMARY", word),
        "(0043,102f)": element("SS", number),
    }
    assert _found(source) is None
    assert _found({**source, "(0043,102f)": element("UN", b"\x01")}) is None
    assert _found({}) is None


@given(one=components)
def test_the_private_number_may_be_undecoded(one: ComplexComponent) -> None:
    """In implicit VR the two bytes of GE's number come as they are, little endian."""
    number = list(ComplexComponent).index(one)
    assert _found({"(0043,102f)": element("UN", bytes((number, 0)))}) is one


@given(one=components, modality=st.sampled_from(("CT", "PT", "US", "")))
def test_only_mr_has_components(one: ComplexComponent, modality: str) -> None:
    """Elsewhere the third value of an image type means something else (PS3.3 C.7.6.1.1.2)."""
    kind = {"ImageType": element("CS", "ORIGINAL", "PRIMARY", one.name)}
    assert _found({**kind, "Modality": element("CS", modality)}) is None


@given(wanted=st.lists(components, min_size=2, max_size=4), by_type=st.booleans())
def test_frames_have_components_of_their_own(wanted: list[ComplexComponent], by_type: bool) -> None:
    """The MR Image Frame Type macro (PS3.3 C.8.13.5.1) is asked before the root, which says MIXED."""

    def group(one: ComplexComponent) -> Elements:
        told = (
            {"FrameType": element("CS", "ORIGINAL", "PRIMARY", "FLOW", one.name)}
            if by_type
            else {"ComplexImageComponent": element("CS", one.name)}
        )
        return {"MRImageFrameTypeSequence": Element("SQ", (told,))}

    source = {
        "ComplexImageComponent": element("CS", "MIXED"),
        "ImageType": element("CS", "ORIGINAL", "PRIMARY", "M"),
        "PerFrameFunctionalGroupsSequence": Element("SQ", tuple(group(one) for one in wanted)),
    }
    assert [frame.component for frame in _frames(source, len(wanted))] == wanted


def test_what_tells_it_is_read() -> None:
    """A parser that keeps only the listed elements keeps these."""
    assert {"ComplexImageComponent", "ImageType", "(0043,102f)"} <= ELEMENTS
    assert {"MRImageFrameTypeSequence", "FrameType", "ComplexImageComponent"} <= ELEMENTS


# --- Spacing -----------------------------------------------------------------------------------------------


@given(rows=st.floats(0.1, 50), columns=st.floats(0.1, 50), shared=st.booleans())
def test_the_spacing_of_pixels_is_read(rows: float, columns: float, shared: bool) -> None:
    """From row to row and from column to column, at the root or in a functional group (PS3.3 10.7.1.3)."""
    here = {"PixelSpacing": decimals(rows, columns)}
    groups: Elements = {"PixelMeasuresSequence": Element("SQ", (here,))}
    source = {"SharedFunctionalGroupsSequence": Element("SQ", (groups,))} if shared else here
    assert _frames(source)[0].spacing == (rows, columns)


@given(junk=not_numbers(), wrong=st.sampled_from((0.0, -1.0, 1.1e6)), first=st.booleans())
def test_a_spacing_that_is_none_is_absent(junk: str, wrong: float, first: bool) -> None:
    """Zero, negative, a kilometre, one number or a text: no spacing."""
    assert _frames({"PixelSpacing": element("DS", junk, "1")})[0].spacing is None
    assert _frames({"PixelSpacing": element("DS", "1")})[0].spacing is None
    pair = (wrong, 1.0) if first else (1.0, wrong)
    assert _frames({"PixelSpacing": decimals(*pair)})[0].spacing is None
    assert _frames({})[0].spacing is None


@given(words=st.text("ABC 12", min_size=1))
def test_the_description_of_the_series_is_taken_over(words: str) -> None:
    """SeriesDescription as it is, empty where there is none (PS3.3 C.7.3.1)."""
    bare = read_instance("a", None, {}, EXPLICIT_LITTLE, None)
    told = read_instance("a", None, {"SeriesDescription": element("LO", words)}, EXPLICIT_LITTLE, None)
    assert told == evolve(bare, series_description=words)
    assert bare.series_description == ""
