"""Who claims what: one dialect a sample, on every level of evidence, in whatever order they are registered."""

from __future__ import annotations

import random
from typing import Any

import pytest

from dialects import golden
from llm_usage.dialects import asker_among, registry, select
from llm_usage.errors import InputError
from llm_usage.framing import registry as framings
from llm_usage.framing import split

CASES = golden.cases()
ENVELOPES = {d.api for d in registry() if getattr(d, "envelope", False)}

#: URL path → the dialects that claim it.
PATHS: dict[str, list[str]] = {
    "/v1/chat/completions": ["openai_chat"],
    "/api/v1/chat/completions/": ["openai_chat"],
    "/openai/deployments/d/chat/completions": ["openai_chat"],
    "/v1/completions": ["openai_completions"],
    "/openai/deployments/d/completions": ["openai_completions"],
    "/v1/responses": ["openai_responses"],
    "/openai/v1/responses": ["openai_responses"],
    "/v1/messages": ["anthropic_messages"],
    "/anthropic/v1/messages": ["anthropic_messages"],
    "/v1/projects/p/locations/l/publishers/anthropic/models/m@1:streamRawPredict": ["anthropic_messages"],
    "/v1/projects/p/locations/l/publishers/mistralai/models/m:rawPredict": [],
    "/v1/threads/t/messages": [],
    "/v1beta/models/g:generateContent": ["gemini"],
    "/v1internal:streamGenerateContent": ["gemini"],
    "/v1beta/interactions": ["gemini_interactions"],
    "/model/us.a.b-v1%3A0/converse": ["bedrock_converse"],
    "/model/arn:aws:bedrock:r:1:inference-profile/x/converse-stream": ["bedrock_converse"],
    "/model/us.a.b-v1:0/invoke": ["bedrock_invoke"],
    "/model/us.a.b-v1:0/invoke-with-response-stream": ["bedrock_invoke"],
    "/v2/chat": ["cohere_v2"],
    "/v1/chat": [],
    "/v1/generate": ["cohere_v1"],
    "/api/chat": ["ollama"],
    "/api/generate": ["ollama"],
    "/ml/v1/text/generation": ["watsonx"],
    "/ml/v1-beta/generation/text_stream": ["watsonx"],
    "/ml/v1/deployments/d/text/generation_stream": ["watsonx"],
    "/ml/v1/text/chat": [],
    "/api/v1/services/aigc/text-generation/generation": ["dashscope"],
    "/compatible-mode/v1/chat/completions": ["openai_chat"],
    "/client/v4/accounts/a/ai/run/@cf/meta/llama-3.1-8b-instruct": ["workers_ai"],
    "/v1/acc/gw/workers-ai/@cf/meta/llama-3.1-8b-instruct": ["workers_ai"],
    "/client/v4/accounts/a/ai/v1/chat/completions": ["openai_chat"],
    "/v1/complete": [],
    "/v1/embeddings": ["embeddings"],
    "/openai/deployments/d/embeddings": ["embeddings"],
    "/v2/embed": ["embeddings"],
    "/api/embed": ["embeddings"],
    "/v1beta/models/g:batchEmbedContents": ["embeddings"],
    "/v2/rerank": ["rerank"],
    "/v1/audio/speech": ["speech"],
    "/openai/v1/audio/transcriptions": ["transcription"],
    "/v1/images/generations": ["image_generation"],
    "/v1/images": [],
    "/": [],
    "": [],
}

