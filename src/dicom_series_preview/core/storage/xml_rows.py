"""Rows of an XML answer, in one pass: a server's listing has one element for each object.

Nothing is trusted: a document type, where entities could be declared, is refused, and no text is kept that is
longer than any name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from xml.parsers import expat

from attrs import frozen
from returns.result import Failure, Result, Success

LONGEST_TEXT: Final = 32 << 10
"""Characters of one element's text; a key of S3 has at most 1,024 bytes."""

_AROUND: Final = 40  # bytes of a place that cannot be read which are quoted


@frozen
class Rows:
    """`root` is the name of the outermost element; `told` are the fields that stand outside of all rows.

    A row is its fields' texts by name, the first where one comes twice; an empty element has the text "".
    """

    root: str
    rows: tuple[Mapping[str, str], ...]
    told: Mapping[str, str]
    is_whole: bool
    """False where there are more rows than were asked for."""


def read_rows(xml: bytes, rows: frozenset[str], fields: frozenset[str], most: int) -> Result[Rows, str]:
    """At most `most` elements named in `rows`, and of each the texts of `fields`, wherever in it they stand.

    Names of elements are `namespace name`, or a name alone; refused with what is wrong with the text.
    """
    reader = _Reader(rows, fields, most)
    is_whole = True
    try:
        reader.parser.Parse(xml, True)
    except (expat.ExpatError, LookupError, ValueError) as error:  # the last two of an encoding that it names
        at = max(0, reader.parser.ErrorByteIndex)
        near = xml[max(0, at - _AROUND) : at + _AROUND].decode(errors="replace")
        return Failure(f"XML that cannot be read ({error}, near {near!r})")
    except _DocumentType:
        return Failure("XML with a document type, which is not read")
    except _TooLong:
        return Failure(f"XML with a name of more than {LONGEST_TEXT} characters")
    except _Enough:
        is_whole = False
    return Success(Rows(reader.root, tuple(reader.rows[:most]), reader.told, is_whole))


class _DocumentType(Exception):
    """The XML declares a document type."""


class _TooLong(Exception):
    """A text is longer than any name."""


class _Enough(Exception):
    """There are as many rows as are wanted, and one more."""


class _Reader:
    def __init__(self, names: frozenset[str], fields: frozenset[str], most: int) -> None:
        self.root = ""
        self.rows: list[dict[str, str]] = []
        self.told: dict[str, str] = {}
        self._names, self._fields, self._most = names, fields, most
        self._into: dict[str, str] = self.told
        self._text: list[str] | None = None
        self._length = 0
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.StartDoctypeDeclHandler = self._document_type

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        self.root = self.root or name
        if name in self._names:
            if len(self.rows) == self._most:
                raise _Enough
            self._into = {}
            self.rows.append(self._into)
        elif name in self._fields:
            self._text, self._length = [], 0

    def _end(self, name: str) -> None:
        if name in self._names:
            self._into = self.told
        elif name in self._fields and self._text is not None:
            self._into.setdefault(name, "".join(self._text))
            self._text = None

    def _characters(self, data: str) -> None:
        if self._text is None:
            return
        self._length += len(data)
        if self._length > LONGEST_TEXT:
            raise _TooLong
        self._text.append(data)

    def _document_type(self, *_: object) -> None:
        raise _DocumentType
