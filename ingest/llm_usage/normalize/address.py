"""Owns where a request went: host and path from a URL that may be scrubbed; nothing secret gets through. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

from llm_usage.model.exchange import Exchange
from llm_usage.model.scrub import clean_path


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
