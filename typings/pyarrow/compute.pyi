"""The names of pyarrow.compute that this package uses."""

from pyarrow import Array, BooleanArray

def starts_with(strings: Array, pattern: str) -> BooleanArray: ...
