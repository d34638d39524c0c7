"""Owns what a recording format hands on: one HTTP request with its response and whatever time was recorded.

Must not know how it was saved, nor what the bytes of its bodies mean.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from llm_usage.errors import InputError
from llm_usage.model.account import Account

NO_HEADERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Clock:
    """Times that the recorder observed, in nanoseconds. None = not recorded; nothing is ever made up.

    ``arrivals_ns[k]`` is when the network read (or event) that ends at body byte ``read_ends[k]`` arrived,
    counted from ``origin``. Both sequences have the same length and never decrease.
    """

    started_at: datetime | None = None
    """Request sent, UTC, by the recorder's own wall clock."""
    headers_ns: int | None = None
    """Request sent to response headers complete."""
    duration_ns: int | None = None
    """Request sent to end of the response body."""
    first_chunk_ns: int | None = None
    """Request sent to the first frame, where the tool kept that figure but not the frames (aimock)."""
    first_token_ns: int | None = None
    """Request sent to the first token, where a log kept that figure but not the pieces (LiteLLM, Helicone)."""
    recorded_at: datetime | None = None
    """When the tool wrote the exchange down: after the response ended, often to the second only. It dates an exchange (the
    price list of which day) where nothing better does; it is no start, and no latency may be computed from it."""
    origin: Literal["request", "headers"] | None = None
    read_ends: Sequence[int] = ()
    arrivals_ns: Sequence[int] = ()
    server_emitted_us: Sequence[int | None] = ()
    """Per event, where the *recording* (not the payload) carries the server's emission time: epoch microseconds."""


NO_CLOCK = Clock()


@dataclass(frozen=True, slots=True)
class Exchange:
    """One recorded HTTP exchange.

    Header names are lower-case and only those of `HEADER_ALLOW_LIST` are here: a key or cookie never gets this far.
    """

    index: int
    """0-based position in the file, counting every exchange in it."""
    place: str
    """Where in the file, for errors: ``line 12``, ``entries[3]``."""
    method: str | None = None
    url: str | None = None
    request_headers: Mapping[str, str] = field(default_factory=lambda: NO_HEADERS)
    request_body: bytes | None = None
    """Content coding removed. None = the format does not record it."""
    status: int | None = None
    response_headers: Mapping[str, str] = field(default_factory=lambda: NO_HEADERS)
    body: bytes = b""
    """The response body with content coding and transfer coding removed."""
    clock: Clock = NO_CLOCK
    incomplete: bool = False
    """The recording itself says that the body was cut off (the client went away, the trace ends)."""
    account: Account | None = None
    """What a log says of the call beside the body, or instead of one."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An exchange that is there but cannot be read: a counted reject."""

    index: int
    error: InputError


#: Headers that carry a fact we use. Everything else is dropped where it is read.
HEADER_ALLOW_LIST: frozenset[str] = frozenset(
    {
        "content-type",
        "content-encoding",
        "transfer-encoding",
        "date",
        "host",
        "server",
        "server-timing",
        "retry-after",
        "x-request-id",
        "request-id",
        "openai-processing-ms",
        "openai-model",
        "openai-version",
        "openai-organization-type",
        "x-envoy-upstream-service-time",
        "x-kong-upstream-latency",
        "x-kong-proxy-latency",
        "x-ratelimit-limit-requests",
        "x-litellm-response-cost",
        "x-litellm-cache-hit",
        "x-litellm-cache-key",
        "x-litellm-model-id",
        "x-litellm-model-api-base",
        "x-litellm-version",
        "x-litellm-call-id",
        "x-inference-provider",
        "x-generation-id",
        "x-groq-region",
        "x-amzn-errortype",
        "x-amzn-bedrock-invocation-latency",
        "x-amzn-bedrock-input-token-count",
        "x-amzn-bedrock-output-token-count",
        "x-amzn-bedrock-cache-read-input-token-count",
        "x-amzn-bedrock-cache-write-input-token-count",
        "x-ms-region",
        "x-ms-served-model",
        "apim-request-id",
        "azureml-model-deployment",
        "azureml-model-session",
        "anthropic-version",
        "anthropic-beta",
        "anthropic-ratelimit-requests-limit",
        "anthropic-ratelimit-unified-representative-claim",
        "cf-aig-cache-status",
        "cf-aig-model",
        "cf-aig-provider",
        "cf-aig-step",
        "x-portkey-provider",
        "x-portkey-cache-status",
        "helicone-status",
        "helicone-cache",
        "x-bt-cached",
        "x-openrouter-cache-status",
        "x-gemini-service-tier",
        "x-vertex-ai-llm-request-type",
        "x-amzn-bedrock-performanceconfig-latency",
        "x-amzn-bedrock-service-tier",
        "fireworks-prompt-tokens",
        "fireworks-cached-prompt-tokens",
        "fireworks-server-time-to-first-token",
        "fireworks-server-processing-time",
        "x-prompt-tokens",
        "x-served-by",
        "x-vercel-ai-provider",
        "x-stainless-retry-count",
    }
)
