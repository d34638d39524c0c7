"""Owns the words for a file that no recording format claims: what it seems to be, and what to do about it."""

from __future__ import annotations

from llm_usage.errors import InputError, LimitError, LlmUsageError
from llm_usage.recordings.document import Document


def unclaimed(document: Document) -> LlmUsageError:
    """Why no format claims a document."""
    syntax = document.syntax
    if document.head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return InputError(document.name, "is text in UTF-16", "Write it in UTF-8, say with `iconv -f UTF-16 -t UTF-8`")
    if syntax == "empty":
        return InputError(document.name, "is empty", "Record it again, or delete it")
    if document.problem is not None:
        # Of prose a YAML parser's complaint says nothing; of what means to be YAML or JSON it is the best there is.
        meant = document.head.lstrip()[:1] in b"{[" or ".y" in document.name[-8:]
        if syntax != "text" or meant or isinstance(document.problem, LimitError):
            return document.problem
    if syntax == "binary":
        return InputError(
            document.name, "is binary and no recording", "Name recordings only, or exclude it under `ignore:` in llm-usage.yaml"
        )
    kind = {"yaml": "YAML", "json": "JSON"}.get(syntax, "text")
    return InputError(
        document.name,
        f"is {kind} but no recording format that llm-usage knows",
        "See `llm-usage formats`, or exclude it under `ignore:` in llm-usage.yaml",
    )
