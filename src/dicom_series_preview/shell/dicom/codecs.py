"""Decoders for compressed frames, offered to pydicom as one decoder plugin of our own.

Each transfer syntax goes to the library that was measured to be right for it: 8-bit JPEG to Pillow, RLE,
12-bit and lossless JPEG and JPEG-LS to imagecodecs, JPEG 2000 and HTJ2K to openjpeg.  Sign,
shape and planes stay with pydicom; what the decoder did to colour is told by the runner's options.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from imagecodecs import jpeg8_decode, jpegls_decode, packbits_decode
from numpy.typing import NDArray
from openjpeg.utils import decode_pixel_data
from pydicom.encaps import encapsulate
from pydicom.pixels.decoders.base import DecodeRunner, get_decoder
from pydicom.uid import UID
from returns.result import Failure, Result, Success

from dicom_series_preview.core.header.image_pixel import PixelFormat
from dicom_series_preview.core.pixels.samples import Samples
from dicom_series_preview.core.pixels.streams import (
    JPEG_2000_SYNTAXES,
    JPEG_LS_SYNTAXES,
    RLE_LOSSLESS,
    SYNTAXES,
    JpegHeader,
    read_header,
    read_jpeg_header,
    rle_segments,
)
from dicom_series_preview.shell.dicom.gdcm import GDCM, ask_gdcm
from dicom_series_preview.shell.dicom.pillow import decode_jpeg

PLUGIN = "dicom-series-preview"


def is_available(uid: str) -> bool:
    """Whether the plugin decodes the transfer syntax `uid`, which pydicom asks: its libraries are always there."""
    return uid in SYNTAXES


def describe_syntax(transfer_syntax: str) -> str:
    """A transfer syntax in words: its name and UID."""
    uid = UID(transfer_syntax)
    return f"transfer syntax {uid}" if uid.name == uid else f"{uid.name}, {uid}"


def hint_for(transfer_syntax: str) -> str:
    """What to install for another try at a frame of one of `SYNTAXES`; empty if nothing helps."""
    missing = get_decoder(transfer_syntax).missing_dependencies
    if not any(plugin.startswith(GDCM) for plugin in missing):
        return ""
    return 'A second decoder may manage: pip install "dicom-series-preview[gdcm]".'


def decode_stream(fmt: PixelFormat, frame: bytes) -> Result[tuple[Samples, str], str]:
    """Decode one frame of one of `SYNTAXES`, else say why not.

    (rows, columns) samples, or (rows, columns, 3) of them, as the stream holds them but for the sign, which is
    that of `fmt`; and the photometric interpretation that they now have.  Where GDCM is installed and knows
    the syntax, it is asked when our own plugin fails.
    """
    decoder = get_decoder(fmt.transfer_syntax)
    options = _options(fmt, frame)
    try:
        samples, told = decoder.as_array(
            encapsulate([frame], has_bot=False), index=0, decoding_plugin=PLUGIN, **options
        )
    except (RuntimeError, ValueError) as error:
        reason = _reason(error)
    else:
        return Success((samples, str(told["photometric_interpretation"])))
    if GDCM not in decoder.available_plugins:
        return Failure(reason)
    second = ask_gdcm(fmt.transfer_syntax, frame, options)
    return Failure(f"{reason}; GDCM cannot decode it either") if second is None else Success(second)


def _options(fmt: PixelFormat, frame: bytes) -> dict[str, Any]:
    """What pydicom has to know of a frame; the container has room for what the stream holds."""
    return {
        "rows": fmt.rows,
        "columns": fmt.columns,
        "samples_per_pixel": fmt.samples_per_pixel,
        "photometric_interpretation": fmt.photometric_interpretation,
        "bits_allocated": max(fmt.bits_allocated, _container(fmt.transfer_syntax, frame)),
        "bits_stored": fmt.bits_stored,
        "pixel_representation": fmt.pixel_representation,
        "planar_configuration": fmt.planar_configuration,
        "number_of_frames": 1,
        "pixel_keyword": "PixelData",
        "correct_unused_bits": False,
        "raw": True,
        "validate": False,
    }


def _container(syntax: str, frame: bytes) -> int:
    """The bits of the integers that a decoder makes of the stream's precision; 8 for RLE."""
    header = read_header(syntax, frame)
    return 8 if header is None or header.precision <= 8 else 16 if header.precision <= 16 else 32


def _reason(error: Exception) -> str:
    """A decoder's own words, without pydicom's frame around them."""
    return str(error).splitlines()[-1].strip().removeprefix(f"{PLUGIN}: ").rstrip(".")


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


def _decode_rle(src: bytes, runner: DecodeRunner) -> bytes:
    """RLE (PS3.5 Annex G): a segment for each byte of each sample, the highest byte first.

    1-bit frames hold a byte for each pixel, in some files one for eight.
    """
    pixels = runner.rows * runner.columns
    width = runner.bits_allocated // 8
    segments = rle_segments(src) or ()
    if runner.bits_stored == 1 and len(segments) == 1:
        return _one_bit(_unpacked(segments[0]), pixels).tobytes()
    planes = np.empty((len(segments) // width, pixels, width), np.uint8)
    for number, segment in enumerate(segments):
        sample, byte = divmod(number, width)
        values = _unpacked(segment)
        if len(values) < pixels:
            raise ValueError(f"an RLE segment ends after {len(values)} of {pixels} bytes")
        planes[sample, :, width - 1 - byte] = values[:pixels]
    runner.set_option("planar_configuration", 1)
    return planes.tobytes()


def _unpacked(segment: bytes) -> NDArray[np.uint8]:
    try:
        return np.frombuffer(packbits_decode(segment), np.uint8)
    except RuntimeError as error:
        raise ValueError("an RLE segment breaks off inside a run") from error


def _one_bit(found: NDArray[np.uint8], pixels: int) -> NDArray[np.uint8]:
    return (found if len(found) >= pixels else np.unpackbits(found, bitorder="little"))[:pixels]


def _decode_j2k(src: bytes, runner: DecodeRunner) -> bytes | bytearray:
    if runner.photometric_interpretation in ("YBR_ICT", "YBR_RCT"):
        runner.set_option("photometric_interpretation", "RGB")
    return bytes(decode_pixel_data(src, version=2))


def _decode_jpegls(src: bytes) -> bytes:
    return _little_endian(jpegls_decode(src))


def _decode_jpeg(src: bytes, runner: DecodeRunner, header: JpegHeader | None) -> bytes:
    if header is None:
        raise ValueError("no JPEG headers")
    if header.precision == 8 and not header.lossless:
        image = decode_jpeg(src, header, str(runner.photometric_interpretation))
        runner.set_option("photometric_interpretation", "RGB" if image.ndim == 3 else "MONOCHROME2")
        return image.tobytes()
    # Naming one colour space twice makes libjpeg leave the samples as they are.
    same = None if header.components == 1 else "rgb"
    return _little_endian(jpeg8_decode(src, colorspace=same, outcolorspace=same))


def _little_endian(samples: NDArray[Any]) -> bytes:
    return samples.astype(samples.dtype.newbyteorder("<"), copy=False).tobytes()


# Where a stream and its header disagree on colours pydicom warns of it and believes the stream, as we do.
warnings.filterwarnings("ignore", category=UserWarning, module=r"pydicom\.pixels")

for _syntax in SYNTAXES:  # once in a process, before any thread decodes
    get_decoder(_syntax).add_plugin(PLUGIN, (__name__, decode_frame.__name__))
