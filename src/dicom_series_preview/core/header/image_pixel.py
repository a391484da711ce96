"""The Image Pixel module (PS3.3 C.7.6.3) as one value, refused in words where it cannot describe an image."""

from __future__ import annotations

from attrs import evolve, frozen
from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.objects import BadPixelModule
from dicom_series_preview.core.header.elements import Elements, integer, text

# PS3.5 10 and A.1-A.3, A.5: pixel data of these syntaxes is native; of all others it is encapsulated (A.4).
IMPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2"
EXPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"
DEFLATED_LITTLE_ENDIAN = "1.2.840.10008.1.2.1.99"
EXPLICIT_BIG_ENDIAN = "1.2.840.10008.1.2.2"
GE_PRIVATE = "1.2.840.113619.5.2"  # Implicit VR Little Endian, but for the words of pixel data
NATIVE_SYNTAXES = frozenset(
    {
        *(IMPLICIT_LITTLE_ENDIAN, EXPLICIT_LITTLE_ENDIAN, DEFLATED_LITTLE_ENDIAN),
        *(EXPLICIT_BIG_ENDIAN, GE_PRIVATE),
    }
)

LARGEST_FRAME = 2**30
"""Bytes of one native frame above which a header is taken to be wrong."""

LARGEST_UNPACKED = 2**27
"""The same for what is unpacked from fewer bytes, which a few of them may claim: decoders need several times as
much memory."""

MOST_FRAMES = 100_000
"""Frames above which a header is taken to be wrong, or its slide level to be none for a preview."""

MOST_SERIES_FRAMES = 200_000
"""The same for all objects of a series together."""

_FLOAT_BITS = {"FloatPixelData": 32, "DoubleFloatPixelData": 64}
_GREY = ("MONOCHROME1", "MONOCHROME2", "PALETTE COLOR")
_SUBSAMPLED = ("YBR_FULL_422", "YBR_PARTIAL_422")
CHROMINANCE = ("YBR_FULL", "YBR_PARTIAL_420", *_SUBSAMPLED)
"""Colours that are luminance and chrominance even when they are decoded."""

_COLOUR = ("RGB", "YBR_ICT", "YBR_RCT", *CHROMINANCE)


@frozen
class PixelSpan:
    """Where the value of the pixel data element lies in its object.

    `offset` is the byte at which the value begins; `length` is in bytes, None where undefined (PS3.5 A.4).
    """

    offset: int
    length: int | None


@frozen
class PixelFormat:
    """How the bytes of a pixel data element are to be read (PS3.3 C.7.6.3.1).

    `encapsulated` tells that the frames are wrapped in items (PS3.5 A.4), whatever the transfer syntax says.
    `keyword` is PixelData, FloatPixelData or DoubleFloatPixelData and `vr` that element's value
    representation; rows and columns are in px, the `bits_` and `high_bit` in bits (`high_bit` counts from 0);
    `pixel_representation` is 0 for unsigned and 1 for two's complement; `planar_configuration` is 0 for
    colour by pixel and 1 for colour by plane.
    """

    transfer_syntax: str
    encapsulated: bool
    keyword: str
    vr: str
    rows: int
    columns: int
    samples_per_pixel: int
    photometric_interpretation: str
    bits_allocated: int
    bits_stored: int
    high_bit: int
    pixel_representation: int
    planar_configuration: int
    number_of_frames: int

    @property
    def big_endian(self) -> bool:
        """Whether the words of native pixels begin with their highest byte."""
        return self.transfer_syntax in (EXPLICIT_BIG_ENDIAN, GE_PRIVATE)

    @property
    def is_float(self) -> bool:
        """Whether the pixels are IEEE floats (PS3.3 C.7.6.24, C.7.6.25)."""
        return self.keyword in _FLOAT_BITS


