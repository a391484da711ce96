"""Fuzz the header scanner alone: `python -m tests.fuzz.scanner [CASES] [SEED]`, thousands of headers a second.

Small headers are damaged byte by byte.  No bytes may raise or take longer than their length allows; what is cut
anywhere may ask for more, and else has to say what the whole says.  Exit 1 on finds, which are printed.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections import Counter
from pathlib import Path
from random import Random
from time import process_time
from typing import Final

from dicom_series_preview.core.header.image_pixel import DEFLATED_LITTLE_ENDIAN
from dicom_series_preview.core.header.raw import Dictionary, RanOut, Unparsable
from dicom_series_preview.core.header.scan import Header, Scanned, scan_header
from dicom_series_preview.core.header.values import read_elements
from dicom_series_preview.core.header.wanted import PREVIEW, wanted_name
from dicom_series_preview.shell.dicom.dictionary import Everything
from tests.fuzz.seeds import made_objects

_LONGEST: Final = 8000  # bytes of a header: more say nothing new, and take longer
_WORDS: Final = (
    *(b"SQ", b"UN", b"OB", b"  ", b"ZZ", b"\0\0", b"\xff\xff", b"\1\0", bytes(8)),
    *(b"\xfe\xff\0\xe0", b"\xfe\xff\x0d\xe0", b"\xfe\xff\xdd\xe0"),
    *(b"\xe0\x7f\x10\0", b"\x02\0\x10\0", b"\x30\x92\0\x52"),
    *(b"\xff\xff\xff\xff", b"\xfe\xff\xff\xff", b"\xff\xff\xff\x7f"),
)


def _headers() -> list[bytes]:
    """Small headers of made objects, and of real ones where DSP_TEST_DATA names some, with what follows them."""
    objects = [data for _, data in made_objects()]
    if "DSP_TEST_DATA" in os.environ:
        for series in sorted((Path(os.environ["DSP_TEST_DATA"]) / "idc").iterdir()):
            files = sorted(series.iterdir())
            objects += [file.read_bytes() for file in (files[0], files[-1])]
    found = []
    for data in objects:
        header = scan_header(data, True, PREVIEW)
        if isinstance(header, Header) and header.end <= _LONGEST:
            found.append(data[: header.end + 40])
    return found


def _damaged(rng: Random, header: bytes, others: list[bytes]) -> bytes:
    data = bytearray(header)
    for _ in range(rng.choice((1, 1, 2, 3, 6))):
        at, kind, word = rng.randrange(len(data) + 1), rng.randrange(7), rng.choice(_WORDS)
        other = rng.choice(others)
        begin = rng.randrange(len(other))
        match kind:
            case 0 | 1:
                data[at : at + 1] = rng.randbytes(1)
            case 2 | 3:
                data[at : at + len(word)] = word
            case 4:
                data[at:at] = word
            case 5:
                del data[at : at + rng.choice((1, 2, 4, 8, 50))]
            case _:
                data[at:] = other[begin:]
    return bytes(data)


def _problem(data: bytes, cut: int, dictionary: Dictionary, outcomes: Counter[str]) -> str | None:
    began = process_time()
    whole: Scanned = scan_header(data, True, dictionary)
    if isinstance(whole, Header):
        read_elements(whole.elements, wanted_name)
    took = process_time() - began
    outcomes[type(whole).__name__] += 1
    if took > 0.05 + len(data) * 1e-5:
        return f"took {took:.3f} s"
    early = scan_header(data[:cut], False, dictionary)
    if isinstance(early, RanOut):
        return None if early.needs > cut else f"asks for {early.needs} bytes of {cut}"
    if isinstance(early, Unparsable):
        return None if isinstance(whole, Unparsable) else "was refused too early"
    if isinstance(whole, Header):
        same = (early.elements, early.pixel) == (whole.elements, whole.pixel)
    else:
        same = early.transfer_syntax == DEFLATED_LITTLE_ENDIAN  # its stream may be damaged behind the header
    return None if same else "was used although it is cut"


def main(cases: int, seed: int) -> int:
    """Run so many cases."""
    headers, rng, outcomes, finds = _headers(), Random(seed), Counter[str](), 0
    dictionaries = (PREVIEW, Everything())
    for number in range(cases):
        data = _damaged(rng, rng.choice(headers), headers)
        cut = rng.randrange(len(data) + 1)
        try:
            problem = _problem(data, cut, dictionaries[number % 2], outcomes)
        except Exception as error:  # noqa: BLE001  any is a find
            problem = repr(error)
        if problem is not None:
            finds += 1
            print(f"{number}: {problem}; cut at {cut}: {data.hex()}")
    print(f"{cases} headers, {dict(outcomes)}, {finds} finds")
    return 1 if finds else 0


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    sys.exit(main(*(int(word) for word in (sys.argv[1:] + ["100000", "0"][len(sys.argv) - 1 :]))))
