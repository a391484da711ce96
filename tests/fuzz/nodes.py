"""A data set as a tree of its elements' bytes, to be damaged and written again (PS3.5 7).

Nothing is interpreted but what is needed to find the elements; whatever cannot be followed stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import pack, unpack_from
from typing import Final, TypeAlias

from attrs import frozen

LONG: Final = frozenset(
    {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"}
)
UNDEFINED: Final = 0xFFFFFFFF
_ITEM: Final = 0xFFFEE000
_ITEM_END: Final = 0xFFFEE00D
_SEQUENCE_END: Final = 0xFFFEE0DD
_PIXELS: Final = 0x7FE00000
_META: Final = 0x00030000


@frozen
class Encoding:
    """How elements are written: explicit VR or implicit, little endian or big."""

    explicit: bool
    little: bool

    @property
    def order(self) -> str:
        """For `struct`."""
        return "<" if self.little else ">"


@frozen
class Node:
    """One element; `value` is its bytes, or its items if it is a sequence.

    `vr` is empty in implicit VR.  `length` is written in place of the true one.  A node without a tag is
    bytes that are written as they are.
    """

    tag: int | None
    vr: bytes
    value: bytes | tuple[Nodes, ...]
    undefined: bool = False
    length: int | None = None


Nodes: TypeAlias = tuple[Node, ...]

META: Final = Encoding(explicit=True, little=True)


def parse_meta(data: bytes, start: int) -> tuple[Nodes, int]:
    """The file meta information that begins at `start`, and where it ends."""
    return _parse(data, start, len(data), META, below=_META)


def parse(data: bytes, start: int, encoding: Encoding) -> tuple[Nodes, int]:
    """The elements before the pixel data, and where these begin (or the data end)."""
    return _parse(data, start, len(data), encoding, below=_PIXELS)


def _parse(data: bytes, at: int, stop: int, encoding: Encoding, below: int) -> tuple[Nodes, int]:
    found: list[Node] = []
    while at + 8 <= stop:
        group, element = unpack_from(encoding.order + "HH", data, at)
        tag = group << 16 | element
        if tag >= below:
            break
        read = _element(data, at, stop, encoding, tag)
        if read is None:
            return (*found, Node(None, b"", data[at:stop])), stop
        node, at = read
        found.append(node)
    return tuple(found), at


def _element(data: bytes, at: int, stop: int, encoding: Encoding, tag: int) -> tuple[Node, int] | None:
    vr = data[at + 4 : at + 6] if encoding.explicit else b""
    if encoding.explicit and vr not in LONG:
        length, at = unpack_from(encoding.order + "H", data, at + 6)[0], at + 8
    else:
        head = 12 if encoding.explicit else 8
        if at + head > stop:
            return None
        length, at = unpack_from(encoding.order + "I", data, at + head - 4)[0], at + head
    undefined = length == UNDEFINED
    end = stop if undefined else at + length
    if end > stop:
        return None
    first = data[at : at + 4]
    is_sequence = vr == b"SQ" or (vr in (b"", b"UN") and (undefined or first == pack("<HH", 0xFFFE, 0xE000)))
    if not is_sequence:
        return (Node(tag, vr, data[at:end]), end) if not undefined else None
    inside = Encoding(explicit=False, little=True) if vr == b"UN" else encoding
    items = _items(data, at, end, inside, undefined)
    if items is None:
        return (Node(tag, vr, data[at:end]), end) if not undefined else None
    return Node(tag, vr, items[0], undefined), items[1]


def _items(
    data: bytes, at: int, stop: int, encoding: Encoding, undefined: bool
) -> tuple[tuple[Nodes, ...], int] | None:
    items: list[Nodes] = []
    while at + 8 <= stop:
        group, element, length = unpack_from(encoding.order + "HHI", data, at)
        tag = group << 16 | element
        at += 8
        if tag == _SEQUENCE_END and undefined:
            return tuple(items), at
        if tag != _ITEM or (length != UNDEFINED and at + length > stop):
            return None
        end = stop if length == UNDEFINED else at + length
        item, at = _parse(data, at, end, encoding, below=_ITEM)
        items.append(item)
        if length == UNDEFINED:
            if data[at : at + 8] != pack(encoding.order + "HHI", 0xFFFE, 0xE00D, 0):
                return None
            at += 8
    return None if undefined or at != stop else (tuple(items), at)


def write(nodes: Sequence[Node], encoding: Encoding) -> bytes:
    """The bytes of elements."""
    return b"".join(_written(node, encoding) for node in nodes)


def _written(node: Node, encoding: Encoding) -> bytes:
    if node.tag is None:
        return node.value if isinstance(node.value, bytes) else b""
    inside = Encoding(explicit=False, little=True) if node.vr == b"UN" else encoding
    if isinstance(node.value, bytes):
        value = node.value
    else:
        value = b"".join(item_of(write(item, inside), inside, node.undefined) for item in node.value)
    return element_of(node.tag, node.vr, value, encoding, undefined=node.undefined, length=node.length)


def item_of(content: bytes, encoding: Encoding, undefined: bool) -> bytes:
    """An item of a sequence (PS3.5 7.5)."""
    length = UNDEFINED if undefined else len(content)
    end = pack(encoding.order + "HHI", 0xFFFE, 0xE00D, 0) if undefined else b""
    return pack(encoding.order + "HHI", 0xFFFE, 0xE000, length) + content + end


def element_of(
    tag: int,
    vr: bytes,
    value: bytes,
    encoding: Encoding,
    *,
    undefined: bool = False,
    length: int | None = None,
) -> bytes:
    """An element (PS3.5 7.1); a `length` that does not fit is cut."""
    told = UNDEFINED if undefined else len(value) if length is None else length
    end = pack(encoding.order + "HHI", 0xFFFE, 0xE0DD, 0) if undefined else b""
    head = pack(encoding.order + "HH", tag >> 16, tag & 0xFFFF)
    if not encoding.explicit or not vr:
        head += pack(encoding.order + "I", told & UNDEFINED)
    elif vr in LONG:
        head += vr + b"\0\0" + pack(encoding.order + "I", told & UNDEFINED)
    else:
        head += vr + pack(encoding.order + "H", told & 0xFFFF)
    return head + value + end
