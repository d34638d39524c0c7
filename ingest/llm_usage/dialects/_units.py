"""Owns what is charged beside tokens, where usage objects say it: places and units as data. Must not know frames, hosts or prices.

A count that a usage reports wins over what a dialect counts in its output, so `bill_usage` comes last. Sources: Anthropic, "Web search
tool" (fetches and MCP cost nothing beside their tokens); xAI, "Tools" and "Live Search"; Perplexity, "Chat completions" (search queries,
citation tokens, a request fee by ``search_context_size``); Alibaba Model Studio, "Web search" (``plugins``); Mistral, "Audio"; Cohere,
"Billed units"; OpenAI, "Pricing" (built-in tools; search models search once a call) and "Create transcription" (seconds).
"""

from __future__ import annotations

import re
from typing import Any

from llm_usage.codecs.values import as_decimal, as_str, dig, items
from llm_usage.model.observations import Observations
from llm_usage.model.stream import Stream

#: Where a usage object counts a unit: the path below it, and the unit. Of two places of one unit the later wins.
_PLACES: tuple[tuple[tuple[str, ...], str], ...] = (
    (("num_search_queries",), "web_search"),
    (("tool_calls_details", "search_web", "invocation"), "web_search"),
    (("plugins", "search", "count"), "web_search"),
    (("x_tools", "web_search", "count"), "web_search"),
    (("server_tool_use", "web_search_requests"), "web_search"),
    (("server_tool_use", "code_execution_requests"), "code_execution"),
    (("citation_tokens",), "citation_tokens"),
    (("prompt_audio_seconds",), "audio_second"),
    (("seconds",), "audio_second"),
    (("billed_units", "search_units"), "search_unit"),
    (("billed_units", "images"), "image"),
    (("billed_units", "classifications"), "classification"),
)
_FIRST_KEYS = frozenset(path[0] for path, _ in _PLACES) | {
    *("search_context_size", "num_sources_used", "num_server_side_tools_used", "server_side_tool_usage_details", "server_side_tool_usage")
}
#: xAI's names of its tools, in both spellings. Its views of images and videos and MCP are charged as tokens only.
_XAI_TOOLS = {
    "web_search": "web_search",
    "x_search": "x_search",
    "code_interpreter": "code_interpreter",
    "code_execution": "code_interpreter",
    "file_search": "file_search",
    "collections_search": "file_search",
    "document_search": "file_search",
    "attachment_search": "attachment_search",
}
#: Groq's names of what its compound systems run. Source: Groq, "Built-in tools" and "Pricing".
_GROQ_TOOLS = {
    "search": "web_search",
    "web_search": "web_search",
    "visit": "visit_website",
    "visit_website": "visit_website",
    "python": "code_execution",
    "code_interpreter": "code_execution",
    "code_execution": "code_execution",
    "browser_automation": "browser_automation",
    "wolfram": "wolfram_alpha",
    "wolfram_alpha": "wolfram_alpha",
}
_SEARCHES_ALWAYS = re.compile(r"(?:\A|/)gpt-[a-z0-9.-]*-search-(?:preview|api)")
#: Output items of the Responses API that cost something beside their tokens.
_ITEMS = {
    "web_search_call": "web_search",
    "file_search_call": "file_search",
    "code_interpreter_call": "code_interpreter",
    "shell_call": "code_interpreter",
    "image_generation_call": "image",
}


def bill_usage(usage: dict[str, Any], observed: Observations) -> None:
    """Units that a usage object of any provider counts."""
    if _FIRST_KEYS.isdisjoint(usage):
        return
    for path, unit in _PLACES:
        if path[0] in usage:
            observed.bill(unit, dig(usage, *path), f"usage.{'.'.join(path)}")
    size = as_str(usage.get("search_context_size"))
    if size in ("low", "medium", "high"):
        # A fee for the request that depends on it: the one unit of which a request has one.
        observed.bill(f"request_{size}", 1, "usage.search_context_size")
    _bill_xai(usage, observed)


def _bill_xai(usage: dict[str, Any], observed: Observations) -> None:
    told: dict[str, int] = {}
    where = ""
    for where in ("server_side_tool_usage_details", "server_side_tool_usage"):
        found = usage.get(where)
        if isinstance(found, dict) and found:
            for key, value in found.items():
                unit = _XAI_TOOLS.get(key.lower().removeprefix("server_side_tool_").removesuffix("_calls"))
                number = as_decimal(value)
                if unit is not None and number is not None and 0 < number < 10**13:
                    told[unit] = told.get(unit, 0) + int(number)
            for unit, count in told.items():
                observed.bill(unit, count, f"usage.{where}")
            return
    tools = as_decimal(usage.get("num_server_side_tools_used"))
    if tools:
        observed.bill("tool_call", tools, "usage.num_server_side_tools_used")
    else:  # Live Search is charged by source; sources that a tool found are in the price of its calls
        observed.bill("search_source", usage.get("num_sources_used"), "usage.num_sources_used")


def bill_search_model(model: str | None, observed: Observations) -> None:
    """A model that searches in every call: one search, where it answered."""
    if model is not None and observed.message_seen and not observed.error and _SEARCHES_ALWAYS.search(model):
        observed.bill("web_search", 1, "model")


def note_executed(tools: Any, observed: Observations) -> None:
    """Groq's ``executed_tools`` of a message or delta; each is told as often as it changes, under its index."""
    for position, tool in enumerate(items(tools)):
        kind = as_str(dig(tool, "type"))
        if kind is not None:
            index = dig(tool, "index")
            observed.use(_GROQ_TOOLS.get(kind, "tool_call"), str(position if index is None else index), "executed_tools")


def note_item(item: Any, position: object, observed: Observations) -> None:
    """An output item of the Responses API: searches that only open a page or look for a word in it cost nothing, a container once."""
    kind = dig(item, "type")
    unit = _ITEMS.get(kind) if isinstance(kind, str) else None
    if unit is None or dig(item, "status") == "failed":
        return
    action = dig(item, "action", "type")
    if kind == "web_search_call" and action is not None and action != "search":
        return
    identity = as_str(dig(item, "id")) or f"{kind} {position}"
    if unit == "code_interpreter":
        container = as_str(dig(item, "container_id")) or as_str(dig(item, "environment", "container_id"))
        if kind == "shell_call" and container is None:
            return  # a shell of the caller's own
        identity = container or "container"
    observed.use(unit, identity, f"output.{kind}")


def bill_response(stream: Stream, observed: Observations) -> None:
    """What is charged beside tokens: output items as each is done and in the whole answer, then what the response says itself."""
    used: Any = None
    for payload in stream.objects:
        if not isinstance(payload, dict):
            continue
        if payload.get("type") == "response.output_item.done":
            note_item(payload.get("item"), payload.get("output_index"), observed)
            continue
        response = payload.get("response") if str(payload.get("type")).startswith("response.") else payload
        if isinstance(response, dict) and response.get("status") not in ("queued", "in_progress"):
            for position, item in enumerate(items(response.get("output"))):
                note_item(item, position, observed)
            used = response.get("tool_usage") or used
    observed.bill("web_search", dig(used, "web_search", "num_requests"), "tool_usage.web_search.num_requests")
    bill_usage(observed.usage, observed)
