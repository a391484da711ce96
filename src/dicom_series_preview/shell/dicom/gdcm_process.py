"""GDCM alone: a frame comes in on standard input, its samples go out on standard output.

This module is run, a process a frame: it imports nothing that would make its start dearer.
"""

from __future__ import annotations

import os
import pickle
import sys
from typing import Any


def _answer(question: dict[str, Any]) -> bytes:
    """The samples as GDCM holds them."""
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
