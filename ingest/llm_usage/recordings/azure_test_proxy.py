"""Owns the recordings of the Azure SDK test proxy (``Entries[]`` with ``RequestUri``); must not know what a body means.

A body is a tree when it was JSON, text (several lines as a list of them, line ends included), or base64 when its content type
is no text. The proxy records no time. Source: Azure/azure-sdk-tools, test-proxy, RecordEntry.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from llm_usage.errors import InputError
from llm_usage.model.exchange import Exchange, Unreadable
from llm_usage.recordings._parts import bad, each, exchange, first_of, media_type
from llm_usage.recordings._values import from_base64
from llm_usage.recordings.document import Document

_TEXT = ("text/", "application/x-ndjson", "application/xml", "application/x-www-form-urlencoded")


class _AzureTestProxy:
    name = "azure_test_proxy"
    title = "Recordings of the Azure SDK test proxy (Entries[] with RequestUri)"

    def claims(self, document: Document) -> bool:
        """``Entries``, whose first has a ``RequestUri`` and a ``StatusCode``."""
        first = first_of(document.probe, "Entries")
        return isinstance(first, dict) and isinstance(first.get("RequestUri"), str) and "StatusCode" in first

    def exchanges(self, document: Document) -> Iterator[Exchange | Unreadable]:
        """Every entry, in the order of the file."""
        return each(document, document.items("Entries", exact=True), _exchange)


def _exchange(index: int, place: str, item: Any, document: Document) -> Exchange:
    if not isinstance(item, dict) or not isinstance(item.get("RequestUri"), str) or "ResponseBody" not in item:
        raise bad(document, place, "entry has no request or no response", "Record it again; the file may be cut off there")
    return exchange(
        document,
        index,
        place,
        method=item.get("RequestMethod"),
        url=item["RequestUri"],
        request_headers=item.get("RequestHeaders"),
        request_body=_body(item.get("RequestBody"), item.get("RequestHeaders")),
        status=item.get("StatusCode"),
        response_headers=item.get("ResponseHeaders"),
        response_body=_body(item["ResponseBody"], item.get("ResponseHeaders")),
    )


def _body(body: Any, headers: Any) -> Any:
    media = media_type(headers)
    if isinstance(body, list) and "json" not in media and all(isinstance(line, str) for line in body):
        return "".join(body)
    if isinstance(body, str) and media and not media.startswith(_TEXT) and "json" not in media:
        try:
            return from_base64(body, "")
        except InputError:
            return body
    return body


FORMAT = _AzureTestProxy()
