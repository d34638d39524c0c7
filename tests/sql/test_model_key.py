"""One model is one key out of all its spellings; other models are others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from small_lake import lake


def model_key(name: str | None) -> str | None:
    key: str | None = lake().execute("select staging.model_key($1)", [name]).fetchall()[0][0]
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


@given(st.sampled_from([name for names in SPELLINGS.values() for name in names]))
def test_the_key_of_a_key_is_itself(name: str) -> None:
    assert model_key(model_key(name)) == model_key(name)
