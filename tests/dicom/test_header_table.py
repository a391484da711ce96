"""Cells from the bytes of headers: character sets, dictionaries, byte orders and values that are wrong."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from hashlib import sha256
from time import process_time
from typing import Any

import pytest
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from dicom_series_preview.core.header.scan import Header, scan_header
from dicom_series_preview.core.index.cells import Cell, Digest
from dicom_series_preview.shell.dicom.dictionary import Everything
from dicom_series_preview.shell.dicom.header_table import HeaderTable
from tests.support.dicom import make_object

SYNTAXES = (
    ImplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
)


_LONG = {"OB", "OW", "SQ", "UN", "UT"}


def _element(tag: int, vr: str, value: bytes) -> bytes:
    """One element in Explicit VR Little Endian (PS3.5 7.1.2); the value's length is written as it is."""
    start = struct.pack("<HH", tag >> 16, tag & 0xFFFF) + vr.encode()
    return (
        start + (struct.pack("<HI", 0, len(value)) if vr in _LONG else struct.pack("<H", len(value))) + value
    )


def _item(*elements: bytes) -> bytes:
    content = b"".join(elements)
    return struct.pack("<HHI", 0xFFFE, 0xE000, len(content)) + content


def _raw(*elements: bytes) -> bytes:
    """An object of these elements, byte by byte; they come in the order of their tags."""
    syntax = _element(0x00020010, "UI", ExplicitVRLittleEndian.encode() + b"\0")
    return (
        bytes(128)
        + b"DICM"
        + _element(0x00020000, "UL", struct.pack("<I", len(syntax)))
        + syntax
        + b"".join(elements)
    )


def _cells(data: bytes, table: HeaderTable | None = None) -> Mapping[str, Cell]:
    header = scan_header(data, True, Everything())
    assert isinstance(header, Header)
    return (table or HeaderTable()).cells(header)


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_values_of_all_kinds_in_every_syntax(syntax: str) -> None:
    cells = _cells(
        make_object(
            transfer_syntax=syntax,
            ImageType=["ORIGINAL", "PRIMARY"],
            WindowCenter=[40, 400.5],
            SelectorSLValue=[-70000, 70000],
            RecommendedDisplayFrameRateInFloat=2.5,
            DiffusionBValue=1e300,
            SelectorUVValue=2**63,
            FrameIncrementPointer=0x00181063,
            EncapsulatedDocument=b"abcd",
            PixelPaddingValue=63536,
            ContentTime="101112.5",
        )
    )
    assert cells["TransferSyntaxUID"].values == (syntax,)
    assert cells["ImageType"] == Cell("00080008", "CS", ("ORIGINAL", "PRIMARY"))
    assert cells["WindowCenter"] == Cell("00281050", "DS", (40.0, 400.5))
    assert cells["InstanceNumber"] == Cell("00200013", "IS", (1,))
    assert cells["Rows"] == Cell("00280010", "US", (4,))
    assert cells["SelectorSLValue"].values == (-70000, 70000)
    assert cells["RecommendedDisplayFrameRateInFloat"].values == (2.5,)
    assert cells["DiffusionBValue"] == Cell("00189087", "FD", (1e300,))
    assert cells["SelectorUVValue"].values == (2**63,)
    assert cells["FrameIncrementPointer"] == Cell("00280009", "AT", ("(0018,1063)",))
    assert isinstance(cells["EncapsulatedDocument"].values, Digest)
    assert cells["EncapsulatedDocument"].values.size == 4
    assert cells["PixelPaddingValue"] == Cell("00280120", "US", (63536,))
    assert cells["ContentTime"] == Cell("00080033", "TM", ("101112.5",))
    assert "PixelData" not in cells
    assert "MediaStorageSOPClassUID" not in cells


def test_the_sign_of_the_pixels_decides_between_us_and_ss() -> None:
    made = make_object(
        transfer_syntax=ImplicitVRLittleEndian, PixelRepresentation=1, SmallestImagePixelValue=-2000
    )
    assert _cells(made)["SmallestImagePixelValue"] == Cell("00280106", "SS", (-2000,))


