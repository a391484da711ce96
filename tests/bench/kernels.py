"""The inner loops against what one would write without them, in a process of its own.

`python -m tests.bench.kernels FOLDER` reads the files of one series and prints one line of JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from statistics import median
from time import process_time

import numpy as np
import pydicom
from attrs import asdict, frozen
from PIL import Image

from dicom_series_preview.core.grey import Rescale, exact_window
from dicom_series_preview.core.header.elements import Elements
from dicom_series_preview.core.header.scan import Header, scan_header
from dicom_series_preview.core.header.values import read_elements
from dicom_series_preview.core.header.wanted import ELEMENTS, PREVIEW, wanted_name
from dicom_series_preview.core.show.grey_levels import Chain, auto_window, pooled, tally, to_grey
from dicom_series_preview.shell.outputs.resize import resize
from tests.support.headers import whole_header

ROUNDS = 7
TILE = 128


@frozen
class Kernel:
    """Medians in ms of ours and of the plain way, and what their ratio may be at most."""

    name: str
    ours: float
    plain: float
    limit: float


def _ms(work: Callable[[], object]) -> float:
    started = process_time()  # of the processor: a busy machine does not stretch it
    work()
    return (process_time() - started) * 1e3


def compare(name: str, limit: float, ours: Callable[[], object], plain: Callable[[], object]) -> Kernel:
    """Run both in turn, once to warm up and then ROUNDS times."""
    pairs = [(_ms(ours), _ms(plain)) for _ in range(ROUNDS + 1)][1:]
    return Kernel(name, median(first for first, _ in pairs), median(second for _, second in pairs), limit)


def _heads(files: list[Path]) -> list[bytes]:
    """The files' bytes up to a little behind the start of their pixels, as a range request would bring them."""
    heads = []
    for file in files:
        data = file.read_bytes()
        heads.append(data[: whole_header(data).end + 256])
    return heads


def _read(head: bytes) -> Elements:
    header = scan_header(head, False, PREVIEW)
    if not isinstance(header, Header):
        raise TypeError(f"no header: {header}")
    return read_elements(header.elements, wanted_name)


def main(folder: Path) -> None:
    """Compare, and print the kernels as JSON."""
    files = sorted(folder.iterdir())[:36]
    heads = _heads(files)
    tags = sorted(ELEMENTS - {name for name in ELEMENTS if name.startswith("(")})
    datasets = [pydicom.dcmread(file) for file in files]
    frames = [dataset.pixel_array for dataset in datasets]
    slope, intercept = float(datasets[0].RescaleSlope), float(datasets[0].RescaleIntercept)
    rescale = Rescale(slope, intercept)
    chain = Chain(rescale, exact_window(400, 40), False, None)

    def plain_tile() -> None:
        for frame in frames:
            values = frame.astype(np.float32) * np.float32(slope) + np.float32(intercept)
            grey = (((values + 160) / 400).clip(0, 1) * 255).astype(np.uint8)
            np.asarray(Image.fromarray(grey).resize((TILE, TILE), Image.Resampling.LANCZOS))

    units = [(frame * slope + intercept).astype(np.int16) for frame in frames]
    kernels = (
        compare(
            "36 headers, against dcmread(specific_tags)",
            0.6,
            lambda: [_read(head) for head in heads],
            lambda: [
                pydicom.dcmread(BytesIO(head), stop_before_pixels=True, specific_tags=tags) for head in heads
            ],
        ),
        compare(
            "36 frames to tiles, against float32 and LANCZOS",
            0.7,
            lambda: [resize(to_grey(chain, frame), TILE, TILE) for frame in frames],
            plain_tile,
        ),
        compare(
            "auto window of 36 frames, against np.percentile",
            0.5,
            lambda: auto_window(pooled([tally(frame, rescale, None) for frame in frames]), label=False),
            lambda: np.percentile(np.stack(units), [2, 98]),
        ),
    )
    sys.stdout.write(json.dumps([asdict(kernel) for kernel in kernels]) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
