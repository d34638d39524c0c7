"""The command as a user meets it: exit codes, formats, filters, help, harmless output."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from llm_usage.cli import main
from places import SAMPLE, SEED


def test_every_command_has_help_that_says_what_it_does(cli) -> None:
    for name, command in main.commands.items():
        text = cli(name, "--help").output
        assert command.help, name
        assert "--lake" in text, name


def test_the_list_of_commands_fits_a_terminal(cli) -> None:
    text = cli("--help").output
    assert all(name in text for name in main.commands)
    assert "..." not in text.split("Commands:")[1]


def test_report_without_anything_says_what_to_do(cli) -> None:
    assert "llm-usage ingest PATH" in cli("report").output


def test_report_formats(cli) -> None:
    cli("ingest", SEED)
    assert "0.000032" in cli("report").output
    (row,) = json.loads(cli("report", "cost_daily", "--format", "json").output, parse_float=Decimal)
    assert row["cost_usd"] == Decimal("0.000032")
    assert row["day"] == "2025-09-24"
    (line,) = csv.DictReader(io.StringIO(cli("report", "cost_daily", "--format", "csv").output))
    assert line["cost_usd"] == "0.000032"


def test_days_are_cut_in_the_readers_zone(cli) -> None:
    cli("ingest", SEED)  # 08:38:47 UTC
    for zone, day in (
        ("UTC", "2025-09-24"),
        ("Pacific/Honolulu", "2025-09-23"),
        ("Asia/Kolkata", "2025-09-24"),
        ("Pacific/Kiritimati", "2025-09-24"),
    ):
        (row,) = json.loads(cli("report", "cost_daily", "--tz", zone, "--format", "json").output)
        assert row["day"] == day, zone
    assert "unknown time zone" in cli("report", "--tz", "Mars/Olympus", code=2).stderr


def test_since_and_until(cli) -> None:
    cli("ingest", SEED)

    def rows(*options: str) -> int:
        return sum(r["requests"] for r in json.loads(cli("report", "cost_daily", "--format", "json", *options).output))

    assert rows("--since", "2025-09-24") == 1
    assert rows("--since", "2025-09-25") == 0
    assert rows("--until", "2025-09-24") == 0
    assert rows("--until", "2025-09-24T08:38:48Z") == 1
    assert rows("--until", "2025-09-24T08:38:47Z") == 0
    assert rows("--since", "2025-09-24T10:38:47+02:00") == 1
    assert "no day or instant" in cli("report", "--since", "yesterday", code=2).stderr


def test_by(on_sample) -> None:
    cli = on_sample
    rows = json.loads(cli("report", "cost_by_model", "--by", "gateway,provider", "--format", "json").output)
    assert {r["gateway"] for r in rows} >= {"openrouter", None}
    assert "no dimension" in cli("report", "cost_by_model", "--by", "colour", code=2).stderr


def test_unknown_report_names_those_there_are(cli) -> None:
    text = cli("report", "cost", code=2).stderr
    assert "cost_by_model" in text
    assert "no such report" in text


@pytest.mark.parametrize("form", ["table", "csv", "json", "ndjson"])
def test_query_formats(cli, form: str) -> None:
    cli("ingest", SEED)
    out = cli("query", "--format", form, "select cost_reported_usd as usd, headers_ns, usage_anomalies, started_at from requests").output
    assert "0.000032" in out
    assert "000000000000" not in out


def test_query_that_fails_says_so_without_a_traceback(cli) -> None:
    result = cli("query", "select nothing from nowhere", code=2)
    assert "nowhere" in result.stderr
    assert "Traceback" not in result.stderr


def test_two_columns_of_one_name(cli) -> None:
    assert "7" in cli("query", "select 7 as a, 8 as a").output


def test_check_passes_on_the_sample(on_sample) -> None:
    cli = on_sample
    assert "FAIL" not in cli("check").output


def test_config_errors_have_a_line(cli) -> None:
    for text, words in {
        "lake: a\nlimitz: {depth: 3}\n": ("line 2", "unknown key `limitz`", "limits"),
        "timezone: Mars/Olympus\n": ("line 1", "unknown time zone"),
        "limits:\n  depth: many\n": ("line 2", "no positive whole number"),
        "budgets:\n- name: a\n": ("line 2", "monthly_usd"),
        "labels:\n- match: {path: '*'}\n": ("line 2", "sets nothing"),
        "lake: [\n": ("line 2", "no YAML"),
        "- a\n": ("line 1", "no mapping"),
    }.items():
        Path("llm-usage.yaml").write_text(text)
        result = cli("report", code=2)
        for word in words:
            assert word in result.stderr, (text, result.stderr)


def test_no_escape_sequence_reaches_the_terminal(cli, tmp_path: Path) -> None:
    evil = "\x1b]0;owned\x07\x1b[31m=cmd|' /C calc'!A0\u202e"
    text = SEED.read_text().replace("moonshotai/kimi-k2-0905", json.dumps(evil)[1:-1].replace("'", "\\u0027"))
    (tmp_path / "evil.yaml").write_text(text)
    cli("ingest", tmp_path / "evil.yaml")
    for command in (
        ("report",),
        ("query", "select request_model, response_model from requests"),
        ("report", "cost_by_model", "--format", "csv"),
    ):
        out = cli(*command).output
        assert "\x1b]0;" not in out
        assert "\x1b[31m=" not in out
        assert "\u202e" not in out
        assert "calc" in out
    name = "=1+1"
    (tmp_path / "formula.yaml").write_text(SEED.read_text().replace("moonshotai/kimi-k2-0905", name))
    cli("ingest", tmp_path / "formula.yaml")
    lines = cli("query", "--format", "csv", "select response_model from requests where response_model like '=%'").output.splitlines()
    assert lines[1] == "'=1+1"


def test_into_a_closed_pipe(cli, tmp_path: Path) -> None:
    cli("ingest", SAMPLE)
    command = f"{sys.executable} -m llm_usage query --lake {tmp_path / 'lake'} --format ndjson 'select * from chunks' | head -n 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=SAMPLE.parent.parent, check=False)
    assert done.stdout.startswith("{")
    assert "Traceback" not in done.stderr
