"""Bad content never raises: any JSON, any sample with any node replaced, any sample cut anywhere."""

from __future__ import annotations

import copy
import json
import re
from base64 import b64decode, b64encode
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialects import golden
from llm_usage.dialects import Dialect, registry, select
from llm_usage.dialects._ignored import ignore_reason
from llm_usage.errors import InputError
from llm_usage.framing import split
from llm_usage.model.chunk_columns import ChunkColumns
from llm_usage.model.frames import DATA, Frames
from llm_usage.model.observations import TOKEN_FIELDS, Observations
from llm_usage.model.schema import KINDS
from llm_usage.model.stream import Stream

CASES = golden.cases()
DIALECTS = registry()

_KEYS = st.sampled_from(
    """type event_type object choices delta message content text usage model id created error code status index finish_reason role
    tool_calls function name arguments reasoning reasoning_content reasoning_details refusal audio images prompt_tokens completion_tokens
    total_tokens cost cost_details prompt_tokens_details completion_tokens_details x_groq provider timings response output item summary
    part sequence_number output_index content_block stop_reason input_tokens output_tokens cache_creation iterations candidates parts
    usageMetadata promptFeedback promptTokenCount thoughtsTokenCount candidatesTokensDetails functionCall args interaction step steps
    metadata messageStart contentBlockDelta contentBlockStart messageStop toolUse reasoningContent metrics latencyMs trace bytes p results
    generated_text generated_token_count input_token_count done created_at response thinking prompt_eval_count eval_count total_duration
    is_finished generation_id generations meta tokens billed_units outputText generation outputs completions completion
    amazon-bedrock-invocationMetrics inputTokenCount outputTokenCount cacheDetails modelVersion created_at completed_at""".split()
)
_WORDS = st.sampled_from(
    """message_start message_delta content_block_start content_block_delta message_stop message ping error response.completed
    response.failed response.output_text.delta response.function_call_arguments.done response.output_item.added chat.completion
    chat.completion.chunk text_completion interaction interaction.completed step.delta text-generation stream-end content-delta message-end
    tool-calls-chunk text thinking tool_use function_call image stop STOP ERROR 2025-09-24T08:38:47Z 9999-99-99T99:99:99Z 1e999 -1 \ud800
    eyJhIjoxfQ==""".split()
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.integers(0, 9),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=4),
    _WORDS,
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.one_of(_KEYS, st.text(max_size=3)), inner, max_size=6)),
    max_leaves=25,
)


def stream_of(payloads: list[Any], *, is_stream: bool, event: str | None = None, path: str = "") -> Stream:
    frames = Frames("sse" if is_stream else "json", is_stream=is_stream)
    offset = 0
    for payload in payloads:
        data = json.dumps(payload).encode()
        frames.add(data, offset, len(data), DATA, event)
        offset += len(data)
    return Stream(frames, url_path=path)


def check(dialect: Dialect, stream: Stream) -> None:
    dialect.claims_payload(stream)
    columns = ChunkColumns(len(stream.frames), keep_text=True)
    observed = Observations(dialect.api)
    dialect.observe(stream, columns, observed)
    for name in ChunkColumns.__slots__:
        if name != "keep_text":
            assert len(getattr(columns, name)) == len(stream.frames), name
    for i in range(len(stream.frames)):
        assert 0 <= columns.kind[i] < len(KINDS)
        assert columns.visible[i] <= columns.is_token_bearing[i]
        assert columns.text_bytes[i] >= columns.text_chars[i] >= 0
        for counts in (columns.cum_input_tokens, columns.cum_output_tokens, columns.delta_output_tokens):
            assert counts[i] is None or (isinstance(counts[i], int) and 0 <= counts[i] < 2**63)
        assert columns.choice_index[i] is None or 0 <= columns.choice_index[i] < 2**15
    for name, count in observed.tokens.items():
        assert name in TOKEN_FIELDS
        assert isinstance(count, int) and not isinstance(count, bool) and 0 <= count < 2**63, (name, count)
    for f in ("server_queue_ns", "server_prefill_ns", "server_decode_ns", "server_ttft_ns", "server_total_ns"):
        assert getattr(observed, f) is None or 0 <= getattr(observed, f) < 2**63
    assert observed.usage_source in {"final", "last_cumulative", "partial", "none"}
    assert (observed.cost_usd is None) or observed.cost_usd >= 0


@pytest.mark.exhaustive
@settings(max_examples=250, deadline=None)
@given(
    payloads=st.lists(VALUES, max_size=4), is_stream=st.booleans(), event=st.sampled_from([None, "chunk", "metadata", "messageStop", "x"])
)
@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda d: d.api)
def test_any_json_is_read_without_raising(dialect: Dialect, payloads: list[Any], is_stream: bool, event: str | None) -> None:
    path = "/model/m/invoke" if event == "chunk" else ""
    check(dialect, stream_of(payloads, is_stream=is_stream, event=event, path=path))


