"""Owns OpenTelemetry's spans with attributes ``gen_ai.*``: OTLP/JSON (the collector's file exporter) and one span a row; no dialects.

A row has its attributes as a mapping, or as columns of its own, as our mart ``otel_spans`` exports them. A call is a span of an operation
that generates; those of agents, tools and workflows are none, and neither is a span with calls below it: it tells of them once more.
``gen_ai.usage.input_tokens`` is all input; where cached input is more than that, it was counted beside it (older instrumentations).
Prompts in attributes and events are not read. Sources: OpenTelemetry, "Semantic conventions for generative client AI spans" and
opentelemetry-proto (OTLP/JSON: 64-bit integers are text); names before version 1.30 by OpenLLMetry, OpenLIT and Pydantic Logfire.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from llm_usage.codecs.json import JsonError
from llm_usage.codecs.values import as_str, items, money, ns_of
from llm_usage.errors import InputError
from llm_usage.model.account import Account
from llm_usage.model.exchange import Clock, Exchange, Unreadable
from llm_usage.recordings._gen_ai import USAGE, api, tokens, url
from llm_usage.recordings._parts import each, exchange, inner
from llm_usage.recordings._records import between_ns, count_of, not_json, sample, utc
from llm_usage.recordings._tables import columns, rows, tree, truth
from llm_usage.recordings.document import Document

_GENERATES = frozenset(
    {"chat", "text_completion", "generate_content", "embeddings", "completion", "embedding", "image_generation", "speech"}
)
#: Attributes that only spans of agents and tools have, where no operation is named.
_AGENTS = frozenset({"gen_ai.agent.name", "gen_ai.tool.name", "agent_name"})


class _Otel:
    name = "otel"
    title = "OpenTelemetry's gen_ai.* spans: OTLP/JSON, or one span a row"

    def claims(self, document: Document) -> bool:
        """Requests of OTLP with spans, or rows with ids of a span and an attribute of generative AI."""
        found = sample(document, 5)
        if not found:
            table = columns(document)
            return {"trace_id", "span_id", "name"} <= table and any(name.startswith("gen_ai.") for name in table)
        return all(_resources(item) for item in found) or (
            all(_is_row(item) for item in found) and any(key.startswith("gen_ai.") for item in found for key in _attributes(item))
        )

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every span of a model call, in the order of the file."""
        around = _around(document)
        return each(document, _calls(document, around), _exchange)


def _resources(item: Any) -> list[Any]:
    return items(item.get("resourceSpans", item.get("resource_spans"))) if isinstance(item, dict) else []


def _is_row(item: dict[str, Any]) -> bool:
    return bool(_span_id(item)) and "name" in item and bool({"kind", "attributes", "trace_id", "traceId", "context"} & item.keys())


def _spans(document: Document) -> Iterator[tuple[str, Any]]:
    """Every span with its place; a line that cannot be read is a `JsonError`."""
    for place, item in rows(document, columns(document)):
        if not isinstance(item, dict):
            yield place, item
            continue
        resources = _resources(item)
        if not resources:
            yield place, item
        for resource in resources:
            for scope in items(_either(resource, "scopeSpans", "scope_spans") or _either(resource, "instrumentationLibrarySpans")):
                for span in items(_either(scope, "spans")):
                    yield place, span


def _either(tree: Any, *names: str) -> Any:
    return next((tree[name] for name in names if name in tree), None) if isinstance(tree, dict) else None


def _around(document: Document) -> set[str]:
    """Ids of the spans that have a model call somewhere below them."""
    parents: dict[str, str] = {}
    calls: list[str] = []
    with suppress(InputError):  # told when the calls are read
        for _, span in _spans(document):
            own, parent = _span_id(span), as_str(_either(span, "parentSpanId", "parent_span_id", "parent_id"))
            if own and parent:
                parents[own] = parent
                if _is_call(_attributes(span)):
                    calls.append(own)
    found: set[str] = set()
    for call in calls:
        above = parents.get(call)
        while above is not None and above not in found:
            found.add(above)
            above = parents.get(above)
    return found


def _calls(document: Document, around: set[str]) -> Iterator[tuple[str, Any]]:
    """The spans of calls; where there is none, None once."""
    found = False
    for place, span in _spans(document):
        if isinstance(span, JsonError) or (_is_call(_attributes(span)) and _span_id(span) not in around):
            found = True
            yield place, span
    if not found:
        yield "spans", None


