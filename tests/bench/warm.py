"""Many previews in one process, against the floor's loop.

`python -m tests.bench.warm ROOT SERIES CENTER WIDTH FILE...` measures the mosaic of those files.
Prints one line of JSON: kernels, as those of kernels.py, and the memory after 60 and after 300 previews.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from attrs import asdict

from dicom_series_preview import Options, preview
from dicom_series_preview.core.ask.roots import parse_root
from dicom_series_preview.core.ask.series_id import parse_series
from dicom_series_preview.shell.storage.locate import locate
from dicom_series_preview.shell.storage.store import Network
from tests.bench.floor import show
from tests.bench.kernels import ROUNDS, Kernel, compare
from tests.support.dicom import make_series, uuid_for
from tests.support.s3server import spawn

FOLDERS = 50_000
FEW, MANY = 60, 300
"""Previews before memory is looked at."""


def _picture(series: str, root: str) -> bytes:
    return preview(Options(series, root=root)).unwrap().encode("webp")


def _from_s3(root: Path, series: str) -> Kernel:
    """The same pictures from a server on loopback, in another process, and from the folder."""
    with spawn(root) as server:
        os.environ |= {"AWS_ENDPOINT_URL": server.endpoint, "AWS_ALLOW_HTTP": "true"}
        return compare(
            "warm, S3 on loopback, against warm local",
            1.5,
            lambda: _picture(series, "s3://bucket"),
            lambda: _picture(series, str(root)),
        )


def _found(folders: int) -> float:
    """Milliseconds to find one series among so many folders."""
    with TemporaryDirectory() as folder:
        for i in range(folders):
            Path(folder, uuid_for(f"{i}")).mkdir()
        series = make_series(Path(folder), 1, series="0").uuid
        took = []
        for _ in range(ROUNDS):
            began = perf_counter()
            locate(parse_series(series).unwrap(), parse_root(folder).unwrap(), Network()).unwrap()
            took.append((perf_counter() - began) * 1e3)
        return median(took)


def _resident() -> int:
    """Bytes of memory that the process holds now."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _memory(root: Path) -> dict[int, int]:
    """Bytes held after FEW and after MANY previews of all series of a root in turn; refusals count as well."""
    names = sorted(one.name for one in root.iterdir() if one.is_dir())
    held = {}
    for number in range(1, MANY + 1):
        preview(Options(names[number % len(names)], root=str(root)))
        if number in (FEW, MANY):
            held[number] = _resident()
    return held


def main(root: str, series: str, center: float, width: float, files: Sequence[str]) -> None:
    """Measure, and print."""
    with TemporaryDirectory() as folder:
        output = str(Path(folder, "out.webp"))
        kernels = [
            compare(
                "warm, the everyday series, against the floor's loop",
                0.8,
                lambda: _picture(series, root),
                lambda: show(output, center, width, files),
            ),
            _from_s3(Path(root), series),
            Kernel(f"finding one of {FOLDERS:,} folders, against 1,000", _found(FOLDERS), _found(1_000), 1.5),
        ]
    result = {"kernels": [asdict(one) for one in kernels], "memory": _memory(Path(root))}
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4]), sys.argv[5:])
