"""Every dated row of the real recordings: priced as ``genai_prices.calc_price`` does, or the library knows no price either."""

from __future__ import annotations

import json
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

import pytest
from genai_prices import Usage, calc_price

from llm_usage.pricing.rules import LIST_OF_PROVIDER, ROUTING_SUFFIXES
from llm_usage.query.session import connect
from small_lake import Row, rows

PICO = Decimal("1e-12")
USAGE_KEYS = {
    "cache_read_tokens": "cache_read_tokens",
    "cache_write_tokens": "cache_write_tokens",
    "cache_write_1h_tokens": "cache_write_1h_tokens",
    "input_audio_tokens": "input_audio_tokens",
    "input_image_tokens": "input_image_tokens",
    "reasoning_tokens": "output_reasoning_tokens",
    "output_audio_tokens": "output_audio_tokens",
    "output_image_tokens": "output_image_tokens",
}


@pytest.fixture(scope="module")
def priced(corpus_lake: Path) -> list[Row]:
    """Every live row of the corpus with its cost."""
    return rows(connect(corpus_lake, readers=["staging.requests"]), "from staging.requests")


def library(row: Row, provider_id: str) -> Decimal | None:
    """The library's price of a row by one of its lists, by the first of its model names that the list knows."""
    known: dict[str, Any] = {key: row[name] for name, key in USAGE_KEYS.items() if row[name] is not None}
    if row["billed_input_tokens"] is not None:
        known = {}
    searches = json.loads(row["usage_json"] or "{}").get("server_tool_use", {}).get("web_search_requests")
    known |= {"web_searches": searches} if searches is not None else {}
    known |= {"input_tokens": row["charged_input_tokens"], "output_tokens": row["charged_output_tokens"] or 0}
    names = [row["request_model"], row["response_model"]] if provider_id == "aws" else [row["response_model"], row["request_model"]]
    for said in names:
        suffix = next((suffix for suffix in ROUTING_SUFFIXES if said and said.endswith(suffix)), "")
        name = (said or "").removesuffix(suffix)
        for ref in (name, name.rpartition("/")[2]) if name else ():
            try:
                found = calc_price(Usage(**known), ref, provider_id=provider_id, genai_request_timestamp=row["started_at"])
            except LookupError:
                continue
            return found.total_price.quantize(PICO, ROUND_HALF_EVEN)
    return None


def test_dated_rows_cost_what_the_library_says(priced: list[Row]) -> None:
    compared = 0
    for row in priced:
        if row["price_status"] == "priced" and row["started_at"] is not None and "corrections:" not in row["price_source"]:
            ours = row["cost_computed_usd"] if row["cost_computed_usd"] is not None else row["cost_lower_bound_usd"]
            assert ours == library(row, row["price_provider"]), (row["recording_path"], row["exchange_index"])
            compared += 1
    assert compared > 900


def test_what_is_unknown_here_is_unknown_to_the_library(priced: list[Row]) -> None:
    looked_up = 0
    for row in priced:
        if row["price_reason"] == "unknown_model" and row["gateway"] is None and (row["request_model"] or row["response_model"]):
            name = LIST_OF_PROVIDER.get(row["provider"], row["provider"])
            answered = {**row, "request_model": None} if row["response_model"] else row
            assert library({**answered, "charged_input_tokens": 0, "started_at": None}, name) is None, row["recording_path"]
            looked_up += 1
    assert looked_up > 10


def test_no_row_met_two_prices_or_none(priced: list[Row]) -> None:
    assert len({row["request_id"] for row in priced}) == len(priced)
    assert [row["recording_path"] for row in priced if row["price_reason"] == "no_price_list"] == []
