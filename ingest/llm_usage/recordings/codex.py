"""Owns what Codex keeps of its calls: rollouts of sessions (``~/.codex/sessions/…/rollout-*.jsonl``) and logs of its app-server.

No answer is in them, only counts: ``last_token_usage`` (``tokenUsage.last``) is one request, the total beside it is the sum so far and
never counted; what ``codex exec --json`` prints has only such sums. The same counts are told again when limits change: a total that did not
move is no new request, and counts of nothing are an estimate after the history was shortened. Input includes cached input, output includes
reasoning. A line's time is when it was written.
Sources: openai/codex, codex-rs/protocol (``TokenUsageInfo``, ``RolloutItem``) and app-server README; recordings in maruel/genai.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from llm_usage.codecs.json import JsonError
from llm_usage.codecs.values import as_str
from llm_usage.errors import InputError
from llm_usage.model.account import Account
from llm_usage.model.exchange import Clock, Exchange, Unreadable
from llm_usage.recordings._parts import exchange, inner
from llm_usage.recordings._records import counts, entries, epoch, not_json, sample
from llm_usage.recordings.claude_code import project_of
from llm_usage.recordings.document import Document

_ROLLOUT = frozenset({"session_meta", "turn_context", "event_msg", "response_item", "compacted"})
#: What ``codex exec --json`` prints: a turn's usage there is a sum over its requests.
_EXEC = frozenset({"thread.started", "turn.started", "turn.completed", "turn.failed", "item.started", "item.updated", "item.completed"})
_METHODS = ("thread/", "turn/", "item/", "codex/event/", "account/", "mcpServer/", "remoteControl/", "sessionConfigured")
#: A count by its name in rollouts, and in the app-server's words.
_NAMES = {
    "input_tokens": ("input_tokens", "inputTokens"),
    "cached_input_tokens": ("cached_input_tokens", "cachedInputTokens"),
    "output_tokens": ("output_tokens", "outputTokens"),
    "reasoning_output_tokens": ("reasoning_output_tokens", "reasoningOutputTokens"),
    "total_tokens": ("total_tokens", "totalTokens"),
}


@dataclass(slots=True)
class _Call:
    """One request, as its counts tell it."""

    place: str
    usage: dict[str, Any]
    model: str | None
    provider: str | None
    folder: str | None
    turn: str | None
    at: datetime | None


@dataclass(slots=True)
class _Thread:
    """What is in force in one conversation."""

    model: str | None = None
    provider: str | None = None
    folder: str | None = None
    begun: datetime | None = None
    total: dict[str, Any] | None = None
    """The sum when counts were last told."""


@dataclass(slots=True)
class _Session:
    """What one file tells."""

    found: list[_Call | str] = field(default_factory=list)
    """Requests, and places of lines that cannot be read."""
    threads: dict[str | None, _Thread] = field(default_factory=dict)
    turns: dict[str | None, datetime] = field(default_factory=dict)
    """When a turn ended, or began where its end is not told."""
    plan: str | None = None
    """The plan of the account, by the limits that it has."""


class _Codex:
    name = "codex"
    title = "Codex: rollouts of sessions (~/.codex/sessions) and logs of its app-server"

    def claims(self, document: Document) -> bool:
        """Lines of a rollout (a type and its payload), or messages of the app-server of which one speaks of a thread."""
        found = sample(document)
        if not found:
            return False
        lines = sum(line.get("type") in _ROLLOUT and isinstance(line.get("payload"), dict) for line in found if _is_text(line.get("type")))
        printed = sum(line.get("type") in _EXEC for line in found if _is_text(line.get("type")))
        if lines * 4 >= len(found) * 3 or (printed * 4 >= len(found) * 3 and found[0].get("type") == "thread.started"):
            return True
        methods = [line["method"] for line in found if _is_text(line.get("method")) and "params" in line]
        spoken = all(_is_text(line.get("method")) or ("id" in line and ("result" in line or "error" in line)) for line in found)
        return spoken and any(name.startswith(("thread/", "codex/event/")) for name in methods) and all(map(_is_known, methods))

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every request, in the order in which its counts were told.

        Raises:
            InputError: the last line is cut off.
        """
        session = _Session()
        cut: InputError | None = None
        try:
            for place, line in entries(document):
                if isinstance(line, JsonError):
                    session.found.append(place)
                elif isinstance(line, dict):
                    _note(session, place, line)
        except InputError as error:
            cut = error
        if not session.found:
            yield exchange(document, 0, "session", account=Account(ignored="no request is told of: no counts, or sums over a turn only"))
        for index, call in enumerate(session.found):
            if isinstance(call, str):
                yield Unreadable(index, not_json(document, call))
            else:
                yield _exchange(index, call, session, document)
        if cut is not None:
            raise cut


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_known(method: str) -> bool:
    return method.startswith(_METHODS) or method in ("initialize", "initialized", "error", "warning", "configWarning", "model/list")


