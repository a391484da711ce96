"""How much a Parquet file unpacks to, by the headers of its pages: counted before a library unpacks anything.

A file tells sizes twice, in its footer and before each page; what is unpacked follows the latter.  Both are
structures of Thrift's compact protocol, of which the few fields are looked at that count something.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from attrs import frozen
from returns.result import Failure, Result, Success

Field: TypeAlias = "int | bytes | Sequence[Field] | Mapping[int, Field]"

TAIL: Final = 8
"""Bytes at the end of a file: the length of the footer, and a mark."""

_MARK: Final = b"PAR1"
_LONGEST_PAGE_HEADER: Final = 1 << 16  # bytes; statistics hold the least and the largest value
_MOST_FIELDS: Final = 1_000_000
_DEEPEST: Final = 16
_TRUTHS: Final = (1, 2)  # true and false, which stand in the head of a field
_STRUCT: Final = 12
_NESTING: Final = (9, 10, _STRUCT)  # lists, sets, structures
_BINARY_COLUMN: Final = 6  # the physical type BYTE_ARRAY


@frozen
class ColumnSize:
    """What one column of one group of rows is, unpacked."""

    path: str
    """The names that lead to it, with dots between: those of lists have three."""
    is_binary: bool
    values: int
    unpacked: int
    """Bytes, dictionaries included."""

    @property
    def name(self) -> str:
        """That of the whole column."""
        return self.path.split(".")[0]


@frozen
class FileSize:
    """What a file is, unpacked."""

    rows: int
    columns: tuple[ColumnSize, ...]


def footer_length(tail: bytes) -> int | None:
    """How many bytes before the last eight the footer has; None if these are of no Parquet file."""
    return int.from_bytes(tail[:4], "little") if len(tail) == TAIL and tail.endswith(_MARK) else None


def read_sizes(footer: bytes, size: int, read: Callable[[int, int], bytes]) -> Result[FileSize, str]:
    """Count what a file of `size` bytes with this footer holds; `read` gives its bytes from one up to another.

    Refused, with what is wrong, is a file whose pages cannot be followed.
    """
    try:
        told = _Thrift(footer).struct()
        columns = [
            _column(_struct(_struct(chunk)[3]), size, read)
            for group in _list(told.get(4, ()))
            for chunk in _list(_struct(group)[1])
        ]
        return Success(FileSize(_whole(told[3]), tuple(columns)))
    except (LookupError, TypeError, ValueError) as error:
        return Failure(f"its pages cannot be followed ({error})")


def _column(told: Mapping[int, Field], size: int, read: Callable[[int, int], bytes]) -> ColumnSize:
    """A column by the headers of its pages, each of which says how long it is."""
    first, dictionary = _whole(told[9]), _whole(told.get(11, 0))
    at = dictionary if 0 < dictionary < first else first
    stop = at + _whole(told[7])
    if not 0 <= at <= stop <= size:
        raise ValueError("a column lies outside the file")
    values = unpacked = 0
    while at < stop:
        reader = _Thrift(read(at, min(stop, at + _LONGEST_PAGE_HEADER)))
        page = reader.struct()
        values += sum(_whole(_struct(page[kind])[1]) for kind in (5, 8) if kind in page)
        unpacked += _whole(page[2])
        at += reader.at + _whole(page[3])
    if at != stop:
        raise ValueError("a page goes on behind its column")
    path = b".".join(name for name in _list(told[3]) if isinstance(name, bytes)).decode()
    values, unpacked = max(values, _whole(told[5])), max(unpacked, _whole(told[6]))
    return ColumnSize(path, told[1] == _BINARY_COLUMN, values, unpacked)


def _struct(field: Field) -> Mapping[int, Field]:
    if not isinstance(field, Mapping):
        raise TypeError("a field is of another kind")
    return field


def _list(field: Field) -> Sequence[Field]:
    if isinstance(field, bytes | Mapping | int):
        raise TypeError("a field is of another kind")
    return field


def _whole(field: Field) -> int:
    if not isinstance(field, int) or field < 0:
        raise TypeError("a count is none")
    return field


class _Thrift:
    """Reads one structure of the compact protocol; raises ValueError or IndexError where there is none."""

    def __init__(self, data: bytes) -> None:
        self.at = 0
        self._data = data
        self._left = _MOST_FIELDS
        self._depth = 0

    def struct(self) -> Mapping[int, Field]:
        """The fields of the structure at this place, by their numbers."""
        found: dict[int, Field] = {}
        number = 0
        while head := self._byte():
            number = number + (head >> 4) if head >> 4 else self._zigzag()
            kind = head & 15
            found[number] = 2 - kind if kind in _TRUTHS else self._value(kind)
        return found

    def _items(self) -> Sequence[Field]:
        head = self._byte()
        count = head >> 4 if head >> 4 < 15 else self._varint()
        return [self._value(head & 15) for _ in range(count)]

    def _value(self, kind: int) -> Field:
        self._left -= 1
        if self._left < 0:
            raise ValueError("it has too many fields")
        if kind in _NESTING:
            self._depth += 1
            if self._depth > _DEEPEST:
                raise ValueError("it is nested too deep")
            found = self.struct() if kind == _STRUCT else self._items()
            self._depth -= 1
            return found
        if kind in (1, 2, 3):
            return self._byte()
        if kind in (4, 5, 6):
            return self._zigzag()
        if kind == 7:
            return self._bytes(8)
        if kind == 8:
            return self._bytes(self._varint())
        raise ValueError("a field is of an unknown kind")

    def _byte(self) -> int:
        self.at += 1
        return self._data[self.at - 1]

    def _bytes(self, count: int) -> bytes:
        self.at += count
        if self.at > len(self._data):
            raise ValueError("a field is cut")
        return self._data[self.at - count : self.at]

    def _varint(self) -> int:
        found = 0
        for shift in range(0, 70, 7):
            byte = self._byte()
            found |= (byte & 127) << shift
            if byte < 128:
                return found
        raise ValueError("a number is too long")

    def _zigzag(self) -> int:
        number = self._varint()
        return number >> 1 ^ -(number & 1)
