"""Owns answers of Anthropic's API that a log tells piece by piece: one message on several lines is one message. Must not know any log.

Each line repeats the message with one more block of its content; of what else it says the last line is right.
"""

from __future__ import annotations

from typing import Any


def merged(message: dict[str, Any] | None, more: dict[str, Any]) -> dict[str, Any]:
    """The message so far with what another line of it tells: contents one after another, the rest as last told."""
    if message is None:
        return dict(more)
    content = [part for each in (message, more) for part in _parts(each.get("content"))]
    told = {name: value for name, value in more.items() if value is not None}
    usage = {**(message.get("usage") or {}), **(more.get("usage") or {})}
    return {**message, **told, "content": content, **({"usage": usage} if usage else {})}


def _parts(content: Any) -> list[Any]:
    return content if isinstance(content, list) else [] if content is None else [content]


def provider_of(message: dict[str, Any], request_id: Any) -> str | None:
    """Who answered, where ids tell it: of Bedrock and Vertex AI the message's, of Anthropic's own API the request's."""
    own = message.get("id")
    if not isinstance(own, str):
        return None
    if own.startswith("msg_bdrk_"):
        return "aws.bedrock"
    if own.startswith("msg_vrtx_"):
        return "gcp.vertex_ai"
    return "anthropic" if own.startswith("msg_01") or (isinstance(request_id, str) and request_id.startswith("req_")) else None
