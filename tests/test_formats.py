"""What `llm-usage formats` lists is what the registries hold, each with a sentence of its own."""

from __future__ import annotations

import json

import pytest

from llm_usage import dialects, framing, recordings
from llm_usage.reports.readable import known, readable, sentence


def test_lists_everything_there_is(cli) -> None:
    rows = json.loads(cli("formats", "--format", "json").stdout)
    there = {"recording format": [f.name for f in recordings.registry()], "framing": [f.name for f in framing.registry()]}
    there["dialect"] = [d.api for d in dialects.registry()]
    for kind, names in there.items():
        assert [row["name"] for row in rows if row["kind"] == kind] == sorted(names)
    assert len(rows) == sum(map(len, there.values()))
    table = cli("formats").stdout
    assert all(f"  {row['name']:20}{row['what']}" in table for row in rows)


def test_every_sentence_says_something_of_its_own() -> None:
    sentences = [one.what for one in readable()]
    assert len(set(sentences)) == len(sentences)
    for text in sentences:
        assert len(text) > 12
        assert "must not" not in text
        assert not text.endswith(".")
        assert text[0].isupper() or not text[0].isalpha()


@pytest.mark.parametrize(
    ("docstring", "said"),
    [
        ("Owns the tapes of x.y/z (one a file); must not know what a body means.", "Tapes of x.y/z (one a file)"),
        ('Owns the Chat dialect of A ("B").\n\nMust not know hosts.', 'Chat dialect of A ("B")'),
        ("Owns files of one\npayload a line; no dialects.\n\nMore.", "Files of one payload a line"),
        ("Owns it.", "It"),
    ],
)
def test_the_sentence_is_what_the_docstring_says_it_owns(docstring: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llm_usage.reports.readable.inspect.getdoc", lambda _: docstring)
    assert sentence(object()) == said


def test_a_docstring_that_says_nothing_is_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llm_usage.reports.readable.inspect.getdoc", lambda _: "Reads things.")
    with pytest.raises(ValueError, match="does not say what it owns"):
        sentence(object())


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