def _note(session: _Session, place: str, line: dict[str, Any]) -> None:
    if _is_text(line.get("method")):
        _note_message(session, place, line["method"], inner(line, "params"))
    elif "result" in line:
        result = inner(line, "result")
        if inner(result, "thread"):
            _note_thread(session, result)
    elif isinstance(line.get("payload"), dict):
        _note_line(session, place, line, line["payload"])


def _note_line(session: _Session, place: str, line: dict[str, Any], payload: dict[str, Any]) -> None:
    """A line of a rollout."""
    thread = session.threads.setdefault(None, _Thread())
    kind, event = line.get("type"), payload.get("type")
    if kind == "session_meta":
        thread.provider = as_str(payload.get("model_provider")) or thread.provider
        thread.folder = thread.folder or as_str(payload.get("cwd"))
    elif kind == "turn_context":
        thread.model = as_str(payload.get("model")) or thread.model
        thread.folder = as_str(payload.get("cwd")) or thread.folder
    elif kind == "event_msg" and event == "token_count":
        session.plan = as_str(inner(payload, "rate_limits").get("plan_type")) or session.plan
        info = inner(payload, "info")
        _note_usage(session, place, None, inner(info, "last_token_usage"), inner(info, "total_token_usage"), epoch(line.get("timestamp")))
    elif kind == "event_msg" and event == "model_reroute":
        thread.model = as_str(payload.get("to_model")) or thread.model


def _note_message(session: _Session, place: str, method: str, params: dict[str, Any]) -> None:
    """A notification of the app-server. Versions of it tell the same twice, as ``codex/event/…`` and in newer words."""
    own = as_str(params.get("threadId")) or as_str(params.get("conversationId"))
    if method == "thread/tokenUsage/updated":
        usage = inner(params, "tokenUsage")
        _note_usage(session, place, own, inner(usage, "last"), inner(usage, "total"), None, as_str(params.get("turnId")))
    elif method == "codex/event/token_count":
        said = inner(params, "msg")
        session.plan = as_str(inner(said, "rate_limits").get("plan_type")) or session.plan
        info = inner(said, "info")
        turn = as_str(params.get("id"))
        _note_usage(session, place, own, inner(info, "last_token_usage"), inner(info, "total_token_usage"), None, turn)
    elif method == "account/rateLimits/updated":
        session.plan = as_str(inner(params, "rateLimits").get("planType")) or session.plan
    elif method in ("turn/started", "turn/completed"):
        told = inner(params, "turn")
        at = epoch(told.get("completedAt")) or epoch(told.get("startedAt"))
        if at is not None:
            session.turns[as_str(told.get("id"))] = at
    elif method == "thread/started":
        _note_thread(session, params)
    elif method == "model/rerouted":
        thread = session.threads.setdefault(own, _Thread())
        thread.model = as_str(params.get("toModel")) or thread.model


def _note_thread(session: _Session, told: dict[str, Any]) -> None:
    """What the app-server answers when a thread is begun or taken up again."""
    tree = inner(told, "thread")
    thread = session.threads.setdefault(as_str(tree.get("id")), _Thread())
    thread.model = as_str(told.get("model")) or as_str(tree.get("model")) or thread.model
    thread.provider = as_str(told.get("modelProvider")) or as_str(tree.get("modelProvider")) or thread.provider
    thread.folder = as_str(told.get("cwd")) or as_str(tree.get("cwd")) or thread.folder
    thread.begun = epoch(tree.get("createdAt")) if tree.get("turns") == [] else thread.begun


def _note_usage(
    session: _Session,
    place: str,
    own: str | None,
    last: dict[str, Any],
    total: dict[str, Any],
    at: datetime | None,
    turn: str | None = None,
) -> None:
    thread = session.threads.setdefault(own, _Thread())
    usage, so_far = _told(last), _told(total)
    again = bool(so_far) and so_far == thread.total
    thread.total = so_far or thread.total
    if not again and (usage.get("input_tokens") or usage.get("output_tokens")):
        session.found.append(_Call(place, usage, thread.model, thread.provider, thread.folder, turn, at or thread.begun))


def _told(usage: dict[str, Any]) -> dict[str, Any]:
    """The counts under the names that rollouts have."""
    return {name: usage[key] for name, keys in _NAMES.items() for key in keys if key in usage}


def _exchange(index: int, call: _Call, session: _Session, document: Document) -> Exchange:
    return exchange(
        document,
        index,
        call.place,
        clock=Clock(recorded_at=session.turns.get(call.turn) or call.at),
        account=Account(
            api="openai_responses",
            request_model=call.model,
            provider_raw=call.provider,
            tokens=counts(
                call.usage,
                input_tokens="input_tokens",
                cache_read_tokens="cached_input_tokens",
                output_tokens="output_tokens",
                reasoning_tokens="reasoning_output_tokens",
                total_tokens_reported="total_tokens",
            ),
            usage=call.usage,
            traffic="subscription" if session.plan else None,
            project=project_of(call.folder, document) if call.folder else None,
        ),
    )


FORMAT = _Codex()
