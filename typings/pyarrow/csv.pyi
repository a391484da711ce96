"""The names of pyarrow.csv that this package uses."""

from collections.abc import Mapping, Sequence
from typing import IO

from pyarrow import DataType, Table

class ReadOptions:
    def __init__(self, *, encoding: str) -> None: ...

class ParseOptions:
    def __init__(self, *, delimiter: str) -> None: ...

class ConvertOptions:
    def __init__(
        self, *, column_types: Mapping[str, DataType], strings_can_be_null: bool, null_values: Sequence[str]
    ) -> None: ...

def read_csv(
    input_file: IO[bytes],
    read_options: ReadOptions,
    parse_options: ParseOptions,
    convert_options: ConvertOptions,
) -> Table: ...