@settings(max_examples=250, deadline=None)
@given(
    body=VALUES,
    path=st.sampled_from(["", "/x", "/v1/models/m:generateContent", "/model/a%2Fb/invoke", "/ml/v1/text/generation", "/models/:"]),
)
def test_any_request_is_read_without_raising(body: Any, path: str) -> None:
    stream = stream_of([body], is_stream=False)
    ignore_reason("POST", path, body, stream)
    assert sum(d.claims_request(body) for d in DIALECTS) <= 1
    for dialect in DIALECTS:
        facts = dialect.request_facts(body, path)
        assert facts.model is None or isinstance(facts.model, str)
        assert facts.max_tokens is None or facts.max_tokens >= 0
        assert facts.stream_requested in {None, True, False}


def nodes(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    if isinstance(value, dict):
        for key, part in value.items():
            found += nodes(part, (*path, key))
    elif isinstance(value, list):
        for k, part in enumerate(value):
            found += nodes(part, (*path, k))
    return found


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    value = copy.deepcopy(value)
    at = value
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = new
    return value


#: One of each JSON shape, so that every node of every sample meets every shape.
SHAPES: list[Any] = [
    None,
    True,
    0,
    2**63 - 1,
    -1,
    7.5,
    1e300,
    2**80,
    "",
    "x",
    "\ud800",
    [],
    [[]],
    [None],
    ["x"],
    [{}],
    {},
    {"x": {}},
    {"type": 1},
]


def with_payload(case: golden.Case, i: int, payload: Any) -> Stream:
    """The sample with the payload of frame ``i`` replaced, bytes and all."""
    frames = split(case.body)
    frames.payload[i] = json.dumps(payload).encode()
    return golden.stream_of(frames, case.given)


@pytest.mark.exhaustive
@pytest.mark.parametrize("case", [c for c in CASES if c.api], ids=lambda c: c.name)
def test_a_sample_with_any_node_replaced_is_read_without_raising(case: golden.Case) -> None:
    whole = golden.stream_of(split(case.body), case.given)
    dialect = next(d for d in DIALECTS if d.api == case.api)
    for i, payload in enumerate(whole.objects):
        wrapped = isinstance(payload, dict) and "bytes" in payload and not case.name.endswith("broken_base64")
        inner = json.loads(b64decode(payload["bytes"])) if wrapped else payload
        for k, path in enumerate(nodes(inner)):
            for new in SHAPES if k < 12 else SHAPES[k % 3 :: 3]:
                changed = replaced(inner, path, new)
                if wrapped:
                    changed = {**payload, "bytes": b64encode(json.dumps(changed).encode()).decode()}
                check(dialect, with_payload(case, i, changed))


NUMBER = re.compile(rb"(?<=[:,\[ ])-?[0-9]+(?:\.[0-9]+)?(?=[,}\] \n])")


@pytest.mark.parametrize("case", [c for c in CASES if c.api and c.path.suffix != ".bin"], ids=lambda c: c.name)
def test_numbers_beyond_all_bounds_are_read_without_raising(case: golden.Case) -> None:
    """As text: what no Python number can stand for a JSON number can."""
    body = case.body
    for found in NUMBER.finditer(body):
        for number in (b"1e999999", b"-1e-999999", b"1" + b"0" * 40, b"0.1234567890123456789012345678901234567890", b'"1e999999"'):
            changed = body[: found.start()] + number + body[found.end() :]
            stream = golden.stream_of(split(changed), case.given)
            dialect = select(stream, stream.url_path, stream.request)
            if dialect is not None:
                check(dialect, stream)


def totals(dialect: Dialect, stream: Stream) -> dict[str, int]:
    columns = ChunkColumns(len(stream.frames))
    observed = Observations(dialect.api)
    dialect.observe(stream, columns, observed)
    sizes = {name: sum(getattr(columns, name)) for name in ("text_bytes", "reasoning_bytes", "tool_bytes", "is_token_bearing")}
    return {**observed.tokens, **sizes}


#: A provider that contradicts itself: its earlier snapshots say more than its last.
CONTRADICTORY = {"gemini/disagreeing_snapshots"}


@pytest.mark.exhaustive
@pytest.mark.parametrize("case", [c for c in CASES if c.name not in CONTRADICTORY], ids=lambda c: c.name)
def test_a_body_cut_at_every_byte_reports_no_more_than_the_whole(case: golden.Case) -> None:
    body, given = case.body, case.given
    stream = golden.stream_of(split(body), given)
    dialect = select(stream, stream.url_path, stream.request)
    whole = totals(dialect, stream) if dialect else {}
    for size in range(len(body)):
        part = golden.stream_of(split(body[:size]), given)
        ignore_reason("POST", part.url_path, part.request, part)
        found = select(part, part.url_path, part.request)
        if found is None:
            continue
        assert dialect is not None and found.api in {dialect.api, "bedrock_invoke"}
        for name, count in totals(found, part).items():
            assert count <= whole.get(name, 0), (size, name)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_garbled_samples_are_rows_or_named_errors(data: st.DataObject) -> None:
    """Bytes changed at random: whatever comes of it, nothing but our own error is raised."""
    case = data.draw(st.sampled_from(CASES))
    body = bytearray(case.body)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at] = data.draw(st.integers(0, 255))
    try:
        stream = golden.stream_of(split(bytes(body)), case.given)
        dialect = select(stream, stream.url_path, stream.request)
    except InputError:
        return
    if dialect is not None:
        check(dialect, stream)
