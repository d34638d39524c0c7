"""What is no LLM call is left out with a reason; what is one, or may be one, never is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dialects import golden
from llm_usage.dialects._ignored import ignore_reason
from llm_usage.dialects.interpret import Interpretation, interpret
from llm_usage.framing import split
from llm_usage.model.stream import Stream

#: (method, path, request, response body) that generate nothing → the reason's first word.
LEFT_OUT: list[tuple[str | None, str, Any, Any, str]] = [
    ("POST", "/v1/messages/count_tokens", {"messages": []}, {"input_tokens": 9}, "token"),
    ("POST", "/v1beta/models/g:countTokens", {"contents": []}, {"totalTokens": 9}, "token"),
    ("POST", "/v1/responses/input_tokens", {"input": "x"}, {"object": "response.input_tokens", "input_tokens": 9}, "token"),
    ("POST", "/model/m/count-tokens", {}, {"inputTokens": 9}, "token"),
    ("POST", "/v1/moderations", {"input": "x"}, {"results": [{"flagged": False}]}, "moderation"),
    ("POST", "/v1/messages/batches", {"requests": []}, {"id": "b", "type": "message_batch"}, "batch"),
    ("GET", "/v1/messages/batches/b/results", None, b'{"custom_id":"0","result":{}}\n{"custom_id":"1","result":{}}\n', "batch"),
    ("POST", "/v1/batches", {"endpoint": "/v1/chat/completions"}, {"object": "batch"}, "batch"),
    ("POST", "/v1beta/models/g:batchGenerateContent", {"batch": {}}, {"name": "batches/x"}, "batch"),
    ("POST", "/v1/files", None, {"object": "file"}, "files"),
    ("GET", "/v1/files/f/content", None, b'{"id":"r","response":{}}\n{"id":"s","response":{}}\n', "files"),
    ("POST", "/v1beta/cachedContents", {"contents": []}, {"name": "cachedContents/x", "usageMetadata": {"totalTokenCount": 5}}, "cached"),
    ("POST", "/model/amazon.nova-canvas-v1:0/invoke", {}, {"images": []}, "images,"),
    ("POST", "/oauth2/token", None, {"access_token": "made up", "expires_in": 1, "token_type": "Bearer"}, "login"),
    ("POST", "/token", None, {"access_token": "made up"}, "login"),
    ("POST", "/sts", None, {"access_token": "made up", "token_type": "Bearer"}, "login"),
    ("POST", "/telemetry/runs", {"model": "m"}, {"message": "ok"}, "telemetry"),
    ("POST", "/batch/", {"batch": [{}]}, {"status": "Ok"}, "telemetry"),
    ("POST", "/v1/traces", None, b"\n\x00", "telemetry"),
    ("POST", "/mcp", {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}, b'data: {"jsonrpc":"2.0","id":1,"result":{}}\n\n', "JSON-RPC"),
    ("POST", "/mcp", {"jsonrpc": "2.0", "method": "notifications/initialized"}, b"", "JSON-RPC"),
    ("GET", "/mcp", None, b': ping\n\ndata: {"jsonrpc":"2.0","id":1,"result":{}}\n\n', "JSON-RPC"),
    ("GET", "/api/v1/models", None, {"data": [{"id": "a/b"}]}, "model"),
    ("GET", "/v1/models/m", None, {"object": "model"}, "model"),
    ("GET", "/api/tags", None, {"models": []}, "model"),
    ("POST", "/api/pull", {"model": "m"}, b'{"status":"pulling"}\n{"status":"success"}\n', "model"),
    ("POST", "/v1/models/o/m/predictions", {"input": {"prompt": "x"}}, {"id": "p", "status": "starting"}, "prediction"),
    ("GET", "/v1/predictions/p", None, {"id": "p", "status": "processing"}, "prediction"),
    ("GET", "/v1/responses/r", None, {"object": "response", "output": [], "status": "completed"}, "a"),
    ("GET", "/v1/responses/r", None, {"object": "response", "output": [], "status": "queued", "background": True}, "a"),
    ("POST", "/v1/responses/r/cancel", {}, {"object": "response", "output": [], "status": "cancelled"}, "a"),
    (
        "GET",
        "/v1/responses/r",
        None,
        b'data: {"type":"response.created","response":{"object":"response","status":"queued","background":true}}\n\n',
        "a",
    ),
    ("POST", "/client/v4/accounts/a/ai/run/@cf/baai/bge-m3", {"text": "x"}, {"result": {"shape": [1, 2]}, "success": True}, "embeddings"),
    ("POST", "/client/v4/accounts/a/ai/run/@cf/openai/whisper", None, {"result": {"text": "x"}, "success": True}, "images,"),
    ("POST", "/v1/realtime/sessions", {"model": "m"}, {"object": "realtime.session"}, "stored"),
    ("POST", "/proxy", {"model": "m"}, {"object": "assistant"}, "stored"),
    ("GET", "/page", None, b"<!doctype html><p>hello</p>", "a"),
    ("GET", "/weather", None, [{"lat": 1}], "a"),
    ("HEAD", "/picture.jpg", None, b"", "a"),
    ("DELETE", "/v1/responses/r", None, {"deleted": True}, "a"),
    ("POST", "/webhook", {"channel": "c"}, {"ok": True}, "neither"),
    (None, "", None, b'{"id":1,"claim":"x"}\n{"id":2,"claim":"y"}\n', "no"),
]

#: Exchanges that stay rows, known dialect or not.
KEPT: list[tuple[str | None, str, Any, Any]] = [
    ("POST", "/v1/chat/completions", {"messages": []}, {"error": {"message": "made up"}}),
    ("POST", "/v1/chat/completions", {"messages": []}, b""),
    ("POST", "/v1/files", None, {"object": "chat.completion", "choices": [{"message": {"content": "x"}}]}),
    ("POST", "/predictions/llm", {"x": 1}, {"object": "chat.completion", "choices": [{"message": {"content": "x"}}]}),
    ("POST", "/v1/conversations", {"inputs": "x", "model": "m"}, {"object": "conversation.response", "outputs": []}),
    ("POST", "/v1/threads/t/runs", {"assistant_id": "a"}, {"object": "thread.run", "status": "queued"}),
    ("POST", "/agents/a/agentAliases/b/sessions/s/text", {"inputText": "x"}, b"data: x\n\n"),
    ("POST", "/v1/complete", {"prompt": "x"}, b'data: {"type":"completion","completion":"x"}\n\n'),
    ("POST", "/webhook", {"channel": "c"}, b'data: {"tok":"x"}\n\n'),
    ("POST", "/unknown", {"messages": []}, {"answer": "x"}),
    ("POST", "/unknown", None, {"answer": "x"}),
    ("GET", "/v1/streams/s", None, b"event: output\ndata: Sure\n\n"),
    ("GET", "/prompt", None, {"object": "chat.completion", "choices": [{"message": {"content": "x"}}]}),
    ("GET", "/v1/responses/r", None, {"object": "response", "output": [], "status": "completed", "background": True}),
    (
        "GET",
        "/v1/responses/r",
        None,
        b'data: {"type":"response.completed","response":{"object":"response","status":"completed","background":true}}\n\n',
    ),
    (None, "", None, b'data: {"this":1}\n\n'),
    (None, "", None, {"error": {"message": "made up"}}),
    (None, "", None, b""),
]

#: Calls that generate no text and are charged: rows, with what they do.
CHARGED: list[tuple[str, Any, Any, str]] = [
    ("/v1/embeddings", {"model": "m", "input": "x"}, {"object": "list", "data": [{"object": "embedding"}]}, "embeddings"),
    ("/v1/embeddings", {"model": "m", "input": "x"}, {"error": {"message": "made up"}}, "embeddings"),
    ("/v2/embed", {}, {"embeddings": {}}, "embeddings"),
    ("/api/embed", {}, {"embeddings": [[0.1]]}, "embeddings"),
    ("/v1beta/models/g:batchEmbedContents", {}, {"embeddings": [], "usageMetadata": {"promptTokenCount": 3}}, "embeddings"),
    ("/v1/projects/p/locations/l/publishers/google/models/text-embedding-1:predict", {}, {"predictions": []}, "embeddings"),
    ("/model/amazon.titan-embed-text-v2:0/invoke", {"inputText": "x"}, {"embedding": [0.1], "inputTextTokenCount": 3}, "embeddings"),
    ("/model/amazon.titan-embed-text-v2:0/invoke", {"inputText": "x"}, {"message": "made up"}, "embeddings"),
    ("/custom", {"input": "x"}, {"data": [{"embedding": [1]}]}, "embeddings"),
    ("/v2/rerank", {"query": "x"}, {"results": [{"index": 0, "relevance_score": 0.5}]}, "rerank"),
    ("/model/cohere.rerank-v3-5:0/invoke", {}, {"results": []}, "rerank"),
    ("/v1/images/edits", {"prompt": "x"}, {"error": {"message": "made up"}}, "image_generation"),
    ("/v1/audio/transcriptions", None, b'data: {"type":"transcript.text.delta","delta":"Hi"}\n\n', "transcription"),
    ("/proxy", None, b'data: {"type":"transcript.text.delta","delta":"Hi"}\n\n', "transcription"),
    ("/v1/audio/transcriptions", None, b"Hello, plain words.", "transcription"),
    ("/v1/audio/translations", None, {"text": "x"}, "transcription"),
    ("/v1/audio/speech", {"input": "x"}, b"ID3\x04", "speech"),
]


def stream(body: Any, path: str, request: Any) -> Stream:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Stream(split(data), http_status=200, request=request, url_path=path)


@pytest.mark.parametrize(("method", "path", "request_body", "body", "reason"), LEFT_OUT)
def test_left_out(method: str | None, path: str, request_body: Any, body: Any, reason: str) -> None:
    found = ignore_reason(method, path, request_body, stream(body, path, request_body))
    assert found is not None
    assert found.split()[0] == reason


@pytest.mark.parametrize(("method", "path", "request_body", "body"), KEPT)
def test_kept(method: str | None, path: str, request_body: Any, body: Any) -> None:
    assert ignore_reason(method, path, request_body, stream(body, path, request_body)) is None


@pytest.mark.parametrize(("path", "request_body", "body", "operation"), CHARGED)
def test_what_is_charged_is_a_row_that_says_what_it_does(path: str, request_body: Any, body: Any, operation: str) -> None:
    found = interpret("POST", stream(body, path, request_body), body if isinstance(body, bytes) else b"")
    assert isinstance(found, Interpretation)
    assert (found.observed.operation or found.facts.operation) == operation


@pytest.mark.parametrize("case", golden.cases(), ids=lambda c: c.name)
def test_no_sample_is_left_out(case: golden.Case) -> None:
    given = case.given
    found = golden.stream_of(split(case.body), given)
    method = "GET" if case.name == "other/plain_text_stream" else "POST" if given else None
    assert ignore_reason(method, found.url_path, found.request, found) is None


def test_reasons_hold_no_content() -> None:
    for method, path, request_body, body, _ in LEFT_OUT:
        found = ignore_reason(method, path, request_body, stream(body, path, request_body))
        assert found is not None
        assert "made up" not in found
        assert "/" not in found
