"""The links of an HTML page, in one pass: however the page is broken, no byte is looked at twice.

It reads what a browser reads (HTML Living Standard 13.2.5): comments, quoted and bare values, scripts.  What
is not closed goes on to the end of the page, and what is no link leaves only its text.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Final

from attrs import frozen

LONGEST_HEADING: Final = 60
"""Characters of a heading that are kept."""

_INDEX_WORDS: Final = re.compile(
    r"\b(index of|directory listing|listing of|files within|parent directory)\b", re.IGNORECASE
)
_MARKUP: Final = re.compile(r"<[a-zA-Z!?/]")
_NAME: Final = re.compile(r"[a-zA-Z][^\s/>]*")
_COMMENT: Final = re.compile(r".*?(?:-->|\Z)", re.DOTALL)
_DECLARATION: Final = re.compile(r"[^>]*>?")
_BLANK: Final = re.compile(r"[\s/]*")
_ATTRIBUTE: Final = re.compile(r"[^\s/>=]+|=")
_EQUALS: Final = re.compile(r"\s*=\s*")
_BARE: Final = re.compile(r"[^\s>]*")


@frozen
class Links:
    """The targets of a page's links, each once and as written; the title or heading; whether it says index.

    `is_whole` is False where the page has more links than were asked for.
    """

    targets: tuple[str, ...]
    heading: str
    says_index: bool
    is_whole: bool


def read_links(html: bytes, most: int) -> Links:
    """Read at most `most` links of a page in UTF-8; bytes that are no UTF-8 become surrogates."""
    # One byte is one character until a text is taken out: a page then costs its length and no more.
    reader = _Reader(html.decode("latin-1"), most)
    is_whole = reader.read()
    heading = " ".join(reader.heading.split())[:LONGEST_HEADING]
    return Links(tuple(reader.targets), heading, reader.says_index, is_whole)


class _Reader:
    def __init__(self, page: str, most: int) -> None:
        self.targets: dict[str, None] = {}
        self.heading = ""
        self.says_index = False
        self._page, self._most = page, most
        self._in_heading = False

    def read(self) -> bool:
        at = 0
        while (markup := _MARKUP.search(self._page, at)) is not None:
            self._text(self._page[at : markup.start()])
            at = self._markup(markup.start())
            if len(self.targets) > self._most:
                return False
        self._text(self._page[at:])
        return True

    def _markup(self, start: int) -> int:
        """Take what begins with the "<" at `start`; where it ends."""
        page = self._page
        if page.startswith("<!--", start):
            return _end(_COMMENT, page, start + 2)  # "<!-->" is a whole comment
        if page.startswith(("<!", "<?", "</"), start):
            if page[start + 2 : start + 7].lower().startswith(("title", "h1")):
                self._in_heading = False
            return _end(_DECLARATION, page, start + 2)
        end = _end(_NAME, page, start + 1)
        return self._tag(page[start + 1 : end].lower(), end)

    def _tag(self, name: str, at: int) -> int:
        href, end = self._attributes(at)
        if end is None:
            return len(self._page)
        if name == "a" and href:
            self.targets[_decoded(href)] = None
        elif name in ("title", "h1"):
            self._in_heading = True
        elif name in ("script", "style"):
            close = re.compile(f"</{name}", re.IGNORECASE).search(self._page, end)
            return len(self._page) if close is None else close.start()
        return end

    def _attributes(self, at: int) -> tuple[str, int | None]:
        """The first href of a tag, and where the tag ends: None if it does not."""
        page, href = self._page, ""
        while True:
            at = _end(_BLANK, page, at)
            if at >= len(page):
                return href, None
            if page[at] == ">":
                return href, at + 1
            key_end = _end(_ATTRIBUTE, page, at)
            key, at = page[at:key_end], key_end
            equals = _EQUALS.match(page, at)
            if equals is None:
                continue
            at = equals.end()
            quote = page[at : at + 1]
            if quote in ('"', "'"):
                stop = page.find(quote, at + 1)
                if stop < 0:
                    return href, None
                value, at = page[at + 1 : stop], stop + 1
            else:
                stop = _end(_BARE, page, at)
                value, at = page[at:stop], stop
            if not href and key.lower() == "href":
                href = value

    def _text(self, text: str) -> None:
        self.says_index = self.says_index or _INDEX_WORDS.search(text) is not None
        if self._in_heading and len(self.heading) < LONGEST_HEADING:
            self.heading += f"{_decoded(text[: 8 * LONGEST_HEADING])} "


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return at if found is None else found.end()


def _decoded(text: str) -> str:
    return unescape(text.encode("latin-1").decode(errors="surrogateescape"))
