"""A few hundred damaged listings and answers, of those that `python -m tests.fuzz` sends."""

from __future__ import annotations

from random import Random

import pytest

from tests.fuzz.servers import answer_case, listing_case


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


@pytest.mark.parametrize("seed", range(4))
def test_damaged_listings_are_read_or_refused_in_words(seed: int) -> None:
    for number in range(100):
        listing_case(Random(f"{seed}/listings/{number}"))


@pytest.mark.parametrize("seed", range(4))
def test_damaged_answers_are_read_or_refused_in_words(seed: int) -> None:
    for number in range(100):
        answer_case(Random(f"{seed}/answers/{number}"))
