"""The names of pyarrow.csv that this package uses."""

from collections.abc import Mapping, Sequence

from pyarrow import DataType, Table

class ParseOptions:
    def __init__(self, delimiter: str) -> None: ...

class ConvertOptions:
    def __init__(
        self, *, column_types: Mapping[str, DataType], strings_can_be_null: bool, null_values: Sequence[str]
    ) -> None: ...

def read_csv(input_file: str, *, parse_options: ParseOptions, convert_options: ConvertOptions) -> Table: ...
