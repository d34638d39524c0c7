"""Owns speech from text (OpenAI API reference, "Create speech", and those who speak it): audio, or events with audio and a usage.

Must not know hosts. Models that are charged by character say nothing of it: the length of the request's input is what is charged.
Models that are charged by token (gpt-…) tell it in a stream of events alone; what a plain audio answer of theirs cost is not known.
"""

from __future__ import annotations

import re
from typing import Any

from llm_usage.codecs.values import as_str, dig
from llm_usage.dialects._charged import answered, asked_model, note_body_usage
from llm_usage.dialects._common import facts
from llm_usage.dialects._request import NONE
from llm_usage.dialects._streams import close, heads, messages
from llm_usage.dialects.error_body import note_error
from llm_usage.model.chunk_columns import FINISH, ChunkColumns
from llm_usage.model.observations import Observations, RequestFacts
from llm_usage.model.stream import Stream

_PATH = re.compile(r".*/audio/speech")


class _Speech:
    api = "speech"
    title = 'Speech from text (OpenAI API reference, "Create speech"): audio, or events with audio and a usage'

    def claims_payload(self, stream: Stream) -> bool:
        """An event of speech."""
        return any(str(payload.get("type")).startswith("speech.audio.") for payload in heads(stream))

    def claims_path(self, path: str) -> bool:
        """…/audio/speech."""
        return _PATH.fullmatch(path.lower().rstrip("/")) is not None

    def claims_request(self, body: Any) -> int:  # noqa: ARG002  the contract has it; here it says nothing
        """Never: an input may be anybody's."""
        return NONE

    def observe(self, stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
        """Read the events, or take the audio as it is."""
        observed.operation = "speech"
        good = stream.http_status is None or stream.http_status < 400
        if good and not any(isinstance(payload, (dict, list)) for payload in stream.objects):
            observed.opaque = observed.message_seen = observed.complete = True
            stream.malformed.clear()  # audio that happened to look like lines
        for i, payload in messages(stream, columns, observed):
            kind = payload.get("type")
            if kind == "speech.audio.delta":
                observed.message_seen = True
                columns.add_media(i)
            elif kind == "speech.audio.done":
                answered(payload, observed)
                observed.terminator = kind
                columns.mark_kind(i, FINISH)
                note_body_usage(i, payload, stream, columns, observed)
                observed.count("output_audio_tokens", observed.tokens.get("output_tokens"))
            else:
                note_error(i, payload, columns, observed)
        close(stream, columns, observed)
        text = as_str(dig(stream.request, "input"))
        if text is not None and observed.complete and "gpt-" not in (as_str(dig(stream.request, "model")) or ""):
            observed.bill("character", len(text), "request.input")

    def request_facts(self, body: Any, path: str) -> RequestFacts:
        """Model and input."""
        asked = body if isinstance(body, dict) else {}
        sound = {name: asked.get(name) for name in ("voice", "instructions")}
        return facts(asked, operation="speech", model=asked_model(asked, path), messages=as_str(asked.get("input")), extra=sound)


DIALECT = _Speech()
