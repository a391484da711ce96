"""Laws of instances from metadata: they are those that headers give, and what is missing is told."""

from __future__ import annotations

import json
from base64 import b64encode

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.dicomweb.frames import WebFrame, hold_frames
from dicom_series_preview.core.dicomweb.instances import (
    has_rows,
    is_complete,
    is_poorer,
    most_of_object,
    read_metadata_instance,
    seems_poor,
    uid_of,
    with_syntax,
)
from dicom_series_preview.core.dicomweb.json_model import Metadata, read_metadata
from dicom_series_preview.core.header.dicom_json import Json, JsonObject
from dicom_series_preview.core.header.image_pixel import PixelSpan
from dicom_series_preview.core.header.instance import PixelElement, Pixels
from dicom_series_preview.core.header.raw import DataSet, RawElement
from dicom_series_preview.core.header.read_instance import read_instance
from dicom_series_preview.core.header.values import read_elements
from dicom_series_preview.core.header.wanted import Wanted, wanted_name
from property_tests.formats import pixel_format

LITTLE, RLE = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.5"


def _told(dataset: JsonObject) -> Metadata:
    (found,) = read_metadata(json.dumps([dataset]).encode(), Wanted()).unwrap()
    return found


def _element(vr: str, *values: Json) -> JsonObject:
    return {"vr": vr, "Value": list(values)}


_IMAGE: JsonObject = {
    "00080016": _element("UI", "1.2.840.10008.5.1.4.1.1.2"),
    "00080018": _element("UI", "1.2.3"),
    "00200013": _element("IS", 7),
    "00200032": _element("DS", 1.5, -2, 1e-3),
    "00200037": _element("DS", 1, 0, 0, 0, 1, 0),
    "00280002": _element("US", 1),
    "00280004": _element("CS", "MONOCHROME2"),
    "00280008": _element("IS", 3),
    "00280010": _element("US", 4),
    "00280011": _element("US", 6),
    "00280100": _element("US", 16),
    "00281050": _element("DS", 40),
    "00281051": _element("DS", 400.5),
}
_HEADER = {
    0x00080016: RawElement("UI", b"1.2.840.10008.5.1.4.1.1.2\0", True),
    0x00080018: RawElement("UI", b"1.2.3\0", True),
    0x00200013: RawElement("IS", b"7 ", True),
    0x00200032: RawElement("DS", b"1.50\\-2\\.001 ", True),
    0x00200037: RawElement("DS", b"1\\0\\0\\0\\1\\0.0", True),
    0x00280002: RawElement("US", b"\1\0", True),
    0x00280004: RawElement("CS", b"MONOCHROME2 ", True),
    0x00280008: RawElement("IS", b"3 ", True),
    0x00280010: RawElement("US", b"\4\0", True),
    0x00280011: RawElement("US", b"\6\0", True),
    0x00280100: RawElement("US", b"\x10\0", True),
    0x00281050: RawElement("DS", b"40", True),
    0x00281051: RawElement("DS", b"+4.005E2", True),
}


@given(st.permutations(sorted(_IMAGE)), st.sets(st.sampled_from(sorted(_IMAGE))))
def test_metadata_and_headers_give_the_same_instance(order: list[str], missing: set[str]) -> None:
    """Whatever is there, and in whatever order it is told."""
    told = _told({tag: _IMAGE[tag] for tag in order if tag not in missing})
    header = {tag: element for tag, element in _HEADER.items() if f"{tag:08X}" not in missing}
    elements = read_elements(header, wanted_name)
    pixel = None if "00280010" in missing else PixelElement("PixelData", "OW", PixelSpan(0, None))
    assert read_metadata_instance("a", told) == read_instance("a", None, elements, LITTLE, pixel)
    assert has_rows(told) == ("00280010" not in missing)
    assert uid_of(told) == (None if "00080018" in missing else "1.2.3")
    assert is_complete(told)


