"""Image Pixel modules and encapsulated pixel data for tests, written without the code under test."""

from __future__ import annotations

from collections.abc import Sequence
from struct import pack
from typing import Any, Literal, TypeAlias

from attrs import evolve

from dicom_series_preview.core.header.image_pixel import PixelFormat

Table: TypeAlias = Literal["basic", "empty"]

JPEG_LOSSLESS = "1.2.840.10008.1.2.4.70"

_NATIVE = (
    *("1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2"),
    "1.2.840.113619.5.2",
)

_GREY_16 = PixelFormat(
    transfer_syntax="1.2.840.10008.1.2.1",
    encapsulated=False,
    keyword="PixelData",
    vr="OW",
    rows=4,
    columns=6,
    samples_per_pixel=1,
    photometric_interpretation="MONOCHROME2",
    bits_allocated=16,
    bits_stored=16,
    high_bit=15,
    pixel_representation=0,
    planar_configuration=0,
    number_of_frames=1,
)


def pixel_format(**changes: Any) -> PixelFormat:
    """16-bit unsigned grey, 4 rows x 6 columns, Explicit VR Little Endian, with `changes`.

    BitsStored and HighBit follow BitsAllocated, and whether frames are encapsulated the transfer syntax, unless
    they are given too.
    """
    if "transfer_syntax" in changes:
        changes = {"encapsulated": changes["transfer_syntax"] not in _NATIVE} | changes
    if "bits_allocated" in changes:
        changes = {"bits_stored": changes["bits_allocated"]} | changes
    if "bits_stored" in changes:
        changes = {"high_bit": changes["bits_stored"] - 1} | changes
    return evolve(_GREY_16, **changes)


def item(value: bytes) -> bytes:
    """An item (FFFE,E000) that holds `value`, padded to even length."""
    padded = value + b"\0" * (len(value) % 2)
    return b"\xfe\xff\x00\xe0" + pack("<I", len(padded)) + padded


SEQUENCE_END = b"\xfe\xff\xdd\xe0\0\0\0\0"


def encapsulated(frames: Sequence[Sequence[bytes]], table: Table) -> bytes:
    """The value of encapsulated pixel data (PS3.5 A.4): each frame given as its fragments."""
    items = [b"".join(item(fragment) for fragment in frame) for frame in frames]
    offsets = [sum(len(other) for other in items[:number]) for number in range(len(items))]
    first = item(pack(f"<{len(items)}I", *offsets) if table == "basic" else b"")
    return first + b"".join(items) + SEQUENCE_END


def extended_tables(frames: Sequence[Sequence[bytes]]) -> tuple[bytes, bytes]:
    """ExtendedOffsetTable and ExtendedOffsetTableLengths of frames of one fragment each."""
    items = [item(frame[0]) for frame in frames]
    offsets = [sum(len(other) for other in items[:number]) for number in range(len(items))]
    lengths = [len(frame[0]) for frame in frames]
    return pack(f"<{len(items)}Q", *offsets), pack(f"<{len(items)}Q", *lengths)
