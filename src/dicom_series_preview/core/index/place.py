"""Where the objects of an index are now."""

from __future__ import annotations

from attrs import evolve
from returns.result import Result, Success

from dicom_series_preview.core.ask.dicomweb import WebSeries
from dicom_series_preview.core.ask.roots import DicomwebRoot, Root, join_root
from dicom_series_preview.core.ask.series_id import SeriesId, SeriesPlace
from dicom_series_preview.core.faults.request import BadRoot


def objects_root(
    told: Result[Root, BadRoot], given: Root | None, wanted: SeriesId, default: Root
) -> Result[Root, BadRoot]:
    """The root below which the objects of an index are.

    A series that is `wanted` at a service or at a location is read there; else the root counts that was `given`
    for the objects, and else the one that the index has `told`, if that is one.  An index remembers no login:
    that of `default`, under which series are looked for, serves where it is the same service.
    """
    if isinstance(wanted, WebSeries):
        return Success(DicomwebRoot(wanted.service))
    if isinstance(wanted, SeriesPlace):
        return Success(join_root(wanted.root, wanted.folder))
    if given is not None:
        return Success(given)
    return told.map(lambda root: _with_login(root, default))


def _with_login(root: Root, default: Root) -> Root:
    if isinstance(root, DicomwebRoot) and isinstance(default, DicomwebRoot):
        known = evolve(root.service, login=default.service.login)
        return default if known == default.service else root
    return root
