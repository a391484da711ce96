"""A second opinion on compressed frames: GDCM, in a process of its own.

GDCM ends its process on many a broken frame, and writes to the terminal on others.  It is asked only about
frames that the first decoder could not read, so that starting a process for each costs little.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Mapping

from dicom_series_preview.core.pixels.samples import Samples

GDCM = "gdcm"
_PATIENCE = 60.0
"""Seconds after which a frame counts as undecodable."""


def ask_gdcm(
    transfer_syntax: str, frame: bytes, options: Mapping[str, int | str]
) -> tuple[Samples, str] | None:
    """GDCM's samples of a frame and their photometric interpretation; None if it has none, however it ended.

    `options` are those of pydicom's `Decoder.as_array`.
    """
    question = pickle.dumps((transfer_syntax, frame, dict(options)))
    try:
        done = subprocess.run(
            [sys.executable, "-m", __name__],
            input=question,
            capture_output=True,
            timeout=_PATIENCE,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    decoded: tuple[Samples, str] = pickle.loads(done.stdout)
    return decoded


def _answer() -> None:
    """In the child: read the question from standard input, write the answer to standard output."""
    from pydicom.encaps import encapsulate
    from pydicom.pixels.decoders.base import get_decoder

    out = os.dup(1)
    os.dup2(2, 1)  # what GDCM prints is no part of the answer
    transfer_syntax, frame, options = pickle.load(sys.stdin.buffer)
    samples, told = get_decoder(transfer_syntax).as_array(
        encapsulate([frame], has_bot=False), index=0, decoding_plugin=GDCM, **options
    )
    with os.fdopen(out, "wb") as answer:
        pickle.dump((samples, str(told["photometric_interpretation"])), answer)


if __name__ == "__main__":
    _answer()
