"""What stands in the README and in the pages: blocks of code, commands, links."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from itertools import groupby, takewhile
from pathlib import Path
from typing import Final

from attrs import frozen

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))

_FENCE: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_LINK: Final = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_BETWEEN: Final = ("&&", "|", ";")


@frozen
class Block:
    """A fenced block: the file it stands in, its line, its language, its text."""

    page: Path
    line: int
    language: str
    text: str

    @property
    def name(self) -> str:
        """For the name of a test."""
        return f"{self.page.stem}:{self.line}"


def blocks(language: str) -> list[Block]:
    """All blocks of a language, in all pages."""
    return [
        Block(page, text.count("\n", 0, found.start()) + 1, found[1], found[2])
        for page in PAGES
        for text in [page.read_text(encoding="utf-8")]
        for found in _FENCE.finditer(text)
        if found[1] == language
    ]


def commands(text: str) -> Iterator[list[str]]:
    """The commands of a shell block as words, each without what it is redirected to."""
    for line in text.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars="&|;<>")
        lexer.whitespace_split = True
        for between, words in groupby(lexer, _BETWEEN.__contains__):
            if not between:
                yield list(takewhile(lambda word: word not in ("<", ">"), words))


def links(page: Path) -> list[str]:
    """What the links and pictures of a page lead to."""
    return _LINK.findall(_FENCE.sub("", page.read_text(encoding="utf-8")))
