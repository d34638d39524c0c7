"""Owns the account of one request: file, exchange, frames and bytes behind each number, the arithmetic of its cost, its clock.

Must not know how it is shown. The arithmetic is done here a second time, in plain decimals, and held against the views.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import duckdb
import pyarrow as pa

from llm_usage.errors import ConfigError
from llm_usage.render import number

PICO = Decimal("1e-12")
#: Leaf, its parent's count, the unit price it falls back to: the leaves of input and of output. Source: usage-and-cost.md.
_INPUT = (
    ("cache read", "cache_read_tokens", "unit_cache_read_usd"),
    ("cache write, 5 minutes", "cache_write_tokens", "unit_cache_write_usd"),
    ("cache write, 1 hour", "cache_write_1h_tokens", "unit_cache_write_1h_usd"),
    ("audio input", "input_audio_tokens", "unit_input_audio_usd"),
    ("image input", "input_image_tokens", "unit_input_image_usd"),
)
_OUTPUT = (
    ("reasoning", "reasoning_tokens", "unit_reasoning_usd"),
    ("audio output", "output_audio_tokens", "unit_output_audio_usd"),
    ("image output", "output_image_tokens", "unit_output_image_usd"),
)
#: Why a cost is only a lower bound; the codes of ``staging.requests.cost_bound_reason``.
_MISSING = {
    "output_incomplete": "the output is not known in full",
    "search_price_unknown": "the searches have no price",
    "spend_outside_totals": "the usage names rounds that its totals leave out",
    "byok_bill_unknown": "the provider's bill is not known",
}
_CLOCKS = {
    "per_chunk": "Each frame has an arrival time from {origin}, by the recorder's own clock.",
    "total": "The recorder timed the whole exchange, not the frames: duration is known, TTFT is not.",
    "headers_only": "The recorder's clock stopped at the response headers: TTFT and end-to-end are at least {headers} ms.",
    "server": "Only the server's own account exists; it says nothing of the network and never enters client percentiles.",
    "none": "This recording format keeps no times.",
}


@dataclass(frozen=True, slots=True)
class Account:
    """What `explain` found, section by section; each a table or sentences."""

    request_id: str
    where: Mapping[str, Any]
    numbers: pa.Table
    """Which frame each number comes from."""
    arithmetic: list[str]
    clock: list[str]


def explain(connection: duckdb.DuckDBPyConnection, wanted: str) -> Account:
    """The account of the request whose id is, or begins with, ``wanted``; or ``PATH#INDEX``.

    Raises:
        ConfigError: no request, or more than one, is meant.
    """
    row = find(connection, wanted)
    identity = row["request_id"]
    numbers = rows(
        connection,
        """from (
               select chunk_index as frame, kind, byte_offset, frame_bytes,
                      cum_input_tokens, cum_output_tokens, cost_usd, finish_reason
               from staging.chunks
               where request_id = $1
                 and (has_usage or finish_reason is not null or cost_usd is not null or kind in ('error', 'done', 'malformed'))
               order by chunk_index desc limit 200
           ) order by frame""",  # the last value wins, so the last frames are those that explain
        [identity],
    )
    where = {
        "source": row["source"],
        "recording": row["recording_path"],
        "format": row["recording_format"],
        "sha256": row["recording_sha256"],
        "exchange": row["exchange_index"],
        "attempt": row["attempt"],
        "called": f"{row['server_address'] or '?'}{row['url_path'] or ''}",
        "api": row["api"],
        "asked, answered": f"{row['request_model'] or '?'}, {row['response_model'] or '?'}",
        "served by": " via ".join(part for part in (row["provider"], row["gateway"]) if part) or "not known",
        "status": f"{row['http_status'] or '?'}, {row['status']}",
        "frames": row["frame_count"],
        "body": f"{row['body_bytes']:,} bytes, sha256 {row['body_sha256']}",
        "usage as sent": row["usage_json"],
        "anomalies": ", ".join(row["usage_anomalies"] or ()) or "none",
    }
    return Account(identity, where, numbers, _arithmetic(row), _clock(row))


def rows(connection: duckdb.DuckDBPyConnection, sql: str, parameters: list[Any]) -> pa.Table:
    """What a query with parameters gives, as an Arrow table."""
    relation = connection.sql(sql, params=parameters)
    if relation is None:
        raise TypeError("a select gives a relation")
    return relation.to_arrow_table()


def find(connection: duckdb.DuckDBPyConnection, wanted: str) -> dict[str, Any]:
    """The row of ``staging.requests`` whose id is, or begins with, ``wanted``; or ``PATH#INDEX``.

    Raises:
        ConfigError: no request, or more than one, is meant.
    """
    path, hash_sign, index = wanted.rpartition("#")
    if hash_sign and index.isdigit():
        which, parameters = "(recording_path = $1 or ends_with(recording_path, '/' || $1)) and exchange_index = $2", [path, int(index)]
    else:
        which, parameters = "starts_with(request_id, $1)", [wanted]
    found = rows(connection, f"select * from staging.requests where {which} limit 3", parameters)
    if found.num_rows == 0:
        raise ConfigError(wanted, "no such request", "Name a request_id, the beginning of one, or RECORDING_PATH#EXCHANGE_INDEX")
    if found.num_rows > 1:
        raise ConfigError(wanted, "more than one request is meant", "Give more of the request_id")
    row: dict[str, Any] = found.to_pylist()[0]
    return row


def _arithmetic(row: Mapping[str, Any]) -> list[str]:
    lines = []
    if row["cost_reported_usd"] is not None:
        lines.append(f"The response itself reports {number(row['cost_reported_usd'])} USD; reported money wins.")
        split = [row["cost_reported_input_usd"], row["cost_reported_output_usd"]]
        if None not in split:
            lines.append(f"  of it {number(split[0])} for input and {number(split[1])} for output.")
        if row["is_byok"] and row["upstream_cost_usd"] is not None:
            lines.append(
                f"  The caller's own provider key was used: the upstream charge of {number(row['upstream_cost_usd'])} is included."
            )
        elif row["is_byok"]:
            lines.append(
                "  The caller's own provider key was used, and the provider's bill is not reported: this is the gateway's fee only."
            )
    by_list = row["cost_computed_usd"] if row["cost_computed_usd"] is not None else row["cost_lower_bound_usd"]
    if by_list is None:
        why = dict.fromkeys(filter(None, (row["price_status"], row["price_reason"])))
        lines.append(f"No computed cost: {', '.join(why)}.")
    elif row["price_status"] == "free":
        lines.append(f"The list price is zero ({row['price_source'] or 'free model'}).")
    else:
        lines += _by_list(row, by_list)
    if row["cost_basis"] is None:
        lines.append("So its cost is not known, and no total contains it.")
    else:
        bound = f", at least: {_MISSING[row['cost_bound_reason']]}" if row["cost_bound_reason"] else ""
        lines.append(f"So it counts with {number(row['cost_usd'])} USD ({row['cost_basis']}{bound}).")
    return lines


def _by_list(row: Mapping[str, Any], by_views: Decimal) -> list[str]:
    """Tokens, requests and searches times the list price. What is billed in units of its own (Cohere) has no leaves."""
    whose = (
        f"the list of {row['price_provider']} for {row['price_model']} ({row['price_source']})"
        if row["price_model"]
        else row["price_source"]
    )
    lines = [f"By {whose}:"]
    inputs = _INPUT if row["billed_input_tokens"] is None else ()
    outputs = _OUTPUT if row["billed_output_tokens"] is None else ()
    total = _sum(row, "charged_input_tokens", "input", inputs, "unit_input_usd", lines)
    total += _sum(row, "charged_output_tokens", "output", outputs, "unit_output_usd", lines)
    if row["unit_request_usd"]:
        total += row["unit_request_usd"]
        lines.append(f"  one request = {number(row['unit_request_usd'])}")
    if row["web_searches"] and row["unit_web_search_usd"]:
        each, searched = row["unit_web_search_usd"], row["web_searches"] * row["unit_web_search_usd"]
        total += searched
        lines.append(f"  searches: {row['web_searches']:,} × {number(each)} USD = {number(searched)}")
    rounded = total.quantize(PICO, ROUND_HALF_EVEN)
    agrees = "" if rounded == by_views else f" — the views say {number(by_views)}: please report this"
    lines.append(f"  together {number(total)}, rounded once, half to even: {number(rounded)} USD{agrees}")
    return lines


def _sum(row: Mapping[str, Any], total_name: str, word: str, leaves: Any, unit_name: str, lines: list[str]) -> Decimal:
    """Parent minus subsets at the parent's price, each subset at its own; one line a leaf."""
    whole = row[total_name]
    if whole is None:
        lines.append(f"  {word}: not known")
        return Decimal(0)
    parent: Decimal = row[unit_name] or Decimal(0)
    rest = whole
    out = Decimal(0)
    for name, count_name, leaf_unit in leaves:
        count = row[count_name] or 0
        if count_name == "cache_write_tokens":
            count -= row["cache_write_1h_tokens"] or 0
        price = row[leaf_unit]
        if count_name == "cache_write_1h_tokens" and price is None:
            price = row["unit_cache_write_usd"]
        if not count or price is None:
            continue
        rest -= count
        out += Decimal(count) * price
        lines.append(f"  {name}: {count:,} × {_unit(price)} = {number(count * price)}")
    lines.append(f"  {word}{' (the rest)' if rest != whole else ''}: {rest:,} × {_unit(parent)} = {number(rest * parent)}")
    return out + Decimal(rest) * parent


