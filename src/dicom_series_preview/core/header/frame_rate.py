"""How fast the frames of an object follow one another (PS3.3 C.7.6.5)."""

from __future__ import annotations

from dicom_series_preview.core.header import usable
from dicom_series_preview.core.header.reading import Reading


def frame_rate(root: Reading) -> float | None:
    """Frames a second: the rate recommended for display, that of the cine, or that of the times between frames.

    The first value of a FrameTimeVector belongs to no interval.  None where the header tells none.
    """
    for key in (usable.RECOMMENDED_RATE, usable.CINE_RATE):
        rate = root.get(key)
        if rate:
            return rate
    time = root.get(usable.FRAME_TIME)
    if not time:
        times = [value for value in (root.get(usable.FRAME_TIME_VECTOR) or ())[1:] if value > 0]
        if times:
            from statistics import median  # few objects have such a vector, and it is slow to load

            time = median(times)
    return 1000.0 / time if time else None
