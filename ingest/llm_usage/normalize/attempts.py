"""Owns which exchanges of a recording are attempts at the same logical request. Pure."""

from __future__ import annotations

import hashlib

from llm_usage.model.exchange import Exchange
from llm_usage.model.rows import RequestRow


class Attempts:
    """Numbers the attempts at one logical request within a recording, in the order of its exchanges.

    The same method, URL and body is one logical request as long as its attempts fail; a repeat after success is a new one.
    """

    def __init__(self) -> None:
        self._open: dict[bytes, tuple[str, int]] = {}

    def number(self, exchange: Exchange, row: RequestRow) -> None:
        """Set ``logical_request_id`` and ``attempt`` of a row."""
        if exchange.request_body is None and not exchange.url:
            return
        key = hashlib.sha256(
            b"\0".join(
                ((exchange.method or "").upper().encode(), (exchange.url or "").encode("utf-8", "replace"), exchange.request_body or b"")
            )
        ).digest()
        logical, attempt = self._open.pop(key, (row.request_id, 0))
        row.logical_request_id, row.attempt = logical, min(attempt + 1, 32767)
        if row.status != "ok":
            self._open[key] = (logical, attempt + 1)
