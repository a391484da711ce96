"""Headers read without a library, against pydicom: the same, or nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEG2000Lossless

from dicom_series_preview.core.dictionary import ROOT
from dicom_series_preview.core.headers import ELEMENTS
from dicom_series_preview.core.readahead import RanOut
from dicom_series_preview.core.walk import ParsedHeader, walk_header
from dicom_series_preview.shell.dataset import parse_plain
from tests.support.dicom import make_object

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # pydicom remarks on what is damaged

PLAIN = (ExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEG2000Lossless)


def _agrees(data: bytes, cut: int) -> None:
    """At a cut, what is found is what pydicom finds; a reader that does not know may leave it to pydicom."""
    walked = walk_header(data[:cut])
    if walked is not None:
        assert walked == parse_plain(data[:cut], False)


def test_the_dictionary_is_pydicoms_own() -> None:
    assert {name for name in ELEMENTS if not name.startswith("(")} == ROOT.keys()
    assert {name: (tag_for_keyword(name), dictionary_VR(name)) for name in ROOT} == ROOT


def _with_sequences(syntax: str, undefined: bool) -> bytes:
    """An object with nested sequences, private elements, and, if VRs are explicit, one of VR UN."""
    deepest = Dataset()
    deepest.ReferencedSOPInstanceUID = "1.2.3"
    deepest.is_undefined_length_sequence_item = undefined
    inner = Dataset()
    inner.ReferencedImageSequence = Sequence([deepest, Dataset()])
    inner["ReferencedImageSequence"].is_undefined_length = undefined
    inner.is_undefined_length_sequence_item = undefined
    outer = Sequence([inner, inner])
    private = {0x00090010: ("LO", "MAKER"), 0x00091001: ("OB", b"12345678"), 0x0043_1039: ("IS", [5, 6, 7])}
    made = make_object(
        transfer_syntax=syntax,
        pixels=np.zeros((4, 4), np.uint16),
        extra={**private, 0x00081115: ("SQ", outer)},
        DiffusionBValue=1.5,
        PixelPaddingValue=7,
    )
    # A writer that does not know an element writes UN (PS3.5 6.2.2).
    return made.replace(b"\x87\x90FD\x08\0", b"\x87\x90UN\0\0\x08\0\0\0")


@pytest.mark.parametrize("undefined", [False, True])
@pytest.mark.parametrize("syntax", PLAIN)
def test_plain_objects_are_read_at_every_cut_as_pydicom_reads_them(syntax: str, undefined: bool) -> None:
    data = _with_sequences(syntax, undefined)
    whole = parse_plain(data, True)
    assert isinstance(whole, ParsedHeader)
    assert walk_header(data) == whole
    assert isinstance(walk_header(data[: whole.end - 1]), RanOut)
    for cut in range(132, len(data)):
        _agrees(data, cut)


@pytest.mark.parametrize("syntax", PLAIN[:2])
def test_any_damaged_byte_is_read_as_pydicom_reads_it_or_left_to_it(syntax: str) -> None:
    data = _with_sequences(syntax, True)
    whole = parse_plain(data, True)
    assert isinstance(whole, ParsedHeader)
    for at in range(132, whole.end):
        for value in (0x00, 0x20, 0x41, 0xFE):
            damaged = data[:at] + bytes([value]) + data[at + 1 :]
            walked = walk_header(damaged)
            if isinstance(walked, ParsedHeader):
                assert walked == parse_plain(damaged, True), at


def test_what_needs_more_than_values_is_left_to_pydicom() -> None:
    table = Sequence([Dataset()])
    assert walk_header(make_object(extra={0x00283010: ("SQ", table)})) is None
    assert walk_header(make_object(transfer_syntax="1.2.840.10008.1.2.2")) is None
    assert walk_header(make_object(preamble=False)) is None
    assert walk_header(make_object(meta=False)) is None
    assert isinstance(walk_header(make_object(has_pixels=False)), RanOut)


def _real() -> Iterator[Path]:
    root = os.environ.get("DSP_TEST_DATA")
    for folder in sorted(Path(root, "idc").iterdir()) if root else ():
        yield from sorted(folder.iterdir())[:2]


@pytest.mark.skipif("DSP_TEST_DATA" not in os.environ, reason="needs real series")
def test_real_headers_are_read_as_pydicom_reads_them() -> None:
    read = 0
    for file in _real():
        data = file.read_bytes()
        walked = walk_header(data)
        if isinstance(walked, ParsedHeader):
            read += 1
            assert walked == parse_plain(data, True), file
            for cut in range(132, walked.end, 97 if walked.end < 20_000 else 4999):
                _agrees(data, cut)
    assert read > 40
