"""Owns attribution: configured rules to ``project`` and ``user_label`` of a request; must not know where rules come from.

Only what a rule asks for is looked at, and only what its pattern catches is kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from llm_usage.config import LabelRule
from llm_usage.model.exchange import Exchange
from llm_usage.model.request_parts import Labels
from llm_usage.normalize.address import address_and_path


def header_names(rules: Sequence[LabelRule]) -> frozenset[str]:
    """Headers that the rules read, lower-case: the readers of recordings must keep them."""
    return frozenset(name for rule in rules for name, _ in rule.header)


class Labeller:
    """Applies rules in the order of the file; for each label the first rule that matches sets it."""

    def __init__(self, rules: Sequence[LabelRule]) -> None:
        self._rules = tuple(rules)

    def __call__(self, exchange: Exchange, recording_path: str, request: Any) -> Labels:
        """The labels of one exchange."""
        project = user = None
        for rule in self._rules:
            if (rule.project is None or project is not None) and (rule.user_label is None or user is not None):
                continue
            caught = _match(rule, exchange, recording_path, request)
            if caught is None:
                continue
            if project is None and rule.project is not None:
                project = _fill(rule.project, caught)
            if user is None and rule.user_label is not None:
                user = _fill(rule.user_label, caught)
        return Labels(project, user)


def _match(rule: LabelRule, exchange: Exchange, path: str, request: Any) -> list[str] | None:
    """What the patterns of a rule caught, in the order path, host, header, field; None when one does not match."""
    caught: list[str] = []
    subjects: list[tuple[re.Pattern[str], str | None, bool]] = []
    if rule.path is not None:
        subjects.append((rule.path, path, True))
    if rule.host is not None:
        subjects.append((rule.host, address_and_path(exchange)[0], True))
    for name, pattern in rule.header:
        subjects.append((pattern, exchange.request_headers.get(name) or exchange.response_headers.get(name), False))
    for keys, pattern in rule.field:
        value = request
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        subjects.append((pattern, str(value) if isinstance(value, (str, int)) else None, False))
    for pattern, subject, whole in subjects:
        found = (pattern.fullmatch(subject) if whole else pattern.search(subject)) if subject is not None else None
        if found is None:
            return None
        caught.extend(group or "" for group in found.groups())
    return caught


def _fill(template: str, caught: Sequence[str]) -> str | None:
    text = re.sub(r"\{(\d+)\}", lambda m: caught[int(m[1]) - 1] if 0 < int(m[1]) <= len(caught) else "", template)
    return text[:200] or None
