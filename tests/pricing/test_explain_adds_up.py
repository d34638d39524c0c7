"""``explain`` works a cost out a second time, in plain decimals: on every usage it must come to what the views say."""

from __future__ import annotations

import random
from decimal import Decimal
from pathlib import Path

import pytest
from priced import priced, searched

from llm_usage.reports.explain import explain
from llm_usage.reports.sentences import cost_sentences
from small_lake import chunk, lake, request, rows

OWN = """prices:
- {provider: own, model: all, input: 2, cache_read: 0.2, cache_write: 2.5, cache_write_1h: 4, input_audio: 30, input_image: 3,
   output: 8, reasoning: 9, output_audio: 60, output_image: 70, request: 0.003, over: {1000: {input: 5, cache_read: 0.7, output: 11}}}
- {provider: own, model: hour, input: 2, cache_write: 2.5, output: 8}
- {provider: own, model: plain, input: 2, output: 8}
"""
ROUTES = [
    {"provider": "own", "response_model": "all"},
    {"provider": "own", "response_model": "hour"},
    {"provider": "own", "response_model": "plain"},
    {"provider": "anthropic", "response_model": "claude-sonnet-4-5-20250929"},
    {"provider": "gcp.gemini", "response_model": "gemini-2.5-pro"},
    {"provider": "openai", "response_model": "gpt-4o-realtime-preview"},
    {"provider": "perplexity", "response_model": "sonar-pro"},
    {"gateway": "openrouter", "provider": "openai", "response_model": "openai/gpt-4o"},
]


def usage(chance: random.Random) -> dict[str, object]:
    """Any usage that can be priced, whole, cut off or billed in units of its own."""
    total, out = chance.choice([0, 1000, 1001, 200_000, 200_001]), chance.randint(0, 500)
    found: dict[str, object] = {"input_tokens": total, "output_tokens": out, "usage_source": "final"}
    which = chance.randrange(5)
    if which < 3:
        read = chance.randint(0, total)
        write = chance.randint(0, total - read)
        found |= {"cache_read_tokens": read, "cache_write_tokens": write, "cache_write_1h_tokens": chance.randint(0, write)}
        found |= {"reasoning_tokens": chance.randint(0, out)}
    elif which == 3:
        audio = chance.randint(0, total)
        found |= {"input_audio_tokens": audio, "input_image_tokens": chance.randint(0, total - audio)}
        found |= {"output_audio_tokens": chance.randint(0, out)}
    if chance.random() < 0.3:
        found |= {"billed_input_tokens": chance.randint(0, 2000)}
    if chance.random() < 0.3:
        found |= {"billed_output_tokens": chance.randint(0, 2000)}
    if chance.random() < 0.3:
        found |= {"output_tokens": None, "billed_output_tokens": None, "usage_source": "partial", "status": "truncated"}
    if chance.random() < 0.3:
        found |= searched(chance.randint(0, 9))
    return found


@pytest.mark.exhaustive
def test_any_usage_comes_to_what_the_views_say(tmp_path: Path) -> None:
    own, chance = tmp_path / "prices.yaml", random.Random(4)
    own.write_text(OWN)
    connection = priced([request(f"q{i:03}x", **ROUTES[i % len(ROUTES)], **usage(chance)) for i in range(240)], own)
    named = rows(connection, "select request_id, cost_computed_usd, cost_lower_bound_usd, cost_usd from staging.requests order by all")
    bounds = 0
    for found in named:
        text = "\n".join(cost_sentences(explain(connection, found["request_id"]).cost))
        assert "please report" not in text, text
        assert ("together" in text) == (found["cost_usd"] is not None), text
        bounds += "at least" in text
    assert sum(r["cost_computed_usd"] is not None for r in named) > 100
    assert bounds == sum(r["cost_lower_bound_usd"] is not None for r in named) > 20


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"output_tokens": None, "usage_source": "partial", "status": "truncated"}, ["output: not known", "the output is not known in full"]),
        (
            searched(2),
            ["searches: 2 × 0.01 USD = 0.02", "= 0.003", "counts with 0.0245 USD (computed)"],
        ),
        ({"usage_anomalies": ["iterations_differ_from_total"]}, ["(lower_bound, at least: the usage names rounds"]),
        ({"is_byok": True, "cost_reported_usd": Decimal(1)}, ["is not reported: this is the gateway's fee only", "(lower_bound, at least"]),
        ({"is_byok": True, "cost_reported_usd": Decimal(3), "upstream_cost_usd": Decimal(2)}, ["the upstream charge of 2 is included", "3 USD (reported)."]),
    ],
)  # fmt: skip
def test_what_is_not_plain_is_said(values: dict[str, object], words: list[str]) -> None:
    given = {"input_tokens": 1000, "output_tokens": 100, **ROUTES[3], **values}
    text = "\n".join(cost_sentences(explain(priced([request(**given)]), "q1").cost))
    for word in words:
        assert word in text, text


def test_of_many_frames_with_usage_the_last_are_shown() -> None:
    frames = [chunk("q1", i, has_usage=True, cum_output_tokens=i) for i in range(500)]
    shown = explain(lake([request("q1", output_tokens=499)], frames), "q1").numbers.to_pylist()
    assert [r["frame"] for r in shown] == list(range(300, 500))
