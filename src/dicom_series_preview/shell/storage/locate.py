"""Find the folder of a series: by uuid, by prefix, by DICOM UID, or where it is said to be."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import chain, islice
from typing import Final, assert_never

from attrs import frozen
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
    hyphenated,
    matches,
    show_series,
)
from dicom_series_preview.core.faults.fault import LocateFault
from dicom_series_preview.core.faults.series import NoSeries, SeveralMatches
from dicom_series_preview.core.faults.storage import NoBucket, NotFound, StoreFailed, StoreFault
from dicom_series_preview.core.storage.entries import Chunk, Page, joined
from dicom_series_preview.shell.storage.folder import Folder, absolute
from dicom_series_preview.shell.storage.open_store import open_store
from dicom_series_preview.shell.storage.store import Network, Store

PUBLIC_ROOTS: Final = (
    S3Root("idc-open-data"),
    S3Root("idc-open-data-two"),
    S3Root("idc-open-data-cr"),
)
"""The public buckets of IDC: the first is the default root, the others are looked into after it."""

_MOST_SHOWN: Final = 10
_MOST_NAMES: Final = 100
"""Names looked at in a search, where each costs a request: most are series, so that eleven are enough."""


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


@frozen(eq=False)
class _Begun:
    """A store of which the listing of one folder has already begun: it is continued, not asked for again."""

    _store: Store
    _folder: str
    _listing: list[Iterator[Result[Page, StoreFault]]]

    @property
    def place(self) -> str:
        return self._store.place

    def pages(self, folder: str) -> Iterator[Result[Page, StoreFault]]:
        if folder == self._folder and self._listing:
            return self._listing.pop()
        return self._store.pages(folder)

    def read(self, name: str, start: int, stop: int | None) -> Result[Chunk, StoreFault]:
        return self._store.read(name, start, stop)

    def names(self, prefix: str) -> Iterator[Result[tuple[str, ...], StoreFault]]:
        return self._store.names(prefix)


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
        root = LocalRoot(parent)
    return Result.do(
        located
        for store in open_store(root, network)
        for found in _begin(store, folder, _name(folder))
        for located in _or_fail(found, NotFound(joined(store.place, folder)))
    )


def _in_roots(series: SeriesUid | SeriesPrefix, root: Root, network: Network) -> Result[Located, LocateFault]:
    roots = PUBLIC_ROOTS if _is_default(root) else (root,)
    for number, candidate in enumerate(roots):
        opened = open_store(candidate, network)
        if not is_successful(opened):
            return Failure(opened.failure())
        store = opened.unwrap()
        result = _by_uuid(series, store) if isinstance(series, SeriesUid) else _by_prefix(series, store)
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


def _by_uuid(series: SeriesUid, store: Store) -> Result[Located | None, LocateFault]:
    """The folder of that name: with hyphens, without, and, where names cost nothing, in any case."""
    names = [series.text, series.text.replace("-", "")]
    if isinstance(store, Folder):
        page = next(store.names(series.text[:8])).value_or(())
        names = [name for name in page if folder_uid(name) == series] or names
    for name in names:
        found = _begin(store, name, series.text)
        if not is_successful(found) or found.unwrap() is not None:
            return found
    return Success(None)


def _by_prefix(series: SeriesPrefix, store: Store) -> Result[Located | None, LocateFault]:
    found: dict[str, str] = {}
    for text in dict.fromkeys((hyphenated(series.digits), series.digits)):
        for result in islice(store.names(text), _MOST_NAMES):
            if not is_successful(result):
                return Failure(result.failure())
            uids = {name: folder_uid(name) for name in result.unwrap()}
            found |= {
                uid.text: name for name, uid in uids.items() if uid is not None and matches(series, uid)
            }
            if len(found) > _MOST_SHOWN:
                break
        if found:
            break
    if len(found) > 1:
        shown = tuple(sorted(found)[:_MOST_SHOWN])
        return Failure(SeveralMatches(show_series(series), store.place, shown, len(found) > _MOST_SHOWN))
    return Success(next((Located(store, name, uid, store.place) for uid, name in found.items()), None))


def _by_dicom_uid(series: DicomUid, root: Root, network: Network) -> Result[Located, LocateFault]:
    opened = open_store(root, network)
    if not is_successful(opened):
        return Failure(opened.failure())
    store = opened.unwrap()
    named = _begin(store, series.text, series.text)
    if not is_successful(named):
        return Failure(named.failure())
    by_name = named.unwrap()
    if by_name is not None:
        return Success(by_name)
    return _in_table(series, root, network) if _is_default(root) else _in_mixed(series, store)


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
    begun = _peek(store, "")
    if not is_successful(begun):
        return Failure(begun.failure())
    names = next(store.names(""), Success(())).value_or(())
    first, listing = begun.unwrap()
    inside = {entry.name.partition("/")[0] for entry in first if "/" in entry.name}
    if any(map(folder_uid, inside.union(names))):
        hint = "The series folders there are named by uuid: give one of these."
        return Failure(NoSeries(series.text, store.place, hint))
    if not first:
        return Failure(NoSeries(series.text, store.place))
    return Success(Located(_Begun(store, "", [listing]), "", series.text, store.place, series.text))


def _begin(store: Store, folder: str, series: str) -> Result[Located | None, LocateFault]:
    """Begin to list a folder; None if nothing is there."""
    return _peek(store, folder).map(
        lambda begun: (
            Located(_Begun(store, folder, [begun[1]]), folder, series, store.place) if begun[0] else None
        )
    )


def _peek(store: Store, folder: str) -> Result[tuple[Page, Iterator[Result[Page, StoreFault]]], LocateFault]:
    """The first page of a listing that holds anything, and the whole listing; an empty page if none does."""
    listing = store.pages(folder)
    first: Result[Page, StoreFault] = next((page for page in listing if page != Success(())), Success(()))
    if not is_successful(first):
        return Failure(first.failure())
    return Success((first.unwrap(), chain((first,), listing)))


def _or_fail(found: Located | None, fault: LocateFault) -> Result[Located, LocateFault]:
    return Failure(fault) if found is None else Success(found)


def _name(folder: str) -> str:
    uid = folder_uid(folder)
    return folder if uid is None else uid.text


def _is_default(root: Root) -> bool:
    return isinstance(root, S3Root) and (root.bucket, root.prefix) == (PUBLIC_ROOTS[0].bucket, "")