@given(st.sampled_from(["", LITTLE, RLE]), st.booleans())
def test_a_syntax_that_is_told_elsewhere_takes_the_place_of_the_supposed_one(
    syntax: str, has_rows: bool
) -> None:
    """And of nothing else; without pixels there is none."""
    told = _told({tag: one for tag, one in _IMAGE.items() if has_rows or tag != "00280010"})
    instance = read_metadata_instance("a", told)
    found = with_syntax(instance, syntax)
    if isinstance(instance.pixels, Pixels):
        instance = evolve(
            instance,
            pixels=evolve(instance.pixels, format=evolve(instance.pixels.format, transfer_syntax=syntax)),
        )
    assert isinstance(instance.pixels, Pixels) == has_rows
    assert found == instance


@given(st.booleans(), st.sets(st.integers(0, 2), min_size=1))
def test_frames_that_came_are_the_pixels_of_their_instance(is_native: bool, numbers: set[int]) -> None:
    """With their transfer syntax, which no metadata tell."""
    syntax = LITTLE if is_native else RLE
    fmt = pixel_format(rows=4, columns=6, number_of_frames=3)
    held = hold_frames(fmt, {number: WebFrame(syntax, bytes(48)) for number in numbers}).unwrap()
    instance = read_metadata_instance("a", _told(_IMAGE), held)
    assert isinstance(instance.pixels, Pixels)
    assert instance.pixels.format == pixel_format(
        rows=4, columns=6, number_of_frames=3, transfer_syntax=syntax
    )
    assert (instance.pixels.span, instance.pixels.offset_table) == (held.span, held.table)
    assert evolve(instance, pixels=None) == evolve(read_metadata_instance("a", _told(_IMAGE)), pixels=None)


def test_frames_are_nothing_to_an_instance_without_an_image() -> None:
    """Nor to one whose image module is broken."""
    held = hold_frames(pixel_format(number_of_frames=3), {0: WebFrame(LITTLE, bytes(48))}).unwrap()
    broken = _told(_IMAGE | {"00280010": _element("US", 0)})
    without = _told({tag: element for tag, element in _IMAGE.items() if tag != "00280010"})
    assert read_metadata_instance("a", without, held).pixels is None
    assert read_metadata_instance("a", broken, held) == read_metadata_instance("a", broken)


@pytest.mark.parametrize(
    ("tag", "name"), [("00181060", "TriggerTime"), ("00200032", "ImagePositionPatient"), ("00191000", None)]
)
def test_what_is_not_told_and_may_decide_the_order_is_named(tag: str, name: str | None) -> None:
    """A value that is elsewhere is not none: it is as unusable as one that makes no sense."""
    metadata = _told(_IMAGE | {tag: {"vr": "DS", "BulkDataURI": "http://elsewhere.example"}})
    assert read_metadata_instance("a", metadata).unusable == (() if name is None else (name,))
    assert is_complete(metadata) == (name is None)


def test_a_private_element_is_named_by_its_tag() -> None:
    """As everywhere."""
    creator: JsonObject = {"00190010": _element("LO", "SIEMENS MR HEADER")}
    missed: JsonObject = {"0019100C": {"vr": "UN", "BulkDataURI": "x"}, "00201041": _element("DS", "x")}
    metadata = _told(_IMAGE | creator | missed)
    assert read_metadata_instance("a", metadata).unusable == ("(0019,100c)", "SliceLocation")


def test_what_no_preview_reads_is_not_missed() -> None:
    """Whoever reads all elements, for an index, names them."""

    class Everything:
        @staticmethod
        def standard(tag: int) -> str:  # noqa: ARG004
            return "UN"

        @staticmethod
        def private(tag: int, around: DataSet) -> str:  # noqa: ARG004
            return "UN"

    missed: JsonObject = {
        tag: {"vr": "OB", "BulkDataURI": "x"} for tag in ("00291010", "00420011", "7FE00010")
    }
    (metadata,) = read_metadata(json.dumps(_IMAGE | missed).encode(), Everything()).unwrap()
    assert metadata.untold == {0x00291010, 0x00420011}
    assert read_metadata_instance("a", metadata) == read_metadata_instance("a", _told(_IMAGE))


