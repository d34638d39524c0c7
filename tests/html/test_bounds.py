"""A page stays small however much there is: top rows, then one that sums up the rest, exactly."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tree import laid_out, parse

from llm_usage import html
from llm_usage.html.phrases import cost_reads, pct
from llm_usage.html.tables import Col, TableText, table, total
from llm_usage.model.tables import RECORDINGS, REQUESTS
from llm_usage.query import views
from llm_usage.query.session import connect_tables

MONEY = st.decimals(min_value=0, max_value=10**9, places=12) | st.none()


def _number(cell: str) -> Decimal | None:
    text = re.sub(r"[,\s]", "", cell)
    return None if text == "–" else Decimal(text)


@given(st.lists(st.tuples(MONEY, st.integers(0, 10**12) | st.none()), min_size=1, max_size=40), st.integers(1, 12))
def test_shown_and_rest_add_up_to_all(amounts: list[tuple[Decimal | None, int | None]], limit: int) -> None:
    rows = [{"name": f"n{i}", "cost_usd": money, "tokens": tokens, "why": "x"} for i, (money, tokens) in enumerate(amounts)]
    columns = (Col("name"), Col("cost_usd", add=True, bar=True), Col("tokens", add=True), Col("why"))
    tree = parse(laid_out(table(TableText("t", "T", "more", limit), rows, columns)))
    heads = [th.text() for th in tree.all("thead")[0].all("th")]
    body = [[c.text() for c in row.children] for row in tree.all("tbody")[0].all("tr")]
    foot = [[c.text() for c in row.children] for part in tree.all("tfoot") for row in part.all("tr")]
    assert len(body) == min(limit, len(rows))
    assert [row[0].strip() for row in foot] == ([f"{len(rows) - limit:,} more"] if len(rows) > limit else []) + (
        ["All"] if len(rows) > 1 and len(heads) > 2 else []
    )
    for name in ("cost", "tokens"):
        place = next((i for i, head in enumerate(heads) if head.startswith(name)), None)
        if place is None or not foot:
            continue
        parts = [_number(row[place]) for row in (*body, *foot[:-1])]
        assert _number(foot[-1][place]) == (sum(p for p in parts if p is not None) if any(p is not None for p in parts) else None)


@given(st.lists(MONEY, max_size=30))
def test_total_is_exact_and_knows_nothing_of_nothing(values: list[Decimal | None]) -> None:
    known = [v for v in values if v is not None]
    assert total([{"x": v} for v in values], "x") == (sum(known, Decimal(0)) if known else None)


def test_words_agree_with_the_macros_of_the_views() -> None:
    connection = connect_tables({})
    for billable in range(4):
        for costed in range(billable + 1):
            for bounded in range(billable - costed + 1):
                for assumed in range(billable - costed - bounded + 1):
                    given = [billable, costed, bounded, assumed]
                    (expected,) = connection.execute("select staging.cost_reads(?, ?, ?, ?)", given).fetchall()[0]
                    assert cost_reads(billable, costed, bounded, assumed) == expected, given
    for part, whole in ((0, 0), (1, 3), (2, 3), (99_999, 100_000), (5, 5), (0, 7)):
        assert pct(part, whole) == connection.execute("select staging.pct(?, ?)", [part, whole]).fetchall()[0][0]


def many(n: int) -> str:
    """A page of ``n`` requests, each of a model, a provider, an error and a day of its own."""
    start = datetime(2020, 1, 1, tzinfo=UTC)
    blank = {"string": "", "bool": False, "int16": 0, "int32": 0, "int64": 0}

    def row(table, **values: object) -> dict[str, object]:
        full = {c.name: None if c.nullable else blank.get(str(c.type), "") for c in table.columns}
        return full | values

    requests = [
        row(
            REQUESTS, recording_id="r", generation="g", request_id=f"q{i}", logical_request_id=f"q{i}", attempt=1, source="s", recording_path="p",
            recording_sha256="x", recording_format="har", api="openai_chat", operation="chat", started_at_source="recorder",
            started_at=start + timedelta(days=i % 4000), provider=f"provider-{i}", response_model=f"model-{i}", gateway="openrouter",
            status="http_error" if i % 3 == 0 else "ok", http_status=500 if i % 3 == 0 else 200, error_code=f"code-{i}" if i % 3 == 0 else None,
            usage_source="final", timing_source="total", duration_ns=10**9 + i, input_tokens=10, output_tokens=5, cache_read_tokens=5,
            cost_reported_usd=Decimal(i + 1) / 1000 if i % 3 else None, body_sha256=f"b{i}", url_path="/",
        )
        for i in range(n)
    ]  # fmt: skip
    recordings = [
        row(RECORDINGS, recording_id="r", source="s", recording_path="p", generation="g", revision=1, parser_version="1", outcome="ingested",
            exchanges=n, llm_requests=n, run_id="x", ingested_at=start),
        *(row(RECORDINGS, recording_id=f"bad{i}", source="s", recording_path=f"bad{i}", generation="g", revision=1, parser_version="1",
              outcome="rejected", error=f"bad{i}: is no recording. Leave it out", run_id="x", ingested_at=start) for i in range(n)),
    ]  # fmt: skip
    given = {
        "requests": pa.Table.from_pylist(requests, _plain(REQUESTS)),
        "recordings": pa.Table.from_pylist(recordings, _plain(RECORDINGS)),
    }
    settings = views.Settings()
    return html.page(connect_tables(given, settings=settings), settings)


def _plain(table) -> pa.Schema:
    fields = [pa.field(f.name, f.type.value_type if pa.types.is_dictionary(f.type) else f.type, f.nullable) for f in table.arrow()]
    return pa.schema(fields)


@pytest.mark.exhaustive
def test_ten_times_as_much_is_no_longer_a_page() -> None:
    small, large = many(300), many(3000)
    assert len(large) < 1.25 * len(small), "ten times the requests, models, days, errors and rejects"
    tree = parse(large)
    assert max(len(t.all("tr")) for t in tree.all("table")) <= 36
    known = sum(Decimal(i + 1) / 1000 for i in range(3000) if i % 3)
    for section in ("spend", "providers"):
        (part,) = (s for s in tree.all("section") if s["id"] == section)
        for body in part.all("tfoot"):
            last = body.all("tr")[-1]
            place = [th.text() for th in part.all("thead")[0].all("th")].index("cost USD")
            assert _number(last.children[place].text()) == known