def is_subsampled(fmt: PixelFormat) -> bool:
    """Whether two native pixels share their two chrominance samples (PS3.3 C.7.6.3.1.2)."""
    return not fmt.encapsulated and fmt.photometric_interpretation in _SUBSAMPLED


def is_word_swapped(fmt: PixelFormat) -> bool:
    """Whether the bytes of 8-bit or 1-bit samples are swapped in pairs: big endian words (PS3.5 8.1.2, A.3)."""
    return fmt.big_endian and fmt.vr == "OW" and fmt.bits_allocated <= 8


def frame_bits(fmt: PixelFormat) -> int:
    """The bits that one native frame takes; 1-bit frames need not end on a byte (PS3.5 8.1.1)."""
    samples = fmt.rows * fmt.columns * fmt.samples_per_pixel
    return (samples // 3 * 2 if is_subsampled(fmt) else samples) * fmt.bits_allocated


def frame_length(fmt: PixelFormat) -> int:
    """The bytes that one native frame takes, a started byte of a 1-bit frame counted as a whole one."""
    return -(-frame_bits(fmt) // 8)


def decoded_length(fmt: PixelFormat) -> int:
    """The bytes that one decoded frame takes in memory: at least one for each sample."""
    return fmt.rows * fmt.columns * fmt.samples_per_pixel * max(1, fmt.bits_allocated // 8)


def check_held(fmt: PixelFormat, held: int) -> Result[PixelFormat, BadPixelModule]:
    """Refuse a header that speaks of more than the `held` bytes of pixel data can be.

    A native object has to hold one whole frame; no object holds more frames than it has room for: a bit for
    each native one, an item head (8 bytes) for each encapsulated one.  A frame that is missing at the end of
    an object cut short is not refused here but where it is looked for.
    """
    if not fmt.encapsulated and frame_length(fmt) > held:
        return Failure(
            BadPixelModule(
                "Rows x Columns",
                f"{fmt.rows} x {fmt.columns}",
                f"a frame of {frame_length(fmt)} bytes, but the object holds {held} bytes of pixel data",
            )
        )
    most = held // 8 if fmt.encapsulated else held * 8
    if fmt.number_of_frames > max(1, most):
        problem = f"more frames than {held} bytes of pixel data can hold"
        return Failure(BadPixelModule("NumberOfFrames", str(fmt.number_of_frames), problem))
    return Success(fmt)


def _refusal(fmt: PixelFormat) -> BadPixelModule | None:
    """The first rule of PS3.3 C.7.6.3.1 that `fmt` breaks in a way that leaves no image to read."""
    for name, size in (("Rows", fmt.rows), ("Columns", fmt.columns)):
        if not 1 <= size <= 65535:
            return BadPixelModule(name, str(size), "it must be from 1 to 65535")
    if fmt.samples_per_pixel not in (1, 3):
        return BadPixelModule("SamplesPerPixel", str(fmt.samples_per_pixel), "it must be 1 or 3")
    if fmt.photometric_interpretation not in (*_GREY, *_COLOUR):
        return BadPixelModule("PhotometricInterpretation", fmt.photometric_interpretation, "it is not known")
    if (fmt.samples_per_pixel == 1) != (fmt.photometric_interpretation in _GREY):
        problem = f"it does not go with SamplesPerPixel {fmt.samples_per_pixel}"
        return BadPixelModule("PhotometricInterpretation", fmt.photometric_interpretation, problem)
    if fmt.bits_allocated not in (1, 8, 16, 32, 64):
        return BadPixelModule("BitsAllocated", str(fmt.bits_allocated), "it must be 1, 8, 16, 32 or 64")
    if not 1 <= fmt.bits_stored <= fmt.bits_allocated:
        problem = f"it must be from 1 to BitsAllocated ({fmt.bits_allocated})"
        return BadPixelModule("BitsStored", str(fmt.bits_stored), problem)
    if fmt.number_of_frames < 1:
        return BadPixelModule("NumberOfFrames", str(fmt.number_of_frames), "it must be at least 1")
    if is_subsampled(fmt) and fmt.rows * fmt.columns % 2:
        problem = f"{fmt.photometric_interpretation} needs an even number of pixels"
        return BadPixelModule("Columns", str(fmt.columns), problem)
    if fmt.number_of_frames > MOST_FRAMES:
        return BadPixelModule("NumberOfFrames", str(fmt.number_of_frames), f"more than {MOST_FRAMES} frames")
    unpacked = fmt.encapsulated or fmt.transfer_syntax == DEFLATED_LITTLE_ENDIAN
    if decoded_length(fmt) > (LARGEST_UNPACKED if unpacked else LARGEST_FRAME):
        area = f"{fmt.rows} x {fmt.columns}"
        return BadPixelModule("Rows x Columns", area, f"a frame of {decoded_length(fmt)} bytes is too large")
    return None


def fits_native(fmt: PixelFormat, length: int, frames: int) -> bool:
    """Whether so many bytes are just so many native frames of `fmt`, which may say that they are compressed.

    An odd length is padded (PS3.5 7.1.1); frames that say they are subsampled sometimes are not.
    """
    samples = fmt.rows * fmt.columns * fmt.samples_per_pixel
    bits = (frame_bits(evolve(fmt, encapsulated=False)), samples * fmt.bits_allocated)
    return not {-(-one * frames // 8) for one in bits}.isdisjoint((length, length - 1))


def read_pixel_format(
    elements: Elements, transfer_syntax: str, keyword: str, vr: str, length: int | None
) -> Result[PixelFormat, BadPixelModule]:
    """Read the Image Pixel module of a header.

    `keyword`, `vr` and `length` (in bytes, None where undefined) are those of its pixel data element.  Where
    the length and the transfer syntax disagree on whether frames lie in items, the length is believed: it is
    undefined for frames in items alone (PS3.5 A.4), and exactly theirs for native ones.

    Only Rows, Columns and BitsAllocated must be there (the last not for float pixels, whose element says it).
    What else is missing takes its usual value: one frame, one sample, unsigned, all bits stored, HighBit at
    the top of them; a HighBit that leaves no room for BitsStored is put there too.
    """
    rows, columns = integer(elements, "Rows"), integer(elements, "Columns")
    bits = _FLOAT_BITS.get(keyword) or integer(elements, "BitsAllocated")
    if rows is None or columns is None or bits is None:
        missing = "Rows" if rows is None else "Columns" if columns is None else "BitsAllocated"
        return Failure(BadPixelModule(missing, "", "it is missing"))
    is_float = keyword in _FLOAT_BITS
    stored = bits if is_float else integer(elements, "BitsStored") or bits
    high = integer(elements, "HighBit") or 0
    samples = integer(elements, "SamplesPerPixel") or 1
    fmt = PixelFormat(
        transfer_syntax=transfer_syntax,
        encapsulated=transfer_syntax not in NATIVE_SYNTAXES or length is None,
        keyword=keyword,
        vr=vr,
        rows=rows,
        columns=columns,
        samples_per_pixel=samples,
        photometric_interpretation=text(elements, "PhotometricInterpretation")
        or ("MONOCHROME2" if samples == 1 else "RGB"),
        bits_allocated=bits,
        bits_stored=stored,
        high_bit=high if stored - 1 <= high < bits else stored - 1,
        pixel_representation=1 if integer(elements, "PixelRepresentation") == 1 else 0,
        planar_configuration=1 if integer(elements, "PlanarConfiguration") == 1 else 0,
        number_of_frames=integer(elements, "NumberOfFrames") or 1,
    )
    if fmt.encapsulated and length is not None and fits_native(fmt, length, fmt.number_of_frames):
        fmt = evolve(fmt, encapsulated=False)
    refusal = _refusal(fmt)
    return Success(fmt) if refusal is None else Failure(refusal)
