"""Decoders for compressed frames, offered to pydicom as one decoder plugin of our own.

Each transfer syntax goes to the library that was measured to be right for it: RLE to pylibjpeg-rle, 8-bit
JPEG to Pillow, 12-bit and lossless JPEG and JPEG-LS to imagecodecs, JPEG 2000 and HTJ2K to openjpeg.  Sign,
shape and planes stay with pydicom; what the decoder did to colour is told by the runner's options.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.pixels.decoders.base import DecodeRunner, get_decoder

from dicom_series_preview.core.codestream import (
    JPEG_2000_SYNTAXES,
    JPEG_LS_SYNTAXES,
    JPEG_SYNTAXES,
    RLE_LOSSLESS,
    JpegHeader,
    read_header,
    read_jpeg_header,
)

from .jpeg import decode_jpeg

PLUGIN = "dicom-series-preview"
SYNTAXES = JPEG_SYNTAXES | JPEG_LS_SYNTAXES | JPEG_2000_SYNTAXES | {RLE_LOSSLESS}


def is_available(uid: str) -> bool:
    """Whether the plugin decodes the transfer syntax `uid`, which pydicom asks: its libraries are always there."""
    return uid in SYNTAXES


def register() -> None:
    """Add the plugin to pydicom's decoders, once in a process and before they are used."""
    for syntax in SYNTAXES:
        get_decoder(syntax).add_plugin(PLUGIN, (__name__, decode_frame.__name__))


def decode_frame(src: bytes, runner: DecodeRunner) -> bytes | bytearray:
    """Decode one frame to little-endian samples, as pydicom wants it of a plugin.

    The runner is told what the samples are: their container's bits, planes and colours.  Raises what the
    libraries raise; the runner catches it.
    """
    syntax = str(runner.transfer_syntax)
    if syntax == RLE_LOSSLESS:
        return _decode_rle(src, runner)
    runner.set_option("planar_configuration", 0)
    header = read_header(syntax, src)
    if header is not None:
        runner.set_option(
            "bits_allocated", 8 if header.precision <= 8 else 16 if header.precision <= 16 else 32
        )
    if syntax in JPEG_2000_SYNTAXES:
        return _decode_j2k(src, runner)
    if syntax in JPEG_LS_SYNTAXES:
        return _decode_jpegls(src)
    return _decode_jpeg(src, runner, read_jpeg_header(src))


def _decode_rle(src: bytes, runner: DecodeRunner) -> bytes | bytearray:
    """RLE (PS3.5 Annex G); 1-bit frames hold a byte for each pixel, in older files one for eight."""
    from rle.utils import decode_pixel_data

    runner.set_option("planar_configuration", 1)
    rows, columns = runner.rows, runner.columns
    bits = runner.bits_allocated
    try:
        return bytes(decode_pixel_data(src, version=2, rows=rows, columns=columns, bits_allocated=bits))
    except ValueError:
        if runner.bits_stored != 1:
            raise
    packed = decode_pixel_data(src, version=2, rows=1, columns=-(-rows * columns // 8), bits_allocated=8)
    return np.unpackbits(np.frombuffer(packed, np.uint8), bitorder="little")[: rows * columns].tobytes()


def _decode_j2k(src: bytes, runner: DecodeRunner) -> bytes | bytearray:
    from openjpeg.utils import decode_pixel_data

    if runner.photometric_interpretation in ("YBR_ICT", "YBR_RCT"):
        runner.set_option("photometric_interpretation", "RGB")
    return bytes(decode_pixel_data(src, version=2))


def _decode_jpegls(src: bytes) -> bytes:
    from imagecodecs import jpegls_decode

    return _little_endian(jpegls_decode(src))


def _decode_jpeg(src: bytes, runner: DecodeRunner, header: JpegHeader | None) -> bytes:
    if header is None:
        raise ValueError("no JPEG headers")
    if header.precision == 8 and not header.lossless:
        image = decode_jpeg(src, header, str(runner.photometric_interpretation))
        runner.set_option("photometric_interpretation", "RGB" if image.ndim == 3 else "MONOCHROME2")
        return image.tobytes()
    from imagecodecs import jpeg8_decode

    # Naming one colour space twice makes libjpeg leave the samples as they are.
    same = None if header.components == 1 else "rgb"
    return _little_endian(jpeg8_decode(src, colorspace=same, outcolorspace=same))


def _little_endian(samples: NDArray[Any]) -> bytes:
    return samples.astype(samples.dtype.newbyteorder("<"), copy=False).tobytes()
