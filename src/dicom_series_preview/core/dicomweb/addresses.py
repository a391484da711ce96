"""What is asked of a DICOMweb server (PS3.18 8.2, 10.4, 10.6).

Addresses are built from the user's own alone: those that servers tell are wrong as often as not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from dicom_series_preview.core.ask.dicomweb import WebSeries, show_address
from dicom_series_preview.core.ask.roots import HttpRoot, show_root

_ADDRESSABLE: Final = re.compile(r"(?=.*[0-9A-Za-z])[0-9A-Za-z._-]{1,64}")


def search_address(service: HttpRoot, series: str) -> str:
    """Where to search for the study of a series (QIDO-RS, PS3.18 10.6)."""
    return f"{show_root(service)}/series?SeriesInstanceUID={series}"


def metadata_address(at: WebSeries) -> str:
    """Where the metadata of all objects of a series are (PS3.18 10.4.1.1.2)."""
    return f"{show_address(at)}/metadata"


def object_address(at: WebSeries, instance: str) -> str:
    """Where one object is, by its SOPInstanceUID."""
    return f"{show_address(at)}/instances/{instance}"


def object_metadata_address(at: WebSeries, instance: str) -> str:
    """Where the metadata of one object are."""
    return f"{object_address(at, instance)}/metadata"


def frames_address(at: WebSeries, instance: str, frames: Sequence[int]) -> str:
    """Where frames of an object are (PS3.18 10.4.1.1.3); `frames` count from 0, and the address from 1."""
    return f"{object_address(at, instance)}/frames/{','.join(str(frame + 1) for frame in frames)}"


def is_addressable(uid: str) -> bool:
    """Whether a UID that a server tells can stand in an address; some archives have letters in theirs."""
    return _ADDRESSABLE.fullmatch(uid) is not None
