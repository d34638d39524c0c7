"""Owns whether an answer that no dialect knows came from a model at all. Pure; must not know any dialect.

Cassettes hold calls of anything: secrets that are listed, pages that are searched. A row ``api = other`` says that a model was called in
words unknown to us, so it takes a sign of it: who answered, what was asked, where, tokens that were counted, or a stream of messages.
"""

from __future__ import annotations

import re
from typing import Any

from llm_usage.codecs.values import as_count
from llm_usage.model.exchange import Exchange
from llm_usage.model.observations import Observations
from llm_usage.model.stream import Stream
from llm_usage.providers import Route

#: Keys that only a request to a model has.
_ASKS = frozenset(
    {
        *("model", "modelId", "model_id", "model_name", "messages", "prompt", "prompts", "contents", "inputText", "chat_history"),
        *("max_tokens", "maxTokens", "max_output_tokens", "max_new_tokens", "temperature", "generationConfig", "system_prompt"),
        *("chatHistory", "user_prompt", "conversation", "additional_messages", "bot_id", "assistant_id", "user_input", "userInput"),
    }
)
_PLACE = re.compile(
    r"(?i)completions?\b|/chat\b|generat(?:e|ion)|/invocations\b|/infer(?:ence)?\b|/messages$|/llm|[:/]predict$|/ask$|/prompt"
)
_DEPTH = 4


def called_a_model(exchange: Exchange, stream: Stream, observed: Observations, route: Route) -> bool:
    """Whether anything says that a model was called."""
    if exchange.url is None or route.provider is not None or route.gateway is not None:
        return True
    request = stream.request
    if isinstance(request, dict) and not _ASKS.isdisjoint(request):
        return True
    if _PLACE.search(stream.url_path or "") or observed.tokens:
        return True
    if stream.frames.framing in ("sse", "aws_eventstream") and any(isinstance(payload, (dict, list)) for payload in stream.objects):
        return True
    return any(_counts_tokens(payload, _DEPTH) for payload in stream.objects[:8])


def _counts_tokens(tree: Any, depth: int) -> bool:
    """Whether a key that speaks of tokens has a count."""
    if isinstance(tree, list):
        return depth > 0 and any(_counts_tokens(item, depth - 1) for item in tree[:8])
    if not isinstance(tree, dict):
        return False
    for key, value in tree.items():
        if isinstance(key, str) and "token" in key.lower() and not isinstance(value, bool) and as_count(value) is not None:
            return True
        if depth > 0 and _counts_tokens(value, depth - 1):
            return True
    return False
