"""Request facts: model from body or path, limits in every spelling, and one hash for one prompt."""

from __future__ import annotations

from typing import Any

import pytest

from dialects import golden
from llm_usage.dialects import Dialect, registry
from llm_usage.dialects._instants import iso_s, iso_us

BY_API = {d.api: d for d in registry()}
SYSTEM = {"role": "system", "content": "Be brief."}
USER = {"role": "user", "content": "Olá"}

#: (api, path, body) → facts that must come out, others may.
FACTS: list[tuple[str, str, Any, dict[str, Any]]] = [
    ("openai_chat", "/openai/deployments/mine/chat/completions", {"messages": [SYSTEM, USER]}, {"model": "mine", "message_count": 1}),
    (
        "openai_chat",
        "",
        {"model": "m", "messages": [{"role": "developer"}, USER], "max_completion_tokens": 5},
        {"message_count": 1, "max_tokens": 5},
    ),
    (
        "openai_chat",
        "",
        {"messages": [], "functions": [{}], "max_tokens": 7, "stream": False},
        {"tool_count": 1, "max_tokens": 7, "stream_requested": False},
    ),
    (
        "openai_completions",
        "/openai/deployments/mine/completions",
        {"prompt": ["a", "b"]},
        {"model": "mine", "message_count": 2, "operation": "text_completion"},
    ),
    (
        "openai_responses",
        "",
        {"model": "m", "input": "x", "max_output_tokens": 5, "service_tier": "flex"},
        {"max_tokens": 5, "message_count": 1, "service_tier": "flex"},
    ),
    ("openai_responses", "/openai/deployments/mine/responses", {"input": [SYSTEM, USER]}, {"model": "mine", "message_count": 1}),
    (
        "anthropic_messages",
        "/v1/projects/p/locations/l/publishers/anthropic/models/c%401:streamRawPredict",
        {"messages": [USER]},
        {"model": "c@1", "stream_requested": True},
    ),
    (
        "anthropic_messages",
        "",
        {"model": "c", "messages": [USER], "max_tokens": 5, "temperature": 1, "tools": [{}, {}]},
        {"temperature": 1.0, "tool_count": 2},
    ),
    (
        "gemini",
        "/v1beta/models/gemini-x:generateContent",
        {"contents": [USER], "generation_config": {"max_output_tokens": 5}},
        {"model": "gemini-x", "max_tokens": 5, "stream_requested": False},
    ),
    ("gemini", "/v1beta/tunedModels/t:streamGenerateContent", {}, {"model": "tunedModels/t", "stream_requested": True}),
    ("gemini", "/v1internal:generateContent", {"model": "g", "request": {"contents": [USER]}}, {"model": "g", "message_count": 1}),
    ("gemini", "", {"tools": [{"functionDeclarations": [{}, {}]}, {"googleSearch": {}}]}, {"tool_count": 3}),
    (
        "gemini_interactions",
        "",
        {"agent": "a", "input": {"text": "x"}, "generation_config": {"temperature": 0}},
        {"model": "a", "message_count": 1, "temperature": 0.0},
    ),
    (
        "bedrock_converse",
        "/model/arn%3Aaws%3Ax%2Fy/converse-stream",
        {"messages": [USER]},
        {"model": "arn:aws:x/y", "stream_requested": True},
    ),
    ("bedrock_converse", "", {"modelId": "m", "messages": [], "serviceTier": {"type": "flex"}}, {"model": "m", "service_tier": "flex"}),
    (
        "bedrock_invoke",
        "/model/m/invoke",
        {"prompt": "x", "max_gen_len": 5},
        {"model": "m", "max_tokens": 5, "operation": "text_completion"},
    ),
    (
        "bedrock_invoke",
        "/model/m/invoke-with-response-stream",
        {"messages": [USER], "inferenceConfig": {"max_new_tokens": 5}},
        {"max_tokens": 5, "stream_requested": True},
    ),
    (
        "bedrock_invoke",
        "/model/m/invoke",
        {"inputText": "x", "textGenerationConfig": {"maxTokenCount": 5, "temperature": 0.5}},
        {"max_tokens": 5, "temperature": 0.5},
    ),
    ("cohere_v1", "", {"message": "x", "chat_history": [{}, {}]}, {"message_count": 3, "operation": "chat"}),
    ("cohere_v1", "/v1/generate", {"prompt": "x"}, {"operation": "text_completion", "message_count": 1}),
    ("cohere_v2", "", {"model": "c", "messages": [SYSTEM, USER], "max_tokens": 5}, {"model": "c", "message_count": 1, "max_tokens": 5}),
    (
        "ollama",
        "/api/chat",
        {"model": "o", "messages": [USER], "options": {"num_predict": 5, "temperature": 0.5}},
        {"max_tokens": 5, "temperature": 0.5},
    ),
    (
        "ollama",
        "/api/generate",
        {"model": "o", "prompt": "x", "options": {"num_predict": -1}},
        {"max_tokens": None, "operation": "text_completion"},
    ),
    (
        "watsonx",
        "/ml/v1/text/generation",
        {"model_id": "w", "input": "x", "parameters": {"max_new_tokens": 5}},
        {"model": "w", "max_tokens": 5, "stream_requested": False},
    ),
    (
        "dashscope",
        "",
        {"model": "q", "input": {"messages": [SYSTEM, USER]}, "parameters": {"max_tokens": 5, "temperature": 0.5, "tools": [{}]}},
        {"model": "q", "message_count": 1, "max_tokens": 5, "temperature": 0.5, "tool_count": 1},
    ),
    ("dashscope", "", {"model": "q", "input": {"prompt": "x"}}, {"operation": "text_completion", "message_count": 1}),
    (
        "workers_ai",
        "/client/v4/accounts/a/ai/run/%40cf/meta/llama",
        {"messages": [USER], "max_tokens": 5},
        {"model": "@cf/meta/llama", "message_count": 1, "max_tokens": 5},
    ),
    ("workers_ai", "", {"prompt": "x"}, {"model": None, "operation": "text_completion"}),
]


