"""Owns the per-chunk columns of one stream while it is being read: one list a column, never an object a chunk.

Must not know any dialect. Columns that are constant over a stream (ids, format, clock) are not here.
"""

from __future__ import annotations

from decimal import Decimal

from llm_usage.model.schema import KINDS

(MALFORMED, ERROR, DONE, COMMENT, PING, TOOL_CALL, CONTENT, REFUSAL, REASONING, FINISH, USAGE, ROLE, METADATA, BODY) = range(len(KINDS))


class ChunkColumns:
    """Columns of ``n`` chunks. A dialect sets only what differs from the default (metadata, nothing in it)."""

    __slots__ = (
        "choice_index",
        "cost_usd",
        "cum_input_tokens",
        "cum_output_tokens",
        "delta_output_tokens",
        "finish_reason",
        "has_usage",
        "is_token_bearing",
        "keep_text",
        "kind",
        "reasoning_bytes",
        "server_created_us",
        "text",
        "text_bytes",
        "text_chars",
        "tool_bytes",
        "visible",
    )

    def __init__(self, n: int, *, keep_text: bool = False) -> None:
        self.keep_text = keep_text
        self.kind: list[int] = [METADATA] * n
        self.is_token_bearing: list[bool] = [False] * n
        self.visible: list[bool] = [False] * n
        """Token-bearing and not reasoning only: what first_output counts."""
        self.choice_index: list[int | None] = [None] * n
        self.server_created_us: list[int | None] = [None] * n
        self.text_bytes: list[int] = [0] * n
        self.text_chars: list[int] = [0] * n
        self.reasoning_bytes: list[int] = [0] * n
        self.tool_bytes: list[int] = [0] * n
        self.has_usage: list[bool] = [False] * n
        self.cum_input_tokens: list[int | None] = [None] * n
        self.cum_output_tokens: list[int | None] = [None] * n
        self.delta_output_tokens: list[int | None] = [None] * n
        self.cost_usd: list[Decimal | None] = [None] * n
        self.finish_reason: list[str | None] = [None] * n
        self.text: list[str | None] = [None] * n

    def __len__(self) -> int:
        return len(self.kind)

    def mark_kind(self, i: int, kind: int) -> None:
        """Frame ``i`` carries ``kind``; of several the one of highest precedence stays."""
        self.kind[i] = min(self.kind[i], kind)

    def set_output(self, i: int, total: int | None, before: int) -> None:
        """Frame ``i`` reports ``total`` output tokens so far, the last report was ``before``; a total that falls has no difference."""
        self.cum_output_tokens[i] = total
        self.delta_output_tokens[i] = total - before if total is not None and total >= before else None

    def add_text(self, i: int, text: str, kind: int = CONTENT) -> None:
        """Frame ``i`` carries visible text (content or refusal). An empty string is nothing."""
        if text:
            self.text_bytes[i] += utf8_len(text)
            self.text_chars[i] += len(text)
            self.is_token_bearing[i] = self.visible[i] = True
            self.kind[i] = min(self.kind[i], kind)
            if self.keep_text:
                self.text[i] = (self.text[i] or "") + text

    def add_reasoning(self, i: int, text: str) -> None:
        """Frame ``i`` carries reasoning text. An empty string is nothing."""
        if text:
            self.reasoning_bytes[i] += utf8_len(text)
            self.is_token_bearing[i] = True
            self.mark_kind(i, REASONING)

    def add_tool(self, i: int, text: str) -> None:
        """Frame ``i`` carries a tool call's name or a part of its arguments. An empty string is nothing."""
        if text:
            self.tool_bytes[i] += utf8_len(text)
            self.is_token_bearing[i] = self.visible[i] = True
            self.mark_kind(i, TOOL_CALL)

    def add_media(self, i: int) -> None:
        """Frame ``i`` carries an audio or image payload."""
        self.is_token_bearing[i] = self.visible[i] = True
        self.mark_kind(i, CONTENT)


def utf8_len(text: str) -> int:
    """Length in bytes of ``text`` as UTF-8; a lone surrogate counts the three bytes it would take."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
