"""Owns the dialect of OpenAI's Assistants API (API reference, "Runs" and "Assistants streaming"): runs, streamed or polled.

Must not know who speaks it (Azure does, too). A run is one answer however many steps it takes: ``usage`` of ``thread.run`` is the sum of
its steps', and comes when the run has ended. Of a run that was cut the steps that were told are counted, as a part.
"""

from __future__ import annotations

from typing import Any

from llm_usage.codecs.values import as_count, as_str, dig, epoch_s, items
from llm_usage.dialects._common import facts
from llm_usage.dialects._request import NONE, OWN
from llm_usage.dialects._streams import add_usage, close, heads, json_text, merge_usage, messages
from llm_usage.dialects.error_body import note_error
from llm_usage.model.chunk_columns import ERROR, FINISH, ChunkColumns
from llm_usage.model.observations import Observations, RequestFacts
from llm_usage.model.stream import Stream

_OBJECTS = frozenset({"thread.run", "thread.run.step", "thread.run.step.delta", "thread.message.delta"})
#: How a run ends. ``requires_action`` ends a stream: the run goes on when the tools' outputs are handed in.
ENDS = frozenset({"completed", "incomplete", "failed", "cancelled", "expired", "requires_action"})
_FAILS = frozenset({"failed", "cancelled", "expired"})
_COUNTS = {"input_tokens": "prompt_tokens", "output_tokens": "completion_tokens", "total_tokens_reported": "total_tokens"}


class _OpenAIAssistants:
    api = "openai_assistants"
    title = 'OpenAI\'s Assistants API (API reference, "Runs" and "Assistants streaming")'

    def claims_payload(self, stream: Stream) -> bool:
        """A run, a step of one, or a piece of its message."""
        return any(as_str(payload.get("object")) in _OBJECTS for payload in heads(stream))

    def claims_path(self, path: str) -> bool:
        """…/threads/{id}/runs, …/threads/runs, …/submit_tool_outputs."""
        place = path.rstrip("/")
        return "/threads" in place and place.endswith(("/runs", "/submit_tool_outputs"))

    def claims_request(self, body: Any) -> int:
        """An assistant's id is nobody else's."""
        return OWN if isinstance(body, dict) and isinstance(body.get("assistant_id"), str) else NONE

    def observe(self, stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
        """Read every event, or the run."""
        steps: dict[str, dict[str, int]] = {}
        for i, payload in messages(stream, columns, observed):
            kind = payload.get("object")
            if kind == "thread.run":
                observed.message_seen = True
                _read_run(i, payload, stream, columns, observed)
            elif kind == "thread.message.delta":
                observed.message_seen = True
                _read_delta(i, payload, columns)
            elif kind == "thread.run.step.delta":
                for call in items(dig(payload, "delta", "step_details", "tool_calls")):
                    columns.add_tool(i, _words(call))
            elif kind == "thread.run.step":
                _note_step(payload, steps, observed)
                columns.has_usage[i] = isinstance(payload.get("usage"), dict)
            elif not isinstance(kind, str):
                note_error(i, payload, columns, observed)
        if not observed.tokens and steps:
            for column in _COUNTS:
                if any(column in step for step in steps.values()):
                    observed.count(column, sum(step.get(column, 0) for step in steps.values()))
            observed.usage_source = "partial"
        close(stream, columns, observed)

    def request_facts(self, body: Any, path: str) -> RequestFacts:  # noqa: ARG002 - the protocol has it
        """Model where the run sets one of its own, instructions, tools and the messages that come with it."""
        asked = body if isinstance(body, dict) else {}
        thread = asked.get("thread")
        said = dig(thread, "messages") if isinstance(thread, dict) else asked.get("additional_messages")
        return facts(
            body,
            operation="chat",
            messages=said,
            tools=asked.get("tools"),
            system=asked.get("instructions"),
            extra={"assistant": asked.get("assistant_id")},  # it brings instructions and tools of its own
            limits=("max_completion_tokens",),
        )


def _read_run(i: int, run: dict[str, Any], stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
    observed.response_id = as_str(run.get("id")) or observed.response_id
    observed.response_model = as_str(run.get("model")) or observed.response_model
    observed.created_s = epoch_s(run.get("created_at")) or observed.created_s
    observed.completed_s = epoch_s(run.get("completed_at")) or observed.completed_s
    usage = run.get("usage")
    if isinstance(usage, dict) and usage:
        add_usage(i, columns, observed)
        merge_usage(i, usage, stream, observed, "usage")
        for column, name in _COUNTS.items():
            observed.count(column, usage.get(name))
        observed.count("cache_read_tokens", dig(usage, "prompt_token_details", "cached_tokens"))
        columns.cum_input_tokens[i] = observed.tokens.get("input_tokens")
        columns.set_output(i, observed.tokens.get("output_tokens"), 0)
    status = as_str(run.get("status"))
    if status not in ENDS:
        return
    columns.mark_kind(i, FINISH)
    columns.finish_reason[i] = observed.finish(dig(run, "incomplete_details", "reason") or status)
    if status in _FAILS:
        observed.fail(status, dig(run, "last_error", "code"))
        columns.mark_kind(i, ERROR)


def _read_delta(i: int, payload: dict[str, Any], columns: ChunkColumns) -> None:
    for part in items(dig(payload, "delta", "content")):
        text = dig(part, "text", "value")
        if isinstance(text, str):
            columns.add_text(i, text)
        elif isinstance(part, dict) and part.get("type") in ("image_file", "image_url"):
            columns.add_media(i)


def _words(call: Any) -> str:
    function = dig(call, "function") or {}
    written = as_str(dig(call, "code_interpreter", "input")) or ""
    return (as_str(dig(function, "name")) or "") + json_text(dig(function, "arguments")) + written


def _note_step(step: dict[str, Any], steps: dict[str, dict[str, int]], observed: Observations) -> None:
    usage, identity = step.get("usage"), as_str(step.get("id"))
    if isinstance(usage, dict) and identity is not None:
        counts = steps.setdefault(identity, {})
        for column, name in _COUNTS.items():
            count = as_count(usage.get(name))
            if count is not None:
                counts[column] = count
            elif usage.get(name) is not None:
                observed.flag(f"bad_count:{column}")


DIALECT = _OpenAIAssistants()
