"""What a usage that contradicts itself is called: every broken invariant has a code, and the check of that name agrees."""

from __future__ import annotations

import pytest

from llm_usage.model.observations import Observations
from llm_usage.normalize.usage import settle

SOUND = {
    "input_tokens": 10, "output_tokens": 10, "cache_read_tokens": 4, "cache_write_tokens": 6, "cache_write_1h_tokens": 6, "reasoning_tokens": 10,
    "input_audio_tokens": 10, "input_image_tokens": 10, "output_audio_tokens": 10, "output_image_tokens": 10, "total_tokens_reported": 20,
}  # fmt: skip


def codes(**tokens: int) -> tuple[str, ...]:
    """The anomalies of a sound usage with these counts in place of its own."""
    observed = Observations(api="openai_chat")
    observed.convention = "included"
    observed.tokens = {**SOUND, **tokens}
    return settle(observed, provider_separate=False, generated=True).anomalies


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        ({}, ()),
        ({"cache_read_tokens": 5}, ("cache_exceeds_input",)),
        ({"cache_write_1h_tokens": 7}, ("cache_write_1h_exceeds_write",)),
        ({"reasoning_tokens": 11}, ("reasoning_exceeds_output",)),
        ({"input_audio_tokens": 11}, ("audio_exceeds_input",)),
        ({"input_image_tokens": 11}, ("image_exceeds_input",)),
        ({"output_audio_tokens": 11}, ("audio_exceeds_output",)),
        ({"output_image_tokens": 11}, ("image_exceeds_output",)),
        ({"cache_read_audio_tokens": 5}, ("audio_exceeds_cache_read",)),
        ({"cache_read_image_tokens": 5}, ("image_exceeds_cache_read",)),
        ({"total_tokens_reported": 21}, ("total_differs",)),
        ({"total_tokens_reported": 31, "reasoning_tokens": 0}, ("total_differs", "hidden_output")),
        ({"total_tokens_reported": 30, "reasoning_tokens": 0}, ("total_differs",)),  # Mistral: audio is in the total alone
        ({"total_tokens_reported": 19, "reasoning_tokens": 0}, ("total_differs",)),
    ],
)
def test_a_broken_invariant_has_its_code(tokens: dict[str, int], expected: tuple[str, ...]) -> None:
    assert codes(**tokens) == expected


@pytest.mark.parametrize(
    ("tokens", "generated", "expected"),
    [
        ({"input_tokens": 0, "output_tokens": 0, "total_tokens_reported": 0}, True, (None, None, "none", ("zero_usage",))),
        ({"input_tokens": 0, "output_tokens": 0}, False, (0, 0, "final", ())),
        ({"input_tokens": 3, "output_tokens": 0}, True, (3, 0, "final", ())),
        ({"input_tokens": 0, "output_tokens": 4}, True, (0, 4, "final", ())),
        ({"output_tokens": 0, "input_tokens": 0, "cache_read_tokens": 9}, True, (0, 0, "final", ("cache_exceeds_input",))),
        ({}, True, (None, None, "final", ())),
    ],
)
def test_zeros_beside_what_was_generated_say_nothing(tokens: dict[str, int], generated: bool, expected: tuple[object, ...]) -> None:
    observed = Observations(api="openai_chat", usage_source="final", tokens=tokens)
    found = settle(observed, provider_separate=False, generated=generated)
    assert (found.tokens.input_tokens, found.tokens.output_tokens, found.usage_source, found.anomalies) == expected


def test_a_total_never_falls_back_to_zero_but_may_start_there() -> None:
    observed = Observations(api="openai_chat")
    for value in (0, 1250, 0):
        observed.count("input_tokens", value)
    assert observed.tokens == {"input_tokens": 1250}
    observed.count("cache_read_tokens", 7)
    observed.count("cache_read_tokens", 0)
    observed.count("output_tokens", 0)
    assert observed.tokens == {"input_tokens": 1250, "cache_read_tokens": 0, "output_tokens": 0}


def test_units_are_counted_once_and_none_of_it_is_no_unit() -> None:
    observed = Observations(api="openai_chat")
    for identity in ("a", "b", "a"):
        observed.use("web_search", identity, "output.web_search_call")
    observed.bill("file_search", 0, "x")
    observed.bill("image", "many", "x")
    observed.bill("audio_second", "12.5", "usage.seconds")
    assert [(str(u.quantity), u.unit) for u in observed.units.values()] == [("2", "web_search"), ("12.5", "audio_second")]
