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
    return settle(observed, provider_separate=False).anomalies


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
        ({"total_tokens_reported": 21}, ("total_differs",)),
    ],
)
def test_a_broken_invariant_has_its_code(tokens: dict[str, int], expected: tuple[str, ...]) -> None:
    assert codes(**tokens) == expected
