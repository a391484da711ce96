"""GDCM alone: a frame comes in on standard input, its samples go out on standard output.

This file is run, a process a frame: it imports nothing that would make its start dearer.
"""

from __future__ import annotations

import marshal
import os
import sys


def _answer(
    syntax: str, size: tuple[int, int, int], colours: str, pixel: tuple[int, int, int, int, int], frame: bytes
) -> bytes:
    """The samples as GDCM holds them."""
    import gdcm  # type: ignore[import-untyped,unused-ignore]

    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(frame)
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions(size)
    image.SetDataElement(element)
    kind = gdcm.PhotometricInterpretation.GetPIType(colours)
    image.SetPhotometricInterpretation(gdcm.PhotometricInterpretation(kind))
    image.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.GetTSType(syntax)))
    if pixel[0] > 1:
        image.SetPlanarConfiguration(0)
    image.SetPixelFormat(gdcm.PixelFormat(*pixel))
    # GDCM gives its bytes as text.
    samples: bytes = image.GetBuffer().encode("utf-8", "surrogateescape")
    return samples


if __name__ == "__main__":
    out = os.dup(1)
    os.dup2(2, 1)  # what GDCM prints is no part of the answer
    with os.fdopen(out, "wb") as answer:
        answer.write(_answer(*marshal.load(sys.stdin.buffer)))
