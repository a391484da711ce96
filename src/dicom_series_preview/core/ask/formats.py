"""The formats a picture is written in, and the longest side each holds."""

from __future__ import annotations

from typing import Final

from attrs import frozen


@frozen
class Encoder:
    """What the canvas will be encoded with: its name, and the longest side it holds in px."""

    name: str
    limit: int


WEBP: Final = Encoder("WebP", 16383)
JPEG: Final = Encoder("JPEG", 65535)
ENCODERS: Final = {".webp": WEBP, ".jpg": JPEG, ".jpeg": JPEG}
