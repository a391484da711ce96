"""GDCM as a second opinion on compressed frames, in a process of its own.

GDCM ends its process on many a broken frame, and writes to the terminal on others.  It is asked only about
frames that the first decoder could not read, each in a process that holds nothing but GDCM: 0.06 s of a processor.
"""

from __future__ import annotations

import marshal
import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

import numpy as np
from returns.result import Failure, Result, Success

from dicom_series_preview.shell.dicom import gdcm_process

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
    question = (
        fmt.transfer_syntax,
        (fmt.columns, fmt.rows, 1),
        fmt.photometric_interpretation,
        (fmt.samples_per_pixel, container, precision, precision - 1, fmt.pixel_representation),
        frame,
    )
    try:
        done = subprocess.run(
            [sys.executable, "-P", gdcm_process.__file__],
            input=marshal.dumps(question),
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
