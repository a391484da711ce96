"""What a DICOMweb service answers -> metadata, objects and frames, or why it gives none (PS3.18)."""

from __future__ import annotations

import zlib
from typing import Final

from returns.result import Failure, Result, Success

from dicom_series_preview.core.dicomweb.answers import BadAnswer, Meaning, meaning
from dicom_series_preview.core.dicomweb.frames import WebFrame, read_frames
from dicom_series_preview.core.dicomweb.json_model import Metadata, read_metadata
from dicom_series_preview.core.dicomweb.multipart import read_parts
from dicom_series_preview.core.faults.listings import TooLong
from dicom_series_preview.core.faults.objects import NotDicom
from dicom_series_preview.core.faults.storage import AccessDenied, NotFound, StoreFailed, StoreFault
from dicom_series_preview.core.header.image_pixel import PixelFormat
from dicom_series_preview.core.header.raw import Dictionary
from dicom_series_preview.shell.storage.web_client import Answer

TOKEN: Final = "DICOMWEB_TOKEN"

_GZIP: Final = 16 + zlib.MAX_WBITS
_ADVICE: Final = (
    f"Put a bearer token into {TOKEN}, or give user:password@ before the host, or a line of ~/.netrc."
)


def answered_metadata(
    address: str, dictionary: Dictionary, most: int, answer: Answer
) -> Result[tuple[Metadata, ...], StoreFault]:
    """The metadata in an answer of fewer than `most` bytes, as they come and unpacked."""
    fault = _fault(answer, address)
    if fault is not None:
        return Success(()) if isinstance(fault, NotFound) else Failure(fault)
    if len(answer.data) == most:
        return Failure(TooLong(address, most))
    body = _inflated(answer.data, most) if answer.gzip else answer.data
    if body is None:
        return Failure(StoreFailed(address, "what the server sends by gzip is damaged, or too large."))
    kind = answer.content_type or "no type"
    return read_metadata(body, dictionary).alt(
        lambda bad: StoreFailed(address, f"{bad.problem} ({kind}). Is it the address of a DICOMweb service?")
    )


def answered_object(address: str, most: int, answer: Answer) -> Result[bytes, StoreFault | NotDicom]:
    """The object in an answer of fewer than `most` bytes."""
    fault = _fault(answer, address)
    if fault is not None:
        return Failure(fault)
    if len(answer.data) == most:
        return Failure(NotDicom(address, f"it has more than the {most} bytes that its metadata speak of"))
    parts = read_parts(answer.content_type, answer.data).alt(lambda bad: _unlike(address, bad.problem))
    return parts.bind(
        lambda found: (
            Success(found[0].data)
            if len(found) == 1
            else Failure(_unlike(address, f"it has {len(found)} parts, not one"))
        )
    )


def answered_frames(
    address: str, fmt: PixelFormat, count: int, answer: Answer
) -> Result[Result[tuple[WebFrame, ...], BadAnswer], StoreFault]:
    """The frames in an answer."""
    match meaning(answer.status):
        case Meaning.GIVEN:
            return Success(read_frames(fmt, count, answer.content_type, answer.data))
        case Meaning.DENIED:
            return Failure(_denied(answer, address))
        case Meaning.NOTHING | Meaning.NOT_SO:
            return Success(Failure(BadAnswer(f"it is HTTP {answer.status}")))


def _fault(answer: Answer, place: str) -> StoreFault | None:
    """Why an answer does not give what was asked for, if so."""
    match meaning(answer.status):
        case Meaning.GIVEN:
            return None
        case Meaning.NOTHING:
            return NotFound(place)
        case Meaning.DENIED:
            return _denied(answer, place)
        case Meaning.NOT_SO:
            return StoreFailed(place, f"the server answers with HTTP {answer.status}.")


def _denied(answer: Answer, place: str) -> AccessDenied:
    return AccessDenied(place, f"HTTP {answer.status}", _ADVICE)


def _unlike(place: str, problem: str) -> NotDicom:
    return NotDicom(place, f"the server's answer is of no use ({problem})")


def _inflated(data: bytes, most: int) -> bytes | None:
    """What was compressed by gzip; None if it is damaged, cut or too large."""
    inflater = zlib.decompressobj(_GZIP)
    try:
        whole = inflater.decompress(data, most)
    except zlib.error:
        return None
    return whole if inflater.eof else None
