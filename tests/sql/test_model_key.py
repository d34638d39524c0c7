"""One model is one key out of all its spellings; other models are others."""

from __future__ import annotations

from functools import cache

import duckdb
import pytest

from llm_usage.query.sql_files import sql_files


@cache
def macros() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("create schema staging")
    (file,) = (file for file in sql_files("05_macros") if file.name == "model_key")
    connection.execute(file.body)
    return connection


def model_key(name: str | None) -> str | None:
    key: str | None = macros().execute("select staging.model_key($1)", [name]).fetchall()[0][0]
    return key


SPELLINGS = {
    "claude-haiku-4-5": [
        "claude-haiku-4-5",
        "claude-haiku-4-5-20251001",
        "anthropic/claude-haiku-4.5",
        "anthropic/claude-haiku-4-5",
        "us.anthropic.claude-haiku-4-5-20251001-v1:0",
        "global.anthropic.claude-haiku-4-5-20251001-v1:0",
        "anthropic.claude-haiku-4-5-20251001-v1:0",
        "claude-haiku-4-5@20251001",
    ],
    "gpt-4o-mini": ["gpt-4o-mini", "gpt-4o-mini-2024-07-18", "openai/gpt-4o-mini", "openai/gpt-4o-mini:nitro"],
    "gpt-4-1": ["gpt-4.1", "gpt-4.1-2025-04-14"],
    "kimi-k2-0905": ["moonshotai/kimi-k2-0905", "moonshotai/kimi-k2-0905:exacto"],
    "nova-lite": ["amazon.nova-lite-v1:0", "us.amazon.nova-lite-v1:0"],
    "mistral-large-latest": ["mistral-large-latest"],
    "mistral-large-2411": ["mistral-large-2411"],
    "llama3-2:1b": ["llama3.2:1b"],
    "llama3-2:3b": ["llama3.2:3b"],
    "deepseek-v3-1": ["deepseek/deepseek-v3.1", "accounts/fireworks/models/deepseek-v3.1"],
}


@pytest.mark.parametrize(("key", "name"), [(key, name) for key, names in SPELLINGS.items() for name in names])
def test_every_spelling_has_the_key(key: str, name: str) -> None:
    assert model_key(name) == key


def test_no_name_has_no_key() -> None:
    assert [model_key(name) for name in (None, "", "  ")] == [None] * 3


def test_the_key_of_a_key_is_itself() -> None:
    for name in (name for names in SPELLINGS.values() for name in names):
        assert model_key(model_key(name)) == model_key(name)


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "=cmd|' /C calc'!A0", "a'b/c-20250101"])
def test_what_is_no_models_name_stays_as_it_is(name: str) -> None:
    assert model_key(name) == name
