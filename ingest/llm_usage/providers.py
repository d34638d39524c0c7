"""Owns who answered: from address, path, headers and what the payload says to gateway, provider and known deviations.

The knowledge is data in ``providers.yaml``; must not know dialects, recordings or prices. Positive evidence only: an
address that nobody claims leaves the provider NULL.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fnmatch import translate
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from llm_usage.errors import ConfigError
from llm_usage.yaml_tree import plain

_FIELDS = frozenset(
    {
        "gateway", "hosts", "paths", "headers", "id_prefixes", "names", "names_here", "path_provider", "header_provider", "header_url",
        "reasoning", "reasoning_separate_for", "local", "host_provider", "regions", "plans", "plan_headers", "cache_headers",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Route:
    """Who took part in answering one request."""

    gateway: str | None = None
    provider: str | None = None
    provider_raw: str | None = None
    reasoning_separate: bool = False
    """Known to count reasoning outside completion_tokens; used only where the sums do not decide."""
    region: str | None = None
    """Where inference runs, as the address names it."""
    by_plan: bool = False
    """The traffic of a plan: charged by the month and not by the request."""
    cache_hit: bool | None = None
    """The gateway says whether it answered from its own cache."""


@dataclass(frozen=True, slots=True)
class _Entry:
    key: str
    gateway: bool
    fields: Mapping[str, Any]


class Providers:
    """The table of providers, ready to be asked."""

    def __init__(self, table: Mapping[str, Mapping[str, Any]], origin: str) -> None:
        self._entries: dict[str, _Entry] = {}
        self._hosts: dict[str, _Entry] = {}
        self._globs: list[tuple[int, re.Pattern[str], _Entry]] = []
        self._paths: list[tuple[int, re.Pattern[str], _Entry]] = []
        self._headers: dict[str, _Entry] = {}
        self._ids: list[tuple[str, _Entry]] = []
        self._names: dict[str, str] = {}
        for key, fields in table.items():
            unknown = set(fields) - _FIELDS
            if unknown:
                raise ConfigError(f"{origin}: {key}", f"unknown field {min(unknown)}", f"Known are: {', '.join(sorted(_FIELDS))}")
            self._add(_Entry(key, bool(fields.get("gateway")), fields))
        # The longest pattern is the most specific one; so the order of the file means nothing.
        self._globs.sort(key=lambda g: -g[0])
        self._paths.sort(key=lambda g: -g[0])
        self._ids.sort(key=lambda p: -len(p[0]))

    def _add(self, entry: _Entry) -> None:
        self._entries[entry.key] = entry
        fields = entry.fields
        for host in [*fields.get("hosts", ()), *fields.get("local", ())]:
            if "*" in host:
                self._globs.append((len(host), re.compile(translate(host)), entry))
            else:
                self._hosts[host] = entry
        self._paths.extend((len(p), re.compile(translate(p)), entry) for p in fields.get("paths", ()))
        self._headers.update(dict.fromkeys(fields.get("headers", ()), entry))
        self._ids.extend((p, entry) for p in fields.get("id_prefixes", ()))
        if not entry.gateway:
            for name in (entry.key, *fields.get("names", ())):
                self._names[_squeeze(name)] = entry.key

    def route(
        self,
        address: str | None,
        path: str | None,
        headers: Mapping[str, str],
        *,
        provider_raw: str | None = None,
        response_id: str | None = None,
        api: str = "",
    ) -> Route:
        """Who answered.

        Args:
            address: ``host`` or ``host:port``, lower-case.
            path: URL path.
            headers: allow-listed response headers, lower-case.
            provider_raw: what the payload says served the call.
            response_id: the response's own id.
            api: the wire dialect, for deviations that one dialect has.
        """
        place = f"{address or ''}{path or ''}"
        entry = self._by_host(address) or self._by_path(path)
        found = self._route(entry, address, path, headers, provider_raw, response_id, api)
        owner = self._entries.get(found.gateway or found.provider or "")
        behind = self._entries.get(found.provider or "")
        return replace(
            found,
            region=_first_region(behind, place) if behind is not None else None,
            by_plan=entry is not None and _is_plan(entry, place, headers),
            cache_hit=_cache_hit(owner, headers) if owner is not None else None,
        )

    def _route(
        self,
        entry: _Entry | None,
        address: str | None,
        path: str | None,
        headers: Mapping[str, str],
        provider_raw: str | None,
        response_id: str | None,
        api: str,
    ) -> Route:
        gateway_by_header = next((e for h, e in self._headers.items() if e.gateway and h in headers), None)
        if gateway_by_header is not None and (entry is None or not entry.gateway):
            served = entry
            entry = gateway_by_header
        else:
            served = None
        if entry is None:
            entry = next((e for h, e in self._headers.items() if h in headers), None) or self._by_id(response_id)
        if entry is None:
            return Route(provider=self.normal(provider_raw), provider_raw=provider_raw)
        fields = entry.fields
        if not entry.gateway:
            separate = fields.get("reasoning", {}).get(api) == "separate"
            return Route(None, entry.key, provider_raw, separate)
        raw = provider_raw or _by_pattern(fields.get("path_provider"), path) or headers.get(fields.get("header_provider", ""))
        served = served or self._behind(headers.get(fields.get("header_url", "")))
        served = served or self._entries.get(fields.get("host_provider", {}).get(address or ""))
        provider = fields.get("names_here", {}).get(raw) or self.normal(raw) or (served.key if served is not None else None)
        return Route(entry.key, provider, raw, provider in fields.get("reasoning_separate_for", ()))

    def hosts(self) -> list[tuple[str, bool, tuple[str, ...]]]:
        """Every entry: its name, whether it is a gateway, the addresses that it is known by."""
        return [(e.key, e.gateway, (*e.fields.get("hosts", ()), *e.fields.get("local", ()))) for e in self._entries.values()]

    def normal(self, raw: str | None) -> str | None:
        """The provider's name for a gateway's spelling of it; an unknown one becomes snake_case."""
        if not raw:
            return None
        known = self._names.get(_squeeze(raw))
        return known or re.sub(r"[^a-z0-9]+", "_", raw.lower()).strip("_")[:80] or None

    def _by_host(self, address: str | None) -> _Entry | None:
        if not address:
            return None
        host = address.rsplit(":", 1)[0] if address.count(":") == 1 else address
        found = self._hosts.get(host)
        if found is not None:
            return found
        return next((e for _, pattern, e in self._globs if pattern.fullmatch(host) or pattern.fullmatch(address)), None)

    def _behind(self, url: str | None) -> _Entry | None:
        """The provider at a URL that a gateway names; a gateway behind a gateway is none."""
        found = self._by_host(urlsplit(url).hostname) if url and "://" in url and "[" not in url else None
        return found if found is not None and not found.gateway else None

    def _by_path(self, path: str | None) -> _Entry | None:
        return next((e for _, pattern, e in self._paths if pattern.fullmatch(path)), None) if path else None

    def _by_id(self, response_id: str | None) -> _Entry | None:
        return next((e for prefix, e in self._ids if response_id.startswith(prefix)), None) if response_id else None


def _first_region(entry: _Entry, place: str) -> str | None:
    """The region in a place, ``host/path``: of several patterns the first that is met."""
    return next((found[1].lower() for pattern in entry.fields.get("regions", ()) if (found := re.search(pattern, place))), None)


def _is_plan(entry: _Entry, place: str, headers: Mapping[str, str]) -> bool:
    """Whether place or headers say that a plan pays."""
    if any(re.fullmatch(translate(glob), place) for glob in entry.fields.get("plans", ())):
        return True
    return any(re.fullmatch(pattern, headers.get(name, "")) for name, pattern in entry.fields.get("plan_headers", {}).items())


def _cache_hit(entry: _Entry, headers: Mapping[str, str]) -> bool | None:
    """What the first header that is there says of the gateway's own cache."""
    for name, pattern in entry.fields.get("cache_headers", {}).items():
        if name in headers:
            return re.fullmatch(pattern, headers[name].strip(), re.IGNORECASE) is not None
    return None


def _squeeze(name: str) -> str:
    return re.sub(r"[\s._-]+", "", name.lower())


def _by_pattern(pattern: str | None, path: str | None) -> str | None:
    found = re.search(pattern, path) if pattern and path else None
    return found.group(1) if found else None


@cache
def providers() -> Providers:
    """The table that ships with the package.

    Raises:
        ConfigError: ``providers.yaml`` has an unknown field.
    """
    text = files("llm_usage").joinpath("providers.yaml").read_text(encoding="utf-8")
    return Providers(plain(text), "providers.yaml")
