"""Laws of animated WebP (the WebP container): every frame is kept, for as long as it should last."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dicom_series_preview.core.show.webp_animation import LONGEST, animate


def _still(grey: int, width: int, height: int, lossless: bool) -> bytes:
    buffer = BytesIO()
    picture = np.full((height, width), grey, np.uint8)
    Image.fromarray(picture).convert("RGB").save(buffer, "WEBP", lossless=lossless, quality=90)
    return buffer.getvalue()


@given(
    greys=st.lists(st.integers(0, 255), min_size=2, max_size=9),
    width=st.integers(1, 40),
    height=st.integers(1, 40),
    milliseconds=st.integers(1, 5000),
    lossless=st.booleans(),
)
def test_what_is_put_together_is_what_a_reader_sees(
    greys: list[int], width: int, height: int, milliseconds: int, lossless: bool
) -> None:
    """As many frames, equal ones too, in their order, of one size, each as long as it was said; without an end."""
    data = animate([_still(grey, width, height, lossless) for grey in greys], width, height, milliseconds)
    with Image.open(BytesIO(data)) as image:
        assert image.size == (width, height)
        assert getattr(image, "n_frames", 1) == len(greys)
        assert image.info["loop"] == 0
        for number, grey in enumerate(greys):
            image.seek(number)
            shown = np.asarray(image.convert("L")).astype(int)
            assert abs(shown - grey).max() <= (0 if lossless else 3)
            assert image.info["duration"] == milliseconds


@given(milliseconds=st.sampled_from((-5, 0, LONGEST + 1, 10**9)))
def test_a_time_that_cannot_be_written_is_the_nearest_that_can(milliseconds: int) -> None:
    """At least a millisecond, at most what 24 bits hold."""
    data = animate([_still(9, 2, 2, True)] * 2, 2, 2, milliseconds)
    start = data.index(b"ANMF") + 8 + 12
    assert int.from_bytes(data[start : start + 3], "little") == min(LONGEST, max(1, milliseconds))


@given(sizes=st.lists(st.integers(1, 40), min_size=1, max_size=4))
def test_the_container_is_as_long_as_it_says(sizes: list[int]) -> None:
    """Chunks of odd length are padded, and the file's length is in its head."""
    stills = [_still(size * 6, 40, 40, size % 2 == 0) for size in sizes]
    data = animate(stills, 40, 40, 100)
    assert int.from_bytes(data[4:8], "little") == len(data) - 8
    assert len(data) % 2 == 0
    assert data.count(b"ANMF") >= len(stills)
