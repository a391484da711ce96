"""The names of pyarrow.dataset that this package uses."""

from collections.abc import Sequence
from pathlib import Path

from pyarrow import Table
from pyarrow.compute import Expression

class Dataset:
    def to_table(self, columns: Sequence[str], **options: Expression | int) -> Table: ...

def dataset(source: Path) -> Dataset: ...
