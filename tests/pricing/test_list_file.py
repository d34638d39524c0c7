"""Price lists as files: what they say is what is charged, to the digit, after or before the bundled list."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from llm_usage.errors import ConfigError
from llm_usage.pricing import resolve as pricing
from llm_usage.pricing.list_file import read_list
from llm_usage.query import views
from small_lake import Row, raw, recording, request, rows

LITELLM = """{"dashscope/qwen-max": {"litellm_provider": "dashscope", "input_cost_per_token": 1.6e-06, "output_cost_per_token": 6.4e-06,
 "input_cost_per_token_above_200k_tokens": 3.2e-06},
 "gpt-4o": {"litellm_provider": "openai", "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06, "input_cost_per_token_flex": 5e-07}}"""
OPENROUTER = '{"data": [{"id": "acme/new", "pricing": {"prompt": "0.0000001", "completion": "0.0000003", "request": "0"}}]}'


def cost(lists: list[Path | str], **values: object) -> Row:
    connection = raw([request(**{"input_tokens": 1000, "output_tokens": 100, **values})], recordings=[recording("r1")])
    views.install(connection, None, pricing.resolve(connection, lists=lists), comments=False)
    (found,) = rows(connection, "from staging.requests")
    return found


@pytest.fixture
def litellm(tmp_path: Path) -> Path:
    path = tmp_path / "lite.json"
    path.write_text(LITELLM)
    return path


def test_a_model_that_the_bundled_list_lacks(litellm: Path) -> None:
    of = {"provider": "alibaba", "response_model": "qwen-max"}
    assert cost(["bundled"], **of)["cost_basis"] is None
    found = cost(["bundled", litellm], **of)
    assert found["cost_usd"] == Decimal("0.00224") and found["price_source"].startswith("LiteLLM lite.json (")
    assert cost(["bundled", litellm], **of, input_tokens=200_001)["cost_usd"] == Decimal("0.6406432")


def test_the_first_list_that_knows_the_model_counts(litellm: Path) -> None:
    of = {"provider": "openai", "response_model": "gpt-4o"}
    assert cost(["bundled", litellm], **of)["price_source"] == f"{pricing.edition()}: openai"
    assert cost([litellm, "bundled"], **of)["cost_usd"] == Decimal("0.0012")


def test_a_tier_without_both_prices_is_unknown(litellm: Path) -> None:
    found = cost([litellm], provider="openai", response_model="gpt-4o", service_tier="flex")
    assert (found["cost_usd"], found["price_status"]) == (None, "tier_unknown")


def test_openrouters_answer(tmp_path: Path) -> None:
    path = tmp_path / "models.json"
    path.write_text(OPENROUTER)
    found = cost(["bundled", path], gateway="openrouter", provider="acme", response_model="acme/new")
    assert found["cost_usd"] == Decimal("0.00013") and found["price_source"].startswith("OpenRouter models.json (")


ZERO = """{"ollama/local": {"litellm_provider": "ollama", "input_cost_per_token": 0.0, "output_cost_per_token": 0.0},
 "zai/gift": {"litellm_provider": "zai", "input_cost_per_token": 0, "output_cost_per_token": 0, "source": "https://docs.z.ai"}}"""


def test_zero_is_free_only_where_somebody_has_looked(tmp_path: Path) -> None:
    path = tmp_path / "lite.json"
    path.write_text(ZERO)
    found = cost([path], provider="ollama", response_model="local")
    assert (found["cost_usd"], found["price_reason"]) == (None, "no_price_listed")
    found = cost([path], provider="z_ai", response_model="gift")
    assert (found["cost_usd"], found["price_status"]) == (0, "free")


def test_units_beside_tokens(tmp_path: Path) -> None:
    path = tmp_path / "lite.json"
    path.write_text('{"rerank-x": {"litellm_provider": "cohere", "input_cost_per_query": 0.002}}')
    connection = raw([request(provider="cohere", response_model="rerank-x", operation="rerank")])
    (row,) = [row for row in pricing.resolve(connection, lists=[path]).to_pylist() if row["is_dated"]]
    assert (row["price_status"], dict(row["unit_prices"])) == ("priced", {"search_unit": Decimal("0.002")})


def test_any_other_file_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text("{}")
    with pytest.raises(ConfigError, match="is no price list"):
        read_list(path)
