"""Owns what is deliberately left out as no LLM generation call, and why; data first, one function. Knows no provider.

The endpoint decides where its name is certain; then the shape of the payload; then what a GET can be. What a dialect claims is
never ignored (but for a stored response read again), and what nobody knows stays a row with ``api='other'``.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from llm_usage.codecs.values import dig
from llm_usage.dialects import Dialect, registry
from llm_usage.dialects.error_body import read_error
from llm_usage.model.stream import Stream

#: Endpoints that generate no text, by the end of their path. Lower case; a trailing slash is gone. What belongs to one API alone can be
#: named by its dialect instead: ``generates_nothing``.
_ENDPOINTS: tuple[tuple[str, str], ...] = (
    (
        "token counting",
        r"count_tokens|:counttokens|:computetokens|/count-tokens|/responses/input_tokens|/(?:de)?tokenize|/text/tokenization",
    ),
    ("batch job", r"/embed-jobs(?:/.*)?|:asyncbatchembedcontents?"),
    ("rerank or classification", r"/score|/classify|:rank"),
    ("moderation", r"/moderations|/guardrail/[^/]+/version/[^/]+/apply|/text/detection"),
    (
        "batch job",
        r"/batches(?:/.*)?|/batch/jobs(?:/.*)?|:batchgeneratecontent|/batchpredictionjobs(?:/.*)?|/model-invocation-jobs?(?:/.*)?",
    ),
    ("files", r"/files(?:/[^/]+(?:/content|:download)?)?|/uploads(?:/.*)?|/upload/.*"),
    ("cached content", r"/cachedcontents(?:/.*)?"),
    ("images, audio or video", r"/audio/voices"),
    ("images, audio or video", r"/text-to-(?:speech|image|video)(?:/.*)?|/speech-to-text(?:/.*)?|/videos(?:/.*)?|:predictlongrunning"),
    ("images, audio or video", r"/models/(?:veo|lyria|chirp)[^/]*:predict"),
    ("training", r"/fine_tuning/.*|/fine-tunes(?:/.*)?|/tuned-?models|/trainings(?:/.*)?|/evals(?:/.*)?"),
    (
        "stored data",
        r"/vector_stores(?:/.*)?|/assistants(?:/[^/]+)?|/threads(?:/[^/]+)?|/threads/[^/]+/messages(?:/.*)?",
    ),
    ("stored data", r"/containers(?:/.*)?|/skills(?:/.*)?|/corpora(?:/.*)?|/graphql"),
    (
        "model administration",
        r"/api/(?:pull|push|create|copy|delete|show|tags|ps|version|blobs/.*)|/foundation_model_specs|/foundation-models(?:/.*)?",
    ),
    (
        "login",
        r"/(?:oauth2?|oidc|identity|auth|sso)(?:/v?[\d.]*)?/(?:token|authorize|device/code|refresh)|/token|/access_token|/o/oauth2/.*",
    ),
    ("login", r"/computemetadata/.*|/latest/(?:meta-data|api/token|dynamic)(?:/.*)?|/v\d/token|/api-keys?(?:/.*)?"),
    ("telemetry", r"(?:.*/)?telemetry(?:/.*)?|/v1/(?:traces|logs|metrics)|/v1development/profiles|/api/\d+/(?:store|envelope)|/otlp/.*"),
    ("telemetry", r"/capture|/decide|/engage|/flags|/api/public/(?:ingestion|otel/.*)|/runs/(?:batch|multipart)|/i/v0/e|/rgstr|/log_event"),
    ("prediction control", r"/predictions(?:/[^/]+(?:/cancel)?)?"),
)
_ENDPOINT = [(reason, re.compile(rf"(?:.*?)(?:{pattern})", re.DOTALL)) for reason, pattern in _ENDPOINTS]

#: What a GET, HEAD or DELETE fetches that once was generated: it was paid for when it was made.
_STORED = re.compile(r".*/(?:responses|chat/completions|interactions|messages|completions)/[^/]+(?:/[a-z_]+)?")
#: A run of an assistant is polled until its end, and only then has its usage.
_RUN = re.compile(r".*/threads/[^/]+/runs/[^/]+")
_NO_GENERATION = frozenset({"HEAD", "OPTIONS", "DELETE", "TRACE", "CONNECT"})
#: A request that has none of these asks no model anything.
_ASKS = frozenset(
    {
        *("model", "modelId", "model_id", "model_name", "messages", "message", "prompt", "prompts", "input", "inputs", "inputText"),
        *("contents", "content", "query", "question", "text", "instances", "conversation", "chat_history", "system", "instructions"),
        *("instruction", "max_tokens", "maxTokens", "max_output_tokens", "temperature", "stream", "generationConfig", "parameters"),
        *("request", "payload", "agent", "task", "user_input", "userInput", "utterance", "history", "chatHistory", "user_prompt"),
        *("system_prompt", "bot_id", "assistant_id", "agent_id", "thread_id", "additional_messages"),
    }
)
_TERMINAL = frozenset({"completed", "incomplete", "failed", "cancelled", "requires_action"})


def ignore_reason(method: str | None, path: str, request: Any, stream: Stream) -> str | None:
    """Why the exchange is no LLM generation call; None when it is one, or may be one.

    Args:
        method: HTTP method, None when it is not recorded.
        path: URL path without query; may be empty.
        request: decoded JSON request body, or None.
        stream: the response.
    """
    verb = (method or "").upper()
    if verb in _NO_GENERATION:
        return f"a {verb} request generates nothing"
    if _is_rpc(request) or any(_is_rpc(payload) for payload in stream.objects[:8]):
        return "JSON-RPC (MCP and the like)"
    place = path.lower().rstrip("/")
    if place:
        why = _endpoint(place, path)
        if why is not None:
            return None if _claimed(stream) else why
        if verb in {"GET", ""} and place.endswith("/models"):
            return "model list"
        if place.endswith("/batch") and isinstance(dig(request, "batch"), list):
            return "telemetry"
        if verb == "GET" and _RUN.fullmatch(place) and not any(_has_ended(payload) for payload in stream.objects):
            return "a run that was asked for before its end"
        if (verb == "GET" or place.endswith("/cancel")) and _STORED.fullmatch(place):
            # A background response is fetched by polling: its usage is only in the last answer.
            if not any(_finished_in_background(payload) for payload in stream.objects):
                return "a stored response read again"
            return None
    first = next((payload for payload in stream.objects if payload is not None), None)
    reason = _shape(first)
    if reason is None and verb == "GET" and stream.frames.framing not in {"sse", "aws_eventstream"}:
        reason = "a GET that fetched no generated message"
    if reason is None and not path and method is None and request is None and stream.frames.framing in {"ndjson", "json", "json_array"}:
        reason = "no message of any known dialect" if first is not None and read_error(first) is None else None
    if reason is None and verb and isinstance(request, dict) and _ASKS.isdisjoint(request) and not stream.is_stream:
        known = (stream.http_status or 200) >= 400 or any(d.claims_path(path) or d.claims_request(request) for d in registry())
        reason = None if known else "neither asks a model nor answers like one"
    return None if reason is None or _claimed(stream) else reason


def _endpoint(place: str, path: str) -> str | None:
    """What an endpoint does instead of generating. A dialect knows its own API best: what it names, then what it claims, then the rest."""
    dialects = registry()
    for why, pattern in _endpoints_of(dialects):
        if pattern.fullmatch(place):
            return why
    if any(dialect.claims_path(path) for dialect in dialects):
        return None
    return next((why for why, pattern in _ENDPOINT if pattern.fullmatch(place)), None)


@cache
def _endpoints_of(dialects: tuple[Dialect, ...]) -> list[tuple[str, re.Pattern[str]]]:
    """The endpoints that dialects themselves name in ``generates_nothing``."""
    named = [pair for dialect in dialects for pair in getattr(dialect, "generates_nothing", ())]
    return [(why, re.compile(rf"(?:.*?)(?:{pattern})", re.DOTALL)) for why, pattern in named]


def _claimed(stream: Stream) -> bool:
    """Whether the payload is a dialect's; an envelope's claim may rest on the path alone, which its models of other kinds share."""
    return any(dialect.claims_payload(stream) for dialect in registry() if not getattr(dialect, "envelope", False))


def _is_rpc(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and _is_rpc(value[0])
    return isinstance(value, dict) and value.get("jsonrpc") == "2.0" and ("method" in value or "result" in value or "error" in value)


def _finished_in_background(payload: Any) -> bool:
    response = dig(payload, "response") or payload  # an event of a stream that is joined later, or the whole answer
    return isinstance(response, dict) and response.get("background") is True and str(response.get("status")) in _TERMINAL


def _has_ended(payload: Any) -> bool:
    return isinstance(payload, dict) and payload.get("object") == "thread.run" and isinstance(payload.get("usage"), dict)


def _shape(payload: Any) -> str | None:
    """What a payload that no dialect claims is, where its keys leave no doubt."""
    if not isinstance(payload, dict):
        return None
    kind, event = payload.get("object"), payload.get("type")
    data = payload.get("data")
    item = data[0] if isinstance(data, list) and data and isinstance(data[0], dict) else {}
    if "embedding" in payload or "embeddings" in payload or item.get("object") == "embedding" or "embedding" in item:
        return "embeddings"
    if dig(payload, "predictions", 0, "embeddings") is not None:
        return "embeddings"
    if item.get("object") == "model" or (kind == "list" and not data) or kind == "model":
        return "model list"
    if kind in ("file", "batch", "upload", "vector_store", "fine_tuning.job", "conversation"):
        return str(kind).replace("_", " ")
    if isinstance(kind, str) and (kind in ("thread", "assistant", "thread.message") or kind.startswith("realtime.")):
        return "stored data"
    if event == "message_batch":
        return "batch job"
    if "access_token" in payload and ("token_type" in payload or "expires_in" in payload):
        return "login"
    if isinstance(event, str) and event.startswith(("transcript.", "speech.", "image_generation.", "image_edit.")):
        return "images, audio or video"
    if "b64_json" in item or ("url" in item and "created" in payload):
        return "images, audio or video"
    if kind == "response.input_tokens" or set(payload) == {"input_tokens"} or ("totalTokens" in payload and "candidates" not in payload):
        return "token counting"
    if isinstance(dig(payload, "results", 0, "flagged"), bool):
        return "moderation"
    if dig(payload, "results", 0, "relevance_score") is not None:
        return "rerank or classification"
    return None
