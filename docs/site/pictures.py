"""Make the pictures of these pages anew, from the series of the command `demo`: `python docs/site/pictures.py`."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

HERE: Final = Path(__file__).parents[1]

PICTURES: Final = {
    "compared.webp": "./demo-series {} --contrast-preset lung --contrast-preset 400/40 --contrast-preset bone",
    "marked.webp": "./demo-series {} --labels position --gap 4 --background 60 --tile-width 3 --tile-height 2 "
    "--image-width 200 --start 0.1 --end 0.9",
    "trouble.webp": "./damaged {} --tile-width 4 --tile-height 2 --start 0.2 --end 0.5",
}
"""The pictures, and the arguments that make them."""


def main() -> None:
    with TemporaryDirectory() as folder:
        _run(folder, "demo demo-series")
        series = Path(folder, "demo-series")
        (series / "demo.webp").rename(Path(folder, "demo.webp"))
        damaged = Path(folder, "damaged")
        damaged.mkdir()
        for file in series.rglob("*.dcm"):
            whole = file.read_bytes()
            # A seventh of the objects break off in the middle of their pixels.
            (damaged / file.name).write_bytes(whole[: len(whole) // 2] if file.name[0] in "39" else whole)
        for name, arguments in PICTURES.items():
            _run(folder, arguments.format(name))
        for name in ("demo.webp", *PICTURES):
            Path(HERE, name).write_bytes(Path(folder, name).read_bytes())


def _run(folder: str, arguments: str) -> None:
    words = [sys.executable, "-m", "dicom_series_preview", *shlex.split(arguments)]
    subprocess.run(words, cwd=folder, check=True)


if __name__ == "__main__":
    main()
