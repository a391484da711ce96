"""Find the folder of a series: by uuid, by prefix, by DICOM UID, or where it is said to be."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Final, TypeAlias, assert_never

from attrs import field, frozen
from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.ask.dicomweb import WebSeries
from dicom_series_preview.core.ask.roots import DicomwebRoot, LocalRoot, Root, S3Root, join_root, show_root
from dicom_series_preview.core.ask.series_id import (
    DicomUid,
    SeriesId,
    SeriesPlace,
    SeriesPrefix,
    SeriesUid,
    folder_uid,
    show_series,
)
from dicom_series_preview.core.faults.fault import LocateFault
from dicom_series_preview.core.faults.series import NoSeries
from dicom_series_preview.core.faults.storage import NoBucket, NotFound, StoreFailed, StoreFault
from dicom_series_preview.core.storage.entries import Entry, Page, joined
from dicom_series_preview.core.storage.packed import packed
from dicom_series_preview.core.storage.search import (
    MOST_PAGES,
    MOST_SHOWN,
    beginnings,
    folder_names,
    local_names,
    matching,
    only_match,
    series_name,
)
from dicom_series_preview.shell.storage.folder import Folder, absolute, open_folder
from dicom_series_preview.shell.storage.open_store import open_store
from dicom_series_preview.shell.storage.store import Network, Store

PUBLIC_ROOTS: Final = (
    S3Root("idc-open-data"),
    S3Root("idc-open-data-two"),
    S3Root("idc-open-data-cr"),
)
"""The public buckets of IDC: the first is the default root, the others are looked into after it."""

LOCAL_THREADS: Final = min(8, max(4, os.cpu_count() or 1))
"""Threads that read and decode local files, at most: more only get into one another's way."""


@frozen
class Located:
    """A series folder that is there.

    `folder` is its path below the store's root ("" for the root itself), `series` the canonical uuid it is
    named for, or its name; `root` is the root's text, absolute if it is local.  `only` is the
    SeriesInstanceUID of the objects to keep when the folder may hold several series.
    """

    store: Store
    folder: str
    series: str
    root: str
    only: str | None = None
    begun: list[Iterator[Result[Page, StoreFault]]] = field(factory=list, eq=False, repr=False)
    """The listing that found the folder: it is gone on with, not asked for again."""

    def pages(self) -> Iterator[Result[Page, StoreFault]]:
        """List the folder; see `Store.pages`."""
        return self.begun.pop() if self.begun else self.store.pages(self.folder)

    def threads(self, concurrency: int) -> int:
        """Reads at once: as many as a network may have under way, and few of files, which wait for nothing."""
        return min(concurrency, LOCAL_THREADS) if os.path.isabs(self.root) else concurrency


def locate(series: SeriesId, root: Root, network: Network) -> Result[Located, LocateFault]:
    """Find a series under `root`; a full location does not look at `root`.

    On the default root the other public buckets are looked into before giving up.
    """
    match series:
        case SeriesPlace():
            return _at_place(series, network)
        case SeriesUid() | SeriesPrefix():
            return _in_roots(series, root, network)
        case DicomUid():
            return _by_dicom_uid(series, root, network)
        case WebSeries(service=service):
            return open_store(DicomwebRoot(service), network).bind(
                lambda _: Failure(NotFound(show_series(series)))
            )
        case _ as never:
            assert_never(never)


def _at_place(series: SeriesPlace, network: Network) -> Result[Located, LocateFault]:
    root, folder = series.root, series.folder
    if isinstance(root, LocalRoot):
        path = absolute(LocalRoot(show_root(join_root(root, folder))))
        parent, folder = os.path.split(path)
        if not folder:
            return Failure(StoreFailed(path, "it is the whole file system, not a series folder."))
        if os.path.isfile(path):
            return _one_file(parent, folder, network)
        root = LocalRoot(parent)
    return Result.do(
        located
        for store in open_store(root, network)
        for found in _begin(store, folder, series_name(folder))
        for located in _or_fail(found, _nothing_at(joined(store.place, folder)))
    )


def _one_file(folder: str, name: str, network: Network) -> Result[Located, LocateFault]:
    """A file is a series of one object, unless it holds or names others."""
    other = packed(joined(folder, name))
    if other is not None:
        return Failure(other)
    page = Success((Entry(name, None),))
    return open_folder(LocalRoot(folder), network).map(
        lambda store: Located(store, "", name, folder, begun=[iter([page])])
    )


def _nothing_at(place: str) -> LocateFault:
    """What is told of a place where nothing is listed: it may be an object that is no folder."""
    return packed(place) or NotFound(place)


def _in_roots(series: SeriesUid | SeriesPrefix, root: Root, network: Network) -> Result[Located, LocateFault]:
    roots = PUBLIC_ROOTS if _is_default(root) else (root,)
    for number, candidate in enumerate(roots):
        result = _in_root(series, candidate, network)
        if is_successful(result):
            found = result.unwrap()
            if found is not None:
                return Success(found)
        # A server of one's own that stands in for the default root need not have the other buckets.
        elif number == 0 or not isinstance(result.failure(), NoBucket):
            return Failure(result.failure())
    others = " and ".join(show_root(other) for other in roots[1:])
    hint = f"It is not in {others} either." if others else ""
    return Failure(NoSeries(show_series(series), show_root(root), hint))


