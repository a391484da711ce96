"""GDCM as a second opinion: what it decodes, and that its end is not ours."""

from __future__ import annotations

import imagecodecs
import numpy as np
import pytest
from returns.result import Failure

from dicom_series_preview.shell.dicom import codecs
from dicom_series_preview.shell.dicom.gdcm import ask_gdcm
from property_tests.formats import pixel_format

JPEG_LS = "1.2.840.10008.1.2.4.80"

VALUES = np.arange(384, dtype=np.uint16).reshape(16, 24)
FRAME = bytes(imagecodecs.jpegls_encode(VALUES))
FORMAT = pixel_format(transfer_syntax=JPEG_LS, rows=16, columns=24, bits_stored=9)
OPTIONS: dict[str, int | str] = {
    "rows": 16,
    "columns": 24,
    "samples_per_pixel": 1,
    "photometric_interpretation": "MONOCHROME2",
    "bits_allocated": 16,
    "bits_stored": 9,
    "pixel_representation": 0,
    "number_of_frames": 1,
    "pixel_keyword": "PixelData",
}


def _needs_gdcm() -> None:
    pytest.importorskip("gdcm", reason="the extra gdcm is not installed")


def test_gdcm_decodes_what_is_whole() -> None:
    _needs_gdcm()
    answer = ask_gdcm(JPEG_LS, FRAME, OPTIONS)
    assert answer is not None
    assert np.array_equal(answer[0], VALUES)
    assert answer[1] == "MONOCHROME2"


def test_a_frame_that_ends_gdcms_process_is_only_refused() -> None:
    _needs_gdcm()
    broken = FRAME[:40] + b"\xff\xff\xff\x13" * 9 + FRAME[76:]
    assert ask_gdcm(JPEG_LS, broken, OPTIONS) is None


def test_without_gdcm_there_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dicom_series_preview.shell.dicom.gdcm.GDCM", "gdcm")
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    assert ask_gdcm(JPEG_LS, FRAME, OPTIONS) is None


def test_gdcm_is_asked_when_the_first_decoder_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    _needs_gdcm()

    def fails(_: bytes) -> bytes:
        raise ValueError("no luck")

    monkeypatch.setattr(codecs, "_decode_jpegls", fails)
    samples, photometric = codecs.decode_stream(FORMAT, FRAME).unwrap()
    assert np.array_equal(samples, VALUES)
    assert photometric == "MONOCHROME2"
    monkeypatch.setattr(codecs, "ask_gdcm", lambda *_: None)
    assert codecs.decode_stream(FORMAT, FRAME) == Failure("no luck; GDCM cannot decode it either")
