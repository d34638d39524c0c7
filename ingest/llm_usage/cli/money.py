"""Owns the commands about money: prices, explain, diff, budget. No logic: they call and show."""

from __future__ import annotations

import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path

import click
import orjson
import pyarrow as pa
from rich.text import Text

from llm_usage import render
from llm_usage.cli import command
from llm_usage.cli.console import stderr, stdout
from llm_usage.config import Config
from llm_usage.errors import ConfigError
from llm_usage.pipeline.runs import RunOptions
from llm_usage.pricing.differences import differences as price_differences
from llm_usage.pricing.user_prices import TOKEN_UNITS
from llm_usage.query.session import Connection, connect
from llm_usage.render import jsonable, number
from llm_usage.render.table import show
from llm_usage.render.text import figure, plain
from llm_usage.reports.diff import diff
from llm_usage.reports.explain import READS, explain
from llm_usage.reports.report import run_report
from llm_usage.reports.sentences import clock_sentences, cost_sentences
from llm_usage.versions import package_version

_FORMAT = click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True, help="For people or programs."
)
_MTOK = ",\n".join(f"{unit}_usd * 1000000 as {unit}_usd_per_mtok" for unit in TOKEN_UNITS)
_HOUR = (
    "['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'][{0} // 86400000000 % 7 + 1]"
    " || printf(' %02d:%02d', {0} // 3600000000 % 24, {0} // 60000000 % 60)"
)
_PRICES = f"""
    select distinct gateway, provider, coalesce(response_model, request_model) as model, tier, price_status,
           price_source, price_provider, price_model, valid_from, valid_until,
           if(week_from_us = 0 and week_until_us = 604800000000, null,
              {_HOUR.format("week_from_us")} || ' to ' || {_HOUR.format("week_until_us")}) as hours_utc,
           nullif(input_over, -1) as input_over_tokens,
           {_MTOK}, request_usd, web_search_usd as search_usd, price_reason
    from raw.prices where is_dated order by all
"""


_DIFFERENCES = f"""
    select gateway, provider, model, tier, speed, traffic, inference_region, search_context,
           sum(requests)::bigint as requests, max(as_of) as as_of, is_used, over_input_tokens,
           {_MTOK}, request_usd, web_search_usd as search_usd, price_source
    from _differing group by all order by provider, model, tier, speed, traffic, inference_region, search_context, gateway,
        is_used desc, price_source, over_input_tokens nulls first
"""


@command("prices", "Show the prices that requests are priced with")
@click.option("--differences", is_flag=True, help="Show where own prices, lists and corrections disagree, instead.")
@_FORMAT
def prices_command(form: str, differences: bool, lake: Path, config: Config) -> int:
    """Show the prices that this lake's requests are priced with: whose list, which model of it, since when.

    Prices are looked up each time: another release of genai-prices or another prices.yaml needs no new ingest.
    """
    connection = connect(lake, config=config, readers=[])
    differing = price_differences(connection, config.prices, lists=config.price_lists)
    if differences:
        return _differences(connection, differing, form)
    table = connection.sql(_PRICES).to_arrow_table()
    if form != "table":
        render.write(table, form, sys.stdout)
        return 0
    notes = [
        f"genai-prices {package_version('genai-prices')}, bundled; own prices: {config.prices or 'none (prices: FILE in llm-usage.yaml)'}"
    ]
    if differing.num_rows:
        notes.append("Sources disagree on some: llm-usage prices --differences")
    columns = [
        "gateway",
        "provider",
        "model",
        "tier",
        "price_status",
        "valid_from",
        "valid_until",
        "hours_utc",
        "input_over_tokens",
        "input_usd_per_mtok",
        "output_usd_per_mtok",
        "price_model",
        "price_source",
    ]
    show(stdout(), table, title="prices in use", caption="USD per million tokens.", columns=columns, notes=notes)
    return 0


def _differences(connection: Connection, differing: pa.Table, form: str) -> int:
    connection.register("_differing", differing)
    table = connection.sql(_DIFFERENCES).to_arrow_table()
    if form != "table":
        render.write(table, form, sys.stdout)
        return 0
    caption = "USD per million tokens, at the time of the newest such request; the source that is used comes first."
    columns = ["gateway", "provider", "model", "tier", "requests", "is_used", "over_input_tokens"]
    columns += ["input_usd_per_mtok", "cache_read_usd_per_mtok", "output_usd_per_mtok", "request_usd", "search_usd", "price_source"]
    show(stdout(), table, title="where prices disagree", caption=caption, columns=columns)
    return 0


