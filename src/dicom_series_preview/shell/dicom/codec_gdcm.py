"""GDCM as a second opinion on compressed frames, in a process of its own.

GDCM ends its process on many a broken frame, and writes to the terminal on others.  It is asked only about
frames that the first decoder could not read, so that starting a process for each costs little.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from returns.result import Failure, Result, Success

if TYPE_CHECKING:
    from dicom_series_preview.core.pixels.finish import Raw
    from dicom_series_preview.core.pixels.recipe import Step

_PATIENCE: Final = 60.0
"""Seconds after which a frame counts as undecodable."""


def is_installed() -> bool:
    """Whether GDCM can be imported."""
    return find_spec("gdcm") is not None


def decode(step: Step, frame: bytes) -> Result[Raw, str]:
    """(rows, columns) or (rows, columns, 3) samples of a frame; a refusal however the other process ended."""
    fmt = step.fmt
    precision = fmt.bits_stored if step.header is None else step.header.precision
    container = 8 if precision <= 8 else 16 if precision <= 16 else 32
    question = {
        "syntax": fmt.transfer_syntax,
        "size": (fmt.columns, fmt.rows, 1),
        "colours": fmt.photometric_interpretation,
        "pixel": (fmt.samples_per_pixel, container, precision, precision - 1, fmt.pixel_representation),
        "frame": frame,
    }
    try:
        done = subprocess.run(
            [sys.executable, "-m", __name__],
            input=pickle.dumps(question),
            capture_output=True,
            timeout=_PATIENCE,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return Failure("GDCM cannot decode it either")
    shape = (fmt.rows, fmt.columns, 3) if fmt.samples_per_pixel == 3 else (fmt.rows, fmt.columns)
    samples = np.frombuffer(done.stdout, f"<u{container // 8}")
    if samples.size != np.prod(shape):
        return Failure(f"GDCM made {samples.size} samples of it, not {np.prod(shape)}")
    return Success(samples.reshape(shape))


def _answer(question: dict[str, Any]) -> bytes:
    """In the child: the samples as GDCM holds them."""
    import gdcm  # type: ignore[import-untyped,unused-ignore]

    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(question["frame"])
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions(question["size"])
    image.SetDataElement(element)
    colours = gdcm.PhotometricInterpretation.GetPIType(question["colours"])
    image.SetPhotometricInterpretation(gdcm.PhotometricInterpretation(colours))
    image.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.GetTSType(question["syntax"])))
    if question["pixel"][0] > 1:
        image.SetPlanarConfiguration(0)
    image.SetPixelFormat(gdcm.PixelFormat(*question["pixel"]))
    # GDCM gives its bytes as text.
    samples: bytes = image.GetBuffer().encode("utf-8", "surrogateescape")
    return samples


if __name__ == "__main__":
    out = os.dup(1)
    os.dup2(2, 1)  # what GDCM prints is no part of the answer
    with os.fdopen(out, "wb") as answer:
        answer.write(_answer(pickle.load(sys.stdin.buffer)))
