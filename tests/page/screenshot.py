"""`python -m tests.page.screenshot OUTDIR PICTURE`: the page of a batch as a reader sees it, for the docs."""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image

from tests.page.browser import chromium, look

_LARGEST: Final = 100_000  # bytes


def screenshot(page: Path, picture: Path, asked: str = "") -> None:
    """Look at a page, at what `asked` names of it as its address does; write the sharpest WebP that fits."""
    with chromium() as browser:
        looked = look(browser, f"{page.resolve().as_uri()}#{asked}", viewport={"width": 1280, "height": 860})
        looked.page.wait_for_load_state("networkidle")  # lazy pictures far from the screen never come
        seen = Image.open(BytesIO(looked.page.screenshot())).convert("RGB")
    for quality in range(90, 10, -5):
        out = BytesIO()
        seen.save(out, "WEBP", quality=quality, method=6)
        if out.tell() <= _LARGEST:
            picture.write_bytes(out.getvalue())
            return


if __name__ == "__main__":
    screenshot(Path(sys.argv[1]) / "index.html", Path(sys.argv[2]), *sys.argv[3:])
