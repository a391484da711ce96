"""The names of pyarrow.compute that this package uses."""

from collections.abc import Sequence

from pyarrow import Array, BooleanArray

class Expression:
    def isin(self, values: Sequence[object]) -> Expression: ...

def field(name: str) -> Expression: ...
def starts_with(strings: Array, pattern: str) -> BooleanArray: ...
