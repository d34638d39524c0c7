"""Owns what one recording file holds: YAML or JSON trees, lines, what the bytes are; must not know any format.

A document is looked at by every format (`Document.probe`, `Document.head`) and read by one (`Document.items`, `Document.tree`,
`Document.documents`, `Document.content`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, Literal

from llm_usage.codecs.content import PlainReader
from llm_usage.codecs.json import MAX_DEPTH, JsonError
from llm_usage.codecs.json_file import JsonFile
from llm_usage.codecs.yaml import YamlReader
from llm_usage.errors import InputError, LimitError, LlmUsageError
from llm_usage.limits import DEFAULT_LIMITS, Limits
from llm_usage.model.exchange import HEADER_ALLOW_LIST
from llm_usage.recordings._file import BOM, RecordingFile

_PROBE_NODES = 20_000
#: How an event stream begins; no YAML recording has such a key at its root.
_SSE = re.compile(rb"(?:data|event|id|retry)?:")
#: How a YAML or JSON document begins.
_MAPPING = re.compile(rb"\s*(?:---|[{\[]|-[ \t]|[\w-]+:(?:\s|\Z))")

Syntax = Literal["empty", "json", "yaml", "text", "binary"]


class Document(RecordingFile):
    """One file as the formats see it.

    Attributes:
        name: the file as errors should call it.
        path: where it lies, or None for bytes in memory.
        keep_headers: lower-case names of the headers that may be read.
        problem: why the content could not be understood as YAML or JSON, for the case that no format claims it.
    """

    def __init__(
        self,
        name: str,
        data: bytes | None = None,
        *,
        path: Path | None = None,
        root: Path | None = None,
        limits: Limits = DEFAULT_LIMITS,
        keep_headers: frozenset[str] = HEADER_ALLOW_LIST,
    ) -> None:
        super().__init__(name, data, path=path, root=root, limits=limits)
        self.keep_headers = keep_headers
        self._syntax: Syntax = "text"
        self._json: JsonFile | None = None
        self._begun: tuple[YamlReader, PlainReader] | None = None
        """A YAML file that the probe has read up to the end of its first item."""

    @cached_property
    def syntax(self) -> Syntax:
        """What the bytes are, as far as formats care."""
        _ = self.probe
        return self._syntax

    @cached_property
    def probe(self) -> Any:
        """The tree of the file, or its beginning, for claims.

        All of a JSON file, up to where it was cut; a YAML file up to the end of the first item of its first top-level list.
        None when the content is neither, or several JSON documents one after another.
        """
        head = self.head
        start = head.lstrip(b" \t\r\n")
        if not start:
            self._syntax = "empty" if self.problem is None else "binary"
            return None
        if b"\x00" in head[:1024]:
            self._syntax = "binary"
            return None
        if start[:1] in b"{[":
            try:
                tree = self._probe_json()
            except JsonError as error:
                self.problem = self._bad_json(error)
                if error.too_deep:
                    return None
            except LlmUsageError as error:
                self.problem = error
                return None
            else:
                return tree
        if _SSE.match(start):
            return None
        return self._probe_yaml()

    def _probe_json(self) -> Any:
        found = JsonFile(self.content.removeprefix(BOM))
        if found.several:
            return None
        if found.cut is not None:
            self.problem = self._bad_json(found.cut)
        self._json, self._syntax = found, "json"
        return found.root

    def _bad_json(self, error: JsonError) -> LlmUsageError:
        place = f"{self.name} line {error.line}" if error.line > 1 else self.name
        if error.too_deep:
            return self.limits.exceeded(place, "depth", f"JSON nested more than {MAX_DEPTH} levels deep")
        return InputError(place, f"JSON cannot be read on: {error}", "Restore or re-record the file; it may be cut off")

    def _probe_yaml(self) -> Any:
        partial: list[Any] = []
        stream = self.plain()
        begun = False
        try:
            reader = YamlReader(stream, self.name, self.limits)
            reader.next()
            reader.next()
            first = reader.next()
            tree = reader.build(first, partial, _PROBE_NODES)
            if isinstance(tree, (dict, list)):
                self.problem = None
            if begun := reader.first_item_line > 0 and isinstance(tree, dict):
                self._begun = reader, stream
        except LlmUsageError as error:
            tree = partial[0] if partial else None
            # Prose that trips the YAML parser is no broken recording, and nothing is wrong with it.
            if isinstance(tree, (dict, list)) or isinstance(error, LimitError) or _MAPPING.match(self.head):
                self.problem = self.problem or error
        finally:
            if not begun:
                stream.close()
        if isinstance(tree, (dict, list)):
            self._syntax = "yaml"
            return tree
        return None

    def refuse_oversize(self) -> None:
        """Stop at a file that is too large to be held, unless it is YAML, which is read item by item, and its first item is sound.

        Raises:
            LlmUsageError: what it would come to after hours of hashing and reading.
        """
        if self.is_oversize:
            if self.syntax != "yaml":
                raise self.problem or self._too_large(self.size)
            if self.problem is not None:
                raise self.problem

    def items(self, *keys: str, exact: bool = False) -> Iterator[tuple[str, Any]]:
        """Each item of the list at ``keys`` below the root, with its place in the file; YAML one item at a time.

        With ``exact`` the numbers of JSON keep every digit, as those of YAML always do.

        Raises:
            InputError: the file cannot be read on; items before stand.
        """
        if self.syntax == "json" and self._json is not None:
            try:
                yield from self._json.items(keys, exact=exact)
            except JsonError as error:
                raise self._bad_json(error) from None
            if self.problem is not None:
                raise self.problem
            return
        if self._begun is not None and keys == (next(reversed(self.probe)),):
            reader, stream = self._begun  # the probe has read the first item: go on behind it
            self._begun = None
            found: Iterator[tuple[int, Any]] = chain([(reader.first_item_line, self.probe[keys[0]][0])], reader.rest(keys[0]))
        else:
            stream = self.plain()
            found = YamlReader(stream, self.name, self.limits).items(keys)
        try:
            for line, item in found:
                yield f"line {line}", item
        finally:
            stream.close()

    def tree(self, *, exact: bool = False) -> Any:
        """The whole document; of a YAML stream the first.

        Raises:
            InputError: it cannot be read, or was cut off.
        """
        if self.syntax != "json" or self._json is None:
            return next((tree for _, tree in self.documents()), None)
        if self.problem is not None:
            raise self.problem
        try:
            return self._json.exact if exact else self.probe
        except JsonError as error:
            raise self._bad_json(error) from None

    def documents(self) -> Iterator[tuple[str, Any]]:
        """Each document of a multi-document YAML file, with its place.

        Raises:
            InputError: the file cannot be read on; documents before stand.
        """
        stream = self.plain()
        try:
            for line, tree in YamlReader(stream, self.name, self.limits).documents():
                yield f"line {line}", tree
        finally:
            stream.close()

    def lines(self) -> Iterator[tuple[str, bytes]]:
        """Each line that is not blank, without its line end, with its place.

        Raises:
            LimitError: the file is larger than ``document_bytes``.
        """
        for number, line in enumerate(self.content.removeprefix(BOM).split(b"\n"), 1):
            if line.strip():
                yield f"line {number}", line.rstrip(b"\r")
