"""Owns transcriptions and translations of speech (OpenAI API reference, "Create transcription", and those who speak it), streamed or whole.

Must not know hosts. A usage counts tokens or seconds; without one the ``duration`` of the verbose form is what is charged (Whisper).
An answer may be plain text, captions or a list of words: then only the request is known.
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

_PATH = re.compile(r".*/audio/(?:transcriptions|translations)")


class _Transcription:
    api = "transcription"
    title = 'Transcription and translation of speech (OpenAI API reference, "Create transcription"), streamed or whole'

    def claims_payload(self, stream: Stream) -> bool:
        """An event of a transcript, a text with its task and duration, or with a usage of seconds or tokens that says which of them."""
        return any(_is_transcript(payload) for payload in heads(stream))

    def claims_path(self, path: str) -> bool:
        """…/audio/transcriptions or translations."""
        return _PATH.fullmatch(path.lower().rstrip("/")) is not None

    def claims_request(self, body: Any) -> int:  # noqa: ARG002  the contract has it; here it says nothing
        """Never: the request is a form."""
        return NONE

    def observe(self, stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
        """Read every payload, streaming or not."""
        observed.operation = "transcription"
        if not stream.objects and stream.http_status is not None and stream.http_status < 400:
            observed.opaque = observed.message_seen = observed.complete = True
        for i, payload in messages(stream, columns, observed):
            kind = payload.get("type")
            if kind == "transcript.text.delta":
                observed.message_seen = True
                columns.add_text(i, as_str(payload.get("delta")) or "")
            elif kind == "transcript.text.done" or isinstance(payload.get("text"), str):
                answered(payload, observed)
                if kind == "transcript.text.done":
                    observed.terminator = kind
                    columns.mark_kind(i, FINISH)
                if not any(columns.is_token_bearing):
                    columns.add_text(i, as_str(payload.get("text")) or "")
                note_body_usage(i, payload, stream, columns, observed)
                if "usage" not in payload and payload.get("duration") is not None:
                    observed.bill("audio_second", dig(stream.exact(i), "duration"), "duration")
            elif isinstance(kind, str) and kind.startswith("transcript."):
                observed.message_seen = True
            else:
                note_error(i, payload, columns, observed)
        close(stream, columns, observed)

    def request_facts(self, body: Any, path: str) -> RequestFacts:
        """Model; the request is a form, of which a recording rarely keeps the fields, or names where the audio is (Groq, Mistral)."""
        asked = body if isinstance(body, dict) else {}
        heard = next((asked[key] for key in ("url", "file_url", "input_audio", "file") if key in asked), None)
        return facts(asked, operation="transcription", model=asked_model(asked, path), messages=heard)


def _is_transcript(payload: dict[str, Any]) -> bool:
    kind = payload.get("type")
    if isinstance(kind, str) and kind.startswith("transcript."):
        return True
    if not isinstance(payload.get("text"), str):
        return False
    return payload.get("task") in ("transcribe", "translate") or dig(payload, "usage", "type") in ("duration", "tokens")


DIALECT = _Transcription()
