"""What tells instances at one position apart: time, cardiac phase, b-value, echo.

Every key is one number (int or float) per frame, None where the element is missing or cannot be used.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, TypeAlias

from dicom_series_preview.core.header import usable
from dicom_series_preview.core.header.clock import DAY
from dicom_series_preview.core.header.functional_groups import FrameReading
from dicom_series_preview.core.header.value_kinds import Key

TimeValues: TypeAlias = tuple[float | None, ...]
"""One value for each of `TIME_KEYS`, in their order."""


def _first(keys: tuple[Key[float], ...], frame: FrameReading) -> float | None:
    return next((value for key in keys if (value := frame.get(key)) is not None), None)


def _clocked(day: Key[int], time: Key[int], frame: FrameReading) -> int | None:
    """Microseconds since day 0; of an unknown day when the date is missing."""
    moment = frame.get(time)
    return None if moment is None else (frame.get(day) or 0) * DAY + moment


def _acquisition_time(frame: FrameReading) -> int | None:
    own = frame.get(usable.FRAME_ACQUISITION)
    if own is not None:
        return own
    classic = _clocked(usable.ACQUISITION_DATE, usable.ACQUISITION_TIME, frame)
    return classic if classic is not None else frame.get(usable.ACQUISITION)


def _b_value(frame: FrameReading) -> float | None:
    ge = frame.get(usable.GE_B_VALUE)
    standard = frame.get(usable.DIFFUSION_B_VALUE)
    if standard is None and ge is not None:
        return ge % 1e5  # GE adds a multiple of 100,000 as a marker
    return _first((usable.DIFFUSION_B_VALUE, usable.SIEMENS_B_VALUE, usable.PHILIPS_B_VALUE), frame)


TIME_KEYS: Final[tuple[tuple[str, Callable[[FrameReading], float | None]], ...]] = (
    (
        "TemporalPositionIdentifier",
        partial(_first, (usable.TEMPORAL_POSITION_INDEX, usable.TEMPORAL_POSITION)),
    ),
    ("TriggerTime", partial(_first, (usable.TRIGGER_DELAY, usable.TRIGGER_TIME))),
    ("DiffusionBValue", _b_value),
    ("EchoTime", partial(_first, (usable.EFFECTIVE_ECHO_TIME, usable.ECHO_TIME))),
    ("FrameIncrementPointer", lambda frame: frame.increment),
    ("FrameReferenceTime", partial(_first, (usable.FRAME_REFERENCE_TIME,))),
    ("AcquisitionTime", _acquisition_time),
    ("ContentTime", partial(_clocked, usable.CONTENT_DATE, usable.CONTENT_TIME)),
    ("InstanceCreationTime", partial(_clocked, usable.CREATION_DATE, usable.CREATION_TIME)),
)
"""The candidates in order of preference: what the scanner meant before when a clock was read."""


def time_values(frame: FrameReading) -> TimeValues:
    """All time values of one frame, in the order of `TIME_KEYS`."""
    return tuple(read(frame) for _, read in TIME_KEYS)
