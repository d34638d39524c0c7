"""The user's ``prices.yaml``: what it can say, that it comes first, and that every slip is met with its line and a remedy."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from priced import cost

from llm_usage.errors import ConfigError
from llm_usage.pricing.resolve import PRICES
from llm_usage.pricing.user_prices import UNITS, read

NEGOTIATED = """\
prices:
  - provider: openai
    model: gpt-4o*
    from: 2025-01-01
    until: 2025-07-01T00:00:00+02:00
    input: 1.80
    cache_read: 0.45
    output: 7.20
    note: contract 17
  - provider: openai
    model: gpt-4o*
    tier: flex
    input: 0.90
    output: 3.60
  - gateway: openrouter
    provider: groq
    per: 1
    input: 0.00000000000000000000000001e2
    output: 0.000001
    request: 0.001
    over:
      1_000: {input: 0.000002}
      5_000: {output: 0.000004}
  - server: "localhost:*"
    free: true
"""


@pytest.fixture
def negotiated(tmp_path: Path) -> Path:
    path = tmp_path / "prices.yaml"
    path.write_text(NEGOTIATED)
    return path


def usd(path: Path, **values: object) -> tuple[Decimal | None, str | None]:
    found = cost(path, **{"input_tokens": 1_000_000, "output_tokens": 0, **values})
    source = found["price_source"]
    return found["cost_computed_usd"], source.rpartition("/")[2] if source else None


DIRECT = {"provider": "openai", "response_model": "gpt-4o-2024-08-06"}
ROUTED = {"gateway": "openrouter", "provider": "groq", "response_model": "any/thing"}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({**DIRECT, "started_at": datetime(2025, 3, 1, tzinfo=UTC)}, (Decimal("1.8"), "prices.yaml line 2")),
        ({**DIRECT, "started_at": datetime(2025, 1, 1, tzinfo=UTC)}, (Decimal("1.8"), "prices.yaml line 2")),
        ({**DIRECT, "started_at": datetime(2024, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)}, (Decimal("2.5"), "genai-prices 0.2.3: openai")),
        ({**DIRECT, "started_at": datetime(2025, 6, 30, 21, 59, 59, tzinfo=UTC)}, (Decimal("1.8"), "prices.yaml line 2")),
        ({**DIRECT, "started_at": datetime(2025, 6, 30, 22, 0, tzinfo=UTC)}, (Decimal("2.5"), "genai-prices 0.2.3: openai")),
        ({**DIRECT, "started_at": datetime(2025, 3, 1, tzinfo=UTC), "service_tier": "default"}, (Decimal("1.8"), "prices.yaml line 2")),
        ({**DIRECT, "service_tier": "flex"}, (Decimal("0.9"), "prices.yaml line 10")),
        ({**DIRECT, "service_tier": "flex", "started_at": None}, (Decimal("0.9"), "prices.yaml line 10")),
        ({**DIRECT, "started_at": None}, (None, "genai-prices 0.2.3: openai")),
        (
            {"provider": "openai", "gateway": "openrouter", "response_model": "openai/gpt-4o"},
            (Decimal("2.5"), "genai-prices 0.2.3: openrouter"),
        ),
        ({**ROUTED, "input_tokens": 1000}, (Decimal("0.001"), "prices.yaml line 15")),
        ({**ROUTED, "input_tokens": 1001}, (Decimal("0.003002"), "prices.yaml line 15")),
        ({**ROUTED, "input_tokens": 5001, "output_tokens": 1000}, (Decimal("0.015002"), "prices.yaml line 15")),
        ({"server_address": "localhost:8000", "response_model": "llama"}, (Decimal(0), "prices.yaml line 24")),
    ],
)
def test_own_prices_come_first(negotiated: Path, values: dict[str, object], expected: tuple[Decimal | None, str]) -> None:
    assert usd(negotiated, **values) == expected


def test_the_cached_part_has_its_negotiated_price(negotiated: Path) -> None:
    at = {"started_at": datetime(2025, 3, 1, tzinfo=UTC)}
    assert usd(negotiated, **DIRECT, **at, cache_read_tokens=1_000_000)[0] == Decimal("0.45")
    assert usd(negotiated, **DIRECT, **at, cache_write_tokens=1_000_000)[0] == Decimal("1.8"), (
        "a part without a price is charged as its parent"
    )


def test_an_empty_file_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "prices.yaml"
    for text in ("", "# nothing yet\n", "prices: []\n"):
        path.write_text(text)
        assert read(path).entries == ()


GOOD = "prices:\n  - provider: openai\n    input: 1\n    output: 2\n"
WRONG = {
    "price: []": ("line 1", "unknown key `price`"),
    "prices: 3": ("line 1", "is no list"),
    "prices:\n  - input: 1\n    output: 1": ("line 2", "whose price it is"),
    "prices:\n  - provider: openai": ("line 2", "no price for input and output"),
    "prices:\n  - provider: openai\n    input: 1": ("line 2", "no price for input and output"),
    GOOD + "    inputs: 3": ("line 5", "unknown key `inputs`"),
    GOOD + "    input: 3": ("line 5", "is there twice"),
    GOOD.replace("input: 1", "input: cheap"): ("line 3", "is no amount"),
    GOOD.replace("input: 1", "input: -1"): ("line 3", "is no amount"),
    GOOD.replace("input: 1", "input: .nan"): ("line 3", "is no amount"),
    GOOD.replace("input: 1", "input: .inf"): ("line 3", "is no amount"),
    GOOD.replace("input: 1", "input: 1e-30"): ("line 3", "more than 24 decimals"),
    GOOD.replace("input: 1", "input: 1e400000"): ("line 3", "more than 24 decimals"),
    GOOD.replace("input: 1", "input: 1000001"): ("line 3", "USD for one"),
    GOOD + "    per: 3": ("line 3", "more than 24 decimals"),
    GOOD + "    per: 0": ("line 5", "no positive whole number"),
    GOOD + "    from: yesterday": ("line 5", "is no date"),
    GOOD + "    from: 2025-01-01T08:00": ("line 5", "has no offset"),
    GOOD + "    from: 2025-02-01\n    until: 2025-02-01": ("line 6", "not after `from`"),
    GOOD + "    cache_write_1h: 3": ("line 5", "`cache_write` has none"),
    GOOD + "    over: {many: {input: 2}}": ("line 5", "no number of tokens"),
    GOOD + "    over: {2000: {input: 2}, 1000: {input: 3}}": ("line 5", "greater than the one before"),
    GOOD + "    over: {99999999999999999999999: {input: 2}}": ("line 5", "no number of tokens"),
    GOOD + "    over: {²: {input: 2}}": ("line 5", "no number of tokens"),
    GOOD + "    from: 0001-01-01": ("line 5", "before 1970"),
    GOOD + "    from: 0001-01-01T00:00:00+14:00": ("line 5", "before 1970"),
    GOOD + "    until: 9999-12-31T23:59:59-05:00": ("line 5", "after 9998"),
    GOOD + "    over: {2000: {reasoning: 2}}": ("line 5", "unknown key `reasoning`"),
    GOOD + "    free: true": ("line 5", "stands alone"),
    "prices:\n  - provider: openai\n    free: 7": ("line 3", "stands alone"),
    "prices: [}": ("line 1", "is no YAML"),
}


@pytest.mark.parametrize("text", WRONG)
def test_a_slip_is_met_with_its_line_and_a_remedy(tmp_path: Path, text: str) -> None:
    path = tmp_path / "prices.yaml"
    path.write_text(text)
    place, thing = WRONG[text]
    with pytest.raises(ConfigError) as error:
        read(path)
    assert error.value.place == f"{path} {place}"
    assert thing in error.value.thing
    assert error.value.remedy


def test_a_missing_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read(tmp_path / "none.yaml")


def test_every_unit_has_its_column() -> None:
    assert {f"{unit}_usd" for unit in UNITS} <= set(PRICES.names)
