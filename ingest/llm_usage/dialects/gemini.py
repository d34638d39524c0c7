"""Owns the generateContent dialect (Gemini API and Vertex AI reference, "GenerateContentResponse"), streamed as SSE or one JSON array.

Must not know hosts. Keys come in camelCase or snake_case, enums as names or numbers, and Code Assist wraps all of it in ``response``.
``usageMetadata`` is a snapshot in nearly every frame: the last value of each field wins, unless only one snapshot adds up to its total.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from llm_usage.codecs.values import as_count, as_str, dig, items
from llm_usage.dialects._common import facts, first_count
from llm_usage.dialects._gemini_grounding import Grounding
from llm_usage.dialects._gemini_usage import either, settle, snapshot_of
from llm_usage.dialects._instants import iso_s
from llm_usage.dialects._request import NONE, OWN
from llm_usage.dialects._streams import choice_index, close, heads, json_text, merge_usage, messages
from llm_usage.dialects.error_body import note_error
from llm_usage.model.chunk_columns import FINISH, ROLE, USAGE, ChunkColumns
from llm_usage.model.observations import Observations, RequestFacts
from llm_usage.model.stream import Stream

_METHODS = (":generatecontent", ":streamgeneratecontent")
#: Keys of bodies that have a usageMetadata too: an OpenAI-like gateway, a cached content, embeddings.
_OTHERS = frozenset({"choices", "name", "embedding", "embeddings"})


class _Gemini:
    api = "gemini"
    title = 'GenerateContent dialect (Gemini API and Vertex AI reference, "GenerateContentResponse"), streamed as SSE or one JSON array'

    def claims_payload(self, stream: Stream) -> bool:
        """Candidates, usageMetadata or promptFeedback."""
        return any(_is_gemini(payload) for payload in heads(stream))

    def claims_path(self, path: str) -> bool:
        """…:generateContent or …:streamGenerateContent."""
        return path.lower().endswith(_METHODS)

    def claims_request(self, body: Any) -> int:
        """``contents``, bare or inside Code Assist's ``request``."""
        return OWN if isinstance(dig(body, "contents"), list) or isinstance(dig(body, "request", "contents"), list) else NONE

    def observe(self, stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
        """Read every payload, streaming or not."""
        observed.convention = "separate"
        grounding = Grounding()
        snapshots: list[dict[str, int]] = []
        before = 0
        for i, payload in messages(stream, columns, observed):
            wrapped = isinstance(payload.get("response"), dict)
            body = payload["response"] if wrapped else payload
            if body.get("error") is not None and note_error(i, body, columns, observed):
                continue
            candidates = body.get("candidates")
            if isinstance(candidates, list):
                observed.message_seen = True
                for position, candidate in enumerate(candidates):
                    if isinstance(candidate, dict):
                        _read_candidate(i, candidate, position, len(candidates), columns, observed)
                        grounding.note(either(candidate, "groundingMetadata", "grounding_metadata"))
            _read_head(body, observed)
            usage = either(body, "usageMetadata", "usage_metadata")
            if isinstance(usage, dict) and usage:
                observed.message_seen = True
                columns.has_usage[i] = True
                columns.mark_kind(i, USAGE)
                name = "usageMetadata" if "usageMetadata" in body else "usage_metadata"
                merge_usage(i, usage, stream, observed, *(("response", name) if wrapped else (name,)))
                snapshot = snapshot_of(usage, observed)
                says_nothing = not any(snapshot.values()) and any(map(any, map(dict.values, snapshots)))
                snapshots.append(snapshot)
                if says_nothing:
                    continue  # zeros after a real count: that stands
                if "prompt" in snapshot or "tool" in snapshot:
                    prompt = snapshot.get("prompt") or next((s["prompt"] for s in reversed(snapshots) if "prompt" in s), 0)
                    columns.cum_input_tokens[i] = as_count(prompt + snapshot.get("tool", 0))
                if "candidates" in snapshot or "thoughts" in snapshot:
                    after = as_count(snapshot.get("candidates", 0) + snapshot.get("thoughts", 0))
                    columns.set_output(i, after, before)
                    before = after or 0
        close(stream, columns, observed)
        settle(snapshots, stream, observed)
        grounding.bill(observed.response_model or model_in(stream.url_path), observed)

    def request_facts(self, body: Any, path: str) -> RequestFacts:
        """Model from the path, limits from generationConfig, contents, system and tools."""
        asked = body if isinstance(body, dict) else {}
        inner = asked["request"] if isinstance(asked.get("request"), dict) else asked
        config = either(inner, "generationConfig", "generation_config")
        config = config if isinstance(config, dict) else {}
        tools = inner.get("tools")
        found = facts(
            {"temperature": config.get("temperature")},
            operation="generate_content",
            model=model_in(path) or as_str(asked.get("model")),
            messages=inner.get("contents"),
            tools=tools,
            system=either(inner, "systemInstruction", "system_instruction"),
            stream=(":streamgeneratecontent" in path.lower()) if path else None,
        )
        return RequestFacts(
            model=found.model,
            operation=found.operation,
            stream_requested=found.stream_requested,
            max_tokens=first_count(config, ("maxOutputTokens", "max_output_tokens")),
            temperature=found.temperature,
            tool_count=_tool_count(tools),
            message_count=found.message_count,
            prompt_sha256=found.prompt_sha256,
            service_tier=as_str(either(inner, "serviceTier", "service_tier")),
        )


def model_in(path: str) -> str | None:
    """The model in a path ``…/models/NAME:method``; tuned models and endpoints keep their kind."""
    for kind in ("/models/", "/tunedModels/", "/endpoints/"):
        _, found, rest = path.rpartition(kind)
        if found:
            name = unquote(rest.partition(":")[0])
            return (name if kind == "/models/" else f"{kind[1:]}{name}") or None
    return None


def _is_gemini(payload: dict[str, Any]) -> bool:
    body = payload["response"] if isinstance(payload.get("response"), dict) else payload
    if not _OTHERS.isdisjoint(body):
        return False
    candidate = dig(body, "candidates", 0)
    if isinstance(candidate, dict) and (isinstance(candidate.get("content"), dict) or either(candidate, "finishReason", "finish_reason")):
        return True
    usage = either(body, "usageMetadata", "usage_metadata")
    if isinstance(usage, dict) and either(usage, "promptTokenCount", "prompt_token_count") is not None:
        return True
    return isinstance(either(body, "promptFeedback", "prompt_feedback"), dict)


def _read_head(body: dict[str, Any], observed: Observations) -> None:
    observed.response_model = as_str(either(body, "modelVersion", "model_version")) or observed.response_model
    observed.response_id = as_str(either(body, "responseId", "response_id")) or observed.response_id
    observed.created_s = iso_s(either(body, "createTime", "create_time")) or observed.created_s
    feedback = either(body, "promptFeedback", "prompt_feedback")
    if isinstance(feedback, dict):
        observed.message_seen = True
        if either(feedback, "blockReason", "block_reason"):
            observed.complete = True  # the prompt was refused: there will be no candidate


def _read_candidate(i: int, candidate: dict[str, Any], position: int, among: int, columns: ChunkColumns, observed: Observations) -> None:
    if among == 1:
        columns.choice_index[i] = choice_index(candidate.get("index", position))
    content = candidate.get("content")
    if isinstance(content, dict):
        for part in items(content.get("parts")):
            if isinstance(part, dict):
                _read_part(i, part, columns)
        if "role" in content:
            columns.mark_kind(i, ROLE)
    reason = either(candidate, "finishReason", "finish_reason")
    if type(reason) is int and 0 < reason < 100:  # enums as numbers, where the caller asked for them
        reason = str(reason)
    if observed.finish(reason) is not None:
        columns.finish_reason[i] = observed.finish_reason
        columns.mark_kind(i, FINISH)


def _read_part(i: int, part: dict[str, Any], columns: ChunkColumns) -> None:
    text = part.get("text")
    if isinstance(text, str):
        if part.get("thought") is True:
            columns.add_reasoning(i, text)
        else:
            columns.add_text(i, text)
        return
    call = either(part, "functionCall", "function_call")
    if isinstance(call, dict):
        columns.add_tool(i, as_str(call.get("name")) or "")
        columns.add_tool(i, json_text(call.get("args")))
        for piece in items(either(call, "partialArgs", "partial_args")):
            value = either(piece, "stringValue", "string_value")
            columns.add_tool(i, as_str(value) or "")
        return
    code = either(part, "executableCode", "executable_code")
    if isinstance(code, dict):
        columns.add_text(i, as_str(code.get("code")) or "")
    elif dig(either(part, "inlineData", "inline_data"), "data"):
        columns.add_media(i)


def _tool_count(tools: Any) -> int | None:
    """Functions that are declared, and each built-in tool as one."""
    if not isinstance(tools, list):
        return None
    number = 0
    for tool in tools:
        declared = either(tool, "functionDeclarations", "function_declarations")
        number += len(declared) if isinstance(declared, list) else 1
    return number


DIALECT = _Gemini()
