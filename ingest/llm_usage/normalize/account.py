"""Owns how a log's account of a call joins what was observed in the body: what is missing is filled, what differs is flagged. Pure.

The traffic goes before the log: it is what the provider sent. Must not know any log's layout.
"""

from __future__ import annotations

from dataclasses import replace

from llm_usage.model.account import Account
from llm_usage.model.observations import Observations, RequestFacts
from llm_usage.model.request_parts import Labels
from llm_usage.providers import Route

_NAMES = (
    "operation", "response_model", "response_id", "provider_raw", "service_tier", "traffic", "finish_reason", "error_type", "error_code",
    "server_total_ns",
)  # fmt: skip
#: Counts that both accounts have to agree on; the parts of them are not told by every log.
_HELD = ("input_tokens", "output_tokens")


def note_account(account: Account, observed: Observations) -> None:
    """Fill what the body does not say; a count of input or output that differs is the anomaly ``log_differs``."""
    for name in _NAMES:
        if getattr(observed, name) is None:
            setattr(observed, name, getattr(account, name))
    if account.traffic == "batch":  # the answer inside says what it would have been, had it been asked for alone
        observed.service_tier = observed.traffic = account.traffic
    if account.failed and not observed.error:
        observed.fail(account.error_type, account.error_code)
    if observed.tokens and not account.partial:
        if any(observed.tokens.get(name, said) != said for name, said in account.tokens.items() if name in _HELD):
            observed.flag("log_differs")
    elif observed.tokens:
        observed.usage_source = "partial"
    elif account.tokens and (any(account.tokens.values()) or not account.failed):  # zeros beside a failure count nothing
        observed.tokens.update(account.tokens)
        observed.usage = dict(account.usage)
        observed.usage_source = "partial" if account.partial else "final"
    if account.cost_usd is not None and observed.cost_usd is None and observed.cost_other is None:
        observed.cost_usd = account.cost_usd
        observed.cost_by_gateway = account.cost_by == "gateway"


def facts_with(account: Account, facts: RequestFacts) -> RequestFacts:
    """What was asked, with the model by the log's account where the request does not name one."""
    return facts if facts.model is not None or account.request_model is None else replace(facts, model=account.request_model)


def route_with(account: Account, route: Route) -> Route:
    """Who answered, by address first and then by the log's account."""
    return replace(
        route,
        gateway=route.gateway or account.gateway,
        provider=route.provider or account.provider,
        provider_raw=route.provider_raw or account.provider_raw,
        region=route.region or account.region,
        cache_hit=route.cache_hit if route.cache_hit is not None else account.cache_hit,
    )


def labels_with(account: Account, labels: Labels) -> Labels:
    """The configured labels, and the log's own where no rule sets one."""
    return Labels(labels.project or account.project, labels.user_label or account.user_label)
