"""pydicom's dictionaries: PS3.6, and the private elements it has collected."""

from __future__ import annotations

from functools import cache

from pydicom.datadict import (
    dictionary_has_tag,
    dictionary_VR,
    keyword_dict,
    keyword_for_tag,
    private_dictionary_VR,
)

from dicom_series_preview.core.header.raw import DataSet, creator_of


class Everything:
    """All elements are wanted; the bytes of those that the dictionaries do not know are UN."""

    @staticmethod
    @cache
    def standard(tag: int) -> str:
        """The VR of an element; that of a group length is UL (PS3.5 7.2)."""
        try:
            return dictionary_VR(tag) if tag & 0xFFFF else "UL"
        except KeyError:
            return "UN"

    @staticmethod
    def private(tag: int, around: DataSet) -> str:
        """The VR of a private element, or of a creator (PS3.5 7.8.1)."""
        if tag & 0xFF00:
            return _private(tag, creator_of(around, tag))
        return "LO" if tag & 0xF0 else "UN" if tag & 0xF else "UL"


@cache
def _private(tag: int, creator: str) -> str:
    try:
        return private_dictionary_VR(tag, creator)
    except KeyError:
        return "UN"


@cache
def name_of(tag: int) -> str:
    """The keyword of an element; `(gggg,eeee)` for private, unknown and repeating ones (PS3.5 7.6)."""
    keyword = keyword_for_tag(tag) if dictionary_has_tag(tag) else ""
    return keyword or f"({tag >> 16:04x},{tag & 0xFFFF:04x})"


def is_keyword(word: str) -> bool:
    """Whether the dictionary has a keyword, in whatever case."""
    return word.lower() in _keywords()


@cache
def _keywords() -> frozenset[str]:
    return frozenset(map(str.lower, keyword_dict))
