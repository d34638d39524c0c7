"""Owns what ``claude -p --output-format stream-json`` prints; must not know what a message means.

With ``--include-partial-messages`` the raw events of each answer are inside (``stream_event``), and they are the answer. Without, an
answer is told on several lines with the usage it began with: its output is counted only in ``result``, which sums over all calls of
the session. It is put on an answer only where there is one; a sum over several is on none of them. Source: Anthropic, "Claude Code,
headless mode", and recordings in maruel/genai.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from llm_usage.codecs.json import JsonError
from llm_usage.codecs.values import as_str, money, ns_of
from llm_usage.errors import InputError
from llm_usage.model.account import Account
from llm_usage.model.exchange import NO_CLOCK, Clock, Exchange, Unreadable
from llm_usage.recordings._messages import merged, provider_of
from llm_usage.recordings._parts import bad, exchange, inner
from llm_usage.recordings._records import entries, sample
from llm_usage.recordings._values import to_json
from llm_usage.recordings.claude_code import SYNTHETIC, project_of
from llm_usage.recordings.document import Document

_TYPES = frozenset({"system", "assistant", "user", "stream_event", "result", "rate_limit_event", "control_request", "control_response"})
#: Limits that only plans have.
_PLAN_LIMITS = frozenset({"five_hour", "seven_day", "seven_day_opus", "seven_day_sonnet"})


@dataclass(slots=True)
class _Call:
    place: str
    message: dict[str, Any] | None = None
    events: list[bytes] = field(default_factory=list)

    @property
    def made_here(self) -> bool:
        """Claude Code wrote it itself."""
        return self.message is not None and self.message.get("model") == SYNTHETIC


@dataclass(slots=True)
class _Session:
    """What one file tells."""

    calls: dict[str, _Call] = field(default_factory=dict)
    streaming: dict[Any, _Call] = field(default_factory=dict)
    """The answer whose events come now, by the tool use that a subagent works for."""
    results: list[dict[str, Any]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    folder: Any = None
    by_plan: bool = False


class _ClaudeStreamJson:
    name = "claude_stream_json"
    title = "What claude -p --output-format stream-json prints"

    def claims(self, document: Document) -> bool:
        """Lines of known types, with the session's id on one that only this output has."""
        found = sample(document)
        if not found or not all(isinstance(line.get("type"), str) and line["type"] in _TYPES for line in found):
            return False
        return any("session_id" in line and line["type"] in ("system", "assistant", "stream_event", "result") for line in found) or any(
            line["type"] == "system" and line.get("subtype") == "init" for line in found
        )

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every answer, in the order in which they began."""
        session = _Session()
        cut: InputError | None = None
        try:
            for place, line in entries(document):
                if isinstance(line, JsonError):
                    session.broken.append(place)
                elif isinstance(line, dict):
                    _note(session, place, line)
        except InputError as error:
            cut = error
        calls = [call for call in session.calls.values() if call.message is not None or call.events]
        paid = [call for call in calls if not call.made_here]
        result = session.results[0] if len(paid) == 1 and len(session.results) == 1 else None
        for index, call in enumerate(calls):
            yield _exchange(index, call, None if call.made_here else result, session, document)
        for index, place in enumerate(session.broken, len(calls)):
            yield Unreadable(index, bad(document, place, "is not JSON", "Restore or re-record the file; it may be cut off there"))
        if cut is not None:
            raise cut


def _note(session: _Session, place: str, line: dict[str, Any]) -> None:
    kind = line.get("type")
    if kind == "assistant" and isinstance(message := line.get("message"), dict):
        call = session.calls.setdefault(str(message.get("id") or place), _Call(place))
        call.message = merged(call.message, message)
    elif kind == "stream_event" and isinstance(event := line.get("event"), dict):
        parent = line.get("parent_tool_use_id")
        if event.get("type") == "message_start":
            own = str(inner(event, "message").get("id") or place)
            session.streaming[parent] = session.calls.setdefault(own, _Call(place))
        if (call := session.streaming.get(parent)) is not None:  # type: ignore[assignment]
            call.events.append(to_json(event))
    elif kind == "result":
        session.results.append(line)
    elif kind == "system" and line.get("subtype") == "init":
        session.folder = line.get("cwd")
    elif kind == "rate_limit_event":
        session.by_plan |= as_str(inner(line, "rate_limit_info").get("rateLimitType")) in _PLAN_LIMITS


def _exchange(index: int, call: _Call, result: dict[str, Any] | None, session: _Session, document: Document) -> Exchange:
    message = call.message or {}
    clock, cost = NO_CLOCK, None
    if result is not None:
        clock = Clock(duration_ns=ns_of(result.get("duration_api_ms"), "ms"), first_token_ns=ns_of(result.get("ttft_ms"), "ms"))
        cost = money(result.get("total_cost_usd"))
    if call.events:
        body = b"\n".join(call.events) + b"\n"
    else:
        if result is not None:
            message = {**message, "usage": {**inner(message, "usage"), **inner(result, "usage")}}
            message["stop_reason"] = message.get("stop_reason") or result.get("stop_reason")
        body = to_json({"type": "message", "role": "assistant", **message})
    return exchange(
        document,
        index,
        call.place,
        response_body=body,
        clock=clock,
        account=Account(
            ignored="a message that Claude Code wrote itself" if call.made_here else None,
            provider=provider_of(message, None),
            partial=not call.events and result is None and message.get("stop_reason") is None,
            cost_usd=cost,
            cost_by="client",
            traffic="subscription" if session.by_plan else None,
            project=project_of(session.folder, document) if isinstance(session.folder, str) else None,
            response_id=as_str(message.get("id")),
        ),
    )


FORMAT = _ClaudeStreamJson()
