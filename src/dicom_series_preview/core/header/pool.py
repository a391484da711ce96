"""Equal parts of many headers, held once: a series of 10,000 instances repeats most of what it says."""

from __future__ import annotations

from typing import Any, TypeVar

from attrs import evolve

from dicom_series_preview.core.header.instance import Frame, Instance, Pixels

_Value = TypeVar("_Value")


class Pool:
    """Gives for each value the first one that was equal to it and of its type; for hashable values."""

    def __init__(self) -> None:
        self._values: dict[tuple[type, Any], Any] = {}

    def one(self, value: _Value) -> _Value:
        """The value, or its equal that was there before."""
        found: _Value = self._values.setdefault((type(value), value), value)
        return found


def shared(instance: Instance, pool: Pool) -> Instance:
    """An equal instance whose parts, where the series repeats them, are held once in the pool."""
    pixels = instance.pixels
    # A palette is a mapping, which cannot be looked up; its series are short.
    repeated = isinstance(pixels, Pixels) and pixels.palette is None and pixels.supplemental is None
    return evolve(
        instance,
        sop_class=pool.one(instance.sop_class),
        series_instance_uid=pool.one(instance.series_instance_uid),
        modality=pool.one(instance.modality),
        series_description=pool.one(instance.series_description),
        image_type=pool.one(instance.image_type),
        pixels=pool.one(pixels) if repeated else pixels,
        frames=tuple(_shared_frame(frame, pool) for frame in instance.frames),
    )


def _shared_frame(frame: Frame, pool: Pool) -> Frame:
    return evolve(
        frame,
        cosines=pool.one(frame.cosines),
        times=pool.one(frame.times),
        modality_lut=pool.one(frame.modality_lut),
        voi=pool.one(frame.voi),
        spacing=pool.one(frame.spacing),
    )