@command("explain", "Account for one request, down to the bytes behind each number")
@click.argument("request")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True, help="For people or programs.")
def explain_command(request: str, form: str, lake: Path, config: Config) -> int:
    """Account for one request: file, exchange, frames and bytes behind each number, its cost step by step, its clock.

    REQUEST is a request_id, the beginning of one, or RECORDING_PATH#EXCHANGE_INDEX.
    """
    account = explain(connect(lake, config=config, readers=READS), request)
    if form == "json":
        tree = {
            "request_id": account.request_id,
            "where": account.where,
            "frames": account.numbers.to_pylist(),
            "cost": account.cost,
            "clock": account.clock,
        }
        sys.stdout.write(orjson.dumps(tree, default=jsonable, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z).decode() + "\n")
        return 0
    console = stdout()
    console.print(Text(f"request {account.request_id}", style="bold"))
    for name, value in account.where.items():
        console.print(Text(f"  {name:16} {figure(name, value)}"), soft_wrap=True)
    console.print()
    show(
        console,
        account.numbers,
        title="Where its numbers are",
        caption="Offsets count from the start of the response body, content coding removed.",
    )
    for title, lines in (("What it cost", cost_sentences(account.cost)), ("Its clock", clock_sentences(account.clock))):
        console.print(Text(title, style="bold"))
        for line in lines:
            console.print(Text(plain(line)), soft_wrap=True)
        console.print()
    return 0


@command("diff", "Compare two sets of recordings: tokens, cost, provider")
@click.argument("old")
@click.argument("new")
@click.option("--fail-over", metavar="PCT", help="Exit 1 when the cost (where unknown: the tokens) of the pairs grew by more, say 5%.")
@_FORMAT
def diff_command(old: str, new: str, fail_over: str | None, form: str, lake: Path, config: Config) -> int:  # noqa: ARG001 - every command is given both
    """Compare two sets of recordings, matched by prompt: tokens, cost, frames, provider, finish reason. Needs no lake.

    OLD and NEW are files or directories, say the cassettes of main and those of a branch.
    """
    bound = _share(fail_over)
    found = diff([old], [new], config, RunOptions.from_config(config))
    if form != "table":
        render.write(found.table, form, sys.stdout)
    else:
        changes = found.changes()
        columns = ["found", "recording_path", "exchange_index", "changed", "old_cost_usd", "new_cost_usd", "more_usd"]
        show(
            stdout(),
            changes,
            title=f"{old} against {new}",
            caption=f"{changes.num_rows:,} of {found.table.num_rows:,} rows differ; --format csv or json: all of them, every column.",
            columns=[*columns, "old_output_tokens", "new_output_tokens"],
        )
    growths = found.growths()
    sums = f"{found.pairs:,} pairs, {found.only_old:,} only in old, {found.only_new:,} only in new"
    if found.old_cost_usd is not None and found.new_cost_usd is not None:
        sums += f"; cost of {found.cost_pairs:,} pairs {number(found.old_cost_usd)} to {number(found.new_cost_usd)} USD"
    sums += f"; tokens of {found.token_pairs:,} pairs {found.old_tokens:,} to {found.new_tokens:,}"
    stderr().print(Text(sums))
    if bound is None:
        return 0
    if not growths:
        stderr().print(Text("nothing can be compared: neither cost nor tokens are known on both sides", style="red"))
        return 1
    over = [growth for growth in growths if growth.share > bound]
    for growth in over:
        much = (
            f"by {growth.share * 100:.2f} %, more than {(bound * 100).normalize():f} %" if growth.old else f"from 0 to {number(growth.new)}"
        )
        stderr().print(Text(f"{growth.what} grew {much}", style="red"))
    return 1 if over else 0


def _share(text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        value = Decimal(text.removesuffix("%"))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or value < 0:
        raise ConfigError("--fail-over", f"`{text}` is no percentage", "Write 5% or 0.5%")
    return value / 100


@command("budget", "Hold this month's spend against the budgets of the config")
@_FORMAT
def budget_command(form: str, lake: Path, config: Config) -> int:
    """Hold this month's spend against the budgets of llm-usage.yaml; exit 1 when one is passed or will be at this rate."""
    if not config.budgets:
        raise ConfigError("llm-usage budget", "no budgets are configured", "Add `budgets:` with `name` and `monthly_usd` to llm-usage.yaml")
    report = run_report(connect(lake, config=config, readers=["marts.budget"]), "budget")
    if form == "table":
        show(stdout(), report.table, title=report.name, caption=report.caption, columns=report.columns)
    else:
        render.write(report.table, form, sys.stdout)
    states = set(report.table.column("state").to_pylist()) if report.table.num_rows else set()
    return 1 if states & {"over", "heading over"} else 0
