"""Owns what the raw formats share: where one response ends and the next begins in a file of bodies; must not know framings.

A boundary is drawn only on evidence: an end (``[DONE]``, ``message_stop``, a whole answer …) or a payload that only ever comes first,
or a new response id after a finish reason. All else stays together: a response cut in two would be two wrong ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from llm_usage.codecs.json import JsonError, loads
from llm_usage.model.exchange import Exchange, Unreadable
from llm_usage.recordings._evidence import closes, finishes, identity, is_error, is_payload, opens
from llm_usage.recordings._parts import each, exchange
from llm_usage.recordings.document import Document

_DONE = (b"[DONE]", b'"[DONE]"')
_SPACE = b" \t\r\n"


def starts(payloads: Iterable[tuple[int, bytes]]) -> list[int]:
    """Where each response but the first begins.

    Args:
        payloads: offset of the frame in the file, and its JSON text.
    """
    found = []
    seen = ended = finished = unstable = False
    current: str | None = None
    for offset, payload in payloads:
        text = payload.strip(_SPACE)
        if text in _DONE:
            ended = seen
            continue
        try:
            tree = loads(text)
        except JsonError:
            continue
        if not is_payload(tree):
            continue
        own = identity(tree)
        other = own is not None and current is not None and own != current
        unstable = unstable or (other and not finished and not ended)  # an id a chunk, not one a response
        if seen and not is_error(tree) and (ended or opens(tree) or (other and finished and not unstable)):
            found.append(offset)
            finished, current = False, None
        seen = True
        ended = closes(tree)
        finished = finished or finishes(tree)
        current = own if own is not None else current
    return found


def bodies(document: Document, cuts: list[int]) -> Iterator[Exchange | Unreadable]:
    """One exchange for each part of the file between the cuts: of a raw body nothing is known but the body."""
    data = document.content
    ends = [*cuts, len(data)]
    parts = ((f"byte {start}", data[start:end]) for start, end in zip([0, *cuts], ends, strict=True))
    return each(document, parts, lambda index, place, body, doc: exchange(doc, index, place, response_body=body))
