"""What is live, what is a duplicate, what falls inside the asked window: tables of cases."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from llm_usage.errors import ConfigError
from llm_usage.model.tables import CHUNKS, RECORDINGS, REQUESTS, TABLES
from llm_usage.query import views
from llm_usage.query.sql_files import SqlFile, sql_files
from small_lake import chunk, described, lake, recording, request, row, rows


def ids(connection: Any, query: str) -> list[str]:
    return sorted(r["request_id"] for r in rows(connection, query))


class TestLedger:
    def test_the_highest_revision_is_live(self) -> None:
        ledger = [recording(revision=1, generation="old"), recording(revision=2, generation="new")]
        connection = lake(
            [request("a", generation="old"), request("b", generation="new")],
            [chunk("a", generation="old"), chunk("b", generation="new")],
            ledger,
        )
        assert ids(connection, "from live_requests") == ["b"]
        assert ids(connection, "from staging.chunks") == ["b"]
        assert row(connection, "from staging.recordings")["generation"] == "new"

    def test_of_equal_revisions_the_greatest_generation_is_live(self) -> None:
        ledger = [recording(revision=3, generation="g7"), recording(revision=3, generation="g9"), recording(revision=2, generation="z")]
        connection = lake([request(g, generation=g) for g in ("g7", "g9", "z")], recordings=ledger)
        assert ids(connection, "from live_requests") == ["g9"]

    def test_a_removed_recording_is_gone(self) -> None:
        ledger = [recording(revision=1), recording(revision=2, outcome="removed")]
        connection = lake([request()], [chunk()], ledger)
        assert rows(connection, "from live_requests") == rows(connection, "from staging.chunks") == []

    def test_rows_of_a_killed_writer_stay_invisible(self) -> None:
        connection = lake([request("a"), request("b", recording_id="r2")], recordings=[recording("r1")])
        assert ids(connection, "from live_requests") == ["a"]


SAME = {"response_id": "resp-1", "body_sha256": "same"}
DUPLICATES = {
    "same body and response id": (
        [request("a", recording_id="r1", **SAME), request("b", recording_id="r2", **SAME)],
        {"a": None, "b": "a"},
    ),
    "three times": (
        [request(name, recording_id=f"r{i}", **SAME) for i, name in ((3, "c"), (1, "a"), (2, "b"))],
        {"a": None, "b": "a", "c": "a"},
    ),
    "same body, no response id": (
        [request("a", recording_id="r1", body_sha256="same"), request("b", recording_id="r2", body_sha256="same")],
        {"a": None, "b": None},
    ),
    "same response id, other body": (
        [request("a", recording_id="r1", response_id="x"), request("b", recording_id="r2", response_id="x")],
        {"a": None, "b": None},
    ),
    "identical files, matched by exchange": (
        [request(f"{r}{i}", recording_id=r, recording_sha256="f", exchange_index=i, body_sha256="b") for r in ("r1", "r2") for i in (0, 1)],
        {"r10": None, "r11": None, "r20": "r10", "r21": "r11"},
    ),
    "the source comes before the path": (
        [request("a", recording_id="r1", source="z", **SAME), request("b", recording_id="r2", source="y", **SAME)],
        {"a": "b", "b": None},
    ),
    "twice in one recording": (
        [request("a", exchange_index=4, **SAME), request("b", exchange_index=2, **SAME)],
        {"a": "b", "b": None},
    ),
}


@pytest.mark.parametrize("name", DUPLICATES)
def test_duplicate_of(name: str) -> None:
    given, expected = DUPLICATES[name]
    found = {r["request_id"]: r["duplicate_of"] for r in rows(lake(given), "from live_requests")}
    assert found == expected


def test_a_dead_generation_is_no_original() -> None:
    given = [request("a", recording_id="r1", generation="dead", **SAME), request("b", recording_id="r2", **SAME)]
    connection = lake(given, recordings=[recording("r1", generation="live"), recording("r2")])
    assert row(connection, "from live_requests")["duplicate_of"] is None


def test_duplicates_count_only_when_asked_for() -> None:
    given = DUPLICATES["three times"][0]
    assert len(rows(lake(given), "from live_requests where is_counted")) == 1
    assert len(rows(lake(given, settings=views.Settings(include_duplicates=True)), "from live_requests where is_counted")) == 3


WINDOWED = [
    request("early", started_at=datetime(2025, 9, 30, 23, 59, 59, tzinfo=UTC)),
    request("noon"),
    request("undated", started_at=None),
]


class TestWindow:
    @pytest.mark.parametrize(
        ("since", "until", "expected"),
        [
            (None, None, ["early", "noon", "undated"]),
            (datetime(2025, 10, 1, tzinfo=UTC), None, ["noon"]),
            (None, datetime(2025, 10, 1, tzinfo=UTC), ["early"]),
            (datetime(2025, 10, 1, 12, tzinfo=UTC), None, ["noon"]),
            (None, datetime(2025, 10, 1, 12, tzinfo=UTC), ["early"]),
        ],
    )
    def test_since_is_inclusive_and_until_exclusive(self, since: datetime | None, until: datetime | None, expected: list[str]) -> None:
        assert ids(lake(WINDOWED, settings=views.Settings(since=since, until=until)), "from live_requests") == expected

    def test_an_empty_window_is_an_error(self) -> None:
        with pytest.raises(ConfigError, match="not before"):
            lake(settings=views.Settings(since=datetime(2025, 1, 2, tzinfo=UTC), until=datetime(2025, 1, 2, tzinfo=UTC)))


@pytest.mark.parametrize(
    ("zone", "instant", "day"),
    [
        ("UTC", datetime(2025, 10, 1, 23, 59, tzinfo=UTC), "2025-10-01"),
        ("Europe/Berlin", datetime(2025, 10, 1, 22, 30, tzinfo=UTC), "2025-10-02"),
        ("America/Los_Angeles", datetime(2025, 10, 1, 6, 59, tzinfo=UTC), "2025-09-30"),
        ("Asia/Kolkata", datetime(2025, 10, 1, 18, 29, tzinfo=UTC), "2025-10-01"),
        ("Asia/Kolkata", datetime(2025, 10, 1, 18, 30, tzinfo=UTC), "2025-10-02"),
        ("Asia/Kathmandu", datetime(2025, 10, 1, 18, 15, tzinfo=UTC), "2025-10-02"),
        ("Europe/Berlin", datetime(2025, 10, 26, 22, 59, tzinfo=UTC), "2025-10-26"),  # the day of 25 hours ends an hour later
        ("Europe/Berlin", datetime(2025, 3, 29, 23, 0, tzinfo=UTC), "2025-03-30"),  # the day of 23 hours
        ("Europe/Berlin", datetime(2025, 3, 30, 22, 0, tzinfo=UTC), "2025-03-31"),
    ],
)
def test_days_are_cut_in_the_asked_time_zone(zone: str, instant: datetime, day: str) -> None:
    connection = lake([request(started_at=instant)], settings=views.Settings(time_zone=zone))
    assert str(row(connection, "select day from live_requests")["day"]) == day


def test_an_unknown_time_zone_or_dimension_is_an_error_that_helps() -> None:
    with pytest.raises(ConfigError, match="Europe/Berlin"):
        lake(settings=views.Settings(time_zone="Mars/Olympus"))
    with pytest.raises(ConfigError, match="gateway, provider, model"):
        lake(settings=views.Settings(by=("colour",)))


FINISH = {
    "stop": "stop",
    "STOP": "stop",
    "end_turn": "stop",
    "completed": "stop",
    "COMPLETE": "stop",
    "MAX_TOKENS": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "function_call": "tool_calls",
    "requires_action": "tool_calls",
    "SAFETY": "content_filter",
    "refusal": "content_filter",
    "guardrail_intervened": "content_filter",
    "ERROR": "error",
    "failed": "error",
    "MALFORMED_FUNCTION_CALL": "error",
    "pause_turn": "other",
    "something new": "other",
    None: None,
}


def test_finish_class() -> None:
    reasons = list(FINISH)
    connection = lake([request(str(i), finish_reason=reason) for i, reason in enumerate(reasons)])
    found = {r["finish_reason"]: r["finish_class"] for r in rows(connection, "from live_requests")}
    assert found == FINISH


def test_an_incomplete_response_is_classed_by_its_native_reason() -> None:
    given = [request(str(n), finish_reason="incomplete", native_finish_reason=n) for n in ("max_output_tokens", "content_filter", None)]
    found = {r["request_id"]: r["finish_class"] for r in rows(lake(given), "from live_requests")}
    assert found == {"max_output_tokens": "length", "content_filter": "content_filter", "None": "other"}


SPEED = {
    # output tokens, token frames, span ns, e2e ns -> tpot ms, decode tok/s, e2e tok/s
    "plain": ((11, 5, 1_000_000_000, 2_000_000_000), (100.0, 10.0, 5.5)),
    "one token": ((1, 1, 0, 500_000_000), (None, None, 2.0)),
    "one frame of many tokens": ((20, 1, 0, 500_000_000), (None, None, 40.0)),
    "many frames in one read": ((20, 9, 0, 500_000_000), (0.0, None, 40.0)),
    "no tokens reported": ((None, 9, 10, 500_000_000), (None, None, None)),
    "no arrivals": ((20, 9, None, None), (None, None, None)),
    "nothing came": ((0, 0, None, None), (None, None, None)),
}


@pytest.mark.parametrize("name", SPEED)
def test_speed_of_one_request(name: str) -> None:
    (tokens, frames, span, e2e), expected = SPEED[name]
    given = request(output_tokens=tokens, token_frame_count=frames, stream_span_ns=span, e2e_ns=e2e, timing_source="per_chunk")
    found = row(lake([given]), "select tpot_ms, decode_tok_s, e2e_tok_s from live_requests")
    assert tuple(found.values()) == expected


def test_by_columns_are_null_unless_asked_for() -> None:
    given = [request(provider="p", project="x", response_model="m")]
    nothing = row(lake(given), "select columns('by_.*') from live_requests")
    assert set(nothing.values()) == {None}
    asked = row(lake(given, settings=views.Settings(by=("provider", "model", "day"))), "select columns('by_.*') from live_requests")
    assert {k: str(v) for k, v in asked.items() if v is not None} == {"by_provider": "p", "by_model": "m", "by_day": "2025-10-01"}


@pytest.mark.parametrize(
    ("view", "table"), [("recordings", RECORDINGS), ("live_requests", REQUESTS), ("requests", REQUESTS), ("chunks", CHUNKS)]
)
def test_staging_says_of_a_stored_column_what_the_schema_says(view: str, table: Any) -> None:
    found = {v.name: v for v in described("staging")}[view]
    comments = {c.name: c.comment for c in found.columns}
    for column in table.columns:
        assert comments[column.name] == column.comment, f"sql/10_staging/{view}.sql: {column.name}"


@pytest.mark.parametrize("file", sql_files("10_staging"), ids=lambda f: f.name)
def test_a_file_speaks_of_what_it_makes_and_of_nothing_that_it_passes_on(file: SqlFile) -> None:
    """So that no comment is told twice, and none is inherited by a column that only has the name of another."""
    stored = {column.name for table in TABLES for column in table.columns}
    spoken = set(re.findall(rf"comment on column staging\.{file.name}\.(\w+) is", file.text))
    body = re.sub(r"--.*", "", file.body).rpartition("\nselect")[2]
    made = {name for name in re.findall(r"(?:\bas |^    [dp]\.)(\w+)(?=,?\n)", body, re.MULTILINE) if name[0] != "_"}
    if file.passes_on:
        assert spoken <= made, f"inherited, and told again: {spoken - made}"
        assert made & stored <= spoken, f"made here under a stored column's name, and not spoken of: {made & stored - spoken}"
