"""Many results as one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

_Value = TypeVar("_Value")
_Fault = TypeVar("_Fault")


def all_of(results: Iterable[Result[_Value, _Fault]]) -> Result[tuple[_Value, ...], _Fault]:
    """All values, or the first failure: what comes after that is not asked for."""
    values: list[_Value] = []
    for one in results:
        if not is_successful(one):
            return Failure(one.failure())
        values.append(one.unwrap())
    return Success(tuple(values))
