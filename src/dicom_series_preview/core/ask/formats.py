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
JPEG: Final = Encoder("JPEG", 65500)  # libjpeg's, although the format has room for 65535 (T.81 B.2.2)
PNG: Final = Encoder("PNG", 65500)  # the format has room for more, but nothing shows it
MP4: Final = Encoder("MP4", 16384)  # x264's
ENCODERS: Final = {".webp": WEBP, ".jpg": JPEG, ".jpeg": JPEG, ".png": PNG}
"""Of pictures, by the extension of their files."""
ANIMATIONS: Final = {".webp": WEBP, ".mp4": MP4}
"""Of animations."""
