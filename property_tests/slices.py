"""What laws of the reading order look at: slices by the names of their objects, and objects moved and turned."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from dicom_series_preview.core.geometry import Cosines, Vec3
from dicom_series_preview.core.header.instance import Frame, Instance
from dicom_series_preview.core.order.series import Series, Slice, Stack


def names_of(series: Series[Slice]) -> list[str]:
    """The names of all objects in reading order, one for each slice."""
    return [slice_.instance.name for slice_ in series.slices]


def names_in(instances: Sequence[Instance]) -> list[str]:
    """The names of these objects."""
    return [instance.name for instance in instances]


def with_frame(instance: Instance, frame: Frame) -> Instance:
    """The instance with another only frame."""
    return evolve(instance, frames=(frame,))


def moved(instance: Instance, position: Vec3) -> Instance:
    """The instance with its only frame elsewhere."""
    return with_frame(instance, evolve(instance.frames[0], position=position))


def shifted(cosines: Cosines, by: Sequence[float]) -> Cosines:
    """Cosines that are each off by something."""
    a, b, c, d, e, f = (value + shift for value, shift in zip(cosines, by, strict=True))
    return (a, b, c, d, e, f)


def only(series: Series[Slice]) -> Stack[Slice]:
    """The one stack of a series that has no other."""
    (stack,) = series.stacks
    return stack


def place_of(instance: Instance) -> Vec3:
    """The position of an instance's first frame."""
    position = instance.frames[0].position
    assert position is not None
    return position


def tipped(cosines: Cosines, by: float) -> Cosines:
    """An orientation whose columns lean by a little."""
    return (*cosines[:3], cosines[3], cosines[4], cosines[5] + by)