def _in_root(
    series: SeriesUid | SeriesPrefix, root: Root, network: Network
) -> Result[Located | None, LocateFault]:
    return Result.do(
        found
        for store in open_store(root, network)
        for found in (_by_uuid(series, store) if isinstance(series, SeriesUid) else _by_prefix(series, store))
    )


def _by_uuid(series: SeriesUid, store: Store) -> Result[Located | None, LocateFault]:
    """The folder of that name, and, where looking costs nothing, of that name in any case."""
    if not isinstance(store, Folder):
        return _first(store, series, folder_names(series))
    return _first(store, series, local_names(series)).bind(
        lambda found: _in_any_case(series, store) if found is None else Success(found)
    )


def _in_any_case(series: SeriesUid, store: Folder) -> Result[Located | None, LocateFault]:
    page = next(store.names(series.text[:8])).value_or(())
    return _first(store, series, [name for name in page if folder_uid(name) == series])


def _first(store: Store, series: SeriesUid, names: Iterable[str]) -> Result[Located | None, LocateFault]:
    """The first of the folders that is there."""
    for name in names:
        found = _begin(store, name, series.text)
        if not is_successful(found) or found.unwrap() is not None:
            return found
    return Success(None)


def _by_prefix(series: SeriesPrefix, store: Store) -> Result[Located | None, LocateFault]:
    found: dict[str, str] = {}
    for text in beginnings(series):
        for result in islice(store.names(text), MOST_PAGES):
            if not is_successful(result):
                return Failure(result.failure())
            found |= matching(series, result.unwrap())
            if len(found) > MOST_SHOWN:
                break
        if found:
            break
    return only_match(series, store.place, found).map(
        lambda one: None if one is None else Located(store, one[1], one[0], store.place)
    )


def _by_dicom_uid(series: DicomUid, root: Root, network: Network) -> Result[Located, LocateFault]:
    return Result.do(
        located
        for store in open_store(root, network)
        for named in _begin(store, series.text, series.text)
        for located in (
            Success(named)
            if named is not None
            else _in_table(series, root, network)
            if _is_default(root)
            else _in_mixed(series, store)
        )
    )


def _in_table(series: DicomUid, root: Root, network: Network) -> Result[Located, LocateFault]:
    """Look the UID up in IDC's own table, which tells the bucket and the uuid."""
    from dicom_series_preview.shell.storage.idc_table import NoTable, find_series

    known = find_series(series.text)
    if isinstance(known, NoTable):
        return Failure(NoSeries(series.text, show_root(root), known.hint))
    if known is None:
        hint = "The table of idc-index-data does not know this SeriesInstanceUID either."
        return Failure(NoSeries(series.text, show_root(root), hint))
    bucket = S3Root(known.bucket)
    missing = NoSeries(
        series.text, show_root(bucket), f"The table of idc-index-data gives {known.uuid} there."
    )
    return Result.do(
        located
        for store in open_store(bucket, network)
        for found in _begin(store, known.uuid, known.uuid)
        for located in _or_fail(found, missing)
    )


def _in_mixed(series: DicomUid, store: Store) -> Result[Located, LocateFault]:
    """The root itself, when it may be a folder that holds several series, and no root of series folders."""
    hint = "The series folders there are named by uuid: give one of these."
    if any(map(folder_uid, next(store.names(""), Success(())).value_or(()))):
        return Failure(NoSeries(series.text, store.place, hint))

    def among(begun: _Begun) -> Result[Located, LocateFault]:
        first, listing = begun
        if any(folder_uid(entry.name.partition("/")[0]) for entry in first if "/" in entry.name):
            return Failure(NoSeries(series.text, store.place, hint))
        if not first:
            return Failure(NoSeries(series.text, store.place))
        return Success(Located(store, "", series.text, store.place, series.text, [listing]))

    return _peek(store, "").bind(among)


def _begin(store: Store, folder: str, series: str) -> Result[Located | None, LocateFault]:
    """Begin to list a folder; None if nothing is there."""
    return _peek(store, folder).map(
        lambda begun: Located(store, folder, series, store.place, begun=[begun[1]]) if begun[0] else None
    )


_Begun: TypeAlias = tuple[Page, Iterator[Result[Page, StoreFault]]]
"""The first page of a listing that holds anything, or an empty one if none does; and the whole listing."""


def _peek(store: Store, folder: str) -> Result[_Begun, LocateFault]:
    listing = store.pages(folder)
    first: Result[Page, StoreFault] = next((page for page in listing if page != Success(())), Success(()))
    return first.map(lambda page: (page, chain((first,), listing)))


def _or_fail(found: Located | None, fault: LocateFault) -> Result[Located, LocateFault]:
    return Failure(fault) if found is None else Success(found)


def _is_default(root: Root) -> bool:
    return isinstance(root, S3Root) and (root.bucket, root.prefix) == (PUBLIC_ROOTS[0].bucket, "")
