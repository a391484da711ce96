"""Where lists of series come from: files, standard input, roots, and the table of the Imaging Data Commons."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import partial
from io import BufferedReader, TextIOWrapper
from itertools import chain
from typing import Final

from attrs import evolve
from returns.result import Failure, Result, Success

from dicom_series_preview.core.ask.roots import LocalRoot, Root, show_root
from dicom_series_preview.core.ask.series_id import SeriesPlace
from dicom_series_preview.core.batch.manifest import ENOUGH, Columns, read_columns, read_lines, text_encoding
from dicom_series_preview.core.batch.request import BatchRequest
from dicom_series_preview.core.batch.wanted import Wanted, place_them, unplaced
from dicom_series_preview.core.faults.batch import BadList, NoColumn, UnusableList
from dicom_series_preview.core.faults.storage import StoreFault
from dicom_series_preview.core.results import all_of
from dicom_series_preview.shell.storage.folder import absolute
from dicom_series_preview.shell.storage.open_store import open_store
from dicom_series_preview.shell.storage.store import Network

ListFault = UnusableList | BadList | NoColumn | StoreFault

_DELIMITERS: Final = {".csv": ",", ".tsv": "\t"}


def read_series(request: BatchRequest) -> Result[tuple[Wanted, ...], ListFault]:
    """All series that a batch is about, in order, as often as they are named; local places are absolute."""
    options = request.options
    if options.all:
        return _in_root(request.preview.root, request)
    if options.study is not None:
        return _in_table("StudyInstanceUID", options.study, "--study")
    if options.collection is not None:
        return _in_table("collection_id", options.collection, "--collection")
    return _read_file(options.listed or "").map(_absolute)


def _read_file(path: str) -> Result[tuple[Wanted, ...], ListFault]:
    place = "standard input" if path == "-" else path
    try:
        with open(0 if path == "-" else path, "rb", closefd=path != "-") as file:
            read = _read_open(path, place, file)
    except OSError as error:
        return Failure(UnusableList(place, error.strerror or str(error)))
    except UnicodeDecodeError:
        return Failure(UnusableList(place, "it is no text"))
    return Failure(UnusableList(place, "it names no series")) if read == Success(()) else read


def _read_open(path: str, place: str, file: BufferedReader) -> Result[tuple[Wanted, ...], ListFault]:
    if _ending(path) == ".parquet":
        from dicom_series_preview.shell.batch.tables import read_parquet

        return _in_columns(path, read_parquet(path))
    return Result.do(
        wanted
        for encoding in text_encoding(file.peek(ENOUGH)[:ENOUGH]).alt(partial(UnusableList, place))
        for wanted in _read_text(path, place, file, encoding)
    )


def _read_text(
    path: str, place: str, file: BufferedReader, encoding: str
) -> Result[tuple[Wanted, ...], ListFault]:
    delimiter = _DELIMITERS.get(_ending(path))
    if delimiter is None:
        return read_lines(place, TextIOWrapper(file, encoding, errors="surrogateescape"))
    from dicom_series_preview.shell.batch.tables import read_csv

    return _in_columns(path, read_csv(path, file, delimiter, encoding))


def _ending(path: str) -> str:
    return os.path.splitext(path)[1].lower()


def _in_columns(path: str, columns: Result[Columns, UnusableList]) -> Result[tuple[Wanted, ...], ListFault]:
    return Result.do(wanted for table in columns for wanted in read_columns(path, table))


def _in_root(root: Root, request: BatchRequest) -> Result[tuple[Wanted, ...], ListFault]:
    """Every folder in a root."""
    network = Network(request.preview.patience.timeout, request.preview.patience.concurrency)
    return Result.do(
        _absolute(Wanted(SeriesPlace(root, name)) for name in names)
        for store in open_store(root, network)
        for pages in all_of(store.names(""))
        for names in _some(tuple(chain.from_iterable(pages)), root)
    )


def _some(names: Sequence[str], root: Root) -> Result[Sequence[str], UnusableList]:
    if not names:
        return Failure(UnusableList(show_root(root), "there is no folder in it"))
    return Success(names)


def _in_table(column: str, value: str, option: str) -> Result[tuple[Wanted, ...], ListFault]:
    from dicom_series_preview.shell.batch.tables import NoTable, find_in_idc

    try:
        found = find_in_idc(column, [value])
    except NoTable as problem:
        return Failure(UnusableList(f"{option} {value}", str(problem)))
    if not found:
        return Failure(UnusableList(f"{option} {value}", "the table of idc-index-data does not know it"))
    return Success(tuple(found.values()))


def place_in_table(wanted: tuple[Wanted, ...]) -> Result[tuple[Wanted, ...], ListFault]:
    """The same series, with the SeriesInstanceUIDs among them at their places: one look into the table for all."""
    from dicom_series_preview.shell.batch.tables import NoTable, find_in_idc

    uids = unplaced(wanted)
    try:
        table = find_in_idc("SeriesInstanceUID", uids) if uids else {}
    except NoTable as problem:
        return Failure(UnusableList(f"A list with {len(uids)} SeriesInstanceUIDs", str(problem)))
    return Success(place_them(wanted, table))


def _absolute(wanted: Iterable[Wanted]) -> tuple[Wanted, ...]:
    return tuple(_absolute_one(one) for one in wanted)


def _absolute_one(one: Wanted) -> Wanted:
    """A local place where it is wherever a worker stands."""
    series = one.series
    if not isinstance(series, SeriesPlace) or not isinstance(series.root, LocalRoot):
        return one
    parent, name = os.path.split(absolute(LocalRoot(os.path.join(series.root.path, series.folder))))
    return evolve(one, series=SeriesPlace(LocalRoot(parent), name)) if name else one
