"""What `llm-usage formats` lists is what the registries hold, each with a title of its own."""

from __future__ import annotations

import json
import subprocess
import sys

from llm_usage import dialects, framing, recordings
from llm_usage.reports.readable import known, readable


def test_lists_everything_there_is(cli) -> None:
    rows = json.loads(cli("formats", "--format", "json").stdout)
    there = {"recording format": [f.name for f in recordings.registry()], "framing": [f.name for f in framing.registry()]}
    there["dialect"] = [d.api for d in dialects.registry()]
    for kind, names in there.items():
        assert [row["name"] for row in rows if row["kind"] == kind] == sorted(names)
    assert len(rows) == sum(map(len, there.values()))
    table = cli("formats").stdout
    assert all(f"  {row['name']:20}{row['what']}" in table for row in rows)


def test_every_title_says_something_of_its_own() -> None:
    titles = [one.what for one in readable()]
    assert len(set(titles)) == len(titles)
    for text in titles:
        assert len(text) > 12
        assert "must not" not in text
        assert not text.endswith(".")
        assert text[0].isupper() or not text[0].isalpha()


def test_it_needs_no_docstrings() -> None:
    """``python -OO`` takes them out."""
    shown = [
        subprocess.run([sys.executable, *flags, "-m", "llm_usage", "formats"], capture_output=True, text=True, check=True, timeout=120)
        for flags in ([], ["-OO"])
    ]
    assert shown[0].stdout == shown[1].stdout
    assert all(one.what in shown[1].stdout for one in readable())


def test_known_providers_have_names_and_mostly_hosts() -> None:
    found = {one.name: one for one in known()}
    assert found["openrouter"].gateway
    assert not found["groq"].gateway
    assert "api.groq.com" in found["groq"].hosts


def test_the_error_about_an_unknown_format_names_a_command_that_exists(cli, tmp_path) -> None:
    (tmp_path / "x.json").write_text('{"a": 1}')
    result = cli("ingest", tmp_path / "x.json")
    assert "llm-usage formats" in result.stderr
    cli("formats")
