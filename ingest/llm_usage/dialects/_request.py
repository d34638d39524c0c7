"""Owns the question whose a request body is when neither the response nor the path can tell; must not know responses.

One function answers for all dialects, so two can never claim the same request. Only keys that one API alone has are evidence:
a bare ``{"model", "messages"}`` is nobody's.
"""

from __future__ import annotations

from typing import Any

from llm_usage.codecs.values import dig
from llm_usage.dialects.openai_chat import DIALECT as OPENAI_CHAT

_COMPLETIONS = frozenset({"max_tokens", "suffix", "echo", "best_of", "logprobs", "n", "frequency_penalty", "presence_penalty"})
_RESPONSES = frozenset(
    {"instructions", "max_output_tokens", "previous_response_id", "store", "include", "truncation", "reasoning", "text", "background"}
)
_INTERACTIONS = frozenset({"previous_interaction_id", "generation_config", "agent_config", "response_modalities"})
_COHERE_2 = frozenset({"documents", "citation_options", "safety_mode", "strict_tools", "p", "k"})
_COHERE_1 = frozenset({"chat_history", "preamble", "conversation_id", "connectors", "prompt_truncation", "force_single_step"})
_OLLAMA = frozenset({"options", "keep_alive", "raw", "think"})


def request_api(body: Any) -> str | None:
    """The ``api`` whose request the decoded JSON body is by its keys, or None."""
    if not isinstance(body, dict):
        return None
    if OPENAI_CHAT.claims_request(body):
        return "openai_chat"
    if isinstance(body.get("contents"), list) or isinstance(dig(body, "request", "contents"), list):
        return "gemini"
    version = body.get("anthropic_version")
    if isinstance(version, str):
        return "bedrock_invoke" if version.startswith("bedrock") else "anthropic_messages"
    if isinstance(body.get("inputText"), str) and isinstance(body.get("textGenerationConfig"), dict):
        return "bedrock_invoke"
    keys = body.keys()
    if isinstance(body.get("messages"), list):
        return _messages_api(body)
    if isinstance(body.get("message"), str):
        return "cohere_v1" if not _COHERE_1.isdisjoint(keys) else None
    if "prompt" in keys and "max_tokens_to_sample" not in keys:
        if not _OLLAMA.isdisjoint(keys):
            return "ollama"
        return "openai_completions" if not _COMPLETIONS.isdisjoint(keys) else None
    if "input" in keys:
        if isinstance(body.get("model"), str) and isinstance(dig(body, "input", "messages"), list):
            return "dashscope"
        if isinstance(body.get("model_id"), str) and ("parameters" in keys or "project_id" in keys):
            return "watsonx"
        if not _INTERACTIONS.isdisjoint(keys):
            return "gemini_interactions"
        if not _RESPONSES.isdisjoint(keys):
            return "openai_responses"
    return None


def _messages_api(body: dict[str, Any]) -> str | None:
    keys = body.keys()
    content = dig(body, "messages", 0, "content", 0)
    if "inferenceConfig" in keys or "toolConfig" in keys or (isinstance(content, dict) and "text" in content and "type" not in content):
        return "bedrock_converse"
    if not _OLLAMA.isdisjoint(keys):
        return "ollama"
    if not _COHERE_2.isdisjoint(keys):
        return "cohere_v2"
    if isinstance(body.get("thinking"), dict) or "system" in keys or isinstance(dig(body, "tools", 0, "input_schema"), dict):
        return "anthropic_messages"
    return None
