"""Ways to damage an index file."""

from __future__ import annotations

import io
from importlib import import_module
from random import Random
from typing import Any, Final

from tests.fuzz.octets import damaged_bytes

_arrow: Final[Any] = import_module("pyarrow")
_parquet: Final[Any] = import_module("pyarrow.parquet")


def damaged_file(rng: Random, sound: bytes) -> bytes:
    """Bytes damaged in the footer, where all that is not data lies, or anywhere."""
    footer = len(sound) - 8 - int.from_bytes(sound[-8:-4], "little")
    style = rng.random()
    if style < 0.5:
        return sound[:footer] + damaged_bytes(rng, sound[footer:-8]) + sound[-8:]
    if style < 0.8:
        return damaged_bytes(rng, sound)
    return damaged_bytes(rng, sound[:footer]) + sound[footer:]


def damaged_table(rng: Random, sound: bytes) -> bytes:
    """A sound file that says something else: columns and metadata changed, left out or of other types."""
    table = _parquet.read_table(io.BytesIO(sound))
    metadata = dict(table.schema.metadata.items())
    for _ in range(rng.choice((1, 1, 2))):
        style = rng.randrange(4)
        if style == 0:
            key = rng.choice(sorted(metadata))
            metadata[key] = rng.choice(
                (
                    b"",
                    b"{}",
                    b"[]",
                    b"1",
                    b"999999999999",
                    b"null",
                    b"\xff",
                    b"NaN",
                    b"[" * 100_000,
                    damaged_bytes(rng, metadata[key]),
                    b'{"stacks": [{}]}',
                )
            )
        elif style == 1:
            table = table.drop_columns([rng.choice(table.column_names)]) if table.num_columns else table
        elif style == 2 and table.num_columns:
            at = rng.randrange(table.num_columns)
            values = rng.choice(
                (
                    [None],
                    ["x"],
                    [1],
                    [-1],
                    [2**31],
                    [1.5],
                    [float("nan")],
                    [["a"]],
                    ["../x"],
                    ["/x"],
                    ["\0"],
                    ["a\nb"],
                    ["x" * 5000],
                    [b"\xff"],
                )
            )
            table = table.set_column(at, table.column_names[at], _arrow.array(values * table.num_rows))
        elif table.num_rows:
            table = rng.choice((table.slice(0, 0), table.slice(1), _arrow.concat_tables([table, table])))
    out = io.BytesIO()
    _parquet.write_table(table.replace_schema_metadata(metadata), out)
    return out.getvalue()
