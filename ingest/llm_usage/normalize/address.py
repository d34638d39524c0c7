"""Owns where a request went: host and path from a URL that may be scrubbed; nothing secret gets through. Pure."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from llm_usage.model.exchange import Exchange

_CHAR = r"(?:[A-Za-z0-9_-]|%[0-9A-Fa-f]{2})"
_LINK = r"(?:[-_=]|%2[Dd]|%5[Ff]|%3[Dd])"
#: What looks like a key in a path is cut: some services take theirs there. Words that anybody may use want more behind them.
_KEY_IN_PATH = re.compile(
    rf"(?:(?<![A-Za-z0-9])(?:glpat|ghp|gho|ghu|ghs|ghr|gsk|r8|hf|nvapi|xai|xox[a-z]|AKIA|ASIA|AIza){_LINK}?{_CHAR}{{12,}}"
    rf"|(?<![A-Za-z0-9])(?i:sk|pk|rk|key|api|token){_LINK}?{_CHAR}{{16,}}"
    rf"|(?<![A-Za-z0-9])eyJ{_CHAR}{{8,}}(?:\.{_CHAR}*){{0,2}}"
    rf"|(?i:(?<=token=)|(?<=key=)|(?<=secret=)|(?<=signature=)|(?<=password=)|(?<=sig=))[^/;&=]+)"
)
#: In a name (a model, a provider) only what no name is: a known beginning, a long rest, a digit in it.
_KEY_AS_NAME = re.compile(
    r"(?<![A-Za-z0-9])(?:(?:sk|pk|rk)-|(?:gsk|hf|r8|ghp|gho|xai)_|nvapi-|glpat-|xox[a-z]-|AKIA|AIza|eyJ)"
    r"(?=[A-Za-z0-9_.-]*[0-9])(?=[A-Za-z0-9_.-]*[A-Z])[A-Za-z0-9_.-]{16,}"
)


def address_and_path(exchange: Exchange) -> tuple[str | None, str | None]:
    """``host[:port]`` and path of the URL; no user, no query, no fragment, nothing that looks like a key."""
    if not exchange.url:
        return exchange.request_headers.get("host"), None
    try:
        parts = urlsplit(exchange.url)
        host, port = parts.hostname, parts.port
    except ValueError:
        # A scrubbed host such as <AWS_REGION> or [REDACTED] is no URL: take what lies between the slashes.
        rest = exchange.url.split("://", 1)[-1].split("?", 1)[0].split("#", 1)[0]
        address, slash, path = rest.partition("/")
        return address.rpartition("@")[2] or None, clean_path(slash + path)
    if host is None:
        host = exchange.request_headers.get("host")
    if host and port and port != {"https": 443, "http": 80}.get(parts.scheme):
        host = f"{host}:{port}"
    return host, clean_path(parts.path)


def clean_path(path: str) -> str:
    """The path with anything cut out that looks like a key."""
    return _KEY_IN_PATH.sub("…", path)[:2000]


def clean_name(name: str) -> str:
    """A name with anything cut out of it that is a key."""
    return _KEY_AS_NAME.sub("…", name)
