"""Where sources of prices disagree: each is named, the one that is used is told apart, agreement is silent."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from llm_usage.pricing import resolve as pricing
from llm_usage.pricing.differences import differences
from llm_usage.query import views
from small_lake import Row, raw, recording, request

AT = datetime(2026, 2, 1, 12, tzinfo=UTC)
LITELLM = """{"mistral/mistral-large-latest": {"litellm_provider": "mistral", "input_cost_per_token": 5e-07, "output_cost_per_token": 1.5e-06},
 "gpt-4o": {"litellm_provider": "openai", "input_cost_per_token": 1e-06, "output_cost_per_token": 1e-05},
 "gpt-4o-mini": {"litellm_provider": "openai", "input_cost_per_token": 1.5e-07, "output_cost_per_token": 6e-07}}"""


def found(lists: list[Path | str], own: Path | None = None, **values: str) -> list[Row]:
    connection = raw([request(started_at=AT, input_tokens=1000, output_tokens=100, **values)], recordings=[recording()])
    views.install(connection, None, pricing.resolve(connection, own, lists=lists), comments=False)
    return differences(connection, own, lists=lists).to_pylist()


def said(rows: list[Row]) -> list[tuple[str, bool, Decimal]]:
    return [(row["price_source"], row["is_used"], row["input_usd"] * 1_000_000) for row in rows]


def test_a_correction_against_its_list() -> None:
    rows = found(["bundled"], provider="mistral_ai", response_model="mistral-large-latest")
    assert said(rows) == [
        ("corrections: mistral-large-latest is Large 3", True, Decimal("0.5")),
        (f"{pricing.edition()}: mistral", False, Decimal(2)),
    ]


def test_own_prices_and_a_file_against_the_list(tmp_path: Path) -> None:
    lite, own = tmp_path / "lite.json", tmp_path / "prices.yaml"
    lite.write_text(LITELLM)
    own.write_text("prices:\n- provider: openai\n  model: gpt-4o\n  input: 1.8\n  output: 10\n")
    rows = found(["bundled", lite], own, provider="openai", response_model="gpt-4o")
    assert [(used, price) for _, used, price in said(rows)] == [(True, Decimal("1.8")), (False, Decimal("2.5")), (False, Decimal(1))]
    assert rows[0]["price_source"] == f"{own} line 2"
    assert rows[2]["price_source"].startswith("LiteLLM lite.json (")
    rows = found([lite, "bundled"], provider="openai", response_model="gpt-4o")
    assert [(used, price) for _, used, price in said(rows)] == [(True, Decimal(1)), (False, Decimal("2.5"))]


def test_agreement_is_silent(tmp_path: Path) -> None:
    lite = tmp_path / "lite.json"
    lite.write_text(LITELLM)
    assert found(["bundled", lite], provider="openai", response_model="gpt-4o-mini") == []
    assert found(["bundled"], provider="acme", response_model="nothing") == []
