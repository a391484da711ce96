"""Where the objects of an index are now."""

from __future__ import annotations

from attrs import evolve

from dicom_series_preview.core.ask.dicomweb import WebSeries
from dicom_series_preview.core.ask.roots import DicomwebRoot, Root, join_root
from dicom_series_preview.core.ask.series_id import SeriesId, SeriesPlace


def objects_root(told: Root, given: Root | None, wanted: SeriesId, default: Root) -> Root:
    """The root below which the objects of an index are.

    A series that is `wanted` at a service or at a location is read there; else the root counts that was `given`
    for the objects, and else the one that the index has `told`.  An index remembers no login: that of `default`,
    under which series are looked for, serves where it is the same service.
    """
    if isinstance(wanted, WebSeries):
        return DicomwebRoot(wanted.service)
    if isinstance(wanted, SeriesPlace):
        return join_root(wanted.root, wanted.folder)
    if given is not None:
        return given
    if isinstance(told, DicomwebRoot) and isinstance(default, DicomwebRoot):
        known = evolve(told.service, login=default.service.login)
        return default if known == default.service else told
    return told
