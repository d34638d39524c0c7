"""Owns an independent, slow and plain computation of stream timing from an llm-recorder file: no module of the product is used.

Read it beside design/metrics.md. It knows just enough of four protocols to tell which events bear tokens.
"""

from __future__ import annotations

import json
from contextlib import suppress
from fractions import Fraction
from itertools import pairwise


def events(body: str) -> list[tuple[int, dict]]:
    """(byte offset of the end of the event, payload) of each JSON event of an SSE body with LF or CRLF line ends."""
    out = []
    position = 0
    data = body.encode("utf-8")
    while position < len(data):
        ends = [(data.find(gap, position), len(gap)) for gap in (b"\n\n", b"\r\n\r\n")]
        ends = [(at, size) for at, size in ends if at >= 0]
        at, size = min(ends) if ends else (len(data), 0)
        block, end = data[position:at], at + size
        lines = [line[5:].strip() for line in block.replace(b"\r\n", b"\n").split(b"\n") if line.startswith(b"data:")]
        if lines:
            with suppress(ValueError):
                out.append((end, json.loads(b"\n".join(lines))))
        position = end
    return out


def bears(event: dict) -> tuple[bool, bool]:
    """(bears tokens, bears visible ones): text, reasoning, refusal, tool name or arguments, audio or image; non-empty."""
    kind = event.get("type", "")
    if kind.startswith("response."):
        value = event.get("delta")
        item = event.get("item") or {}
        if (
            kind == "response.output_item.added"
            and item.get("type") in ("function_call", "custom_tool_call", "mcp_call")
            and item.get("name")
        ):
            return True, True
        if kind.endswith(".delta") and value:
            return True, "reasoning" not in kind
        return False, False
    if kind == "content_block_delta":
        delta = event["delta"]
        if delta.get("type") == "thinking_delta":
            return bool(delta.get("thinking")), False
        text = delta.get("text") or delta.get("partial_json")
        return bool(text), bool(text)
    if kind == "content_block_start":
        name = event["content_block"].get("name")
        return bool(name), bool(name)
    if "choices" in event:
        any_token = visible = False
        for choice in event["choices"]:
            delta = choice.get("delta") or {}
            tools = [c.get("function") or {} for c in delta.get("tool_calls") or []]
            shown = bool(delta.get("content") or delta.get("refusal") or any(t.get("name") or t.get("arguments") for t in tools))
            thought = bool(delta.get("reasoning") or delta.get("reasoning_content"))
            any_token, visible = any_token or shown or thought, visible or shown
        return any_token, visible
    if "candidates" in event:
        any_token = visible = False
        for candidate in event["candidates"]:
            for part in (candidate.get("content") or {}).get("parts") or []:
                shown = bool(
                    part.get("functionCall") or part.get("inlineData") or part.get("executableCode") or part.get("codeExecutionResult")
                )
                text = bool(part.get("text"))
                any_token = any_token or shown or text
                visible = visible or shown or (text and not part.get("thought"))
        return any_token, visible
    return False, False


def timing(recording: dict) -> dict[str, object] | None:
    """ns after the headers of the first, last and each token-bearing event; None without any."""
    response = recording["response"]
    reads, end, clock = [], 0, Fraction(0)
    for chunk, wait in zip(response["chunks"], response["chunkTimings"], strict=True):
        end += len(chunk.encode("utf-8"))
        clock += Fraction(str(wait)) * 1_000_000
        reads.append((end, int(clock)))
    at = []
    for stop, event in events("".join(response["chunks"])):
        if bears(event)[0]:
            at.append(next(time for until, time in reads if until >= stop))
    if not at:
        return None
    gaps = [later - earlier for earlier, later in pairwise(at)]
    return {"first": at[0], "last": at[-1], "span": at[-1] - at[0], "gaps": gaps}


def quantile(values: list[int], p: float) -> float:
    """Linear interpolation between closest ranks (Hyndman and Fan, type 7), as quantile_cont."""
    ordered = sorted(values)
    position = (len(ordered) - 1) * p
    low = int(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (position - low)