@pytest.mark.parametrize(
    ("character_set", "text", "encoding"),
    [
        (b"ISO_IR 192", "Müller^Jürgen=山田^太郎", "utf-8"),
        (b"ISO_IR 100", "Müller^Jürgen", "latin-1"),
        (b"ISO_IR 144", "Люксембург", "iso8859_5"),
        # The last byte of a character may look like a backslash here: what it means comes first.
        (b"GB18030 ", "王丂", "gb18030"),
        (b"ISO_IR 13 ", "ﾔﾏﾀﾞ^ﾀﾛｳ", "shift_jis"),
        (b"", "plain", "ascii"),
    ],
)
def test_text_is_read_in_its_character_set(character_set: bytes, text: str, encoding: str) -> None:
    value = text.encode(encoding)
    cells = _cells(
        _raw(
            _element(0x00080005, "CS", character_set),
            _element(0x00080080, "LO", value + b"\\" + value + b" "),
            _element(0x00081080, "LO", b""),
            _element(0x00100010, "PN", value),
            _element(0x00104000, "LT", value + b"\\" + value),
        )
    )
    assert cells["InstitutionName"].values == (text, text)
    assert cells["PatientName"].values == (text,)
    assert cells["PatientComments"].values == (f"{text}\\{text}",)


def test_code_extensions() -> None:
    """The example of PS3.5 H.3.1, byte by byte."""
    name = b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B"
    cells = _cells(
        _raw(_element(0x00080005, "CS", b"\\ISO 2022 IR 87"), _element(0x00100010, "PN", name + b" "))
    )
    assert cells["PatientName"].values == ("Yamada^Tarou=山田^太郎=やまだ^たろう",)


@pytest.mark.parametrize(
    "character_set",
    [
        *(
            b"zip",
            b"hex",
            b"rot13",
            b"undefined",
            b"idna",
            b"punycode",
            b"unicode_escape",
            b"..",
            b"A" * 5000,
        ),
        *(b"ISO_IR 999", b"ISO_IR\0 6", b"a\0b", b"\\zip", b"ISO 2022 IR 87\\undefined", b"\xed\xb2\x80"),
    ],
)
def test_what_is_no_character_set_makes_text_all_the_same(character_set: bytes) -> None:
    """Python has codecs by many names, of which some make no text, or refuse some bytes."""
    for name in (b"Mueller", b"xn--\xff", bytes(range(1, 256)).replace(b"\\", b"")):
        cells = _cells(_raw(_element(0x00080005, "CS", character_set), _element(0x00104000, "LT", name)))
        assert isinstance(cells["PatientComments"].values, tuple)
        assert isinstance(cells["PatientComments"].values[0], str)


@pytest.mark.parametrize("escape", [b"\x1b", b"\x1b$B\xff", b"\x1b(B"])
def test_escapes_without_end_cost_no_more_than_their_bytes(escape: bytes) -> None:
    """Reading each of these million would take pydicom a minute."""
    text = _element(0x00104000, "UT", b"ab" + escape * 1_000_000)
    item = _element(0x0040A043, "SQ", _item(text))
    began = process_time()
    for element in (text, item):
        _cells(_raw(_element(0x00080005, "CS", b"\\ISO 2022 IR 87"), element))
    assert process_time() - began < 10


def _meaning(text: bytes) -> bytes:
    return _element(0x00080104, "LO", text)


def _items(cell: Cell) -> list[dict[str, Any]]:
    assert isinstance(cell.values, tuple)
    (text,) = cell.values
    found: list[dict[str, Any]] = json.loads(str(text))
    return found


def test_items_inherit_the_character_set_and_may_have_their_own() -> None:
    items = _item(_meaning(b"\xdf ")) + _item(
        _element(0x00080005, "CS", b"ISO_IR 192"), _meaning("ß".encode())
    )
    made = _raw(_element(0x00080005, "CS", b"ISO_IR 100"), _element(0x0040A043, "SQ", items))
    found = _items(_cells(made)["ConceptNameCodeSequence"])
    assert [item["00080104"]["Value"] for item in found] == [["ß"], ["ß"]]


def test_the_same_bytes_in_another_character_set_are_another_text() -> None:
    """What was decoded once is found again by its bytes, but only where they mean the same."""
    table = HeaderTable()
    name = _element(0x00080080, "LO", b"\xd0 ")
    latin = _raw(_element(0x00080005, "CS", b"ISO_IR 100"), name)
    cyrillic = _raw(_element(0x00080005, "CS", b"ISO_IR 144"), name)
    assert _cells(latin, table)["InstitutionName"].values == ("Ð",)
    assert _cells(cyrillic, table)["InstitutionName"].values == ("а",)
    assert _cells(latin, table)["InstitutionName"].values == ("Ð",)


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian])
def test_private_elements_are_named_by_their_tag_and_read_by_their_creator(syntax: str) -> None:
    block = {0x00190010: ("LO", "SIEMENS MR HEADER"), 0x0019100C: ("IS", "1000")}
    cells = _cells(make_object(transfer_syntax=syntax, extra=block))
    assert cells["(0019,0010)"] == Cell("00190010", "LO", ("SIEMENS MR HEADER",))
    assert cells["(0019,100c)"] == Cell("0019100C", "IS", (1000,))


