"""A count is a whole number as it was sent: what only rounding makes whole is none, whatever dialect reports it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from dialects import golden
from llm_usage.codecs.json import JsonError, loads_lenient, loads_lenient_exact
from llm_usage.dialects.interpret import LeftOut, interpret
from llm_usage.framing import split
from llm_usage.model.stream import Stream

#: Written as text: no whole number, but every fast reader rounds it to 0, or to 5.
ROUNDED = ("1E-400", "0." + "0" * 400 + "1", "5.00000000000000000001")
CASES = [c for c in golden.cases() if c.body[:1] not in (b"\x00", b"\x01")]
#: A whole number behind a key that speaks of tokens, or counts of Ollama.
COUNT = re.compile(rb'("[A-Za-z_]*(?:[tT]oken|eval_count)[A-Za-z_]*"\s*:\s*)(\d+)(?=\s*[,}\]\r\n])')


def counted(case: golden.Case, body: bytes) -> dict[str, Any]:
    """What the whole way observes of it."""
    given = case.given
    frames = split(body)
    stream = Stream(
        frames, http_status=given.get("status"), request=given.get("request"), url_path=given.get("path", ""), response_headers=given.get("headers")
    )  # fmt: skip
    meaning = interpret("POST", stream, body)
    assert not isinstance(meaning, LeftOut)
    return {
        "tokens": meaning.observed.tokens,
        "output": meaning.columns.cum_output_tokens,
        "input": meaning.columns.cum_input_tokens,
        "anomalies": sorted(meaning.observed.anomalies),
    }


@pytest.mark.parametrize("case", [c for c in CASES if COUNT.search(c.body)], ids=lambda c: c.name)
def test_a_number_that_is_not_whole_is_no_count_however_small_its_rest(case: golden.Case) -> None:
    for found in COUNT.finditer(case.body):
        before, after = case.body[: found.start(2)], case.body[found.end(2) :]
        plainly_none = counted(case, before + b"0.5" + after)
        for number in ROUNDED:
            assert counted(case, before + number.encode() + after) == plainly_none, (found[1], number[:12])


def test_whole_numbers_with_a_fraction_of_zeros_are_counts() -> None:
    body = b'{"inputTextTokenCount":5.0,"results":[{"tokenCount":3e0,"outputText":"a","completionReason":"FINISH"}]}'
    meaning = interpret("POST", Stream(split(body), url_path="/model/amazon.titan-text-lite-v1/invoke"), body)
    assert not isinstance(meaning, LeftOut)
    assert meaning.observed.tokens == {"input_tokens": 5, "output_tokens": 3}


@pytest.mark.parametrize("number", ["1E-99999999999999999999", "1E+99999999999999999999", "-1e-99999999999999999999"])
def test_an_exponent_that_no_decimal_holds_is_no_number_and_no_crash(number: str) -> None:
    assert loads_lenient_exact(f'{{"a":{number}}}'.encode()) == {"a": None}
    try:
        loads_lenient(f'{{"a":{number}}}'.encode())
    except JsonError:
        pytest.fail("it is JSON")
    assert json.loads(number) in (0.0, float("inf"))
