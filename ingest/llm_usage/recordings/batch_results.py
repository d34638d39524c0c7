"""Owns result files of batch jobs: OpenAI, Anthropic, Vertex AI, Bedrock and who speaks as they do; must not know what a body means.

One line is one call, told by an id of its own (``custom_id``, ``recordId``) or the request beside it. What a batch answers is charged as
batch: ``service_tier`` and ``traffic`` say so. Sources: OpenAI, "Batch API" (``batch_req_`` ids are its own); Anthropic, "Message
Batches" (``result.type``); Google Cloud, "Batch inference with Gemini" (``request``, ``response``, ``processed_time``); AWS, "Format and
upload your batch inference data" (``recordId``, ``modelInput``, ``modelOutput``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from llm_usage.codecs.values import as_str
from llm_usage.model.account import Account
from llm_usage.model.exchange import NO_CLOCK, Clock, Exchange, Unreadable
from llm_usage.recordings._parts import bad, each, exchange, inner
from llm_usage.recordings._records import epoch, records, sample
from llm_usage.recordings.document import Document

BATCH = "batch"
_FETCHED = re.compile(r"//.*/(?:batches/[^/]+/results|files/[^/]+/content|jobs/[^/]+/download)(?:\?|$)")


class _BatchResults:
    name = "batch_results"
    title = "Result files of batch jobs of OpenAI, Anthropic, Vertex AI and Bedrock"

    def claims(self, document: Document) -> bool:
        """The first record is one of the four layouts, and so is every other that is looked at."""
        found = sample(document)
        return bool(found) and all(_layout(item) is not None for item in found)

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every result, in the order of the file."""
        return each(document, records(document), _exchange)


def results_in(exchange: Exchange) -> list[Exchange]:
    """The calls inside a fetched result file (Anthropic's ``…/results``, OpenAI's ``/files/…/content``); none when it is no such file.

    All have the exchange's index, which only one can keep, and the host that answered; method, path and status were the fetching's.
    """
    if exchange.account is not None or not _FETCHED.search(exchange.url or "") or not exchange.body.lstrip().startswith(b"{"):
        return []
    document = Document(exchange.place, exchange.body)
    if not FORMAT.claims(document):
        return []
    host = exchange.url[: exchange.url.index("/", exchange.url.index("//") + 2)] if exchange.url and "//" in exchange.url else None
    date = {name: value for name, value in exchange.response_headers.items() if name == "date"}
    return [
        replace(found, index=exchange.index, place=exchange.place, url=host, response_headers=date)
        for found in FORMAT.exchanges(document)
        if isinstance(found, Exchange)
    ]


def _layout(item: Any) -> Callable[[int, str, Any, Document], Exchange] | None:
    """How a record is read; None when it is no result of a batch."""
    if not isinstance(item, dict):
        return None
    if "custom_id" in item and isinstance(item.get("result"), dict) and isinstance(item["result"].get("type"), str):
        return _anthropic
    if "custom_id" in item and "method" not in item and ("response" in item or "error" in item):
        return _openai
    if "modelInput" in item and ("modelOutput" in item or "error" in item):
        return _bedrock
    if "request" in item and "response" in item and ("processed_time" in item or "status" in item) and "contents" in inner(item, "request"):
        return _vertex
    return None


def _exchange(index: int, place: str, item: Any, document: Document) -> Exchange:
    make = _layout(item)
    if make is None:
        raise bad(document, place, "is no result of a batch", "Fetch the results again; the file may be cut off there")
    return make(index, place, item, document)


def _account(**told: Any) -> Account:
    return Account(service_tier=BATCH, traffic=BATCH, **told)


def _openai(index: int, place: str, item: Any, document: Document) -> Exchange:
    response, error = inner(item, "response"), inner(item, "error")
    identity = as_str(item.get("id")) or ""
    body = response.get("body")
    ours = identity.startswith("batch_req_") and str(inner(response, "body").get("model", "")).startswith(_OPENAI_MODELS)
    return exchange(
        document,
        index,
        place,
        status=response.get("status_code"),
        response_body=body,
        account=_account(
            api="openai_chat" if body is None else None,
            provider="openai" if ours else None,
            failed=bool(error),
            error_code=as_str(error.get("code")),
        ),
    )


#: How OpenAI's own models begin.
_OPENAI_MODELS = (
    "gpt-",
    "o1",
    "o3",
    "o4",
    "chatgpt-",
    "text-embedding-",
    "omni-",
    "codex-",
    "davinci-",
    "babbage-",
    "ft:gpt-",
    "computer-use-",
)


def _anthropic(index: int, place: str, item: Any, document: Document) -> Exchange:
    result = item["result"]
    kind = result["type"]
    error = inner(result, "error")
    error = inner(error, "error") or error
    return exchange(
        document,
        index,
        place,
        response_body=result.get("message") if kind == "succeeded" else None,
        account=_account(
            api="anthropic_messages" if kind != "succeeded" else None,
            ignored=None if kind in ("succeeded", "errored") else f"a request of the batch that was {kind}",
            provider="anthropic",
            failed=kind == "errored",
            error_type=as_str(error.get("type")),
        ),
    )


def _bedrock(index: int, place: str, item: Any, document: Document) -> Exchange:
    error = inner(item, "error")
    return exchange(
        document,
        index,
        place,
        request_body=item.get("modelInput"),
        response_body=item.get("modelOutput"),
        account=_account(
            api="bedrock_invoke" if item.get("modelOutput") is None else None,
            provider="aws.bedrock",
            failed=bool(error),
            error_code=as_str(error.get("errorCode")),
        ),
    )


def _vertex(index: int, place: str, item: Any, document: Document) -> Exchange:
    done = epoch(item.get("processed_time"))
    answer = item.get("response") or None
    said = item.get("status")
    return exchange(
        document,
        index,
        place,
        request_body=item.get("request"),
        response_body=answer,
        clock=Clock(recorded_at=done) if done is not None else NO_CLOCK,
        account=_account(
            api="gemini" if answer is None else None,
            provider="gcp.vertex_ai",
            failed=isinstance(said, str) and bool(said) and answer is None,
        ),
    )


FORMAT = _BatchResults()
