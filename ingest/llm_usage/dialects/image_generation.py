"""Owns pictures made by image endpoints (OpenAI API reference, "Images", those who speak it, and Imagen on Vertex AI), streamed or whole.

Must not know hosts. Models that count tokens (gpt-image) are charged by them; others by picture: the unit ``image``.
"""

from __future__ import annotations

import re
from typing import Any

from llm_usage.codecs.values import as_str, dig, items
from llm_usage.dialects._charged import answered, asked_model, note_body_usage
from llm_usage.dialects._common import facts
from llm_usage.dialects._request import NONE
from llm_usage.dialects._streams import close, heads, messages
from llm_usage.dialects.error_body import note_error
from llm_usage.model.chunk_columns import FINISH, ChunkColumns
from llm_usage.model.observations import Observations, RequestFacts
from llm_usage.model.stream import Stream

_PATH = re.compile(r".*(?:/images/(?:generations|edits|variations)|/models/(?:imagen|imagegeneration)[^/]*:predict)")
_EVENTS = ("image_generation.", "image_edit.")


class _ImageGeneration:
    api = "image_generation"
    title = 'Pictures of image endpoints (OpenAI API reference, "Images"; Imagen on Vertex AI), streamed or whole'

    def claims_payload(self, stream: Stream) -> bool:
        """An event of a picture, or a list of pictures."""
        return any(_is_event(payload) or bool(_pictures(payload)) for payload in heads(stream))

    def claims_path(self, path: str) -> bool:
        """…/images/generations, edits or variations, or Imagen's predict."""
        return _PATH.fullmatch(path.lower().rstrip("/")) is not None

    def claims_request(self, body: Any) -> int:  # noqa: ARG002  the contract has it; here it says nothing
        """Never: a prompt may be anybody's."""
        return NONE

    def observe(self, stream: Stream, columns: ChunkColumns, observed: Observations) -> None:
        """Read every payload, streaming or not."""
        observed.operation = "image_generation"
        made = 0
        for i, payload in messages(stream, columns, observed):
            if _is_event(payload):
                observed.message_seen = True
                columns.add_media(i)
                if str(payload["type"]).endswith(".completed"):
                    answered(payload, observed)
                    made += 1
                    observed.terminator = as_str(payload["type"])
                    columns.mark_kind(i, FINISH)
            elif pictures := _pictures(payload):
                answered(payload, observed)
                made += len(pictures)
                columns.add_media(i)
            else:
                note_error(i, payload, columns, observed)
                continue
            note_body_usage(i, payload, stream, columns, observed)
        if "output_tokens" in observed.tokens and "output_image_tokens" not in observed.tokens:
            observed.count("output_image_tokens", observed.tokens["output_tokens"])  # pictures are all that is made here
        elif "output_tokens" not in observed.tokens:
            observed.bill("image", made, "data")
        close(stream, columns, observed)

    def request_facts(self, body: Any, path: str) -> RequestFacts:
        """Model and prompt."""
        asked = body if isinstance(body, dict) else {}
        prompt = as_str(asked.get("prompt")) or as_str(dig(asked, "instances", 0, "prompt"))
        return facts(asked, operation="image_generation", model=asked_model(asked, path), messages=prompt)


def _is_event(payload: dict[str, Any]) -> bool:
    kind = payload.get("type")
    return isinstance(kind, str) and kind.startswith(_EVENTS)


def _pictures(payload: dict[str, Any]) -> list[Any]:
    data = items(payload.get("data"))
    if any("b64_json" in each for each in data if isinstance(each, dict)):
        return data
    if "created" in payload and data and all(isinstance(each, dict) and "url" in each for each in data):
        return data
    return [each for each in items(payload.get("predictions")) if dig(each, "bytesBase64Encoded") is not None]


DIALECT = _ImageGeneration()
