"""Owns where a request went: host and path from a URL that may be scrubbed; nothing secret gets through. Pure."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from llm_usage.model.exchange import Exchange

#: Path segments that look like a key are cut: some services take their key in the path.
_KEY_IN_PATH = re.compile(r"(?i)(?<![a-z0-9])(sk|pk|rk|key|api|token|AIza|ghp|gho|hf|xox[a-z]|AKIA|eyJ)[-_]?[A-Za-z0-9_-]{16,}")


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
