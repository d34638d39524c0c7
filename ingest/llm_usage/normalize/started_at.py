"""Owns when a request was sent, or the nearest instant that a recording knows, and which of them it is. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from llm_usage.model.exchange import Exchange
from llm_usage.model.observations import Observations

_ULID = re.compile(r"(?:\A|_)([0-7][0-9A-HJKMNP-TV-Z]{25})\Z")
_UUID7 = re.compile(r"([0-9a-f]{8})-?([0-9a-f]{4})-?7[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}\Z")
_OPENROUTER_ID = re.compile(r"\Agen-([0-9]{10})-")
_CROCKFORD = {c: i for i, c in enumerate("0123456789ABCDEFGHJKMNPQRSTVWXYZ")}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def created(observed: Observations) -> datetime | None:
    """When the response says that it was created, UTC."""
    return None if observed.created_s is None else _EPOCH + timedelta(microseconds=int(observed.created_s * 1_000_000))


def started(exchange: Exchange, observed: Observations) -> tuple[datetime | None, str]:
    """The best known instant of the request, and where it comes from."""
    if exchange.clock.started_at is not None:
        return exchange.clock.started_at, "recorder"
    own = created(observed)
    if own is not None:
        return own, "response_created"
    embedded = _id_instant(observed.response_id)
    if embedded is not None:
        return embedded, "id_embedded"
    date = exchange.response_headers.get("date")
    if date:
        try:
            at = parsedate_to_datetime(date)
        except (ValueError, TypeError, IndexError, OverflowError):
            at = None
        if at is not None and at.tzinfo is not None and 2015 <= at.year < 2100:
            return at.astimezone(UTC), "date_header"
    if exchange.clock.recorded_at is not None:
        # The end of the recording, coarse; better than nothing to choose a price by, and by the recorder's own clock.
        return exchange.clock.recorded_at, "recorder"
    return None, "unknown"


def _id_instant(response_id: str | None) -> datetime | None:
    """The instant inside an id: OpenRouter's epoch seconds, a ULID or a version 7 UUID (RFC 9562) in milliseconds."""
    if not response_id:
        return None
    if found := _OPENROUTER_ID.match(response_id):
        millis = int(found.group(1)) * 1000
    elif found := _ULID.search(response_id):
        millis = 0
        for char in found.group(1)[:10]:
            millis = millis * 32 + _CROCKFORD[char]
    elif found := _UUID7.search(response_id):
        millis = int(found.group(1) + found.group(2), 16)
    else:
        return None
    if not 1_577_836_800_000 <= millis < 4_102_444_800_000:  # 2020 to 2100: anything else is chance
        return None
    return _EPOCH + timedelta(milliseconds=millis)