@pytest.mark.parametrize(("api", "path", "body", "expected"), FACTS)
def test_facts(api: str, path: str, body: Any, expected: dict[str, Any]) -> None:
    facts = BY_API[api].request_facts(body, path)
    assert {name: getattr(facts, name) for name in expected} == expected


#: One prompt per dialect, and keys that are model or sampling.
PROMPTS: dict[str, dict[str, Any]] = {
    "openai_chat": {"messages": [SYSTEM, USER], "tools": [{"type": "function"}]},
    "openai_completions": {"prompt": "x"},
    "openai_responses": {"input": [USER], "instructions": "i"},
    "anthropic_messages": {"messages": [USER], "system": "s"},
    "gemini": {"contents": [USER], "systemInstruction": {}},
    "gemini_interactions": {"input": "x", "system_instruction": "s"},
    "bedrock_converse": {"messages": [USER], "system": [{"text": "s"}]},
    "bedrock_invoke": {"messages": [USER], "system": "s"},
    "cohere_v1": {"message": "x", "chat_history": [USER], "preamble": "s"},
    "cohere_v2": {"messages": [USER], "documents": ["d"]},
    "ollama": {"messages": [USER]},
    "watsonx": {"input": "x"},
    "dashscope": {"input": {"messages": [USER]}},
    "workers_ai": {"messages": [USER]},
    "transcription": {"url": "https://example.test/made-up.mp3"},
}
SAMPLING = {
    "model": "other",
    "temperature": 0.9,
    "top_p": 0.1,
    "max_tokens": 9,
    "stream": True,
    "seed": 7,
    "service_tier": "flex",
    "generationConfig": {"temperature": 1},
    "inferenceConfig": {"maxTokens": 3},
    "options": {"num_predict": 3},
    "maxOutputTokens": 3,
    "sampling_params": {"temperature": 1},
    "n_predict": 3,
    "context_length": 3,
    "completion_args": {"temperature": 1},
    "parameters": {},
}


def prompt_of_a_sample(api: str) -> dict[str, Any]:
    """A new dialect's prompt is in its sample: the request in ``CASE.given.json``, without model and sampling."""
    asked = [case.given["request"] for case in golden.cases() if case.api == api and case.given.get("request")]
    assert asked, f"give a sample of {api} a CASE.given.json with its request"
    return {key: value for key, value in asked[0].items() if key not in SAMPLING}


@pytest.mark.parametrize("dialect", registry(), ids=lambda d: d.api)
def test_one_prompt_has_one_hash_whatever_the_model_and_sampling(dialect: Dialect) -> None:
    prompt = PROMPTS.get(dialect.api) or prompt_of_a_sample(dialect.api)
    first = dialect.request_facts({"model": "m", **prompt}, "").prompt_sha256
    assert first is not None
    assert len(first) == 64
    assert dialect.request_facts({**SAMPLING, **dict(reversed(prompt.items()))}, "").prompt_sha256 == first
    for key in prompt:
        changed = {**prompt, key: [{"role": "user", "content": "other"}] if isinstance(prompt[key], list) else "other"}
        assert dialect.request_facts({"model": "m", **changed}, "").prompt_sha256 != first, key


@pytest.mark.parametrize("dialect", registry(), ids=lambda d: d.api)
def test_no_request_has_no_hash_and_no_counts(dialect: Dialect) -> None:
    facts = dialect.request_facts(None, "")
    assert facts.operation is not None
    assert (facts.model, facts.prompt_sha256, facts.message_count, facts.tool_count, facts.max_tokens) == (None, None, None, None, None)


@pytest.mark.parametrize(
    ("text", "microseconds", "seconds"),
    [
        ("2025-09-24T08:38:47Z", 1758703127_000000, "1758703127.0"),
        ("2025-09-24T08:38:47.123456789Z", 1758703127_123456, "1758703127.123456789"),
        ("2025-09-24T08:38:47.999999999Z", 1758703127_999999, "1758703127.999999999"),
        ("2025-09-24T10:38:47.5+02:00", 1758703127_500000, "1758703127.5"),
        ("2025-09-24T01:38:47.5-0700", 1758703127_500000, "1758703127.5"),
        ("2025-09-24 08:38:47z", 1758703127_000000, "1758703127.0"),
        ("2025-09-24T08:38:47", None, "None"),
        ("2025-02-30T08:38:47Z", None, "None"),
        ("2025-09-24T08:38:60Z", None, "None"),
        ("1970-01-01T00:00:00Z", None, "None"),
        ("2025-09-24", None, "None"),
        (1758703127, None, "None"),
        (None, None, "None"),
    ],
)
def test_instants_are_cut_not_rounded_and_need_a_zone(text: Any, microseconds: int | None, seconds: str) -> None:
    assert iso_us(text) == microseconds
    assert str(iso_s(text)) == seconds
