"""Calls that are charged but no conversation, and what a charge depends on, as whole rows: read from recordings like any other."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import llm_usage


def har(*exchanges: dict[str, Any]) -> bytes:
    entries = []
    for each in exchanges:
        headers = [{"name": name, "value": value} for name, value in each.get("headers", {}).items()]
        body = each["body"] if isinstance(each["body"], str) else json.dumps(each["body"])
        entries.append(
            {
                "startedDateTime": "2026-10-07T12:00:00.000Z",
                "time": 10,
                "request": {"method": "POST", "url": each["url"], "headers": [], "postData": {"text": json.dumps(each.get("asked", {}))}}
                if each.get("method") != "GET"
                else {"method": "GET", "url": each["url"], "headers": []},
                "response": {"status": each.get("status", 200), "headers": headers, "content": {"text": body}},
            }
        )
    return json.dumps({"log": {"version": "1.2", "creator": {"name": "own", "version": "1"}, "entries": entries}}).encode()


def rows(tmp_path: Path, *exchanges: dict[str, Any]) -> list[dict[str, Any]]:
    file = tmp_path / "in" / "a.har"
    file.parent.mkdir()
    file.write_bytes(har(*exchanges))
    llm_usage.ingest(str(file.parent), str(tmp_path / "lake"))
    with llm_usage.connect(str(tmp_path / "lake")) as db:
        return db.sql("select * from requests order by exchange_index").to_arrow_table().to_pylist()


CHAT = {
    "id": "1",
    "object": "chat.completion",
    "model": "m",
    "choices": [{"index": 0, "message": {"content": "ok"}, "finish_reason": "stop"}],
}
USAGE = {"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12}


def units(row: dict[str, Any]) -> dict[str, Decimal]:
    return {unit["unit"]: unit["quantity"] for unit in row["billed_units"] or ()}


def test_what_each_call_did_and_what_is_charged_for_it(tmp_path: Path) -> None:
    found = rows(
        tmp_path,
        {
            "url": "https://api.openai.com/v1/embeddings",
            "asked": {"model": "text-embedding-3-small", "input": "x"},
            "body": {
                "object": "list",
                "data": [{"object": "embedding", "embedding": [1]}],
                "usage": {"prompt_tokens": 4, "total_tokens": 4},
            },
        },
        {
            "url": "https://bedrock-runtime.eu-west-1.amazonaws.com/model/amazon.titan-embed-text-v2:0/invoke",
            "asked": {"inputText": "x"},
            "body": {"embedding": [1], "inputTextTokenCount": 3},
        },
        {
            "url": "https://api.cohere.com/v2/rerank",
            "body": {"results": [{"relevance_score": 1}], "meta": {"billed_units": {"search_units": 1}}},
        },
        {
            "url": "https://api.groq.com/openai/v1/audio/transcriptions",
            "body": {"task": "transcribe", "duration": 8.4700002, "text": "made up"},
        },
        {"url": "https://api.openai.com/v1/audio/transcriptions", "body": "Plain words."},
        {"url": "https://api.openai.com/v1/audio/speech", "asked": {"model": "tts-1", "input": "four"}, "body": "ID3\u0004 no JSON"},
        {
            "url": "https://api.openai.com/v1/images/generations",
            "asked": {"model": "dall-e-3"},
            "body": {"created": 1791374400, "data": [{"url": "x"}]},
        },
        {
            "url": "https://api.openai.com/v1/embeddings",
            "asked": {"model": "none", "input": "x"},
            "body": {"error": {"code": "gone"}},
            "status": 404,
        },
        {"url": "https://api.openai.com/v1/audio/speech", "asked": {"model": "tts-1", "input": "x"}, "body": "busy", "status": 503},
    )
    assert [(r["operation"], r["status"], r["input_tokens"], r["output_tokens"], units(r)) for r in found] == [
        ("embeddings", "ok", 4, None, {}),
        ("embeddings", "ok", 3, None, {}),
        ("rerank", "ok", None, None, {"search_unit": 1}),
        ("transcription", "ok", None, None, {"audio_second": Decimal("8.47")}),
        ("transcription", "ok", None, None, {}),
        ("speech", "ok", None, None, {"character": 4}),
        ("image_generation", "ok", None, None, {"image": 1}),
        ("embeddings", "http_error", None, None, {}),
        ("speech", "http_error", None, None, {}),
    ]
    assert [r["api"] for r in found[:3]] == ["embeddings", "bedrock_invoke", "rerank"]
    assert found[1]["inference_region"] == "eu-west-1"
    assert {r["recording_kind"] for r in found} == {"wire"}


@pytest.mark.parametrize(
    ("url", "headers", "body", "expected"),
    [
        ("https://chatgpt.com/backend-api/codex/chat/completions", {}, {**CHAT, "usage": USAGE}, {"traffic": "subscription"}),
        (
            "https://api.openai.com/v1/chat/completions",
            {},
            {**CHAT, "usage": USAGE, "service_tier": "flex"},
            {"traffic": "flex", "service_tier": "flex"},
        ),
        ("https://us.api.openai.com/v1/chat/completions", {}, {**CHAT, "usage": USAGE}, {"inference_region": "us", "traffic": None}),
        (
            "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions",
            {"x-gemini-service-tier": "priority"},
            {**CHAT, "usage": USAGE},
            {"traffic": "priority", "service_tier": "priority"},
        ),
        (
            "https://oai.helicone.ai/v1/chat/completions",
            {"helicone-cache": "HIT"},
            {**CHAT, "usage": USAGE},
            {"gateway_cache_hit": True, "gateway": "helicone", "provider": "openai"},
        ),
        (
            "https://llm.corp.example/v1/chat/completions",
            {"x-litellm-response-cost": "0.0015", "x-litellm-version": "1", "x-litellm-cache-key": "ab"},
            {**CHAT, "usage": USAGE},
            {"gateway_cache_hit": True, "cost_reported_by": "gateway", "cost_reported_usd": Decimal("0.0015")},
        ),
        (
            "https://api.deepinfra.com/v1/openai/chat/completions",
            {},
            {**CHAT, "usage": {**USAGE, "estimated_cost": 0.000098}},
            {"cost_reported_by": "provider", "cost_reported_usd": Decimal("0.000098"), "cost_other": None},
        ),
        (
            "https://llm.example.eu/v1/chat/completions",
            {"x-litellm-response-cost": "0.5"},
            {**CHAT, "usage": {**USAGE, "cost": {"total_cost": 0.5, "currency": "EUR"}}},
            {"cost_reported_usd": None, "cost_other": Decimal("0.5"), "cost_currency": "EUR", "cost_reported_by": "provider"},
        ),
        (
            "https://api.fireworks.ai/inference/v1/chat/completions",
            {"fireworks-prompt-tokens": "10", "fireworks-cached-prompt-tokens": "6", "fireworks-server-time-to-first-token": "0.25"},
            {**CHAT, "usage": USAGE},
            {"input_tokens": 10, "cache_read_tokens": 6, "server_ttft_ns": 250_000_000},
        ),
        (
            "https://api.fireworks.ai/inference/v1/chat/completions",
            {"fireworks-prompt-tokens": "10", "fireworks-cached-prompt-tokens": "6"},
            CHAT,
            {"input_tokens": 10, "cache_read_tokens": 6, "output_tokens": None, "usage_source": "partial"},
        ),
        (
            "https://api.openai.com/v1/chat/completions",
            {},
            {**CHAT, "usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}},
            {"input_tokens": None, "output_tokens": None, "usage_source": "none", "usage_anomalies": ["zero_usage"]},
        ),
        (
            "https://api.openai.com/v1/chat/completions",
            {},
            {**CHAT, "usage": {**USAGE, "total_tokens": 400}},
            {"output_tokens": 2, "usage_anomalies": ["total_differs", "hidden_output"]},
        ),
        (
            "https://bedrock-runtime.us-east-1.amazonaws.com/model/us.amazon.nova-pro-v1:0/converse",
            {},
            {
                "output": {"message": {"role": "assistant", "content": [{"text": "ok"}]}},
                "stopReason": "end_turn",
                "usage": {"inputTokens": 1, "outputTokens": 1},
                "performanceConfig": {"latency": "optimized"},
                "serviceTier": {"type": "priority"},
            },
            {"speed": "latency_optimized", "inference_region": "us", "traffic": "priority"},
        ),
    ],
)
def test_what_a_charge_depends_on(tmp_path: Path, url: str, headers: dict[str, str], body: Any, expected: dict[str, Any]) -> None:
    (row,) = rows(tmp_path, {"url": url, "headers": headers, "body": body})
    assert {name: row[name] for name in expected} == expected


TOLD = {
    "id": "gen-1",
    "total_cost": 0.0015,
    "is_byok": False,
    "upstream_inference_cost": 0,
    "model": "acme/m",
    "native_tokens_prompt": 120,
    "native_tokens_completion": 30,
    "native_tokens_reasoning": 5,
    "native_tokens_cached": 64,
    "tokens_prompt": 110,
    "tokens_completion": 28,
}
OPENROUTER = "https://openrouter.ai/api/v1"


def told(**values: Any) -> dict[str, Any]:
    return {"method": "GET", "url": f"{OPENROUTER}/generation?id=gen-1", "body": {"data": {**TOLD, **values}}}


def test_what_openrouter_tells_of_a_generation_goes_to_its_answer(tmp_path: Path) -> None:
    (row,) = rows(tmp_path, {"url": f"{OPENROUTER}/chat/completions", "body": {**CHAT, "id": "gen-1"}}, told())
    assert (row["cost_usd"], row["cost_basis"], row["cost_reported_by"]) == (Decimal("0.0015"), "reported", "gateway")
    counts = [row[f"{name}_tokens"] for name in ("input", "output", "reasoning", "cache_read")]
    assert (counts, row["usage_source"]) == ([120, 30, 5, 64], "final")


def test_what_an_answer_says_itself_stands(tmp_path: Path) -> None:
    chat = {**CHAT, "id": "gen-1", "usage": {**USAGE, "cost": 0.001}}
    (row,) = rows(tmp_path, {"url": f"{OPENROUTER}/chat/completions", "body": chat}, told())
    assert (row["cost_usd"], row["input_tokens"]) == (Decimal("0.001"), 10)


def test_of_an_answer_with_usage_only_the_charge_is_taken(tmp_path: Path) -> None:
    chat = {**CHAT, "id": "gen-1", "usage": USAGE}
    (row,) = rows(tmp_path, {"url": f"{OPENROUTER}/chat/completions", "body": chat}, told(is_byok=True, upstream_inference_cost=0.02))
    assert (row["cost_usd"], row["input_tokens"], row["is_byok"]) == (Decimal("0.0215"), 10, True)


@pytest.mark.parametrize("data", [None, [], {}, {"id": 1}, {"id": "gen-2"}, {"id": "gen-1", "total_cost": "x", "native_tokens_prompt": -1}])
def test_anything_else_changes_nothing(tmp_path: Path, data: Any) -> None:
    other = {"method": "GET", "url": f"{OPENROUTER}/generation?id=gen-1", "body": {"data": data}}
    (row,) = rows(tmp_path, {"url": f"{OPENROUTER}/chat/completions", "body": {**CHAT, "id": "gen-1"}}, other)
    assert (row["cost_usd"], row["input_tokens"], row["usage_source"]) == (None, None, "none")