#: Request body → whose it is by its keys alone.
REQUESTS: list[tuple[str | None, Any]] = [
    (None, None),
    (None, []),
    (None, {"model": "m", "messages": [{"role": "user", "content": "x"}]}),
    ("openai_chat", {"messages": [], "stream_options": {"include_usage": True}}),
    ("openai_chat", {"messages": [], "max_completion_tokens": 3, "system": "both keys: the one that no other has decides"}),
    ("anthropic_messages", {"messages": [], "max_tokens": 3, "system": "s"}),
    ("anthropic_messages", {"messages": [], "anthropic_version": "vertex-2023-10-16"}),
    ("anthropic_messages", {"messages": [], "tools": [{"name": "t", "input_schema": {}}]}),
    ("bedrock_invoke", {"messages": [], "anthropic_version": "bedrock-2023-05-31"}),
    ("bedrock_invoke", {"inputText": "x", "textGenerationConfig": {}}),
    ("bedrock_converse", {"messages": [{"role": "user", "content": [{"text": "x"}]}]}),
    ("bedrock_converse", {"messages": [], "inferenceConfig": {}}),
    ("gemini", {"contents": [{"parts": []}]}),
    ("gemini", {"model": "m", "request": {"contents": []}}),
    ("gemini_interactions", {"model": "m", "input": "x", "generation_config": {}}),
    ("openai_responses", {"model": "m", "input": "x", "max_output_tokens": 3}),
    (None, {"model": "m", "input": ["an embedding"]}),
    ("openai_completions", {"model": "m", "prompt": "x", "max_tokens": 3}),
    (None, {"model": "m", "prompt": "x", "max_tokens_to_sample": 3}),
    ("ollama", {"model": "m", "prompt": "x", "options": {}}),
    ("ollama", {"model": "m", "messages": [], "keep_alive": 0}),
    ("cohere_v1", {"message": "x", "chat_history": []}),
    (None, {"message": "x"}),
    ("cohere_v2", {"messages": [], "documents": []}),
    ("watsonx", {"model_id": "m", "input": "x", "project_id": "p"}),
    ("dashscope", {"model": "m", "input": {"messages": []}, "parameters": {}}),
    (None, {"version": "v", "input": {"prompt": "x"}}),
]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_every_dialect_but_one_declines_a_sample_by_its_payload(case: golden.Case) -> None:
    """Without path or request, so a bare InvokeModel body or an error is nobody's, or its inner dialect's."""
    stream = golden.stream_of(split(case.body), {})
    claimants = [d.api for d in registry() if d.claims_payload(stream)]
    if case.api in ENVELOPES and not stream.is_stream:
        assert len(claimants) <= 1
    else:
        assert claimants in ([case.api], [])
        silent = case.api is None or case.path.stem in {"http_error", "bare_values", "refused", "audio", "audio_by_token"}
        assert claimants == ([] if silent else [case.api])


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_an_envelope_goes_before_what_it_holds(case: golden.Case) -> None:
    given = case.given
    stream = golden.stream_of(split(case.body), given)
    envelopes = [d.api for d in registry() if d.api in ENVELOPES and d.claims_payload(stream)]
    assert envelopes == ([case.api] if case.api in ENVELOPES else [])


def test_shuffled_registration_changes_nothing() -> None:
    order = list(registry())
    for seed in range(5):
        random.Random(seed).shuffle(order)
        for case in CASES:
            stream = golden.stream_of(split(case.body), case.given)
            found = select(stream, stream.url_path, stream.request, among=order)
            assert (found.api if found else None) == case.api, case.name


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_every_framing_but_one_declines_a_sample(case: golden.Case) -> None:
    owner = {".sse": "sse", ".ndjson": "ndjson", ".bin": "aws_eventstream"}.get(case.path.suffix)
    owner = owner or ("json_array" if case.body.startswith(b"[") else "json")
    sound = case.api == "speech" and case.path.suffix == ".bin"  # audio has no frames
    assert [f.name for f in framings() if f.claims(case.body)] == ([] if sound else [owner])


@pytest.mark.parametrize(("path", "owners"), PATHS.items())
def test_paths(path: str, owners: list[str]) -> None:
    assert [d.api for d in registry() if d.claims_path(path)] == owners


@pytest.mark.parametrize(("owner", "body"), REQUESTS)
def test_requests(owner: str | None, body: Any) -> None:
    assert [d.api for d in asker_among(registry(), body)] == ([owner] if owner else [])
    weights = {d.api: d.claims_request(body) for d in registry() if d.claims_request(body)}
    assert [api for api, weight in weights.items() if weight == max(weights.values())] == ([owner] if owner else [])


def test_a_request_that_two_claim_equally_is_nobodys() -> None:
    body = {"messages": [], "keep_alive": 0, "documents": []}
    assert {d.api for d in registry() if d.claims_request(body) == 2} == {"ollama", "cohere_v2"}
    assert asker_among(registry(), body) == []


def test_path_and_request_decide_where_the_payload_cannot() -> None:
    stream = golden.stream_of(split(b'{"error":{"message":"made up"}}'), {"status": 401})
    assert select(stream, "/v1/responses", None).api == "openai_responses"
    assert select(stream, "/v1/chat", {"message": "x", "chat_history": []}).api == "cohere_v1"
    assert select(stream, "/v1/chat", {"messages": [], "n": 1}).api == "openai_chat"
    assert select(stream, "/v1/chat", {"messages": []}) is None


def test_the_payload_wins_over_a_path_that_lies() -> None:
    body = (golden.SAMPLES / "anthropic_messages" / "stream.sse").read_bytes()
    stream = golden.stream_of(split(body), {})
    assert select(stream, "/v1/chat/completions", {"messages": [], "n": 1}).api == "anthropic_messages"


def test_two_claims_are_an_error_that_names_both() -> None:
    body = b'data: {"type":"message_start","message":{}}\n\ndata: {"done":true,"response":"x"}\n\n'
    stream = golden.stream_of(split(body), {})
    with pytest.raises(InputError, match="anthropic_messages, ollama"):
        select(stream, "", None)
