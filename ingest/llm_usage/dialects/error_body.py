"""Owns what an error looks like, of any provider; must not know any one dialect.

Nothing here keeps text: an error's message may quote a prompt or a key, so only its type and code are taken.
"""

from __future__ import annotations

from typing import Any

from llm_usage.model.chunk_columns import ERROR, ChunkColumns
from llm_usage.model.observations import Observations


def _token(value: Any) -> str | None:
    """A word that can be a type or a code; a sentence (which may quote a prompt) is None."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, str) and 0 < len(value) <= 120 and not any(c.isspace() for c in value):
        return value
    return None


def read_error(value: Any) -> tuple[str | None, str | None] | None:
    """Type and code of an error payload of any provider, or None when ``value`` is no error.

    Shapes: ``{"error": {type|status, code}}``, ``{"error": "text"}``, ``{"type": "error", "error": …}``,
    ``[{"error": …}]``, ``{"detail": …}``, ``{"errors": […]}``, AWS ``{"__type": …}`` and bare ``{"message", "code"}``.
    """
    if isinstance(value, list):
        return read_error(value[0]) if len(value) >= 1 and isinstance(value[0], dict) else None
    if not isinstance(value, dict):
        return None
    error = value.get("error")
    if isinstance(error, dict):
        kind = _token(error.get("type")) or _token(error.get("status"))
        code = _token(error.get("code"))
        return kind, code
    if isinstance(error, str) and error:
        return _token(error) or _token(value.get("type")), _token(value.get("code")) or _token(value.get("status"))
    errors = value.get("errors")
    if isinstance(errors, list) and errors and "choices" not in value:
        first = errors[0]
        return (
            (_token(first.get("type")) or _token(first.get("name")), _token(first.get("code"))) if isinstance(first, dict) else (None, None)
        )
    if isinstance(value.get("__type"), str):
        return _token(value["__type"].rsplit("#", 1)[-1]), _token(value.get("code"))
    if value.get("type") == "error" or value.get("object") == "error" or value.get("event_type") == "error":
        return _token(value.get("code")) or "error", _token(value.get("code"))
    return None


def read_error_body(value: Any) -> tuple[str | None, str | None]:
    """As `read_error`, for the body of an HTTP error, where looser shapes are errors too."""
    found = read_error(value)
    if found is not None:
        return found
    if isinstance(value, dict):
        kind = _token(value.get("type")) or _token(value.get("status")) or _token(value.get("name")) or _token(value.get("Code"))
        code = _token(value.get("code")) or _token(value.get("statusCode")) or _token(value.get("status_code"))
        return kind, code
    return None, None


def note_error(i: int, value: Any, columns: ChunkColumns, observed: Observations) -> bool:
    """If payload ``i`` is an error, note it on the frame and the observations; returns whether it was one."""
    found = read_error(value)
    if found is None:
        return False
    observed.fail(*found)
    columns.mark_kind(i, ERROR)
    return True
