"""Owns session files of Claude Code (``~/.claude/projects/…/*.jsonl``); must not know what a message means.

An answer is told on several lines, one a block of content, under one ``message.id`` and ``requestId``: it is one call, and the last
line's usage is right. A line's ``timestamp`` is when it was written, after the answer; no start of a call is kept. Older versions add
``costUSD`` and ``durationMs``. Source: the files themselves, and daaain/claude-code-log, which documents them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from llm_usage.codecs.json import JsonError
from llm_usage.codecs.values import as_str, money, ns_of
from llm_usage.errors import InputError
from llm_usage.model.account import Account
from llm_usage.model.exchange import Clock, Exchange, Unreadable
from llm_usage.recordings._messages import merged, provider_of
from llm_usage.recordings._parts import bad, exchange, inner
from llm_usage.recordings._records import entries, sample
from llm_usage.recordings._values import instant, to_json
from llm_usage.recordings.document import Document

_TYPES = frozenset(
    {"user", "assistant", "system", "summary", "progress", "attachment", "file-history-snapshot", "queue-operation", "result"}
)
#: The model of what Claude Code wrote itself: a limit that was hit, an error of the network.
SYNTHETIC = "<synthetic>"


@dataclass(slots=True)
class _Call:
    """One answer, as far as its lines have told it."""

    place: str
    message: dict[str, Any]
    line: dict[str, Any]
    """Its first line, without the message."""


class _ClaudeCode:
    name = "claude_code"
    title = "Session files of Claude Code (~/.claude/projects)"

    def claims(self, document: Document) -> bool:
        """Lines of known types, one of them with a session and an id of its own, or a summary of one."""
        found = sample(document)
        known = sum(isinstance(line.get("type"), str) and line["type"] in _TYPES for line in found)
        if not found or known * 4 < len(found) * 3:
            return False
        return any(
            ("sessionId" in line and "uuid" in line and "message" in line) or ("leafUuid" in line and line.get("type") == "summary")
            for line in found
        )

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every answer, in the order of its first line."""
        calls: dict[tuple[object, ...], _Call | JsonError] = {}
        cut: InputError | None = None
        try:
            _note_all(calls, document)
        except InputError as error:
            cut = error
        for index, (key, call) in enumerate(calls.items()):
            if isinstance(call, JsonError):
                yield Unreadable(index, bad(document, str(key[0]), "is not JSON", "Restore the session; it may be cut off there"))
            else:
                yield _exchange(index, call, document)
        if cut is not None:
            raise cut


def _note_all(calls: dict[tuple[object, ...], _Call | JsonError], document: Document) -> None:
    for place, line in entries(document):
        if isinstance(line, JsonError):
            calls[place,] = line
        elif isinstance(line, dict) and line.get("type") == "assistant" and isinstance(line.get("message"), dict):
            _note(calls, place, line)


def _note(calls: dict[tuple[object, ...], _Call | JsonError], place: str, line: dict[str, Any]) -> None:
    message = line["message"]
    own = message.get("id")
    key = (own, str(line.get("requestId"))) if isinstance(own, str) else (place,)
    known = calls.get(key)
    if isinstance(known, _Call):
        known.message = merged(known.message, message)
        known.line |= {name: value for name, value in line.items() if name in ("costUSD", "durationMs")}
    else:
        calls[key] = _Call(place, message, {name: value for name, value in line.items() if name != "message"})


def _exchange(index: int, call: _Call, document: Document) -> Exchange:
    message, line = call.message, call.line
    made_here = message.get("model") == SYNTHETIC
    return exchange(
        document,
        index,
        call.place,
        response_body=to_json({"type": "message", "role": "assistant", **message}),
        clock=Clock(recorded_at=instant(line.get("timestamp")), duration_ns=ns_of(line.get("durationMs"), "ms")),
        account=Account(
            ignored="a message that Claude Code wrote itself" if made_here else None,
            provider=provider_of(message, line.get("requestId")),
            cost_usd=money(line.get("costUSD")),
            cost_by="client",
            project=project_of(line.get("cwd"), document),
            region=as_str(inner(message, "usage").get("inference_geo")),
        ),
    )


def project_of(folder: Any, document: Document) -> str | None:
    """The last part of the folder that the agent worked in; without one, that of the folder which holds the session."""
    if isinstance(folder, str) and folder.strip("/\\"):
        return PurePath(folder.replace("\\", "/")).name
    return document.path.parent.name if document.path is not None else None


FORMAT = _ClaudeCode()
