"""The bytes of an object -> element values: by ourselves where that is plain, by pydicom where it is not.

Loading pydicom takes half of the time that a preview of an everyday series would, so it is loaded when it is
first needed.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from dicom_series_preview.core.pixelformat import DEFLATED_LITTLE_ENDIAN
from dicom_series_preview.core.readahead import RanOut, Unparsable
from dicom_series_preview.core.walk import LONG_LENGTH, PREAMBLE, walk_header
from dicom_series_preview.core.walk import ParsedHeader as ParsedHeader

_DIRECTORY: Final = b"1.2.840.10008.1.3.10"  # Media Storage Directory Storage (PS3.4 I.4)

Parsed: TypeAlias = ParsedHeader | RanOut | Unparsable


def parse_header(data: bytes, complete: bool) -> Parsed:
    """Parse the first bytes of an object; `complete` tells that there are no more.

    Only the elements that `core.headers` reads are kept.
    """
    if len(data) < PREAMBLE and not complete:
        return RanOut(PREAMBLE)
    if not _looks_like_dicom(data):
        return Unparsable("it does not begin like a DICOM file")
    meta = data[: _meta_end(data)]
    if _DIRECTORY in meta:
        return Unparsable("it is a DICOMDIR")
    walked = walk_header(data)
    if isinstance(walked, ParsedHeader) or (walked is not None and not complete):
        return walked
    from dicom_series_preview.shell.dataset import parse_deflated, parse_plain

    if DEFLATED_LITTLE_ENDIAN.encode() in meta:
        return parse_deflated(data, len(meta), complete)
    return parse_plain(data, complete)


def is_foreign(data: bytes) -> bool:
    """Whether an object that cannot be parsed never was an image: it has no DICM prefix, or is a DICOMDIR."""
    return data[128:132] != b"DICM" or _DIRECTORY in data[: _meta_end(data)]


def _looks_like_dicom(data: bytes) -> bool:
    """A DICM prefix (PS3.10 7.1), or the low group number of a file meta or data set in little endian."""
    return data[128:132] == b"DICM" or data[:2] in (b"\x02\x00", b"\x08\x00")


def _meta_end(data: bytes) -> int:
    """Where the file meta information ends (PS3.10 7.1), which is Explicit VR Little Endian: walked, because
    its group length may be missing, and the preamble too."""
    at = PREAMBLE if data[128:132] == b"DICM" else 0
    while data[at : at + 2] == b"\x02\x00":
        is_long = data[at + 4 : at + 6].decode("latin-1") in LONG_LENGTH
        length = data[at + 8 : at + 12] if is_long else data[at + 6 : at + 8]
        at += (12 if is_long else 8) + int.from_bytes(length, "little")
    return at
