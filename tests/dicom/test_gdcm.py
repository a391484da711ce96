"""GDCM as a second opinion: what it decodes, and that its end is not ours."""

from __future__ import annotations

import subprocess
import sys

import imagecodecs
import numpy as np
import pytest
from attrs import evolve
from returns.pipeline import is_successful
from returns.result import Failure

from dicom_series_preview.core.pixels.recipe import Coded, Library, Step, recipe
from dicom_series_preview.shell.dicom import codec_gdcm, codec_imagecodecs
from dicom_series_preview.shell.dicom.decode import decode
from property_tests.formats import pixel_format

JPEG_LS = "1.2.840.10008.1.2.4.80"

VALUES = np.arange(384, dtype=np.uint16).reshape(16, 24)
FRAME = bytes(imagecodecs.jpegls_encode(VALUES))
FORMAT = pixel_format(transfer_syntax=JPEG_LS, rows=16, columns=24, bits_stored=9)


def _step() -> Step:
    planned = recipe(FORMAT, FRAME).unwrap()
    assert isinstance(planned, Coded)
    return next(step for step in planned.steps if step.library is Library.GDCM)


def _needs_gdcm() -> None:
    pytest.importorskip("gdcm", reason="the extra gdcm is not installed")


def test_gdcm_decodes_what_is_whole() -> None:
    _needs_gdcm()
    assert codec_gdcm.is_installed()
    assert np.array_equal(codec_gdcm.decode(_step(), FRAME).unwrap(), VALUES)


def test_gdcm_decodes_colour() -> None:
    _needs_gdcm()
    values = np.stack([VALUES[:, :12], VALUES[:, 12:], VALUES[:, 6:18]], axis=-1).astype(np.uint8)
    frame = bytes(imagecodecs.jpegls_encode(values))
    fmt = evolve(
        FORMAT,
        columns=12,
        samples_per_pixel=3,
        photometric_interpretation="RGB",
        bits_allocated=8,
        bits_stored=8,
    )
    planned = recipe(fmt, frame).unwrap()
    assert isinstance(planned, Coded)
    assert np.array_equal(codec_gdcm.decode(planned.steps[-1], frame).unwrap(), values)


def test_a_frame_that_ends_gdcms_process_is_only_refused() -> None:
    _needs_gdcm()
    broken = FRAME[:40] + b"\xff\xff\xff\x13" * 9 + FRAME[76:]
    assert codec_gdcm.decode(_step(), broken) == Failure("GDCM cannot decode it either")


def test_without_a_process_there_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    assert not is_successful(codec_gdcm.decode(_step(), FRAME))


def test_gdcm_is_asked_when_the_first_decoder_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    _needs_gdcm()
    monkeypatch.setattr(codec_imagecodecs, "decode", lambda *_: Failure("No luck."))
    assert np.array_equal(decode(FORMAT, FRAME, place="a").unwrap().values, VALUES)
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    assert decode(FORMAT, FRAME, place="a").failure().reason == "No luck; GDCM cannot decode it either"


def test_gdcm_is_named_only_where_it_would_help(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec_imagecodecs, "decode", lambda *_: Failure("no luck"))
    monkeypatch.setattr(codec_gdcm, "is_installed", lambda: False)
    refused = decode(FORMAT, FRAME, place="a").failure()
    assert (refused.reason, "dicom-series-preview[gdcm]" in refused.hint) == ("no luck", True)
    rle = pixel_format(transfer_syntax="1.2.840.10008.1.2.5", rows=1, columns=1, bits_allocated=8)
    frame = b"\1\0\0\0\x40" + bytes(59) + b"\0\1"
    assert decode(rle, frame, place="a").failure().hint == ""


def test_the_process_of_a_frame_loads_no_other_library() -> None:
    code = "import sys, dicom_series_preview.shell.dicom.gdcm_process; print('numpy' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"
