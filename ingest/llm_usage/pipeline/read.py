"""Owns the way from one document to its rows: format, framing, dialect, route, clocks, fold. Pure but for reading the file.

A recording is read the same way for the lake, for `llm_usage.read` and in a worker process. Must not know the lake, SQL or
the command line. A bad exchange becomes a counted reject; a bug is not caught.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from llm_usage import framing, recordings
from llm_usage.codecs.json import JsonError, loads_lenient
from llm_usage.dialects.interpret import Interpretation, LeftOut, interpret, unheard
from llm_usage.dialects.other import API as OTHER
from llm_usage.errors import InputError, LlmUsageError
from llm_usage.limits import DEFAULT_LIMITS, Limits
from llm_usage.model.chunk_rows import ChunkBuilder
from llm_usage.model.exchange import Exchange, Unreadable
from llm_usage.model.identity import Identity
from llm_usage.model.request_parts import NO_LABELS, Labels
from llm_usage.model.rows import RequestRow
from llm_usage.model.stream import Stream
from llm_usage.normalize.account import facts_with, labels_with, note_account, route_with
from llm_usage.normalize.address import address_and_path
from llm_usage.normalize.attempts import Attempts
from llm_usage.normalize.evidence import called_a_model
from llm_usage.normalize.request import fold
from llm_usage.normalize.response_headers import note_headers
from llm_usage.normalize.timing import observe_timing
from llm_usage.normalize.told_later import ToldLater
from llm_usage.providers import providers
from llm_usage.recordings.batch_results import results_in
from llm_usage.recordings.document import Document
from llm_usage.recordings.unclaimed import unclaimed

#: Bumped whenever the same file would give other rows: files read by another version are read again.
PARSER_VERSION = "3"

Labeller = Callable[[Exchange, str, Any], Labels]
_MAX_REASONS = 1000


@dataclass(frozen=True, slots=True)
class Options:
    """How to read."""

    limits: Limits = DEFAULT_LIMITS
    keep_text: bool = False
    label: Labeller | None = None
    """(exchange, recording_path, decoded request body) to labels."""


@dataclass(slots=True)
class Outcome:
    """What became of one document."""

    recording_format: str | None = None
    exchanges: int = 0
    requests: list[RequestRow] = field(default_factory=list)
    """The rows; those that were spilled are not here any more."""
    llm_requests: int = 0
    by_api: dict[str, int] = field(default_factory=dict)
    chunks: int = 0
    ignored: int = 0
    ignored_reasons: list[str] = field(default_factory=list)
    rejected: int = 0
    errors: list[LlmUsageError] = field(default_factory=list)
    """Why, one entry per rejected exchange, the first thousand of them."""
    error: LlmUsageError | None = None
    """Why the file, or the rest of it, could not be read."""

    left_out: str | None = None
    """Why the whole file is left out on purpose."""

    @property
    def outcome(self) -> str:
        """ingested, rejected when nothing in the file could be read, ignored when it is left out on purpose."""
        if self.left_out is not None:
            return "ignored"
        failed = self.error is not None or self.rejected > 0
        return "rejected" if failed and not (self.llm_requests or self.ignored) else "ingested"

    def ignore(self, index: int, reason: str) -> None:
        """Count an exchange that is left out on purpose."""
        self.ignored += 1
        if len(self.ignored_reasons) < _MAX_REASONS:
            self.ignored_reasons.append(f"{index}: {reason}")

    def reject(self, error: LlmUsageError) -> None:
        """Count an exchange that cannot be read."""
        self.rejected += 1
        if len(self.errors) < _MAX_REASONS:
            self.errors.append(error)

    @property
    def rejected_reasons(self) -> list[str]:
        """`errors` as text, and where reading stopped when it stopped after some exchanges."""
        stopped = [self.error] if self.error is not None and self.exchanges else []
        return [str(error) for error in [*self.errors, *stopped]]


def read_document(
    document: Document,
    source: str,
    path: str,
    ids: tuple[str, str],
    builder: ChunkBuilder,
    options: Options,
    spill: Callable[[list[RequestRow]], bool] = lambda _: False,
) -> Outcome:
    """Read every exchange of a document; chunks go to ``builder``, the rest is in the outcome. Never raises on bad input.

    Args:
        document: the file.
        source: name of its root.
        path: below that root.
        ids: (recording_id, generation).
        builder: takes the chunk rows.
        options: limits, labels, whether to keep text.
        spill: offered the rows so far after each exchange; when it took them (True) they are forgotten here, so that a
            recording of any length needs the memory of a part of it.
    """
    out = Outcome()
    attempts, later = Attempts(), ToldLater()
    more: list[Exchange] = []

    def read_one(call: Exchange) -> None:
        identity = Identity(ids[0], ids[1], source, path, document.sha256, str(out.recording_format))
        try:
            _one(call, identity, attempts, later, builder, options, out)
        except InputError as error:
            out.reject(error.at(f"{document.name} {call.place}"))
        if spill(out.requests):
            out.requests = []

    try:
        found = recordings.identify(document)
        if found is None:
            raise unclaimed(document)
        out.recording_format = found.name
        document.refuse_oversize()
        for item in found.exchanges(document):
            out.exchanges += 1
            if isinstance(item, Unreadable):
                out.reject(item.error)
                continue
            call, *others = results_in(item) or [item]
            more += others
            read_one(call)
    except LlmUsageError as error:
        out.error = error
        if out.exchanges:
            # What lies beyond the cut is at least one exchange that nobody can count.
            out.exchanges += 1
            out.rejected += 1
    except OSError as error:
        out.error = InputError(
            document.name, f"cannot be read: {error.strerror or type(error).__name__}", "Check its permissions and the disk"
        )
    for call in more:  # one exchange that tells of several calls keeps its place for the first; the others come behind the last
        out.exchanges += 1
        read_one(replace(call, index=out.exchanges - 1))
    return out


def _one(
    exchange: Exchange,
    identity: Identity,
    attempts: Attempts,
    later: ToldLater,
    builder: ChunkBuilder,
    options: Options,
    out: Outcome,
) -> None:
    frames = framing.split(exchange.body, options.limits)
    address, path = address_and_path(exchange)
    request = _json(exchange.request_body, options.limits)
    stream = Stream(
        frames,
        http_status=exchange.status,
        request=request,
        url_path=path or "",
        response_headers=exchange.response_headers,
        limits=options.limits,
    )
    account = exchange.account
    meaning: Interpretation | LeftOut
    if account is not None and account.ignored is not None:
        meaning = LeftOut(account.ignored)
    elif account is not None and not exchange.body:
        meaning = unheard(stream, account.api)
    else:
        meaning = interpret(exchange.method, stream, exchange.body, keep_text=options.keep_text)
    if isinstance(meaning, LeftOut):
        later.note(stream)
        out.ignore(exchange.index, meaning.reason)
        return
    stream, columns, observed, facts = meaning
    frames = stream.frames
    note_headers(exchange, observed)
    if account is not None:
        note_account(account, observed)
        facts = facts_with(account, facts)
    route = providers().route(
        address,
        path,
        exchange.response_headers,
        provider_raw=observed.provider_raw,
        response_id=observed.response_id,
        api=observed.api,
    )
    if observed.api == OTHER and account is None and not called_a_model(exchange, stream, observed, route):
        out.ignore(exchange.index, "nothing says that a model was called")
        return
    times = observe_timing(exchange.clock, frames, columns, observed)
    labels = options.label(exchange, identity.recording_path, request) if options.label is not None else NO_LABELS
    if account is not None:
        route, labels = route_with(account, route), labels_with(account, labels)
    row = fold(exchange, stream, columns, observed, facts, route, times.timing, identity, labels)
    attempts.number(exchange, row)
    later.keep(row)
    builder.add((identity.recording_id, identity.generation, row.request_id), frames, columns, times.arrived, times.gaps)
    out.requests.append(row)
    out.llm_requests += 1
    out.by_api[row.api] = out.by_api.get(row.api, 0) + 1
    out.chunks += len(columns)


def _json(body: bytes | None, limits: Limits) -> Any:
    if not body:
        return None
    try:
        return loads_lenient(body, limits)
    except JsonError:
        return None
