"""Owns logs of a WebSocket that OpenAI's Responses or Realtime API speaks over: a line a message, ``{dir, msg}``; no dialects.

``msg`` is the message, as a tree or as text. Who sent it is told by its type: a client asks with ``response.create``, all else that begins
with ``response.`` is the server's. One response is one exchange, from ``response.created`` on; its body is its events, one a line. Where
every line has an instant (``ts``, ``time`` …: ISO 8601 or an epoch), events have their arrival, from the request on.
Source: OpenAI, "WebSocket mode" of the Responses API and "Realtime API reference". Not verified on a real file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from llm_usage.codecs.json import JsonError, loads_exact
from llm_usage.codecs.values import as_str
from llm_usage.errors import InputError
from llm_usage.model.account import Account
from llm_usage.model.exchange import NO_CLOCK, Clock, Exchange, Unreadable
from llm_usage.recordings._parts import exchange, inner
from llm_usage.recordings._records import between_ns, entries, epoch, not_json, sample
from llm_usage.recordings._values import to_json
from llm_usage.recordings.document import Document

_SIDES = ("dir", "direction")
_MESSAGES = ("msg", "message", "data", "payload")
_TIMES = ("ts", "timestamp", "time", "at", "t")
_SPOKEN = ("response.", "session.", "conversation.", "input_audio_buffer.", "rate_limits.")
_LAST = frozenset({"response.completed", "response.done", "response.failed", "response.incomplete", "response.cancelled"})


@dataclass(slots=True)
class _Call:
    """One response, as far as its messages have told it."""

    place: str
    request: dict[str, Any] | None = None
    asked_at: Any = None
    own: str | None = None
    over: bool = False
    events: list[bytes] = field(default_factory=list)
    times: list[Any] = field(default_factory=list)


@dataclass(slots=True)
class _Log:
    """What one file tells."""

    found: list[_Call | str] = field(default_factory=list)
    """Responses, and places of lines that cannot be read."""
    asked: list[tuple[str, dict[str, Any], Any]] = field(default_factory=list)
    """Requests without an answer so far."""
    url: str | None = None
    model: str | None = None
    """The model of a Realtime session, which its responses do not name."""


class _WebSocketLog:
    name = "websocket_log"
    title = "Logs of a WebSocket that OpenAI's Responses or Realtime API speaks over ({dir, msg} a line)"

    def claims(self, document: Document) -> bool:
        """Lines with a direction, one of them with a message of these APIs."""
        found = sample(document)
        if not found or not all(any(isinstance(line.get(side), str) for side in _SIDES) for line in found):
            return False
        return any(str(_message(line).get("type")).startswith(_SPOKEN) for line in found)

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every response, in the order in which they began.

        Raises:
            InputError: the last line is cut off.
        """
        log = _Log()
        cut: InputError | None = None
        try:
            for place, line in entries(document):
                if isinstance(line, JsonError):
                    log.found.append(place)
                elif isinstance(line, dict):
                    _note(log, place, line)
        except InputError as error:
            cut = error
        for place, request, at in log.asked:
            log.found.append(_Call(place, request, at))
        for index, call in enumerate(log.found):
            if isinstance(call, str):
                yield Unreadable(index, not_json(document, call))
            else:
                yield _exchange(index, call, log, document)
        if cut is not None:
            raise cut


def _message(line: dict[str, Any]) -> dict[str, Any]:
    found = next((line[name] for name in _MESSAGES if name in line), None)
    if isinstance(found, str):
        try:
            found = loads_exact(found.encode("utf-8", "surrogatepass"))
        except JsonError:
            return {}
    return found if isinstance(found, dict) else {}


def _note(log: _Log, place: str, line: dict[str, Any]) -> None:
    url = as_str(line.get("url"))
    if url is not None and url.startswith("wss://"):
        log.url = "https" + url.removeprefix("wss")
    message = _message(line)
    kind, at = as_str(message.get("type")) or "", next((line[name] for name in _TIMES if name in line), None)
    if kind in ("session.created", "session.updated"):
        log.model = as_str(inner(message, "session").get("model")) or log.model
    elif kind == "response.create":
        asked = inner(message, "response") or {name: value for name, value in message.items() if name not in ("type", "event_id")}
        log.asked.append((place, asked, at))
    elif kind.startswith("response.") and kind != "response.cancel":
        call = _call_of(log, place, kind, message)
        call.events.append(to_json(message))
        call.times.append(at)
        call.over = kind in _LAST
    elif kind == "error":
        open_call = next((call for call in reversed(log.found) if isinstance(call, _Call) and not call.over), None)
        if open_call is None and log.asked:
            open_call = _begin(log, place, None)
        if open_call is not None:
            open_call.events.append(to_json(message))
            open_call.times.append(at)
            open_call.over = True


def _call_of(log: _Log, place: str, kind: str, message: dict[str, Any]) -> _Call:
    """The response that an event is of: by its id where it has one, else the one that goes on."""
    own = as_str(message.get("response_id")) or as_str(inner(message, "response").get("id"))
    calls = [call for call in log.found if isinstance(call, _Call)]
    if own is not None:
        known = next((call for call in reversed(calls) if call.own == own), None)
        if known is not None:
            return known
    elif calls and not calls[-1].over and kind != "response.created":
        return calls[-1]
    return _begin(log, place, own)


def _begin(log: _Log, place: str, own: str | None) -> _Call:
    _, request, at = log.asked.pop(0) if log.asked else ("", None, None)
    call = _Call(place, request, at, own)
    log.found.append(call)
    return call


def _exchange(index: int, call: _Call, log: _Log, document: Document) -> Exchange:
    return exchange(
        document,
        index,
        call.place,
        url=log.url,
        request_body=call.request,
        response_body=b"".join(event + b"\n" for event in call.events),
        clock=_clock(call),
        incomplete=not call.over,
        account=Account(api="openai_responses", request_model=log.model) if log.model is not None else None,
    )


def _clock(call: _Call) -> Clock:
    started = epoch(call.asked_at)
    if started is None:
        return NO_CLOCK
    arrived = [between_ns(call.asked_at, at) for at in call.times]
    told = [at for at in arrived if at is not None]
    if not told or len(told) < len(arrived) or any(later < earlier for earlier, later in pairwise(told)):
        return Clock(started_at=started)
    ends, end = [], 0
    for event in call.events:
        end += len(event) + 1
        ends.append(end)
    return Clock(started_at=started, duration_ns=told[-1] if call.over else None, origin="request", read_ends=ends, arrivals_ns=told)


FORMAT = _WebSocketLog()
