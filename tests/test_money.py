"""prices, explain, diff, budget: the arithmetic in words, sets against each other, the month against its budget."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from llm_usage.query.materialize import freeze
from llm_usage.query.session import connect
from llm_usage.reports.explain import READS, explain
from llm_usage.reports.sentences import cost_sentences
from places import SAMPLE, SAMPLE_REQUESTS, SEED


def test_explain_the_seed(cli) -> None:
    cli("ingest", SEED)
    text = cli("explain", f"{SEED.name}#0").output
    for words in (
        "openrouter_kimi-k2_groq_simple_streaming.yaml",
        "exchange         0",
        "1,643",
        "655",
        "reports 0.000032 USD; reported money wins",
        "0.00002 for input and 0.000012 for output",
        "together 0.000022, rounded once, half to even: 0.000022 USD",
        "counts with 0.000032 USD (reported)",
        "at least 211.675 ms",
        "response_created",
    ):
        assert words in text, words
    assert "Say hi" not in text, "no prompt"
    tree = json.loads(cli("explain", "--format", "json", f"{SEED.name}#0").output)
    assert tree["where"]["exchange"] == 0
    assert (tree["cost"]["cost_usd"], tree["cost"]["cost_basis"]) == (0.000032, "reported")
    assert sum(charge["usd"] for charge in tree["cost"]["by_list"]["charges"]) == pytest.approx(tree["cost"]["by_list"]["usd"])
    assert tree["clock"] == {
        "timing_source": "headers_only",
        "arrival_origin": None,
        "observed_ns": {"headers": 211675292},
        "server_ns": {},
        "started_at": "2025-09-24T08:38:47Z",
        "started_at_source": "response_created",
    }
    assert tree["request_id"].startswith(
        json.loads(cli("query", "--format", "json", "select request_id from requests").output)[0]["request_id"][:8]
    )


@pytest.mark.exhaustive
def test_explain_agrees_with_the_views_on_every_request(corpus_lake: Path) -> None:
    """The arithmetic in words is a second, plain implementation of the cost."""
    connection = connect(corpus_lake, readers=READS)
    freeze(connection)
    ids = [r[0] for r in connection.execute("select request_id from requests where cost_computed_usd is not null order by 1").fetchall()]
    assert len(ids) > 500
    for request_id in ids[::7]:
        lines = "\n".join(cost_sentences(explain(connection, request_id).cost))
        assert "please report" not in lines, lines


def test_explain_nothing_or_too_much(on_sample) -> None:
    cli = on_sample
    assert "no such request" in cli("explain", "zzz", code=2).stderr
    assert "more than one" in cli("explain", "", code=2).stderr


def test_prices_name_list_and_status(on_sample) -> None:
    cli = on_sample
    rows = json.loads(cli("prices", "--format", "json").output, parse_float=Decimal)
    kimi = next(r for r in rows if r["provider"] == "groq" and r["gateway"] == "openrouter")
    assert (kimi["input_usd_per_mtok"], kimi["output_usd_per_mtok"]) == (Decimal("0.6"), Decimal("2.5"))
    assert "openrouter" in kimi["price_source"]
    assert {r["price_status"] for r in rows} >= {"priced", "unpriced"}
    assert "genai-prices" in cli("prices").output


def test_a_price_of_the_night_says_so(cli, tmp_path: Path) -> None:
    """Two prices of one model in force on the same days: without the hours they would contradict each other."""
    told = SEED.read_text().replace("openrouter.ai/api", "api.deepseek.com").replace("moonshotai/kimi-k2-0905", "deepseek-chat")
    (tmp_path / "night.yaml").write_text(told.replace('"provider":"Groq",', ""))
    cli("ingest", tmp_path / "night.yaml")
    rows = json.loads(cli("prices", "--format", "json").output, parse_float=Decimal)
    assert {r["price_provider"] for r in rows if not r["price_source"].startswith("corrections")} == {"deepseek"}
    keys = [(r["valid_from"], r["hours_utc"], r["input_over_tokens"]) for r in rows]
    assert len(set(keys)) == len(keys), "no two prices at one time"
    priced = {r["hours_utc"]: r["input_usd_per_mtok"] for r in rows if r["hours_utc"]}
    assert priced["Wed 00:30 to Wed 16:30"] > priced["Wed 16:30 to Thu 00:30"]


def test_own_prices_need_no_new_ingest(on_sample, tmp_path: Path) -> None:
    cli = on_sample
    before = json.loads(cli("query", "--format", "json", "select cost_usd from requests where request_model = 'qwen3-8b'").output)
    assert before == [{"cost_usd": None}]
    (tmp_path / "work" / "prices.yaml").write_text(
        "prices:\n- {server: 'localhost:8080', model: qwen3-8b, per: 1000000, input: 0.10, output: 0.20}\n"
    )
    (tmp_path / "work" / "llm-usage.yaml").write_text("prices: prices.yaml\n")
    (row,) = json.loads(
        cli("query", "--format", "json", "select cost_usd, price_source from requests where request_model = 'qwen3-8b'").output,
        parse_float=Decimal,
    )
    assert row["cost_usd"] == Decimal("0.0000235")  # 199 × 0.1e-6 + 18 × 0.2e-6
    assert "prices.yaml" in row["price_source"]


@pytest.fixture
def two_sets(tmp_path: Path) -> tuple[Path, Path]:
    old, new = tmp_path / "old", tmp_path / "new"
    shutil.copytree(SAMPLE, old)
    shutil.copytree(SAMPLE, new)
    path = new / SEED.name
    path.write_text(
        path.read_text().replace('"completion_tokens":4,', '"completion_tokens":40,').replace('"cost":0.000032', '"cost":0.00014')
    )
    return old, new


def test_diff(cli, two_sets: tuple[Path, Path]) -> None:
    old, new = two_sets
    rows = json.loads(cli("diff", old, new, "--format", "json").stdout, parse_float=Decimal)
    (changed,) = [r for r in rows if r["more_usd"]]
    assert changed["more_usd"] == Decimal("0.000108")
    assert (changed["old_output_tokens"], changed["new_output_tokens"]) == (4, 40)
    table = cli("diff", old, new).stdout
    assert f"1 of {SAMPLE_REQUESTS} rows differ" in table
    assert "output tokens, cost" in table
    assert "synthetic_retry" not in table, "what is alike on both sides is left out"
    assert f"{SAMPLE_REQUESTS} pairs, 0 only in old, 0 only in new" in cli("diff", old, new).stderr
    cli("diff", old, new, "--fail-over", "5%")
    assert "cost grew by 0.69 %" in cli("diff", old, new, "--fail-over", "0.5%", code=1).stderr
    cli("diff", new, old, "--fail-over", "0%")
    (new / SEED.name).unlink()
    assert f"{SAMPLE_REQUESTS - 1} pairs, 1 only in old" in cli("diff", old, new).stderr
    assert "no percentage" in cli("diff", old, new, "--fail-over", "much", code=2).stderr
    assert not (Path("data")).exists(), "no lake is made"


def test_diff_that_can_compare_nothing_fails_the_gate(cli, two_sets: tuple[Path, Path], tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "nothing can be compared" in cli("diff", two_sets[0], empty, "--fail-over", "5%", code=1).stderr


PAID, ANSWER = '"cost":0.000032', '"completion_tokens":4,'


def seeds(folder: Path, *texts: str) -> Path:
    """A directory of recordings, each of a prompt of its own."""
    folder.mkdir()
    for number, text in enumerate(texts):
        (folder / f"{number}.yaml").write_text(text.replace("Say hi in Portuguese", f"Say hi in tongue {number}"))
    return folder


def unpriced(text: str) -> str:
    """The recording of a model that nobody has a price for, without a reported cost."""
    return text.replace(PAID, '"nothing":0').replace("moonshotai/kimi-k2-0905", "nobody/none")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda paid: ([paid.replace(PAID, '"cost":0')], [paid]), "cost grew from 0 to 0.000032"),
        (lambda paid: ([paid, unpriced(paid)], [paid, unpriced(paid).replace(ANSWER, '"completion_tokens":28,')]), "tokens grew by 100.00 %"),
        (lambda paid: ([paid, paid], [paid, unpriced(paid).replace(ANSWER, '"completion_tokens":28,')]), "tokens grew by 100.00 %"),
        (lambda paid: ([paid.replace(PAID, '"cost":0')], [paid.replace(PAID, '"cost":0').replace(ANSWER, '"completion_tokens":28,')]), "tokens grew"),
    ],
)  # fmt: skip
def test_a_gate_sees_growth_from_nothing_and_behind_known_costs(tmp_path: Path, cli, change, says: str) -> None:
    old, new = (seeds(tmp_path / side, *texts) for side, texts in zip(("old", "new"), change(SEED.read_text()), strict=True))
    result = cli("diff", old, new, "--fail-over", "50%", code=1)
    assert says in result.stderr
    cli("diff", new, new, "--fail-over", "0%")


def test_a_cost_that_is_a_lower_bound_is_no_cost_to_compare(tmp_path: Path, cli) -> None:
    """A stream that was cut costs at least its input: less than before only because less is known."""
    listed = SEED.read_text().replace(PAID, '"nothing":0')
    cut = listed.replace(ANSWER, "").replace('"finish_reason":"stop"', '"finish_reason":null').replace("data: [DONE]", "")
    old, new = seeds(tmp_path / "old", listed), seeds(tmp_path / "new", cut)
    (row,) = json.loads(cli("diff", old, new, "--format", "json").stdout)
    assert (row["old_cost_basis"], row["new_cost_basis"]) == ("computed", "lower_bound")
    assert "cost of" not in cli("diff", old, new).stderr
    assert "nothing can be compared" in cli("diff", old, new, "--fail-over", "5%", code=1).stderr


def test_what_has_no_prompt_stands_alone_and_is_not_left_out(tmp_path: Path, cli) -> None:
    """A body without its request has nothing to be matched by."""
    body = b'{"id":"x","object":"chat.completion","model":"gpt-4o","choices":[{"index":0,"message":{"role":"assistant","content":"a"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}'
    for side in ("old", "new"):
        (tmp_path / side).mkdir()
        (tmp_path / side / "body.json").write_bytes(body)
    assert "0 pairs, 1 only in old, 1 only in new" in cli("diff", tmp_path / "old", tmp_path / "new").stderr


def budget(tmp_path: Path, amount: str) -> None:
    (tmp_path / "work" / "llm-usage.yaml").write_text(f"budgets:\n- {{name: all, monthly_usd: '{amount}'}}\n")


def test_budget(cli, tmp_path: Path) -> None:
    assert "no budgets" in cli("budget", code=2).stderr
    now = datetime.now(UTC)
    recent = SEED.read_text().replace("1758703127", str(int(now.replace(day=1, hour=0, minute=0, second=1, microsecond=0).timestamp())))
    (tmp_path / "now.yaml").write_text(recent)
    cli("ingest", tmp_path / "now.yaml")
    budget(tmp_path, "1000")
    (row,) = json.loads(cli("budget", "--format", "json").output, parse_float=Decimal)
    assert row["spent_usd"] == Decimal("0.000032")
    budget(tmp_path, "0.00001")
    assert "over" in cli("budget", code=1).output


def test_the_footer_counts_as_the_reports_do(on_sample) -> None:
    """What was refused cost nothing and is not unpriced; what is unpriced is what the report of that name has."""
    cli = on_sample
    table = cli("report", "cost_by_model").stdout
    (row,) = json.loads(cli("query", "--format", "json", "select sum(requests) as n from unpriced").output)
    assert f"Cost known for 24 of 27 chargeable (13 reported, 11 by list): 0.01559895 USD at least; {row['n']} unpriced." in table
