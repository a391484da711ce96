"""What may be told to a person: sentences, as a page of a book has them."""

from __future__ import annotations

import re
from typing import Final

_NO_PROSE: Final = re.compile(r"'[^']*'|\"[^\"]*\"|\([^)]*\)|\S*[/\\=_*@\[\]<>…0-9.:]\w\S*|-{1,2}[a-z-]+")
"""What is quoted or stands in brackets, addresses, options, numbers, names of files and of variables."""
_WORD: Final = re.compile(
    r"[a-z]+|[A-Z][a-z]*|[A-Z]{2,}s?|(?:SOP)?(?:[A-Z][a-z]+)+(?:UID)?|[KMG]iB|WebDAV|DICOMweb"
)
"""A word in small letters, the first of a sentence, an abbreviation, a keyword of DICOM, a unit."""


def flaws(text: str) -> list[str]:
    """What no editor would let pass: words in odd letters, a shout, blanks that are none, a sentence without end.

    >>> flaws("The file is cut: 3 bytes came. Give another one.")
    []
    >>> flaws("the file. It is CUT OFF  AND GONE")
    ['the', '  ', 'CUT OFF  AND GONE', 'no full stop']
    """
    found = []
    sentences = re.split(r"(?<=\.) (?=\S)", text)
    found += [words[0] for words in map(str.split, sentences) if words[0].isalpha() and words[0].islower()]
    found += re.findall(r"  +|^ | $|\n", text)
    found += re.findall(r"\b[A-Z]{2,}(?:\W+[A-Z]{2,})+\b", text)
    plain = _NO_PROSE.sub(" ", text)
    found += [word for word in re.findall(r"[A-Za-z]+", plain) if not _WORD.fullmatch(word)]
    return found + ["no full stop"] * (not text.endswith((".", ".)")))
