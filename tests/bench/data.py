"""The series to measure with, made or found in a process of its own: `python -m tests.bench.data FOLDER`.

It prints one line of JSON.  The benchmark itself imports none of this: a process counts the memory of the
one that started it as its own, until it has grown beyond it.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import numpy as np
import pydicom
from pydicom.uid import ExplicitVRLittleEndian

from dicom_series_preview.shell.run.demo import write_demo
from tests.support.dicom import make_object, make_series, uuid_for

MANY = (1_000, 10_000)
HUGE_FRAMES = 4096
LONG_HEADERS = ((12, 130), (40, 78))
"""Objects, and KB of each header."""


def _everyday(folder: Path) -> tuple[Path, str]:
    """The root and name of the everyday CT series: a real one if there is one, else the demo's."""
    real = os.environ.get("DSP_TEST_DATA")
    if real:
        for line in (Path(real) / "series.tsv").read_text(encoding="utf-8").splitlines():
            name, series, *_ = line.split("\t")
            if name == "ct-thorax-4mm":
                return Path(real) / "idc", series
    return folder / "demo", write_demo(folder / "demo").unwrap()


def _chosen(series: Path) -> dict[str, object]:
    """Which 36 files the mosaic shows, in order, and the window the series asks for."""
    headers = {path: pydicom.dcmread(path, stop_before_pixels=True) for path in series.iterdir()}
    files = sorted(headers, key=lambda path: -float(headers[path].ImagePositionPatient[2]))
    last = len(files) - 1
    picked = [files[int(place * last / 35 + 0.5)] for place in range(36)]
    header = headers[files[0]]
    window = (header.get("WindowCenter", 40), header.get("WindowWidth", 400))
    center, width = (
        float(value[0] if isinstance(value, pydicom.multival.MultiValue) else value) for value in window
    )
    return {
        "instances": len(files),
        "files": [str(path) for path in picked],
        "pixel_bytes": sum(path.stat().st_size for path in picked),
        "center": center,
        "width": width,
    }


def _many(root: Path, n: int) -> str:
    """A series of `n` small instances."""
    pixels = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64) % 2000

    def at(i: int) -> bytes:
        return make_object(series=f"{n}", instance_number=i + 1, position=(0, 0, 0.5 * i), pixels=pixels)

    make_series(root, n, at, f"{n}")
    return uuid_for(f"{n}")


def _long(root: Path, n: int, kilobytes: int) -> str:
    """A short series whose headers are long."""
    name, filler = f"long {n}", {"EncapsulatedDocument": ("OB", bytes(kilobytes * 1024))}

    def at(i: int) -> bytes:
        return make_object(series=name, instance_number=i + 1, position=(0, 0, i), raw=filler)

    make_series(root, n, at, name)
    return uuid_for(name)


def _huge(root: Path) -> str:
    """A multi-frame object of 4,096 frames of 512 x 512 (2 GB), nearly all of it a hole in the file."""
    frame = np.zeros((1, 512, 512), dtype=np.uint16)
    small = make_object(
        series="huge", pixels=frame, NumberOfFrames=HUGE_FRAMES, transfer_syntax=ExplicitVRLittleEndian
    )
    head, one = small[: -frame.nbytes], frame.nbytes.to_bytes(4, "little")
    if head[-4:] != one:
        raise ValueError("the object does not end with its native pixel data")
    path = root / uuid_for("huge") / f"{uuid_for('huge/0')}.dcm"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        file.write(head[:-4] + (HUGE_FRAMES * frame.nbytes).to_bytes(4, "little"))
        file.truncate(len(head) + HUGE_FRAMES * frame.nbytes)
    return uuid_for("huge")


def main(folder: Path) -> None:
    """Make what has to be made below `folder`, and print where all is."""
    root, series = _everyday(folder)
    made = folder / "made"
    many = {str(n): _many(made, n) for n in MANY}
    found = {
        "root": str(root),
        "series": series,
        "made": str(made),
        "many": many,
        "huge": _huge(made),
        "long": {str(n): _long(made, n, kilobytes) for n, kilobytes in LONG_HEADERS},
    }
    sys.stdout.write(json.dumps(found | _chosen(root / series)) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