def _unit(price: Decimal) -> str:
    return f"{number(price * 1_000_000)} USD per million"


def _clock(row: Mapping[str, Any]) -> list[str]:
    headers = f"{row['headers_ns'] / 1e6:,.3f}" if row["headers_ns"] is not None else "?"
    origin = "the request" if row["arrival_origin"] == "request" else "the response headers"
    lines = [_CLOCKS[row["timing_source"]].format(origin=origin, headers=headers)]
    names = ("headers", "first_chunk", "ttft", "first_output", "e2e", "duration", "stream_span", "after_headers_ttft", "after_headers_e2e")
    server = ("server_queue", "server_prefill", "server_decode", "server_ttft", "server_total")
    for group, word in ((names, "observed"), (server, "by the server's account")):
        known = [f"{name.removeprefix('server_')} {row[name + '_ns'] / 1e6:,.3f} ms" for name in group if row[f"{name}_ns"] is not None]
        if known:
            lines.append(f"{word}: {', '.join(known)}")
    if row["arrival_origin"] == "headers":
        lines.append("Arrivals count from the headers, so TTFT and end-to-end are known only as lower bounds.")
    lines.append(
        f"Dated {row['started_at']:%Y-%m-%d %H:%M:%S} UTC by {row['started_at_source']}." if row["started_at"] else "It has no date."
    )
    return lines
