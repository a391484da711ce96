"""Values that an element may have but nobody expects."""

from __future__ import annotations

from random import Random
from struct import pack
from typing import Final

from pydicom.datadict import dictionary_VR

from dicom_series_preview.core.header.instance import PARAMETRIC_MAP, RT_DOSE, SEGMENTATIONS, SLIDE_MICROSCOPY
from tests.fuzz.nodes import Encoding

_VRS = "AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM UC UI UL UN UR US UT UV"
VRS: Final = (*(vr.encode() for vr in _VRS.split()), b"  ", b"\0\0", b"ZZ", b"ob", b"\xff\xff")

_NUMBERS: Final = [
    "nan",
    "NaN",
    "inf",
    "-inf",
    "Infinity",
    "1e308",
    "-1e308",
    "1e309",
    "1e-320",
    "-0.0",
    "0",
    "-1",
    "1",
    "2",
    "3",
    "1.5",
    "1_000",
    "+1",
    "0x10",
    "1,5",
    "--1",
    "²",
    "2147483647",
    "2147483648",
    "-2147483649",
    "65535",
    "65536",
    "4294967295",
    "18446744073709551616",
    "20200230",
    "99999999",
    "24:00:00",
    "256199.999999",
    "000000",
    "20201301000000.999999+1400",
    "-1-1-1",
    "1\\2",
    "1\\2\\3",
    "0\\0\\0",
    "nan\\nan\\nan",
    "1e6\\-1e6\\1e6",
    "1\\0\\0\\0\\1\\0",
    "0\\0\\0\\0\\0\\0",
    "1e200\\0\\0\\0\\1e200\\0",
]
_NAMES: Final = [
    "MONOCHROME1",
    "MONOCHROME2",
    "RGB",
    "YBR_FULL",
    "YBR_FULL_422",
    "YBR_PARTIAL_420",
    "YBR_ICT",
    "ARGB",
    "CMYK",
    "INVERSE",
    "LINEAR",
    "LINEAR_EXACT",
    "SIGMOID",
    "ORIGINAL\\PRIMARY\\MOSAIC",
    "DERIVED\\PRIMARY\\VOLUME\\THUMBNAIL",
    "SEG",
    "GB18030",
    "TRUE",
    "None",
    "äö",
    "1.2.840.10008.1.3.10",
    "1.2.840.10008.5.1.4.1.1.2.1",
]
_REPERTOIRES: Final = (
    *("ISO_IR 192", "ISO 2022 IR 87", "\\ISO 2022 IR 149", "PALETTE COLOR"),
    *("zip", "undefined", "idna", "ISO_IR\0 6", "..", "utf-16"),
)
_STRANGE: Final = (
    *(
        "",
        " ",
        " 1 ",
        "1\0 2",
        "\0" * 8,
        "\\",
        "\\" * 5000,
        "9" * 20,
        "9" * 400,
        "-" + "9" * 5000,
        "x" * 3000,
    ),
    *("0." + "0" * 400 + "1", "\x1b[31m\x1b]0;x\x07", "a\nb", "a\r\nerror: b", "\x80\x81\x9b"),
)
_CLASSES: Final = (*sorted(SEGMENTATIONS), PARAMETRIC_MAP, RT_DOSE, SLIDE_MICROSCOPY)
_WORDS: Final = tuple(
    word.encode("latin-1") for word in (*_NUMBERS, *_NAMES, *_REPERTOIRES, *_STRANGE, *_CLASSES)
)

_INTEGERS: Final = (
    0,
    1,
    2,
    3,
    7,
    8,
    9,
    12,
    16,
    17,
    31,
    32,
    33,
    64,
    255,
    256,
    4096,
    16384,
    32767,
    32768,
    65534,
    65535,
    2**31 - 1,
    2**31,
    2**32 - 1,
    2**63,
    2**64 - 1,
    -1,
)

_FLOATS: Final = (
    0.0,
    -0.0,
    1.0,
    -1.0,
    1e-320,
    1e-30,
    1e30,
    3e38,
    1e308,
    -1e308,
    float("nan"),
    float("inf"),
    float("-inf"),
    0.5,
    65536.0,
)

_SHORT_FLOATS: Final = tuple(value for value in _FLOATS if not 3e38 < abs(value) < float("inf"))

_CODES: Final = {
    b"US": "H",
    b"SS": "h",
    b"UL": "I",
    b"SL": "i",
    b"UV": "Q",
    b"SV": "q",
    b"OW": "H",
    b"AT": "I",
}


def usual_vr(tag: int | None) -> bytes:
    """The VR that the dictionary gives a tag."""
    try:
        return dictionary_VR(tag or 0)[:2].encode()
    except KeyError:
        return b"LO"


def odd_value(rng: Random, vr: bytes, encoding: Encoding) -> bytes:
    """A value that a VR may have but nobody expects; seldom one that it may not."""
    if rng.random() < 0.05:
        vr = rng.choice(VRS)
    many = rng.choice((1, 1, 1, 2, 3, 6, 16, 2000))
    if vr in _CODES:
        code = encoding.order + _CODES[vr]
        size = len(pack(code, 0)) * 8
        numbers = (rng.choice(_INTEGERS) % (1 << size) for _ in range(many))
        return b"".join(
            number.to_bytes(size // 8, "little" if encoding.little else "big") for number in numbers
        )[: rng.choice((1, 3, None, None, None, None))]
    if vr in (b"FL", b"OF"):
        return b"".join(pack(encoding.order + "f", rng.choice(_SHORT_FLOATS)) for _ in range(many))
    if vr in (b"FD", b"OD"):
        return b"".join(pack(encoding.order + "d", rng.choice(_FLOATS)) for _ in range(many))
    if vr in (b"OB", b"UN", b"SQ", b"OV", b"OL") or vr not in VRS:
        return rng.choice(
            (
                b"",
                rng.randbytes(rng.choice((1, 2, 8, 100, 70_000))),
                b"\0" * 16,
                b"\xff" * 16,
                b"\xfe\xff\x00\xe0" * 8,
            )
        )
    value = b"\\".join(rng.choice(_WORDS) for _ in range(many if many < 2000 else 1))
    return value + b" " * (len(value) % 2)