def _is_call(told: Mapping[str, Any]) -> bool:
    """Whether a span of these attributes is one call of a model."""
    operation = told.get("gen_ai.operation.name")
    if operation is not None:
        return isinstance(operation, str) and operation in _GENERATES
    model = as_str(told.get("gen_ai.request.model")) or as_str(told.get("gen_ai.response.model"))
    return model is not None and "traceloop.span.kind" not in told and not _AGENTS.intersection(told)


def _attributes(span: Any) -> Mapping[str, Any]:
    """By name: of OTLP's list, of a mapping (also as JSON text), or of a row's columns."""
    told = tree(_either(span, "attributes"))
    if isinstance(told, list):
        return {str(item.get("key")): _value(item.get("value")) for item in told if isinstance(item, dict)}
    if isinstance(told, dict):
        return told
    return span if isinstance(span, dict) else {}


def _value(value: Any) -> Any:
    """What OTLP's ``AnyValue`` holds."""
    if not isinstance(value, dict):
        return value
    listed = _either(value, "arrayValue", "array_value")
    if listed is not None:
        return [_value(item) for item in items(_either(listed, "values"))]
    return _either(value, "stringValue", "intValue", "doubleValue", "boolValue", "string_value", "int_value", "double_value", "bool_value")


def _span_id(span: Any) -> str | None:
    return as_str(_either(span, "spanId", "span_id")) or as_str(inner(span, "context").get("span_id"))


def _exchange(index: int, place: str, span: Any, document: Document) -> Exchange:
    if isinstance(span, JsonError):
        raise not_json(document, place)
    if span is None:
        return exchange(document, index, place, account=Account(ignored="spans, and none of them is a call of a model"))
    told = _attributes(span)
    start = _either(span, "startTimeUnixNano", "start_time_unix_nano", "start_time", "startTime")
    end = _either(span, "endTimeUnixNano", "end_time_unix_nano", "end_time", "endTime")
    observed = told.get("started_at_source") in (None, "recorder")  # our own mart says what its start is
    operation, provider = as_str(told.get("gen_ai.operation.name")), as_str(_either(told, "gen_ai.provider.name", "gen_ai.system"))
    path = as_str(told.get("url.path"))
    error = as_str(told.get("error.type"))
    return exchange(
        document,
        index,
        place,
        url=url(told, path),
        status=_whole(_either(told, "http.response.status_code", "http.status_code")),
        clock=Clock(
            started_at=utc(start) if observed else None,
            recorded_at=None if observed else utc(start),
            duration_ns=_length(start, end) or None,
            first_chunk_ns=ns_of(told.get("gen_ai.response.time_to_first_chunk"), "s") or None,
        ),
        account=Account(
            api=api(told, operation, provider, path),
            operation={"completion": "text_completion", "embedding": "embeddings"}.get(operation or "", operation),
            request_model=as_str(told.get("gen_ai.request.model")),
            response_model=as_str(told.get("gen_ai.response.model")),
            provider_raw=provider,
            response_id=as_str(told.get("gen_ai.response.id")),
            is_stream=truth(_either(told, "gen_ai.request.stream", "llm.is_streaming", "gen_ai.request.is_stream")),
            failed=error is not None or _failed(span),
            error_type=error,
            finish_reason=_first(told.get("gen_ai.response.finish_reasons")),
            tokens=tokens(told),
            usage={
                name.removeprefix(USAGE): count_of(value) if count_of(value) is not None else value
                for name, value in told.items()
                if name.startswith(USAGE) and value is not None
            },
            cost_usd=money(_either(told, "gen_ai.usage.cost", "operation.cost")),
            cost_by="client",
            service_tier=as_str(_either(told, "openai.response.service_tier", "gen_ai.openai.response.service_tier")),
        ),
    )


def _failed(span: Any) -> bool:
    status = _either(span, "status")
    code = _either(status, "code", "status_code") if isinstance(status, dict) else _either(span, "status_code")
    return code in (2, "2", "ERROR", "STATUS_CODE_ERROR", "Error")


def _first(value: Any) -> str | None:
    """The first of a list, also of a list as text: JSON, or as DuckDB writes one in CSV."""
    value = tree(value)
    if isinstance(value, str) and value.startswith("[") and value.endswith("]"):
        value = value[1:-1].split(", ", 1)[0]
    return as_str(value[0]) if isinstance(value, list) and value else as_str(value)


def _whole(value: Any) -> Any:
    return count_of(value) if value is not None else None


def _length(start: Any, end: Any) -> int | None:
    """Nanoseconds from start to end: exact where both are counted so, else as instants."""
    exact = between_ns(start, end)
    return exact if exact is not None else between_ns(utc(start), utc(end))


FORMAT = _Otel()