_INLINE: JsonObject = {"vr": "OW", "InlineBinary": b64encode(bytes(4)).decode()}


@pytest.mark.parametrize("tag", ["00283006", "00281201", "00281202", "00281203", "00281221", "00281223"])
def test_tables_that_are_not_told_need_the_object_and_not_the_order(tag: str) -> None:
    """They say how pixels are shown (PS3.3 C.7.9, C.11), which the object itself will tell."""
    metadata = _told(_IMAGE | {tag: {"vr": "OW", "BulkDataURI": "x"}})
    assert not is_complete(metadata)
    assert read_metadata_instance("a", metadata).unusable == ()
    assert is_complete(_told(_IMAGE | {tag: _INLINE}))


@pytest.mark.parametrize(
    ("tag", "name"), [("00283000", "ModalityLUTSequence"), ("00283010", "VOILUTSequence")]
)
def test_a_sequence_of_tables_that_are_not_told_is_not_broken(tag: str, name: str) -> None:
    """Of one whose tables are told and do not fit, that is said (PS3.3 C.11.1, C.11.2)."""
    item: JsonObject = {"00283002": _element("US", 2, 0, 16)}
    missing = _told(_IMAGE | {tag: {"vr": "SQ", "Value": [item]}})
    broken = _told(_IMAGE | {tag: {"vr": "SQ", "Value": [{"00283006": _INLINE}]}})
    assert not is_complete(missing)
    assert read_metadata_instance("a", missing).unusable == ()
    assert read_metadata_instance("a", broken).unusable == (name,)


@pytest.mark.parametrize("tag", ["7FE00001", "7FE00002"])
def test_offset_tables_are_needed_by_nobody(tag: str) -> None:
    """Frames come one by one."""
    metadata = _told(_IMAGE | {tag: {"vr": "OV", "BulkDataURI": "x"}})
    assert is_complete(metadata)
    assert read_metadata_instance("a", metadata).unusable == ()


@given(st.integers(0, 100), st.sets(st.sampled_from(sorted(_IMAGE))))
def test_metadata_of_few_elements_seem_poor(more: int, some: set[str]) -> None:
    """Wanted or not: an image has more than 63, as a rule."""
    others: JsonObject = {f"0011{number:04X}": _element("LO", "x") for number in range(more)}
    assert seems_poor(_told(others | {tag: _IMAGE[tag] for tag in some})) == (more + len(some) < 64)


@given(st.sets(st.sampled_from(sorted(_IMAGE))), st.sets(st.sampled_from(sorted(_IMAGE))))
def test_metadata_are_poorer_that_leave_out_what_an_object_tells(series: set[str], own: set[str]) -> None:
    """Only what is wanted counts; what is told to be elsewhere is not left out."""
    some = _told({tag: _IMAGE[tag] for tag in series} | {"00081030": _element("LO", "x")})
    whole = _told({tag: _IMAGE[tag] for tag in own} | {"00081090": _element("LO", "x")})
    assert is_poorer(some, whole) == bool(own - series)
    elsewhere: JsonObject = {tag: {"vr": "UN", "BulkDataURI": "x"} for tag in own}
    assert not is_poorer(_told(elsewhere), whole)


@given(st.integers(1, 500), st.integers(1, 500), st.integers(1, 99), st.sampled_from([8, 16]))
def test_an_object_is_not_much_larger_than_its_pixels(
    rows: int, columns: int, frames: int, bits: int
) -> None:
    """With the longest header, and with room for compression that does not help; without Rows nothing is known."""
    shape: JsonObject = {
        "00280008": _element("IS", frames),
        "00280010": _element("US", rows),
        "00280011": _element("US", columns),
        "00280100": _element("US", bits),
    }
    most = most_of_object(read_metadata_instance("a", _told(_IMAGE | shape)))
    pixels = rows * columns * frames * bits // 8
    assert most is not None
    assert pixels + (1 << 26) <= most <= 8 * pixels + (1 << 26) + (frames + 1) * (1 << 21)
    assert most_of_object(read_metadata_instance("a", _told({}))) is None
