"""Requests without a date: what one price ever is, and what `undated:` in the config makes of the others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from llm_usage.config import load
from llm_usage.errors import ConfigError
from llm_usage.pricing import resolve as pricing
from small_lake import Row, raw, request

#: What is asked, and what the row for undated requests says: status and whether a date was assumed.
STEADY = {"provider": "anthropic", "response_model": "claude-sonnet-4-20250514"}
CHANGED = {"provider": "openai", "response_model": "o3"}
MOVING = {"provider": "mistral_ai", "response_model": "mistral-medium-latest"}
NO_HISTORY = {"provider": "cohere", "response_model": "command-a-03-2025"}
BY_HOUR = {"provider": "deepseek", "response_model": "deepseek-flash"}
UNKNOWN = {"provider": "acme", "response_model": "nothing"}
EXPECTED: list[tuple[dict[str, str], str | None, list[tuple[str, bool]]]] = [
    (STEADY, None, [("priced", False)]),
    (STEADY, "latest", [("priced", False)]),
    (STEADY, "file_time", [("priced", False)]),
    (CHANGED, None, [("undated", False)]),
    (CHANGED, "latest", [("priced", True)]),
    (CHANGED, "file_time", [("priced", True), ("priced", True)]),
    (MOVING, None, [("undated", False)]),
    (MOVING, "latest", [("priced", True)]),
    (NO_HISTORY, None, [("undated", False)]),
    (NO_HISTORY, "latest", [("priced", True)]),
    (BY_HOUR, None, [("undated", False)]),
    (BY_HOUR, "latest", [("undated", False)]),
    (UNKNOWN, None, [("unpriced", False)]),
    (UNKNOWN, "latest", [("unpriced", False)]),
]


def undated_rows(values: dict[str, str], undated: str | None, lists: tuple[Path | str, ...] = ("bundled",)) -> list[Row]:
    connection = raw([request(started_at=None, input_tokens=1000, output_tokens=100, **values)])
    return [row for row in pricing.resolve(connection, lists=lists, undated=undated).to_pylist() if not row["is_dated"]]


@pytest.mark.parametrize(
    ("values", "undated", "expected"), EXPECTED, ids=lambda v: v.get("response_model") if isinstance(v, dict) else None
)
def test_what_is_said_of_undated_requests(values: dict[str, str], undated: str | None, expected: list[tuple[str, bool]]) -> None:
    assert [(row["price_status"], row["is_date_assumed"]) for row in undated_rows(values, undated)] == expected


def test_the_latest_price_is_that_of_today() -> None:
    (row,) = undated_rows(CHANGED, "latest")
    assert row["input_usd"] * 1_000_000 == 2
    assert (row["valid_from"], row["valid_until"]) == (None, None)


def test_the_file_time_is_held_against_the_dates_of_the_prices() -> None:
    old, new = undated_rows(CHANGED, "file_time")
    assert old["valid_until"] == new["valid_from"] is not None
    assert (old["input_usd"] * 1_000_000, new["input_usd"] * 1_000_000) == (10, 2)


def test_a_list_of_a_file_keeps_no_history(tmp_path: Path) -> None:
    path = tmp_path / "lite.json"
    path.write_text('{"acme/new": {"litellm_provider": "acme", "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06}}')
    of: Any = {"provider": "acme", "response_model": "new"}
    (off,), (latest,) = undated_rows(of, None, (path,)), undated_rows(of, "latest", (path,))
    assert (off["price_status"], latest["price_status"], latest["is_date_assumed"]) == ("undated", "priced", True)


def test_it_is_off_unless_the_config_says_so(tmp_path: Path) -> None:
    path = tmp_path / "llm-usage.yaml"
    found = []
    for text in ("timezone: UTC", "undated: off", "undated: latest", "undated: file_time"):
        path.write_text(text)
        found.append(load(path).undated)
    assert found == [None, None, "latest", "file_time"]
    path.write_text("undated: today")
    with pytest.raises(ConfigError, match="is no way to price"):
        load(path)
