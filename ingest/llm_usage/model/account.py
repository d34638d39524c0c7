"""Owns what a log says of a call in its own words: counts, cost, names and times that stand beside a recorded body or instead of one.

Must not know any log's layout (its format writes an `Account`) nor how it is settled (`llm_usage.normalize.account`). What the traffic
itself says goes before it; nothing here is worked out, only copied.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One call by a log's account. None = the log does not say."""

    ignored: str | None = None
    """Why the entry is no generation call, where the log's own word for it leaves no doubt."""
    api: str | None = None
    """The dialect on the wire, for a log that holds no body."""
    operation: str | None = None
    request_model: str | None = None
    response_model: str | None = None
    provider: str | None = None
    gateway: str | None = None
    """Keys of ``providers.yaml``."""
    provider_raw: str | None = None
    """Who served, as the log spells it."""
    region: str | None = None
    response_id: str | None = None
    is_stream: bool | None = None
    failed: bool = False
    """The call ended in an error, as the log has it, with or without an HTTP status."""
    error_type: str | None = None
    error_code: str | None = None
    finish_reason: str | None = None
    tokens: Mapping[str, int] = field(default_factory=dict)
    """By their column in the requests table: totals that include their subsets."""
    partial: bool = False
    """The counts are those of the beginning of an answer, or lack a part."""
    usage: Mapping[str, Any] = field(default_factory=dict)
    """The counts as the log spells them."""
    cost_usd: Decimal | None = None
    cost_by: Literal["provider", "gateway", "client"] | None = None
    cache_hit: bool | None = None
    """The gateway answered from its own cache."""
    service_tier: str | None = None
    traffic: str | None = None
    """One of the schema's words."""
    server_total_ns: int | None = None
    """How long the call took, by the server's own account."""
    project: str | None = None
    user_label: str | None = None
