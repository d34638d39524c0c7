"""Owns the envelope of Amazon Bedrock's InvokeModel and InvokeModelWithResponseStream: a framing around another dialect.

Streamed, each ``chunk`` event holds ``{"bytes": base64(JSON), "p": padding}``; whole, the body is the inner dialect's own and only
the URL path tells. So `llm_usage.dialects.select` asks envelopes first. The inner dialect reads as if it were alone;
``amazon-bedrock-invocationMetrics`` repeats its counts: they are used only where it has none. Must not know framings.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from llm_usage.codecs.values import as_decimal, as_str, dig, items, ns_of
from llm_usage.dialects import Dialect, registry
from llm_usage.dialects._bedrock_native import family_of, read_native
from llm_usage.dialects._common import facts, first_count
from llm_usage.dialects._request import NONE, OWN
from llm_usage.dialects._streams import close, heads
from llm_usage.dialects.bedrock_converse import is_fault, note_fault, note_usage
from llm_usage.dialects.error_body import note_error
from llm_usage.model.chunk_columns import FINISH, MALFORMED, ChunkColumns
from llm_usage.model.frames import BROKEN, DATA, EMPTY, Frames
from llm_usage.model.observations import Observations, RequestFacts
from llm_usage.model.stream import Stream

_METRICS = "amazon-bedrock-invocationMetrics"
_PATH = re.compile(r"/model/(.+)/invoke(-with-response-stream)?/?\Z")
_HEADER_COUNTS = {
    "inputTokenCount": "x-amzn-bedrock-input-token-count",
    "outputTokenCount": "x-amzn-bedrock-output-token-count",
    "cacheReadInputTokenCount": "x-amzn-bedrock-cache-read-input-token-count",
    "cacheWriteInputTokenCount": "x-amzn-bedrock-cache-write-input-token-count",
}
_TEXT_FAMILIES = frozenset({"titan", "llama", "mistral", "jurassic", "claude_text", "openai_completions"})


class _BedrockInvoke:
    api = "bedrock_invoke"
    title = "Envelope of Amazon Bedrock's InvokeModel and InvokeModelWithResponseStream: a framing around another dialect"
    envelope = True
    """Asked before the dialects that it may hold."""

    generates_nothing = (
        (
            "images, audio or video",
            r"/model/[^/]*(?:nova-canvas|nova-reel|titan-image|stability\.|stable-diffusion|nova-sonic)[^/]*/(?:invoke|async-invoke)",
        ),
    )
    """Models of other kinds at the same endpoint."""

    def claims_payload(self, stream: Stream) -> bool:
        """The URL path of InvokeModel, or chunks of base64 that hold a known dialect or invocation metrics."""
        if self.claims_path(stream.url_path):
            return True
        if not any(_is_chunk(payload) for payload in heads(stream)):
            return False
        inner = _unwrap(stream)
        return (
            any(isinstance(body, dict) and _METRICS in body for body in inner.objects)
            or _inner_dialect(inner) is not None
            or family_of(inner.objects) is not None
        )

    def claims_path(self, path: str) -> bool:
        """/model/ID/invoke or invoke-with-response-stream."""
        return _PATH.search(path) is not None

    def claims_request(self, body: Any) -> int:
        """An anthropic_version of Bedrock, or Titan's inputText."""
        if not isinstance(body, dict):
            return NONE
        if isinstance(body.get("anthropic_version"), str):
            return OWN if body["anthropic_version"].startswith("bedrock") else NONE
        return OWN if isinstance(body.get("inputText"), str) and isinstance(body.get("textGenerationConfig"), dict) else NONE

    def observe(self, stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
        """Take the envelope off, let the inner dialect read, then add what the envelope knows."""
        inner = _unwrap(stream)
        dialect = _inner_dialect(inner)
        family = family_of(inner.objects) if dialect is None else None
        if dialect is not None:
            observed.api_inner = "nova" if dialect.api == "bedrock_converse" else dialect.api
            dialect.observe(inner, columns, observed)
        elif family is not None:
            observed.api_inner = family
            read_native(inner.objects, columns, observed)
        else:
            for i, body in enumerate(inner.objects):
                if body is not None:
                    note_error(i, body, columns, observed)
        if observed.api_inner in _TEXT_FAMILIES:
            observed.operation = "text_completion"
        _read_envelope(stream, inner, columns, observed)
        if observed.complete and observed.usage_source == "last_cumulative":
            observed.usage_source = "final"
        close(inner, columns, observed)
        for i in inner.malformed:
            columns.kind[i] = MALFORMED
            if i not in stream.malformed:
                stream.malformed.append(i)
        if observed.server_total_ns is None:
            observed.server_total_ns = ns_of(stream.response_headers.get("x-amzn-bedrock-invocation-latency"), "ms")

    def request_facts(self, body: Any, path: str) -> RequestFacts:
        """Model from the path; the rest as the inner dialect's request has it."""
        asked = body if isinstance(body, dict) else {}
        found = _PATH.search(path)
        model = unquote(found[1]) if found else as_str(asked.get("modelId"))
        streams = found[2] is not None if found else None
        config = next((c for c in (asked.get("inferenceConfig"), asked.get("textGenerationConfig")) if isinstance(c, dict)), asked)
        prompt = next((asked[k] for k in ("messages", "prompt", "inputText", "message") if asked.get(k) is not None), None)
        base = facts(
            {"temperature": config.get("temperature")},
            operation=_operation(model, asked),
            model=model,
            messages=prompt if isinstance(prompt, (str, list)) else None,
            tools=asked.get("tools") or dig(asked, "toolConfig", "tools"),
            system=asked.get("system"),
            extra={"chat_history": asked.get("chat_history")},
            stream=streams,
        )
        limits = (
            "max_tokens",
            "max_tokens_to_sample",
            "max_gen_len",
            "maxTokenCount",
            "max_new_tokens",
            "maxTokens",
            "max_completion_tokens",
        )
        return replace(base, max_tokens=first_count(config, limits) or first_count(asked, limits))


def _operation(model: str | None, asked: dict[str, Any]) -> str:
    """What a model of another kind does says its name; else how it was asked."""
    for word, operation in (("embed", "embeddings"), ("rerank", "rerank")):
        if model is not None and word in model.lower():
            return operation
    return "chat" if "messages" in asked or "message" in asked or not asked else "text_completion"


def _is_chunk(payload: dict[str, Any]) -> bool:
    return isinstance(payload.get("bytes"), str) and payload.keys() <= {"bytes", "p"}


def _unwrap(stream: Stream) -> Stream:
    """The inner messages, frame by frame; exceptions and what is no chunk stand empty. A whole body is its own inner message."""
    if not any(isinstance(payload, dict) and "bytes" in payload for payload in stream.objects):
        if not stream.is_stream:
            return stream
    frames, outer = Frames(stream.frames.framing, is_stream=stream.is_stream), stream.frames
    for i, payload in enumerate(stream.objects):
        body, mark = b"", EMPTY
        if isinstance(payload, dict) and isinstance(payload.get("bytes"), str):
            try:
                body, mark = b64decode(payload["bytes"], validate=True), DATA
            except (binascii.Error, ValueError):
                mark = BROKEN
        elif isinstance(payload, dict) and not outer.event[i]:  # lines of inner messages, already unwrapped by whoever recorded them
            body, mark = outer.payload[i], DATA
        frames.add(body, outer.offset[i], outer.length[i], mark)
    return Stream(
        frames,
        http_status=stream.http_status,
        request=stream.request,
        response_headers=stream.response_headers,
        limits=stream.limits,
        careful=stream.careful,
    )


def _inner_dialect(inner: Stream) -> Dialect | None:
    """The one dialect that claims the inner messages; none when several do, which is nobody's evidence."""
    claimants = [d for d in registry() if not getattr(d, "envelope", False) and d.claims_payload(inner)]
    return claimants[0] if len(claimants) == 1 else None


def _read_envelope(stream: Stream, inner: Stream, columns: ChunkColumns, observed: Observations) -> None:
    """Exceptions, metrics, and the stop_reason that Mistral and DeepSeek put where others have a finish_reason."""
    for i, payload in enumerate(stream.objects):
        event = stream.frames.event[i]
        bare = payload is None and stream.frames.mark[i] == EMPTY
        if stream.is_stream and (isinstance(payload, dict) or bare) and is_fault(event, payload):
            note_fault(i, event, columns, observed)
    for i, body in enumerate(inner.objects):
        if not isinstance(body, dict):
            continue
        for choice in items(body.get("choices")):
            reason = dig(choice, "stop_reason")
            if dig(choice, "finish_reason") is None and observed.finish(reason) is not None:
                columns.finish_reason[i] = observed.finish_reason
                columns.mark_kind(i, FINISH)
        metrics = body.get(_METRICS)
        if isinstance(metrics, dict):
            observed.message_seen = True
            observed.complete = True
            observed.terminator = observed.terminator or "invocationMetrics"
            exact = dig(inner.exact(i), _METRICS) or metrics
            observed.server_total_ns = _ns(exact, "invocationLatency")
            observed.server_ttft_ns = _ns(exact, "firstByteLatency")
            _fill(i, metrics, columns, observed)
    if not stream.is_stream and len(columns):
        counts = {name: as_decimal(stream.response_headers.get(header)) for name, header in _HEADER_COUNTS.items()}
        _fill(0, {name: int(count) for name, count in counts.items() if count is not None}, columns, observed)


def _ns(metrics: Mapping[str, Any], name: str) -> int | None:
    return ns_of(metrics.get(name), "ms")


def _fill(i: int, metrics: dict[str, Any], columns: ChunkColumns, observed: Observations) -> None:
    """Take the counts of metrics where the inner dialect reported none: in full, or only the half that is missing."""
    if "input_tokens" in observed.tokens and "output_tokens" in observed.tokens:
        return
    own = dict(observed.tokens)
    spare = Observations(observed.api)
    given, made = columns.cum_input_tokens[i], (columns.cum_output_tokens[i], columns.delta_output_tokens[i])
    note_usage(i, metrics, columns, spare)
    if spare.tokens:
        observed.tokens = {**spare.tokens, **own}
        observed.usage.update(metrics)
        observed.usage_source = "final"
        columns.has_usage[i] = True
    if "input_tokens" in own:  # the half that was there stays what the inner message made it, also in this frame
        columns.cum_input_tokens[i] = given
    if "output_tokens" in own:
        columns.cum_output_tokens[i], columns.delta_output_tokens[i] = made


DIALECT = _BedrockInvoke()
