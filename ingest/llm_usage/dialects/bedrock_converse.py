"""Owns the Converse dialect (Amazon Bedrock API reference, "Converse" and "ConverseStream"), also as Nova speaks it inside InvokeModel.

Must not know framings. An event's name is the frame's, or the one key around the message where each line holds a whole event.
The total input is ``inputTokens`` plus cache reads and writes; both ``…Tokens`` and ``…TokenCount`` are in use.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from llm_usage.codecs.values import as_count, as_str, dig, items, ns_of
from llm_usage.dialects._common import facts, first_count
from llm_usage.dialects._request import KEYS, NONE, asks_with, has
from llm_usage.dialects._streams import add_usage, close, heads, json_text, merge_usage
from llm_usage.dialects.error_body import note_error
from llm_usage.model.chunk_columns import ERROR, FINISH, REASONING, ROLE, ChunkColumns
from llm_usage.model.frames import EMPTY
from llm_usage.model.observations import Observations, RequestFacts
from llm_usage.model.stream import Stream

_EVENTS = frozenset({"messageStart", "contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata"})
#: ``metadata`` alone could be anybody's.
_TELLING = _EVENTS - {"metadata"}
_PATH = re.compile(r"/model/(.+)/converse(-stream)?/?\Z")
_REQUEST_KEYS = frozenset({"inferenceConfig", "toolConfig"})


class _BedrockConverse:
    api = "bedrock_converse"
    title = 'Converse dialect (Amazon Bedrock API reference, "Converse" and "ConverseStream"), also as Nova speaks it inside InvokeModel'

    def claims_payload(self, stream: Stream) -> bool:
        """Converse's event names, or a message below ``output`` beside a stopReason or token counts."""
        if stream.is_stream:
            if any(name in _TELLING for name in stream.frames.event[:24]):
                return True
            return any(not _TELLING.isdisjoint(payload) for payload in heads(stream))
        return any(
            isinstance(dig(payload, "output", "message"), dict)
            and ("stopReason" in payload or dig(payload, "usage", "inputTokens") is not None)
            for payload in heads(stream)
        )

    def claims_path(self, path: str) -> bool:
        """/model/ID/converse or converse-stream."""
        return _PATH.search(path) is not None

    def claims_request(self, body: Any) -> int:
        """Messages beside a key that only this dialect has."""
        if asks_with(body) != "messages":
            return NONE
        content = dig(body, "messages", 0, "content", 0)
        untyped = isinstance(content, dict) and "text" in content and "type" not in content
        return KEYS if untyped or has(body, _REQUEST_KEYS) else NONE

    def observe(self, stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
        """Read every payload, streaming or not."""
        names, marks = stream.frames.event, stream.frames.mark
        for i, payload in enumerate(stream.objects):
            event = names[i]
            if not isinstance(payload, dict):
                if stream.is_stream and marks[i] == EMPTY and is_fault(event, None):
                    note_fault(i, event, columns, observed)
                elif payload is not None:
                    note_error(i, payload, columns, observed)
                continue
            if event not in _EVENTS:
                nested = next((name for name in payload if name in _EVENTS), None)
                if nested is None:
                    if "output" in payload or "stopReason" in payload:
                        _read_body(i, payload, stream, columns, observed)
                    elif stream.is_stream and is_fault(event, payload):
                        note_fault(i, event, columns, observed)
                    else:
                        note_error(i, payload, columns, observed)
                    continue
                for name in _EVENTS.intersection(payload):
                    if isinstance(payload[name], dict):
                        _read_event(i, name, payload[name], (name,), stream, columns, observed)
                continue
            _read_event(i, event, payload, (), stream, columns, observed)
        close(stream, columns, observed)

    def request_facts(self, body: Any, path: str) -> RequestFacts:
        """Model from the path, limits from inferenceConfig, messages, system and tools."""
        asked = body if isinstance(body, dict) else {}
        config = asked.get("inferenceConfig")
        config = config if isinstance(config, dict) else {}
        found = _PATH.search(path)
        tools = dig(asked, "toolConfig", "tools")
        base = facts(
            {"temperature": config.get("temperature")},
            operation="chat",
            model=unquote(found[1]) if found else as_str(asked.get("modelId")),
            messages=asked.get("messages"),
            tools=tools,
            system=asked.get("system"),
            stream=found[2] is not None if found else None,
        )
        return RequestFacts(
            model=base.model,
            operation=base.operation,
            stream_requested=base.stream_requested,
            max_tokens=first_count(config, ("maxTokens", "max_new_tokens", "maxNewTokens")),
            temperature=base.temperature,
            tool_count=base.tool_count,
            message_count=base.message_count,
            prompt_sha256=base.prompt_sha256,
            service_tier=as_str(dig(asked, "serviceTier", "type")),
        )


def is_fault(event: str | None, payload: dict[str, Any] | None) -> bool:
    """Whether a frame that is no event of the API is an exception or an error: those bring a message, or nothing at all."""
    if event is None or event in _EVENTS or event in ("chunk", "initial-response", "ping"):
        return False
    return payload is None or "message" in payload or event.endswith(("Exception", "Error", "Failure"))


def note_fault(i: int, event: str | None, columns: ChunkColumns, observed: Observations) -> None:
    """An exception or error frame: its name is all that is taken."""
    observed.fail(event, event)
    observed.terminator = (event or "error")[:120]
    columns.mark_kind(i, ERROR)


def _read_event(
    i: int, name: str, payload: dict[str, Any], where: tuple[str, ...], stream: Stream, columns: ChunkColumns, observed: Observations
) -> None:
    observed.message_seen = True
    if name == "contentBlockDelta":
        delta = payload.get("delta")
        if isinstance(delta, dict):
            text = delta.get("text")
            if isinstance(text, str):
                columns.add_text(i, text)
            else:
                _read_block(i, delta, columns)
    elif name == "contentBlockStart":
        start = payload.get("start")
        if isinstance(start, dict):
            _read_block(i, start, columns)
    elif name == "messageStart":
        columns.mark_kind(i, ROLE)
    elif name == "messageStop":
        columns.finish_reason[i] = observed.finish(payload.get("stopReason"))
        columns.mark_kind(i, FINISH)
    elif name == "metadata":
        _read_metadata(i, payload, where, stream, columns, observed)
        observed.terminator = "metadata"
        observed.complete = True


def _read_body(i: int, body: dict[str, Any], stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
    message = dig(body, "output", "message")
    if isinstance(message, dict):
        observed.message_seen = True
        for block in items(message.get("content")):
            if isinstance(block, dict):
                if isinstance(block.get("text"), str):
                    columns.add_text(i, block["text"])
                else:
                    _read_block(i, block, columns)
    columns.finish_reason[i] = observed.finish(body.get("stopReason"))
    _read_metadata(i, body, (), stream, columns, observed)


def _read_block(i: int, block: dict[str, Any], columns: ChunkColumns) -> None:
    """A content block, its start or a delta of it, other than plain text."""
    call = block.get("toolUse")
    if isinstance(call, dict):
        columns.add_tool(i, as_str(call.get("name")) or "")
        columns.add_tool(i, json_text(call.get("input")))
        return
    thought = block.get("reasoningContent")
    if isinstance(thought, dict):
        columns.mark_kind(i, REASONING)
        columns.add_reasoning(i, as_str(thought.get("text")) or as_str(dig(thought, "reasoningText", "text")) or "")
    elif any(dig(block, kind, "source") or dig(block, kind, "bytes") for kind in ("image", "video", "audio")):
        columns.add_media(i)


def _read_metadata(
    i: int, payload: dict[str, Any], where: tuple[str, ...], stream: Stream, columns: ChunkColumns, observed: Observations
) -> None:
    """Usage, latency, tier and the model that a prompt router chose."""
    latency = dig(payload, "metrics", "latencyMs")
    if latency is not None:
        exact = dig(stream.exact(i), *where, "metrics", "latencyMs") if isinstance(latency, float) else latency
        observed.server_total_ns = ns_of(exact, "ms")
    observed.service_tier = as_str(dig(payload, "serviceTier", "type")) or observed.service_tier
    latency_asked = as_str(dig(payload, "performanceConfig", "latency"))
    if latency_asked is not None:
        observed.speed = "latency_optimized" if latency_asked == "optimized" else latency_asked
    routed = as_str(dig(payload, "trace", "promptRouter", "invokedModelId"))
    observed.response_model = routed or observed.response_model
    usage = payload.get("usage")
    if isinstance(usage, dict) and usage:
        add_usage(i, columns, observed)
        merge_usage(i, usage, stream, observed, *where, "usage")
        note_usage(i, usage, columns, observed)


def note_usage(i: int, usage: dict[str, Any], columns: ChunkColumns, observed: Observations) -> None:
    """Counts of one usage object. Shared with the invocation metrics of InvokeModel, which spell them alike."""
    note = observed.count
    own = as_count(_first(usage, "inputTokens", "inputTokenCount"))
    read = _first(usage, "cacheReadInputTokens", "cacheReadInputTokenCount")
    written = _first(usage, "cacheWriteInputTokens", "cacheWriteInputTokenCount")
    if own is None:
        note("input_tokens", _first(usage, "inputTokens", "inputTokenCount"))
    else:
        own += (as_count(read) or 0) + (as_count(written) or 0)
        note("input_tokens", own)
        columns.cum_input_tokens[i] = as_count(own)
    note("cache_read_tokens", read)
    note("cache_write_tokens", written)
    hour = [as_count(dig(d, "inputTokens")) for d in items(usage.get("cacheDetails")) if dig(d, "ttl") == "1h"]
    if hour and None not in hour:
        note("cache_write_1h_tokens", sum(n for n in hour if n is not None))
    before = observed.tokens.get("output_tokens", 0)
    note("output_tokens", _first(usage, "outputTokens", "outputTokenCount"))
    note("total_tokens_reported", _first(usage, "totalTokens", "totalTokenCount"))
    after = as_count(_first(usage, "outputTokens", "outputTokenCount"))
    columns.set_output(i, after, before)


def _first(usage: dict[str, Any], *names: str) -> Any:
    return next((usage[name] for name in names if usage.get(name) is not None), None)


DIALECT = _BedrockConverse()
