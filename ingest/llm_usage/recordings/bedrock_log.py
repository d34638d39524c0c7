"""Owns Bedrock's model invocation logs, from S3 (JSON lines, gzipped) or CloudWatch; must not know what a body means.

``timestamp`` is the start of the call. The body is a tree, or text, or kept apart in S3 when it is large (``outputBodyS3Path``): then the
counts beside it are all there is. The answer of a streaming operation is the list of its events. ``inputTokenCount`` counts neither
reads nor writes of the cache. Source: AWS, Amazon Bedrock User Guide, "Monitor model invocation using CloudWatch Logs and Amazon S3".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from llm_usage.codecs.json import JsonError, loads_exact
from llm_usage.codecs.values import as_str, ns_of
from llm_usage.model.account import Account
from llm_usage.model.exchange import Clock, Exchange, Unreadable
from llm_usage.recordings._parts import bad, each, exchange, inner
from llm_usage.recordings._records import counts, records, sample
from llm_usage.recordings._values import instant, to_json
from llm_usage.recordings.document import Document

SCHEMA = "ModelInvocationLog"
#: operation → the dialect on the wire, and the end of its path.
_OPERATIONS = {
    "InvokeModel": ("bedrock_invoke", "invoke"),
    "InvokeModelWithResponseStream": ("bedrock_invoke", "invoke-with-response-stream"),
    "Converse": ("bedrock_converse", "converse"),
    "ConverseStream": ("bedrock_converse", "converse-stream"),
}


class _BedrockLog:
    name = "bedrock_log"
    title = "Amazon Bedrock's model invocation logs, from S3 or CloudWatch"

    def claims(self, document: Document) -> bool:
        """The first record says that it is one."""
        found = _events_of(document) or sample(document, 2)
        return bool(found) and _record(found[0]).get("schemaType") == SCHEMA

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every record, in the order of the file."""
        inside = ("events",) if _events_of(document) else ()
        return each(document, records(document, *inside), _exchange)


def _events_of(document: Document) -> list[dict[str, Any]]:
    """The events of an answer of CloudWatch's ``filter-log-events``."""
    events = document.probe.get("events") if document.syntax == "json" and isinstance(document.probe, dict) else None
    return [event for event in events if isinstance(event, dict)] if isinstance(events, list) else []


def _record(item: Any) -> dict[str, Any]:
    """A record, also as the message of a CloudWatch event (text) or of its export (a tree)."""
    message = item.get("message", item.get("@message")) if isinstance(item, dict) else None
    if isinstance(message, str):
        try:
            message = loads_exact(message.encode("utf-8", "surrogatepass"))
        except JsonError:
            return {}
    return message if isinstance(message, dict) else item if isinstance(item, dict) else {}


def _exchange(index: int, place: str, item: Any, document: Document) -> Exchange:
    record = _record(item)
    if record.get("schemaType") != SCHEMA:
        raise bad(document, place, "is no record of a model invocation", "Restore the log; it may be cut off there")
    sent, received = inner(record, "input"), inner(record, "output")
    api, ending = _OPERATIONS.get(str(record.get("operation")), (None, ""))
    model = as_str(record.get("modelId"))
    body = _body(received.get("outputBodyJson"))
    tokens = counts(
        {**sent, **received},
        cache_read_tokens="cacheReadInputTokenCount",
        cache_write_tokens="cacheWriteInputTokenCount",
        output_tokens="outputTokenCount",
    )
    plain = counts(sent, input_tokens="inputTokenCount").get("input_tokens")
    if plain is not None:
        tokens["input_tokens"] = plain + tokens.get("cache_read_tokens", 0) + tokens.get("cache_write_tokens", 0)
    code = as_str(record.get("errorCode"))
    return exchange(
        document,
        index,
        place,
        method="POST" if ending else None,
        url=f"/model/{quote(model, safe='')}/{ending}" if ending and model else None,
        request_body=sent.get("inputBodyJson"),
        response_body=body,
        clock=Clock(started_at=instant(record.get("timestamp"))),
        account=Account(
            api=api or "other",
            request_model=model,
            provider="aws.bedrock",
            region=as_str(record.get("region")),
            is_stream=ending.endswith("stream") if ending else None,
            failed=code is not None,
            error_code=code,
            tokens=tokens,
            usage={name: value for part in (sent, received) for name, value in part.items() if name.endswith("TokenCount")},
            server_total_ns=ns_of(inner(inner(received, "outputBodyJson"), "metrics").get("latencyMs"), "ms"),
            user_label=as_str(inner(record, "identity").get("arn")),
        ),
    )


def _body(tree: Any) -> bytes | None:
    """The answer as it came: the events of a stream one a line, else the tree."""
    if isinstance(tree, list) and tree and all(isinstance(event, dict) for event in tree):
        return b"\n".join(to_json(event) for event in tree) + b"\n"
    if isinstance(tree, str):
        return tree.encode("utf-8", "surrogatepass")
    return to_json(tree) if tree is not None else None


FORMAT = _BedrockLog()
