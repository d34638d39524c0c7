"""A lake whose requests are priced, for the tests beside this file."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from llm_usage.pricing import resolve as pricing
from llm_usage.query import views
from small_lake import Row, install, raw, recording, request, rows


def priced(given: Iterable[Row], user_prices: Path | None = None, settings: views.Settings | None = None) -> duckdb.DuckDBPyConnection:
    """A connection with these requests, their prices and all views."""
    given = list(given)
    connection = raw(given, recordings=[recording(name) for name in sorted({r["recording_id"] for r in given})])
    install(connection, settings, pricing.resolve(connection, user_prices), comments=False)
    return connection


def searched(n: int, read_from: str = "usage.server_tool_use.web_search_requests") -> Row:
    """Columns of a request whose usage counts ``n`` searches, as the dialects read it: none is no unit."""
    units = [{"unit": "web_search", "quantity": Decimal(n), "read_from": read_from}] if n else []
    return {"billed_units": units, "usage_json": f'{{"server_tool_use":{{"web_search_requests":{n}}}}}'}


def cost(user_prices: Path | None = None, **values: Any) -> Row:
    """The row of one request in ``staging.requests``."""
    (found,) = rows(priced([request(**values)], user_prices), "from staging.requests")
    return found
