"""Owns what a dialect hands on about one response: the observations that become the request row.

Must not know any dialect, provider or recording format. Values here are as observed; `llm_usage.normalize.request` settles them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any, Literal

from llm_usage.codecs.values import as_count, as_decimal
from llm_usage.model.request_parts import BilledUnit, Tokens

#: Token counters a dialect may report, by their column in the requests table.
TOKEN_FIELDS = tuple(each.name for each in fields(Tokens))

_MICRO = Decimal("0.000001")
_TOTALS = frozenset({"input_tokens", "output_tokens", "total_tokens_reported"})

#: How a dialect's output figure treats reasoning. ``by_arithmetic``: the sums decide (`llm_usage.normalize.usage`).
Convention = Literal["included", "separate", "by_arithmetic"]


@dataclass(slots=True)
class Observations:
    """Observations over one response; a dialect writes them frame by frame, the last non-null value wins."""

    api: str
    api_inner: str | None = None
    operation: str | None = None
    response_model: str | None = None
    response_id: str | None = None
    provider_raw: str | None = None
    """Who served, as a gateway spells it."""
    service_tier: str | None = None
    created_s: Decimal | None = None
    """When the response says that it was created, epoch seconds."""
    completed_s: Decimal | None = None
    finish_reason: str | None = None
    native_finish_reason: str | None = None
    terminator: str | None = None
    error: bool = False
    error_type: str | None = None
    error_code: str | None = None
    message_seen: bool = False
    """At least one payload that belongs to the dialect was there: the response is not empty."""
    opaque: bool = False
    """The answer is media or text that no dialect reads further; it is whole all the same."""
    complete: bool = False
    """A finish reason or the dialect's own terminator was seen: the response is not truncated."""
    tokens: dict[str, int] = field(default_factory=dict)
    """Last non-null value of each of `TOKEN_FIELDS`, already as totals that include their subsets, except
    that under the convention ``by_arithmetic`` output_tokens is the provider's completion count as sent."""
    usage: dict[str, Any] = field(default_factory=dict)
    """The raw usage object (frames merged key by key, last value wins), numbers as sent."""
    usage_source: Literal["final", "last_cumulative", "partial", "none"] = "none"
    convention: Convention = "included"
    separate_hint: bool = False
    """The payload itself shows that reasoning is counted apart (embedded provider usage)."""
    units: dict[str, BilledUnit] = field(default_factory=dict)
    """What is charged beside tokens, by unit."""
    speed: str | None = None
    inference_region: str | None = None
    traffic: str | None = None
    """As the payload names them; ``traffic`` is one of the schema's words."""
    cost_usd: Decimal | None = None
    cost_input_usd: Decimal | None = None
    cost_output_usd: Decimal | None = None
    upstream_cost_usd: Decimal | None = None
    cost_other: Decimal | None = None
    cost_currency: str | None = None
    """A charge in another currency than USD."""
    cost_by_gateway: bool = False
    """The charge stands in a header of the gateway's."""
    is_byok: bool | None = None
    server_queue_ns: int | None = None
    server_prefill_ns: int | None = None
    server_decode_ns: int | None = None
    server_ttft_ns: int | None = None
    server_total_ns: int | None = None
    anomalies: list[str] = field(default_factory=list)
    _uses: dict[str, set[str]] = field(default_factory=dict)

    def count(self, name: str, value: object) -> None:
        """Note a token count; None and absent are nothing, what is no count is an anomaly and stays NULL.

        Whole floats are counts (Titan sends ``3.0``). A total never falls back to 0: servers that count nothing in a later frame say
        it so (SGLang's message_delta). Source: usage-and-cost.md.
        """
        if value is None:
            return
        number = as_count(value)
        if number is None:
            self.flag(f"bad_count:{name}")
        elif number or name not in _TOTALS or name not in self.tokens:
            self.tokens[name] = number

    def bill(self, unit: str, quantity: object, read_from: str) -> None:
        """Note what is charged beside tokens; the last value above zero of each unit wins, and none of it is no unit.

        Args:
            unit: web_search, file_search, code_interpreter, image, audio_second, search_unit and so on.
            quantity: a number, as int, Decimal or text.
            read_from: the place in the payload.
        """
        number = as_decimal(quantity)
        if number is not None and 0 < number < 10**13:
            exact = number == number.quantize(_MICRO)
            self.units[unit] = BilledUnit(unit, number if exact else number.quantize(_MICRO), read_from)

    def use(self, unit: str, identity: str, read_from: str) -> None:
        """Note one use of a unit; what is told again, under the same identity, counts once."""
        known = self._uses.setdefault(unit, set())
        known.add(identity)
        self.bill(unit, len(known), read_from)

    def flag(self, code: str) -> None:
        """Note the code of a broken invariant, once."""
        if code not in self.anomalies:
            self.anomalies.append(code)

    def finish(self, reason: object) -> str | None:
        """Note a finish reason; an empty one is none. Returns what was noted."""
        if isinstance(reason, str) and reason:
            self.finish_reason = reason
            self.complete = True
            return reason
        return None

    def fail(self, kind: object = None, code: object = None) -> None:
        """Note an error inside the response."""
        self.error = True
        if isinstance(kind, str) and kind:
            self.error_type = kind[:200]
        if isinstance(code, (str, int)) and not isinstance(code, bool) and code != "":
            self.error_code = str(code)[:200]


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """What the request body says, without its text."""

    model: str | None = None
    operation: str | None = None
    stream_requested: bool | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    tool_count: int | None = None
    message_count: int | None = None
    prompt_sha256: str | None = None
    service_tier: str | None = None


NO_FACTS = RequestFacts()
