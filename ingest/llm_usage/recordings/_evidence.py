"""Owns telling the payload of an LLM response from other JSON, for files that are nothing but a response; must not read it.

A raw body has no URL and no recorder's keys, so the file claims to be a recording only by what its payloads look like. Each rule
below is the shape of one family of APIs; no word alone is enough, since configs and data sets use them too. Also told: which
payloads open a response and which close it, for files that hold several one after another.
"""

from __future__ import annotations

from typing import Any

_OBJECTS = frozenset({"chat.completion", "chat.completion.chunk", "text_completion", "response", "embedding", "message", "interaction"})
#: ``type`` of stream events: Anthropic, Cohere v2, and the prefix of OpenAI Responses.
_TYPES = frozenset(
    {
        *("message_start", "message_delta", "message_stop", "content_block_start", "content_block_delta", "content_block_stop"),
        *("message-start", "message-end", "content-start", "content-delta", "content-end", "tool-plan-delta"),
        *("tool-call-start", "tool-call-delta", "tool-call-end", "citation-start", "citation-end"),
    }
)
#: Beginnings of ``type``: OpenAI Responses, Mistral's conversations, LM Studio.
_TYPE_PREFIXES = ("response.", "conversation.response.", "message.output.", "chat.start", "chat.end")
#: ``event_type`` of Cohere v1, and the prefixes of Gemini Interactions.
_EVENT_TYPES = frozenset({"stream-start", "text-generation", "stream-end", "tool-calls-generation", "citation-generation"})
_EVENT_PREFIXES = ("interaction.", "step.", "content.")
#: The one key of a Bedrock Converse stream event.
_CONVERSE = frozenset({"messageStart", "contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop"})
_CONTENT = frozenset({"content", "message", "output", "outputs", "text", "delta", "results", "generated_text", "completion", "generation"})
#: Not part of any response: the record is a log, or holds both sides.
_NOT_A_RESPONSE = frozenset({"request", "messages", "prompt", "timestamp", "response_body", "input"})


def is_payload(tree: Any) -> bool:
    """Whether a JSON document is what an LLM API answers: a response, a frame of one, or an error."""
    if not isinstance(tree, dict):
        return False
    kind = tree.get("type")
    if isinstance(kind, str) and (kind in _TYPES or (kind.startswith(_TYPE_PREFIXES) and len(tree) > 1)):
        return True
    event = tree.get("event_type")
    if isinstance(event, str) and (event in _EVENT_TYPES or event.startswith(_EVENT_PREFIXES)):
        return True
    return (
        _is_openai(tree)
        or _is_google(tree)
        or _is_message(tree)
        or _is_bedrock(tree)
        or _is_local(tree)
        or is_error(tree)
        or _has_usage(tree)
    )


def is_ping(tree: Any) -> bool:
    """Whether a JSON document is a keep-alive of Anthropic's: beside payloads it is one, alone it is no evidence."""
    return isinstance(tree, dict) and tree.get("type") == "ping" and len(tree) <= 2


def _is_openai(tree: dict[str, Any]) -> bool:
    choices = tree.get("choices")
    if isinstance(choices, list) and choices and isinstance(choices[0], dict) and {"delta", "message"} & choices[0].keys():
        return True
    if isinstance(choices, list) and choices and isinstance(choices[0], dict) and "text" in choices[0]:
        return "question" not in tree  # answers to tick, of a data set
    if choices == [] and ("model" in tree or "object" in tree):
        return True
    kind = tree.get("object")
    if kind == "list":  # of embeddings
        data = tree.get("data")
        return isinstance(data, list) and bool(data) and isinstance(data[0], dict) and data[0].get("object") == "embedding"
    return isinstance(kind, str) and (kind in _OBJECTS or kind.startswith("thread.")) and ("model" in tree or "id" in tree)


def _is_google(tree: dict[str, Any]) -> bool:
    candidates = tree.get("candidates")
    if isinstance(candidates, list) and (not candidates or isinstance(candidates[0], dict)):
        keys = candidates[0].keys() if candidates else tree.keys()
        return bool({"content", "finishReason", "index", "safetyRatings", "usageMetadata", "modelVersion", "responseId"} & keys)
    return isinstance(tree.get("usageMetadata"), dict) or isinstance(tree.get("promptFeedback"), dict)


def _is_message(tree: dict[str, Any]) -> bool:
    """A whole answer of Anthropic or Cohere."""
    if tree.get("type") == "message":
        return "role" in tree and isinstance(tree.get("content"), list)
    message = tree.get("message")
    if isinstance(message, dict) and "finish_reason" in tree:
        return "role" in message
    return "generation_id" in tree and ("text" in tree or "finish_reason" in tree)


