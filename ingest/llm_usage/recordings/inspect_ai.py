"""Owns evaluation logs of Inspect (``inspect_ai``, and R's ``vitals``): JSON, or an ``.eval`` zip of it; must not know what a body means.

Each call is an event ``model`` of a sample. ``call.response`` is the raw answer where the log kept it, ``output.usage`` counts in Inspect's
words. Whether these count cached input and reasoning inside or beside differs by provider and version: the total beside them tells.
Sums (``stats.model_usage``, a sample's ``model_usage``) are never read. ``cache: "read"`` was answered from Inspect's own cache and
``mockllm`` is a stand-in: no model was called. ``timestamp`` is the start, ``output.time`` the seconds of the call.
Source: UKGovernmentBEIS/inspect_ai, src/inspect_ai (event/_model.py, model/_model_output.py, log/_recorders/eval.py).
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from llm_usage.codecs.content import decode_body
from llm_usage.codecs.json import JsonError, loads_exact
from llm_usage.codecs.values import as_str, dig, items, money, ns_of
from llm_usage.errors import InputError
from llm_usage.model.account import Account
from llm_usage.model.exchange import Clock, Exchange, Unreadable
from llm_usage.recordings._parts import each, exchange, inner
from llm_usage.recordings._records import counts
from llm_usage.recordings._values import instant, to_json
from llm_usage.recordings.document import Document

#: The first member of an archive, by its local header.
_ARCHIVE = re.compile(rb"PK\x03\x04.{26}(?:_journal/|header\.json|samples/|summaries\.json|reductions\.json)", re.DOTALL)
_NO_CALL = "an evaluation log without samples: it has sums over calls, and no call"
#: Inspect's prefixes behind which the next part of the name says who serves.
_VARIANTS = {"azure": "azure", "bedrock": "bedrock", "vertex": "vertex"}
#: Who has one API that Inspect speaks; that of the others is told by the raw answer only.
_APIS = {"anthropic": "anthropic_messages", "google": "gemini"}
#: The method of compression that newer versions write and Python's ``zipfile`` does not know.
_ZSTD = 93
_DEPTH = 16


class _InspectAi:
    name = "inspect_ai"
    title = "Evaluation logs of Inspect (inspect_ai, vitals): JSON or .eval"

    def claims(self, document: Document) -> bool:
        """A log, several by their file names, a sample, or a timeline of events of which one is a model's."""
        if document.syntax == "binary":
            return _ARCHIVE.match(document.head) is not None
        tree = document.probe if document.syntax == "json" else None
        if not isinstance(tree, dict):
            return False
        listed = list(tree.values())
        return _is_log(tree) or _is_sample(tree) or (bool(listed) and all(_is_log(log) for log in listed))

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every model event, in the order of the log."""
        return each(document, _events(document), _exchange)


def _is_log(tree: Any) -> bool:
    told = isinstance(tree, dict) and isinstance(tree.get("eval"), dict) and "status" in tree
    return told and not {"plan", "stats", "samples"}.isdisjoint(tree)


def _is_sample(tree: dict[str, Any]) -> bool:
    events = [event for event in items(tree.get("events")) if isinstance(event, dict)]
    return any(event.get("event") == "model" and "output" in event and "config" in event for event in events)


def _events(document: Document) -> Iterator[tuple[str, Any]]:
    """Each model event with its place; where there is none, None once."""
    found = False
    for place, tree in _trees(document):
        for event_place, event in _of_log(place, tree):
            found = True
            yield event_place, event
    if not found:
        yield "log", None


def _trees(document: Document) -> Iterator[tuple[str, Any]]:
    """The logs or samples of a file."""
    if document.syntax != "binary":
        tree = document.tree(exact=True)
        if _is_log(tree) or _is_sample(tree):
            yield "", tree
        else:
            yield from tree.items() if isinstance(tree, dict) else ()
        return
    left = document.limits.document_bytes
    content = document.content
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.infolist():
                if not member.filename.startswith("samples/") or not member.filename.endswith(".json"):
                    continue
                data = _member(archive, member, content, left, document)
                if len(data) > left:
                    raise document.limits.exceeded(document.name, "document_bytes", "an archive of larger size")
                left -= len(data)
                yield member.filename, loads_exact(data)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError, struct.error, JsonError):
        raise InputError(document.name, "archive cannot be read on", "Restore the log; it may be cut off or encrypted") from None


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, content: bytes, limit: int, document: Document) -> bytes:
    """A member, of which at most one byte more than ``limit`` is unpacked."""
    if member.compress_type != _ZSTD:
        with archive.open(member) as stream:
            return stream.read(limit + 1)
    name, extra = struct.unpack("<HH", content[member.header_offset + 26 : member.header_offset + 30])
    begin = member.header_offset + 30 + name + extra
    data, whole = decode_body(content[begin : begin + member.compress_size], "zstd", document.limits, document.name)
    if not whole:
        raise EOFError
    return data


def _of_log(place: str, tree: Any) -> Iterator[tuple[str, Any]]:
    samples = items(tree.get("samples")) if isinstance(tree, dict) and _is_log(tree) else [tree]
    for number, sample in enumerate(samples):
        here = f"{place} samples[{number}]".strip() if len(samples) > 1 or not place else place
        yield from _of_events(here, sample.get("events") if isinstance(sample, dict) else None, _DEPTH)


def _of_events(place: str, events: Any, depth: int) -> Iterator[tuple[str, Any]]:
    """Model events, also those inside a tool's or a subtask's."""
    for number, event in enumerate(items(events)):
        if not isinstance(event, dict):
            continue
        if event.get("event") == "model":
            yield f"{place} events[{number}]", event
        elif depth:
            yield from _of_events(f"{place} events[{number}]", event.get("events"), depth - 1)


def _exchange(index: int, place: str, event: Any, document: Document) -> Exchange:
    if event is None:
        return exchange(document, index, place, account=Account(ignored=_NO_CALL))
    call, output = inner(event, "call"), inner(event, "output")
    usage = inner(output, "usage")
    service, model = _names(as_str(event.get("model")) or "")
    response, error = call.get("response"), event.get("error") or output.get("error") or call.get("error")
    body = to_json(response) if isinstance(response, dict) and response else None
    tokens, sure = _tokens(usage, service)
    return exchange(
        document,
        index,
        place,
        request_body=call.get("request") if isinstance(call.get("request"), dict) else None,
        response_body=body,
        clock=Clock(
            started_at=instant(event.get("timestamp")),
            duration_ns=ns_of(output.get("time", call.get("time")), "s") or None,
        ),
        account=Account(
            ignored=_ignored(event, service),
            api=_APIS.get(service or "", "other"),
            operation="chat",
            request_model=model or None,
            response_model=as_str(output.get("model")) if not body and not error else None,
            provider_raw=service,
            gateway="openrouter" if service == "openrouter" else None,
            failed=bool(error),
            finish_reason=None if error else as_str(dig(output, "choices", 0, "stop_reason")) if body is None else None,
            tokens=tokens,
            partial=not sure,
            usage=usage,
            cost_usd=money(usage.get("total_cost")),
            cost_by="client",
        ),
    )


def _ignored(event: Mapping[str, Any], service: str | None) -> str | None:
    if service == "mockllm":
        return "mockllm, a stand-in of Inspect's: no model was called"
    if event.get("cache") == "read":
        return "answered from Inspect's own cache: no model was called"
    if event.get("pending") is True:
        return "a call that was not over when the log was written"
    return None


def _names(name: str) -> tuple[str | None, str]:
    """Who serves and the model there, of ``openai/gpt-4o``, ``openai/azure/gpt-4o``, ``openai-api/<provider>/<model>``."""
    parts = name.split("/")
    if len(parts) < 2:
        return None, name
    if parts[0] == "openai-api" and len(parts) > 2:
        return parts[1], "/".join(parts[2:])
    if parts[0] in ("openai", "anthropic", "google", "mistral") and len(parts) > 2 and parts[1] in _VARIANTS:
        return parts[1], "/".join(parts[2:])
    return parts[0], "/".join(parts[1:])


def _tokens(usage: Mapping[str, Any], service: str | None) -> tuple[dict[str, int], bool]:
    """Counts by their columns, and whether it is certain what they count."""
    found = counts(usage, cache_read_tokens="cache_read_input_tokens", cache_write_tokens="cache_creation_input_tokens")  # vitals
    found |= counts(
        usage,
        input_tokens="input_tokens",
        cache_read_tokens="input_tokens_cache_read",
        cache_write_tokens="input_tokens_cache_write",
        output_tokens="output_tokens",
        reasoning_tokens="reasoning_tokens",
        total_tokens_reported="total_tokens",
    )
    if "input_tokens" not in found or "output_tokens" not in found:
        return found, not found
    told, said = found["input_tokens"], found["output_tokens"]
    cached = found.get("cache_read_tokens", 0) + found.get("cache_write_tokens", 0)
    thought, total = found.get("reasoning_tokens", 0), found.get("total_tokens_reported")
    ways = [(told + cache, said + mind) for mind in (0, thought) for cache in (cached, 0) if cache or cached <= told]
    fits = [way for way in ways if sum(way) == total]
    if not fits and cached and not thought:  # where no total tells, the wire of these two does
        fits = ways[:1] if service in ("anthropic", "bedrock") or cached > told else ways[1:] if service in ("openai", "azure") else []
    found["input_tokens"], found["output_tokens"] = fits[0] if fits else (told, said)
    if not fits and cached:
        del found["input_tokens"]
    if not fits and thought:
        del found["output_tokens"]
    return found, bool(fits) or not (cached or thought)


FORMAT = _InspectAi()
