"""Owns ``model_key``: one name for all spellings of a model. Must not know a price; the raw names stay beside it.

Cut off: path and vendor in front (``openai/``, ``us.anthropic.``, ``accounts/fireworks/models/``), the date of a release
(``-20251001``, ``-2024-07-18``, ``@20251001``), Bedrock's revision (``-v1:0``), and wishes behind a colon (``:nitro``). Dots and dashes
between digits are one (``claude-haiku-4.5``). Kept: what is another model (``-mini``, ``-latest``, ``-preview``, Mistral's
``-2411``, sizes), for an alias that moves is not its present meaning.
"""

from __future__ import annotations

import re

_VENDORS = ("anthropic", "amazon", "meta", "mistral", "cohere", "ai21", "deepseek", "openai", "qwen", "stability", "google", "moonshot")
_REVISION = re.compile(r"-v\d+(?::\d+)?(?::\w+)?$")
_DATE = re.compile(r"[-@](?:20\d{2}-\d{2}-\d{2}|20\d{6})(?=$|[-:])")


def model_key(name: str | None) -> str | None:
    """One name for all spellings of a model; None for none.

    Idempotent: the key of a key is itself.
    """
    text = (name or "").strip().lower().rpartition("/")[2]
    if not text:
        return None
    head, _, tail = text.rpartition(".")
    if head and tail and any(part in _VENDORS for part in head.split(".")):
        vendor = next(part for part in head.split(".") if part in _VENDORS)
        text = text[text.index(f"{vendor}.") + len(vendor) + 1 :]
        text = _REVISION.sub("", text)
    text = text.partition(":")[0]
    text = _DATE.sub("", text)
    return re.sub(r"(?<=\d)\.(?=\d)", "-", text) or None
