"""Which objects of a folder are shown: one series, only images, of a slide the smallest level."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import inf

from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.series import (
    FoundSeries,
    NoObjects,
    NoPixels,
    SeriesError,
    SeveralSeries,
)
from dicom_series_preview.core.header.instance import SLIDE_MICROSCOPY, Instance, Pixels
from dicom_series_preview.core.order.sop_classes import without_pixels


def one_series(
    place: str, instances: Sequence[Instance], only: str | None = None, skipped: int = 0
) -> Result[tuple[Instance, ...], SeriesError]:
    """The objects of the one series in a folder, or of the series `only` where it holds several.

    `skipped` counts the objects of the folder that are not DICOM.  Objects without a SeriesInstanceUID
    belong to whatever series is there.
    """
    kept = tuple(
        instance for instance in instances if only is None or instance.series_instance_uid in ("", only)
    )
    if not kept:
        return Failure(NoObjects(place, skipped, len(instances)))
    members: dict[str, list[Instance]] = {}
    for instance in kept:
        members.setdefault(instance.series_instance_uid, []).append(instance)
    members.pop("", None)
    if len(members) > 1:
        found = sorted(map(_found, members.values()), key=lambda one: (not one.pictures, -one.count, one.uid))
        return Failure(SeveralSeries(place, tuple(found)))
    return Success(kept)


def _found(members: Sequence[Instance]) -> FoundSeries:
    return FoundSeries(
        uid=members[0].series_instance_uid,
        count=len(members),
        modality=commonest(instance.modality for instance in members),
        description=commonest(instance.series_description for instance in members),
        pictures=any(instance.pixels is not None for instance in members),
    )


def commonest(values: Iterable[str]) -> str:
    """The value that most objects have, the first in the alphabet of several; "" where none has any."""
    counts = Counter(value for value in values if value)
    return min(counts, key=lambda value: (-counts[value], value), default="")


def images(place: str, instances: Sequence[Instance]) -> Result[tuple[Instance, ...], NoPixels]:
    """The instances that can be shown; those without pixels are left out, and of a slide all but one level."""
    with_pixels = tuple(instance for instance in instances if instance.pixels is not None)
    slides = [instance for instance in with_pixels if instance.sop_class == SLIDE_MICROSCOPY]
    shown = tuple(instance for instance in with_pixels if instance.sop_class != SLIDE_MICROSCOPY)
    shown += tuple(_slide_level(slides))
    if shown:
        return Success(shown)
    kinds = {_kind(instance) for instance in instances}
    return Failure(NoPixels(place, tuple(sorted(kinds))))


def _kind(instance: Instance) -> str:
    if instance.sop_class == SLIDE_MICROSCOPY and instance.pixels is not None:
        return "slide labels and overviews"
    return without_pixels(instance.sop_class, instance.modality)


def _slide_level(slides: Sequence[Instance]) -> Sequence[Instance]:
    """The thumbnail, or else the smallest level of a slide.

    The label and the overview are never shown: both can bear the patient's name (PS3.3 C.8.12.4.1.1, the
    third value of ImageType).
    """
    levels = [slide for slide in slides if not {"LABEL", "OVERVIEW"} & set(slide.image_type)]
    thumbnails = [slide for slide in levels if "THUMBNAIL" in slide.image_type]
    return sorted(thumbnails or levels, key=lambda slide: (_area(slide), slide.sop_instance_uid, slide.name))[
        :1
    ]


def _area(slide: Instance) -> float:
    if not isinstance(slide.pixels, Pixels):
        return inf
    tiling = slide.pixels.tiling
    if tiling is None:
        return slide.pixels.format.rows * slide.pixels.format.columns
    return tiling.rows * tiling.columns
