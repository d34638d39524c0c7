"""Owns what is left out on purpose: exchanges that are no LLM call. (First cut by the lead; the dialects helper replaces it.)"""

from __future__ import annotations

from typing import Any

from ingest.frames import Stream


def ignore_reason(method: str | None, path: str, request: Any, stream: Stream) -> str | None:
    """Why the exchange is no LLM generation call, or None when it may be one."""
    return None