def test_private_elements_of_an_unknown_creator_are_bytes() -> None:
    block = {0x00190010: ("LO", "NOBODY KNOWS"), 0x0019100C: ("IS", "1000")}
    cell = _cells(make_object(transfer_syntax=ImplicitVRLittleEndian, extra=block))["(0019,100c)"]
    assert cell == Cell("0019100C", "UN", Digest(4, sha256(b"1000").hexdigest()))


def test_repeating_groups_and_unknown_elements_are_named_by_their_tag() -> None:
    cells = _cells(make_object(extra={0x60020010: ("US", 7), 0x00180007: ("LO", "none")}))
    assert cells["(6002,0010)"] == Cell("60020010", "US", (7,))
    assert cells["(0018,0007)"] == Cell("00180007", "LO", ("none",))


def test_un_of_a_known_element_is_read_by_the_dictionary() -> None:
    cells = _cells(_raw(_element(0x00080081, "UN", b"Street 7")))
    assert cells["InstitutionAddress"] == Cell("00080081", "ST", ("Street 7",))


def test_a_vr_that_does_not_exist_is_bytes() -> None:
    cells = _cells(_raw(_element(0x00080081, "ZZ", b"Street 7"), _element(0x00100020, "LO", b"ID")))
    assert cells["InstitutionAddress"] == Cell("00080081", "UN", Digest(8, sha256(b"Street 7").hexdigest()))
    assert cells["PatientID"].values == ("ID",)


def test_empty_elements_are_left_out() -> None:
    cells = _cells(make_object(WindowCenter="", ImageType="", ReferencedImageSequence=[]))
    assert not {"WindowCenter", "ImageType", "ReferencedImageSequence"} & cells.keys()


def test_padding_is_no_part_of_a_value() -> None:
    cells = _cells(
        _raw(
            _element(0x00080018, "UI", b"1.2.3\0"),
            _element(0x00080054, "AE", b" SCANNER "),
            _element(0x00080070, "LO", b"Maker \\ Other "),
            _element(0x00180050, "DS", b" 5.0"),
        )
    )
    assert cells["SOPInstanceUID"].values == ("1.2.3",)
    assert cells["RetrieveAETitle"].values == ("SCANNER",)
    assert cells["Manufacturer"].values == ("Maker", " Other")
    assert cells["SliceThickness"].values == (5.0,)


def test_values_that_are_not_what_their_vr_says_are_unreadable() -> None:
    cells = _cells(
        _raw(
            _element(0x00180050, "DS", b"thin"),
            _element(0x00200013, "IS", b"1.5 "),
            _element(0x00280010, "US", b"\1\2\3"),
            _element(0x00280030, "DS", b"1\\wide"),
        )
    )
    assert cells["SliceThickness"] == Cell("00180050", "DS", None)
    assert cells["InstanceNumber"] == Cell("00200013", "IS", None)
    assert cells["Rows"] == Cell("00280010", "US", None)
    assert cells["PixelSpacing"] == Cell("00280030", "DS", None)


def test_a_sequence_that_cannot_be_read_spoils_only_itself() -> None:
    cells = _cells(_raw(_element(0x00081140, "SQ", b"no"), _element(0x00100020, "LO", b"ID")))
    assert cells["ReferencedImageSequence"] == Cell("00081140", "SQ", None)
    assert cells["PatientID"].values == ("ID",)


def test_lookup_table_descriptors_count_to_65535_whatever_their_sign() -> None:
    """The first value is a count, also where its VR is signed (PS3.3 C.11.1.1)."""
    lut = _item(_element(0x00283002, "SS", struct.pack("<hhh", -1, -1024, 16)))
    cells = _cells(_raw(_element(0x00283000, "SQ", lut)))
    assert _items(cells["ModalityLUTSequence"])[0]["00283002"]["Value"] == [65535, -1024, 16]


def test_sequences_of_defined_and_undefined_length_read_alike() -> None:
    item = _item(_element(0x00081150, "UI", b"1.2\0"))
    open_ended = struct.pack("<HH2sHI", 0x0008, 0x1140, b"SQ", 0, 0xFFFFFFFF) + item
    open_ended += struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
    closed = _element(0x00081140, "SQ", item)
    expected = [{"00081150": {"vr": "UI", "Value": ["1.2"]}}]
    for sequence in (open_ended, closed):
        assert _items(_cells(_raw(sequence))["ReferencedImageSequence"]) == expected
