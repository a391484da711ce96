"""Building an index, against pydicom reading the same headers: `python -m tests.bench.index FOLDER...`.

Each FOLDER is one local series.  Prints one line of JSON for each: medians in ms, and what their ratio may be.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from time import process_time

import pydicom

from dicom_series_preview.core.header.raw import RanOut
from dicom_series_preview.core.header.read_instance import read_instance
from dicom_series_preview.core.header.readahead import FIRST_GUESS, Fetch, first_fetch, learn, next_fetch
from dicom_series_preview.core.header.scan import Header, scan_header
from dicom_series_preview.core.index.table import Row, build_index
from dicom_series_preview.shell.dicom.dictionary import Everything
from dicom_series_preview.shell.dicom.header_table import HeaderTable
from dicom_series_preview.shell.parquet import write_table
from tests.support.headers import elements_of
from tests.support.indexes import ORIGIN, series_of

LIMIT = 2.0
"""What building an index may cost, in times of `plain`."""

ROUNDS = 7


def ours(files: Sequence[Path]) -> bytes:
    """Read, type, order and write the index of local files."""
    table, guess, rows = HeaderTable(), FIRST_GUESS, []
    for file in files:
        header = _header(file, guess)
        if header.pixel is not None:
            guess = learn(guess, header.end)
        instance = read_instance(file.name, None, elements_of(header), header.transfer_syntax, header.pixel)
        rows.append(Row(instance, table.cells(header)))
    return write_table(build_index(rows, series_of(rows), ORIGIN).table)


def _header(file: Path, guess: int) -> Header:
    """The header of a file, of which no more is read than it needs."""
    size = file.stat().st_size
    with file.open("rb") as opened:
        step, data = first_fetch(guess, size), b""
        while True:
            data += opened.read(step.stop - step.start)
            seen = scan_header(data, len(data) >= size, Everything())
            if isinstance(seen, Header):
                return seen
            following = next_fetch(len(data), size, seen) if isinstance(seen, RanOut) else seen
            if not isinstance(following, Fetch):
                raise TypeError(f"{file}: {following}")
            step = following


def plain(files: Sequence[Path]) -> int:
    """What one would write without us: read each header with pydicom and look at every value once.

    Those inside sequences too: an index holds them as well.
    """
    seen = 0
    for file in files:
        for element in pydicom.dcmread(file, stop_before_pixels=True).iterall():
            seen += element.value is not None
    return seen


def _ms(work: Callable[[], object]) -> float:
    started = process_time()  # of the processor: a busy machine does not stretch it
    work()
    return (process_time() - started) * 1e3


def compare(files: Sequence[Path]) -> tuple[float, float]:
    """Medians in ms of both, run in turn, once to warm up and then ROUNDS times."""
    pairs = [(_ms(lambda: ours(files)), _ms(lambda: plain(files))) for _ in range(ROUNDS + 1)][1:]
    return median(first for first, _ in pairs), median(second for _, second in pairs)


def main(folders: Sequence[str]) -> None:
    """Compare, and print a line for each folder."""
    warnings.simplefilter("ignore")
    for folder in folders:
        files = sorted(Path(folder).iterdir())
        first, second = compare(files)
        result = {
            "name": f"an index of {len(files)} objects, against pydicom reading every value",
            "ours": first,
            "plain": second,
            "limit": LIMIT,
        }
        sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
