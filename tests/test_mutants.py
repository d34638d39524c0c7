"""Answers whose values are of another shape than anybody would send: read without an exception, and every invariant holds."""

from __future__ import annotations

import pytest

import mutants


def test_a_few_hundred_mutants() -> None:
    told = mutants.run(300)
    assert told["mutants"] == 300
    assert told["rows"] > 200


@pytest.mark.exhaustive
def test_five_thousand_mutants() -> None:
    """``make torture`` makes 100,000."""
    told = mutants.run(5_000, seed=2)
    assert told["mutants"] == 5_000
    assert told["rows"] > 3_500