def _is_bedrock(tree: dict[str, Any]) -> bool:
    if len(tree) <= 2 and any(isinstance(tree.get(key), dict) for key in _CONVERSE):
        return True
    if "amazon-bedrock-invocationMetrics" in tree or ("stopReason" in tree and isinstance(tree.get("output"), dict)):
        return True
    meta = tree.get("metadata")
    if len(tree) == 1 and isinstance(meta, dict) and isinstance(meta.get("usage"), dict):
        return True
    return ("generation" in tree and "generation_token_count" in tree) or ("completion" in tree and "stop_reason" in tree)


def _is_local(tree: dict[str, Any]) -> bool:
    """Ollama, watsonx, llama.cpp, Text Generation Inference, SGLang, the AI SDK's gateway."""
    if isinstance(tree.get("meta_info"), dict) and "completion_tokens" in tree["meta_info"]:
        return True
    if tree.get("type") == "stream-start" and isinstance(tree.get("warnings"), list):
        return True
    if isinstance(tree.get("done"), bool) and "model" in tree and ("message" in tree or "response" in tree):
        return True
    results = tree.get("results")
    if "model_id" in tree and isinstance(results, list):
        return not results or (isinstance(results[0], dict) and "generated_text" in results[0])
    if isinstance(tree.get("content"), str) and isinstance(tree.get("stop"), bool):
        return bool({"tokens_predicted", "timings", "generation_settings", "id_slot", "slot_id"} & tree.keys()) or len(tree) == 2
    token = tree.get("token")
    return isinstance(token, dict) and "logprob" in token and "text" in token


def is_error(tree: Any) -> bool:
    """An API's error and nothing else: ``{error: {message, …}}``, ``{type: "error", error: …}``."""
    if not isinstance(tree, dict) or len(tree) > 6:
        return False
    error = tree.get("error")
    if isinstance(error, dict) and isinstance(error.get("message"), str):
        return bool({"type", "code", "status", "param"} & error.keys()) and not _NOT_A_RESPONSE & tree.keys()
    return False


def _has_usage(tree: dict[str, Any]) -> bool:
    """An API of nobody's family still counts tokens beside what it says."""
    usage = tree.get("usage")
    if not isinstance(usage, dict) or _NOT_A_RESPONSE & tree.keys() or not _CONTENT & tree.keys():
        return False
    return any("token" in key.lower() and isinstance(value, int) for key, value in usage.items() if isinstance(key, str))


def closes(tree: Any) -> bool:
    """Whether the response is over with this payload: nothing of it follows but an end marker."""
    if not isinstance(tree, dict):
        return False
    kind, event = tree.get("type"), tree.get("event_type")
    if kind in ("message_stop", "message-end", "response.completed", "response.failed", "response.incomplete"):
        return True
    if event in ("stream-end", "interaction.complete", "interaction.completed") or tree.get("done") is True:
        return True
    return is_whole(tree)


def is_whole(tree: Any) -> bool:
    """Whether the payload is a response of its own, not a frame."""
    if not isinstance(tree, dict):
        return False
    choices = tree.get("choices")
    if isinstance(choices, list) and choices and isinstance(choices[0], dict) and tree.get("object") in (None, "chat.completion"):
        return "message" in choices[0] and "delta" not in choices[0]
    return tree.get("object") == "response" or tree.get("type") == "message"


def opens(tree: Any) -> bool:
    """Whether a response begins with this payload whatever came before it."""
    if not isinstance(tree, dict):
        return False
    kind, event = tree.get("type"), tree.get("event_type")
    if kind in ("message_start", "message-start", "response.created") or event in (
        "stream-start",
        "interaction.start",
        "interaction.created",
    ):
        return True
    return "messageStart" in tree or is_whole(tree)


def identity(tree: Any) -> str | None:
    """The response's own id where every frame with content repeats it (OpenAI chunks, Gemini)."""
    if not isinstance(tree, dict) or not (tree.get("choices") or tree.get("candidates")):
        return None
    found = tree.get("responseId", tree.get("id"))
    return found if isinstance(found, str) and found else None


def finishes(tree: Any) -> bool:
    """Whether a choice or candidate says why it ended: what follows may still be usage."""
    if not isinstance(tree, dict):
        return False
    for key, name in (("choices", "finish_reason"), ("candidates", "finishReason")):
        items = tree.get(key)
        if isinstance(items, list) and any(isinstance(item, dict) and item.get(name) for item in items):
            return True
    return False
