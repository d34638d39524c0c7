"""Owns what an answer says was charged, under the keys of whoever says it; must not know tokens, frames or hosts.

Sources: usage-and-cost.md, "Cost"; xAI API reference (``cost_in_usd_ticks``); DeepInfra (``estimated_cost``); GitHub, "Copilot billing".
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from llm_usage.codecs.values import as_str, money
from llm_usage.model.observations import Observations

#: Currencies that gateways and providers charge in; other words of three letters (``cost_raw``) are none.
_OF_CURRENCY = re.compile(r"(?:total_)?cost_(rub|eur|cny|gbp|inr|jpy|krw|brl|chf|try|kzt|uah|pln|cad|aud|sgd|rmb)")
COPILOT_NANO_AIU = Decimal("1e-11")  # total_nano_aiu: an AI unit is 0.01 USD (GitHub, "Billing for Copilot: AI credits")
_XAI_TICK = Decimal("1e-10")  # usage.cost_in_usd_ticks, xAI API reference


def note_cost(usage: dict[str, Any], observed: Observations) -> Decimal | None:
    """Charges, from a usage object with exact decimals. Source: usage-and-cost.md, "Cost"."""
    if note_other_currency(usage, observed):
        return None
    charged = _charged(usage, observed)
    byok = usage.get("is_byok")
    if isinstance(byok, bool):
        observed.is_byok = byok
    details = usage.get("cost_details")
    if isinstance(details, dict):
        upstream = money(details.get("upstream_inference_cost"))
        observed.upstream_cost_usd = last(observed.upstream_cost_usd, upstream)
        prompt = money(_given(details, "upstream_inference_prompt_cost", "upstream_inference_input_cost"))
        completion = money(_given(details, "upstream_inference_completions_cost", "upstream_inference_output_cost"))
        # Vercel sends zeros beside a real cost: that is no split of it.
        if prompt is not None and completion is not None and not (charged and prompt + completion == 0):
            observed.cost_input_usd, observed.cost_output_usd = prompt, completion
        if byok is True and charged is not None and upstream is not None:
            charged += upstream  # the gateway's fee and the caller's own provider bill are two payments
    observed.cost_usd = last(observed.cost_usd, charged)
    return charged


def _charged(usage: dict[str, Any], observed: Observations) -> Decimal | None:
    """The whole charge in USD, under the keys of its provider; its shares go to the observations."""
    cost = usage.get("cost")
    if isinstance(cost, dict):  # Perplexity total_cost, Charm usd
        observed.cost_input_usd = last(observed.cost_input_usd, money(cost.get("input_tokens_cost")))
        observed.cost_output_usd = last(observed.cost_output_usd, money(cost.get("output_tokens_cost")))
        charged = next((m for k in ("total_cost", "usd", "total") if (m := money(cost.get(k))) is not None), None)
    else:
        charged = money(cost)
    if charged is not None:
        return charged
    ticks = money(usage.get("cost_in_usd_ticks"))
    if ticks is not None:
        return ticks * _XAI_TICK
    for name in ("market_cost", "estimated_cost", "total_cost", "cost_usd"):  # Vercel, DeepInfra, others
        charged = money(usage.get(name))
        if charged is not None:
            break
    shares = [money(_given(usage, f"{name}_cost", f"{other}_cost")) for name, other in (("input", "prompt"), ("output", "completion"))]
    if shares[0] is not None and shares[1] is not None:
        observed.cost_input_usd, observed.cost_output_usd = shares
        charged = shares[0] + shares[1] if charged is None else charged
    return charged


def note_other_currency(usage: dict[str, Any], observed: Observations) -> bool:
    """Whether the charge is in another currency, which is then noted: a currency beside it, or in the name of its key (cost_rub)."""
    cost = usage.get("cost")
    told = cost if isinstance(cost, dict) else usage
    currency = as_str(told.get("currency")) or as_str(told.get("cost_currency"))
    amount = None
    if currency is not None and re.fullmatch(r"[A-Za-z]{3}", currency) and currency.upper() != "USD":
        names = ("total_cost", "total", "amount", "cost", "estimated_cost")
        amount = next((m for name in names if (m := money(told.get(name))) is not None), None)
    else:
        for name in told:
            found = _OF_CURRENCY.fullmatch(name)
            if found is not None and (amount := money(told[name])) is not None:
                currency = found[1]
                # Beside a charge that is another number, that one is the USD.
                if money(told.get("cost")) not in (None, amount):
                    observed.cost_other, observed.cost_currency = amount, currency.upper()
                    return False
                break
    if amount is None or currency is None:
        return False
    observed.cost_other, observed.cost_currency = amount, currency.upper()
    return True


def _given(details: dict[str, Any], *names: str) -> Any:
    return next((details[n] for n in names if details.get(n) is not None), None)


def last(old: Decimal | None, new: Decimal | None) -> Decimal | None:
    return old if new is None else new
