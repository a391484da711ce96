"""Laws of many results as one."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st
from returns.result import Failure, Result, Success

from dicom_series_preview.core.results import all_of

values = st.lists(st.integers(), max_size=5)


@given(values)
def test_what_all_went_well_is_all_there_in_its_order(made: list[int]) -> None:
    assert all_of(Success(one) for one in made) == Success(tuple(made))


@given(values, st.text())
def test_the_first_failure_ends_it_and_nothing_behind_it_is_asked_for(made: list[int], fault: str) -> None:
    asked: list[int | str] = []

    def results() -> Iterator[Result[int, str]]:
        for one in made:
            asked.append(one)
            yield Success(one)
        asked.append(fault)
        yield Failure(fault)
        asked.append("behind it")
        yield Failure("behind it")

    assert all_of(results()) == Failure(fault)
    assert asked == [*made, fault]
