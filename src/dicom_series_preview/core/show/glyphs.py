"""Letters, digits and signs as small bitmaps, so that pictures can be marked without a font.

A glyph is five columns by seven rows, read like the page: `#` is ink.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

HEIGHT: Final = 7

_SHAPES = {
    "0": ".###. #...# #..## #.#.# ##..# #...# .###.",
    "1": "..#.. .##.. ..#.. ..#.. ..#.. ..#.. .###.",
    "2": ".###. #...# ....# ..##. .#... #.... #####",
    "3": ".###. #...# ....# ..##. ....# #...# .###.",
    "4": "...#. ..##. .#.#. #..#. ##### ...#. ...#.",
    "5": "##### #.... ####. ....# ....# #...# .###.",
    "6": ".###. #.... #.... ####. #...# #...# .###.",
    "7": "##### ....# ...#. ..#.. ..#.. .#... .#...",
    "8": ".###. #...# #...# .###. #...# #...# .###.",
    "9": ".###. #...# #...# .#### ....# ....# .###.",
    "A": ".###. #...# #...# ##### #...# #...# #...#",
    "F": "##### #.... #.... ####. #.... #.... #....",
    "H": "#...# #...# #...# ##### #...# #...# #...#",
    "L": "#.... #.... #.... #.... #.... #.... #####",
    "P": "####. #...# #...# ####. #.... #.... #....",
    "R": "####. #...# #...# ####. #.#.. #..#. #...#",
    "m": "..... ..... ##.#. #.#.# #.#.# #.#.# #.#.#",
    ".": "..... ..... ..... ..... ..... .##.. .##..",
    "-": "..... ..... ..... .###. ..... ..... .....",
    " ": "..... ..... ..... ..... ..... ..... .....",
}

KNOWN: Final = frozenset(_SHAPES)
"""The characters that can be drawn."""


def ink(text: str, scale: int = 1) -> NDArray[np.bool_]:
    """`text` as a bitmap, (7·scale rows, (6·len(text) - 1)·scale columns) bool, True where there is ink.

    >>> print("\\n".join("".join(".#"[dot] for dot in row) for row in ink("L1").astype(int)))
    #.......#..
    #......##..
    #.......#..
    #.......#..
    #.......#..
    #.......#..
    #####..###.
    """
    rows = [".".join(_SHAPES[letter].split()[row] for letter in text) for row in range(HEIGHT)]
    dots = np.array([[dot == "#" for dot in row] for row in rows], dtype=np.bool_)
    return dots.repeat(scale, axis=0).repeat(scale, axis=1)
