"""Ways to damage a header: its elements, its bytes, or both."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from random import Random
from typing import Final, TypeAlias

from attrs import evolve
from pydicom.datadict import tag_for_keyword

from dicom_series_preview.core.header.wanted import ELEMENTS
from tests.fuzz.frames import with_syntax
from tests.fuzz.nodes import META, UNDEFINED, Encoding, Node, Nodes, element_of, item_of, write
from tests.fuzz.octets import damaged_bytes
from tests.fuzz.oddities import VRS, odd_value, usual_vr
from tests.fuzz.seeds import Seed

_READ: Final = sorted(
    tag
    for name in ELEMENTS
    if (tag := tag_for_keyword(name) or (0 if name[0] != "(" else int(name[1:5] + name[6:10], 16)))
)

_DEEPEST: Final = (1, 2, 5, 50, 150, 300, 480, 900, 3000)
_COPIED: Final = 1 << 24  # bytes: each level copies those within it

HeaderDamage: TypeAlias = Callable[[Random, list[Node], int, Encoding], None]


def damaged_header(rng: Random, seed: Seed) -> bytes:
    """An object with a damaged header: some elements, or some bytes, or both."""
    meta, header = seed.meta, seed.header
    style = rng.random()
    if style < 0.85:
        for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
            header = _damaged(rng, header, seed.encoding)
    if style < 0.15:
        meta = _damaged(rng, meta, META)
    if rng.random() < 0.1:
        meta = with_syntax(rng, meta)
    head = seed.preamble + write(meta, META)
    body = write(header, seed.encoding)
    if style > 0.7:
        body = damaged_bytes(rng, body)
    if style > 0.97:
        head = damaged_bytes(rng, head)
    whole = body + seed.pixels
    if seed.deflated and rng.random() < 0.95:
        deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        whole = deflater.compress(whole) + deflater.flush()
        if rng.random() < 0.1:
            whole = damaged_bytes(rng, whole)
    whole = head + whole
    return whole if rng.random() < 0.95 else whole[: rng.randrange(len(whole) + 1)]


def _damaged(rng: Random, nodes: Nodes, encoding: Encoding) -> Nodes:
    """The same elements but for one damage somewhere among them, in a sequence as well as outside."""
    listed = list(nodes)
    sequences = [i for i, node in enumerate(listed) if not isinstance(node.value, bytes) and node.value]
    if sequences and rng.random() < 0.5:
        at = rng.choice(sequences)
        node = listed[at]
        items = list(node.value if not isinstance(node.value, bytes) else ())
        chosen = rng.randrange(len(items))
        inside = Encoding(explicit=False, little=True) if node.vr == b"UN" else encoding
        items[chosen] = _damaged(rng, items[chosen], inside)
        listed[at] = evolve(node, value=tuple(items))
        return tuple(listed)
    read = [i for i, node in enumerate(listed) if node.tag in _READ]
    at = rng.choice(read) if read and rng.random() < 0.7 else rng.randrange(len(listed) or 1)
    damage = rng.choice(_HEADER_DAMAGES) if listed else _insert
    damage(rng, listed, at, encoding)
    return tuple(listed)


def _new_value(rng: Random, nodes: list[Node], at: int, encoding: Encoding) -> None:
    node = nodes[at]
    vr = node.vr if encoding.explicit else usual_vr(node.tag)
    nodes[at] = evolve(node, value=odd_value(rng, vr, encoding), undefined=False)


def _new_vr(rng: Random, nodes: list[Node], at: int, _: Encoding) -> None:
    nodes[at] = evolve(nodes[at], vr=rng.choice(VRS))


def _new_tag(rng: Random, nodes: list[Node], at: int, _: Encoding) -> None:
    nodes[at] = evolve(
        nodes[at],
        tag=rng.choice(
            (rng.choice(_READ), rng.getrandbits(32), 0xFFFEE000, 0xFFFEE0DD, 0x7FE00010, 0x00020010, 0)
        ),
    )


def _new_length(rng: Random, nodes: list[Node], at: int, _: Encoding) -> None:
    node = nodes[at]
    true = len(node.value) if isinstance(node.value, bytes) else 100
    length = rng.choice(
        (
            0,
            1,
            true + 1,
            true + 2,
            true - 1,
            true * 2,
            0x7FFFFFFF,
            UNDEFINED - 1,
            UNDEFINED,
            0x8000,
            0xFFFF,
            600_000,
        )
    )
    nodes[at] = evolve(node, length=length, undefined=False)


def _remove(_rng: Random, nodes: list[Node], at: int, _: Encoding) -> None:
    del nodes[at]


def _duplicate(rng: Random, nodes: list[Node], at: int, _: Encoding) -> None:
    nodes[at:at] = [nodes[at]] * rng.choice((1, 1, 2, 300))


def _swap(rng: Random, nodes: list[Node], at: int, _: Encoding) -> None:
    other = rng.randrange(len(nodes))
    nodes[at], nodes[other] = nodes[other], nodes[at]


def _insert(rng: Random, nodes: list[Node], _: int, encoding: Encoding) -> None:
    """An element that is read, with a value of its VR or of another."""
    tag = rng.choice(_READ)
    vr = usual_vr(tag)
    value = _items(rng, encoding) if vr == b"SQ" and rng.random() < 0.4 else odd_value(rng, vr, encoding)
    at = next((i for i, node in enumerate(nodes) if node.tag is None or node.tag >= tag), len(nodes))
    nodes[at : at + rng.randrange(2)] = [Node(tag, vr if encoding.explicit else b"", value)]


def _items(rng: Random, encoding: Encoding) -> tuple[Nodes, ...]:
    items: list[Nodes] = []
    for _ in range(rng.choice((0, 1, 1, 2, 100))):
        if items:  # many equal ones are enough
            items.append(items[0])
            continue
        item: list[Node] = []
        for _ in range(rng.choice((0, 1, 2, 3))):
            _insert(rng, item, 0, encoding)
        items.append(tuple(item))
    return tuple(items)


def _nest(rng: Random, nodes: list[Node], at: int, encoding: Encoding) -> None:
    """Put an element into a sequence in a sequence in a sequence."""
    node = nodes[at]
    tag = rng.choice((node.tag or 0, 0x52009230, 0x52009229, 0x00283010, 0x00091010))
    content, undefined = write([node], encoding), rng.random() < 0.5
    for _ in range(min(rng.choice(_DEEPEST), _COPIED // max(1, len(content)))):
        item = item_of(content, encoding, undefined)
        content = element_of(tag, b"SQ", item, encoding, undefined=undefined)
    nodes[at] = Node(None, b"", content)


_HEADER_DAMAGES: Final[tuple[HeaderDamage, ...]] = (
    *(_new_value, _new_value, _new_value, _new_value, _new_value),
    *(_new_vr, _new_tag, _new_length, _remove, _duplicate, _swap, _insert, _insert, _nest),
)
