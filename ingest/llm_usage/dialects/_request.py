"""Owns how strongly a request body speaks for a dialect when neither the response nor the path can tell; knows no dialect.

Every dialect weighs its own evidence (`Dialect.claims_request`); the strongest is believed. Requests of many APIs look alike, so
a bare ``{"model", "messages"}`` is nobody's, and so is what two dialects claim equally.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

#: No evidence.
NONE = 0
#: Keys that others may have too: believed when nobody has better evidence.
HINT = 1
#: Keys that hardly any other API has.
KEYS = 2
#: Keys that this API alone has.
OWN = 3


def has(body: dict[str, Any], keys: Collection[str]) -> bool:
    """Whether the body has any of the keys."""
    return not body.keys().isdisjoint(keys)


def asks_with(body: Any) -> str | None:
    """What a request asks with: ``messages`` (a list), ``message`` (a text), ``prompt`` or ``input``, the first that is there."""
    if not isinstance(body, dict):
        return None
    if isinstance(body.get("messages"), list):
        return "messages"
    if isinstance(body.get("message"), str):
        return "message"
    return next((key for key in ("prompt", "input") if key in body), None)
