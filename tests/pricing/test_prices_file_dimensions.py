"""What an entry of ``prices.yaml`` selects by beside route, model and date: tier, speed, traffic, region, context, hours, days, currency."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from llm_usage.pricing.sources import Key, sources_of
from llm_usage.pricing.user_prices import read

TEXT = """\
prices:
- {provider: acme, model: m, speed: fast, input: 1, output: 0}
- {provider: acme, model: m, traffic: [flex, batch], input: 2, output: 0}
- {provider: acme, model: m, region: eu, input: 3, output: 0}
- {provider: acme, model: m, context: high, input: 4, output: 0}
- {provider: acme, model: m, hours: "01:00-04:00, 22:00-24:00", weekdays: mon-fri, input: 5, output: 0}
- {provider: acme, model: m, input: 6, output: 0, web_search: 0.01, units: {file_search: 0.0025}}
- {provider: acme, model: euro, currency: EUR, input: 7, output: 0}
"""
NOON, NIGHT, SATURDAY = "2026-10-07T12:00:00+00:00", "2026-10-07T02:00:00+00:00", "2026-10-10T02:00:00+00:00"


@pytest.mark.parametrize(
    ("given", "at", "usd"),
    [
        ({}, NOON, 6),
        ({"speed": "fast"}, NOON, 1),
        ({"speed": "standard"}, NOON, 6),
        ({"traffic": "flex"}, NOON, 2),
        ({"traffic": "batch"}, NOON, 2),
        ({"tier": "flex", "traffic": "flex"}, NOON, 2),
        ({"tier": "flex"}, NOON, None),
        ({"inference_region": "eu"}, NOON, 3),
        ({"inference_region": "us"}, NOON, 6),
        ({"search_context": "high"}, NOON, 4),
        ({"search_context": "low"}, NOON, 6),
        ({}, NIGHT, 5),
        ({}, SATURDAY, 6),
        ({}, "2026-10-07T23:30:00+00:00", 5),
        ({}, "2026-10-08T01:30:00+02:00", 5),
        ({"speed": "turbo"}, NOON, None),
    ],
)
def test_which_entry_is_met(tmp_path: Path, given: dict[str, str], at: str, usd: int | None) -> None:
    path = tmp_path / "prices.yaml"
    path.write_text(TEXT)
    key = Key(None, "acme", None, "m", "m", **{"tier": None, **given})
    quote = sources_of(key, read(path), ()).at(datetime.fromisoformat(at))
    found = quote.tiers[0][1]["input"] * 1_000_000 if quote.status == "priced" else None
    assert found == (Decimal(usd) if usd is not None else None)


def test_units_and_another_currency(tmp_path: Path) -> None:
    path = tmp_path / "prices.yaml"
    path.write_text(TEXT)
    at = datetime.fromisoformat(NOON)
    prices = sources_of(Key(None, "acme", None, "m", "m", None), read(path), ()).at(at).tiers[0][1]
    assert (prices["web_search"], prices["file_search"]) == (Decimal("0.01"), Decimal("0.0025"))
    quote = sources_of(Key(None, "acme", None, "euro", "euro", None), read(path), ()).at(at)
    assert (quote.status, quote.reason, quote.source) == ("unpriced", "other_currency", f"{path} line 8 (EUR)")
