"""How frames are packed: the codec that each transfer syntax names (PS3.5 A.4)."""

from __future__ import annotations

from enum import Enum
from typing import Final

JPEG_BASELINE: Final = "1.2.840.10008.1.2.4.50"
JPEG_EXTENDED: Final = "1.2.840.10008.1.2.4.51"
JPEG_LOSSLESS: Final = "1.2.840.10008.1.2.4.57"
JPEG_LOSSLESS_SV1: Final = "1.2.840.10008.1.2.4.70"
JPEG_LS: Final = "1.2.840.10008.1.2.4.80"
JPEG_LS_NEAR: Final = "1.2.840.10008.1.2.4.81"
JPEG_2000_LOSSLESS: Final = "1.2.840.10008.1.2.4.90"
JPEG_2000: Final = "1.2.840.10008.1.2.4.91"
JPEG_XL_LOSSLESS: Final = "1.2.840.10008.1.2.4.110"
JPEG_XL_RECOMPRESSED: Final = "1.2.840.10008.1.2.4.111"
JPEG_XL: Final = "1.2.840.10008.1.2.4.112"
HTJ2K_LOSSLESS: Final = "1.2.840.10008.1.2.4.201"
HTJ2K_LOSSLESS_RPCL: Final = "1.2.840.10008.1.2.4.202"
HTJ2K: Final = "1.2.840.10008.1.2.4.203"
RLE_LOSSLESS: Final = "1.2.840.10008.1.2.5"
ENCAPSULATED_UNCOMPRESSED: Final = "1.2.840.10008.1.2.1.98"
DEFLATED_FRAMES: Final = "1.2.840.10008.1.2.8.1"


class Codec(Enum):
    """What packed a frame; the value is its name."""

    NONE = "not compressed"
    DEFLATE = "deflated"
    RLE = "RLE"
    JPEG = "JPEG"
    JPEG_LOSSLESS = "lossless JPEG"
    JPEG_LS = "JPEG-LS"
    JPEG_2000 = "JPEG 2000"
    JPEG_XL = "JPEG XL"


CODECS: Final = {
    ENCAPSULATED_UNCOMPRESSED: Codec.NONE,
    DEFLATED_FRAMES: Codec.DEFLATE,
    RLE_LOSSLESS: Codec.RLE,
    JPEG_BASELINE: Codec.JPEG,
    JPEG_EXTENDED: Codec.JPEG,
    # Retired: extended, spectral selection and full progression, and lossless with arithmetic coding.
    **{f"1.2.840.10008.1.2.4.{number}": Codec.JPEG for number in range(52, 57)},
    "1.2.840.10008.1.2.4.58": Codec.JPEG_LOSSLESS,
    JPEG_LOSSLESS: Codec.JPEG_LOSSLESS,
    JPEG_LOSSLESS_SV1: Codec.JPEG_LOSSLESS,
    JPEG_LS: Codec.JPEG_LS,
    JPEG_LS_NEAR: Codec.JPEG_LS,
    JPEG_2000_LOSSLESS: Codec.JPEG_2000,
    JPEG_2000: Codec.JPEG_2000,
    HTJ2K_LOSSLESS: Codec.JPEG_2000,
    HTJ2K_LOSSLESS_RPCL: Codec.JPEG_2000,
    HTJ2K: Codec.JPEG_2000,
    JPEG_XL_LOSSLESS: Codec.JPEG_XL,
    JPEG_XL_RECOMPRESSED: Codec.JPEG_XL,
    JPEG_XL: Codec.JPEG_XL,
}
"""The codec of each compressed transfer syntax that can be decoded."""

LOSSY_SYNTAXES: Final = frozenset({JPEG_BASELINE, JPEG_EXTENDED, JPEG_LS_NEAR, JPEG_2000, HTJ2K})
