"""Owns access to one recording file: bytes without compression, YAML or JSON trees, side files; must not know any format.

A document is looked at by every format (`Document.probe`, `Document.head`) and read by one (`Document.items`, `Document.text`).
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, Literal

import orjson

from ingest.coding import PlainReader, coding_of
from ingest.errors import InputError, LlmUsageError
from ingest.exchange import HEADER_ALLOW_LIST
from ingest.limits import DEFAULT_LIMITS, Limits
from ingest.recordings._yaml import YamlReader

HEAD_BYTES = 64 * 1024
_PROBE_NODES = 20_000
_BOM = b"\xef\xbb\xbf"

Syntax = Literal["empty", "json", "yaml", "text", "binary"]


class Document:
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
        self.name = name
        self.path = path
        self.root = root
        self.limits = limits
        self.keep_headers = keep_headers
        self.problem: LlmUsageError | None = None
        self._data = data

    def _open(self) -> BinaryIO:
        if self._data is not None:
            return io.BytesIO(self._data)
        assert self.path is not None
        return self.path.open("rb")

    @cached_property
    def size(self) -> int:
        """Bytes of the file as it lies there."""
        if self._data is not None:
            return len(self._data)
        assert self.path is not None
        return self.path.stat().st_size

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the file as it lies there."""
        with self._open() as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    def plain(self) -> PlainReader:
        """The bytes without compression, as a stream; close it."""
        raw = self._open()
        coding = coding_of(raw.read(4))
        raw.seek(0)
        return PlainReader(raw, coding, self.size, self.limits, self.name)

    @cached_property
    def head(self) -> bytes:
        """The first 64 KiB without compression and byte order mark."""
        stream = self.plain()
        try:
            data = b""
            while len(data) < HEAD_BYTES and (more := stream.read(HEAD_BYTES - len(data))):
                data += more
        except InputError as error:
            self.problem = error
            return b""
        finally:
            stream.close()
        return data.removeprefix(_BOM)

    @cached_property
    def content(self) -> bytes:
        """All bytes without compression.

        Raises:
            LimitError: more than ``document_bytes``.
        """
        limit = self.limits.document_bytes
        stream = self.plain()
        try:
            parts: list[bytes] = []
            size = 0
            while more := stream.read(1 << 20):
                size += len(more)
                if size > limit:
                    raise self.limits.exceeded(self.name, "document_bytes", f"a file of {max(size, self.size)} bytes")
                parts.append(more)
        finally:
            stream.close()
        return b"".join(parts)

    @cached_property
    def syntax(self) -> Syntax:
        """What the bytes are, as far as formats care."""
        _ = self.probe
        return self._syntax

    @cached_property
    def probe(self) -> Any:
        """The tree of the file, or its beginning: all of a JSON file, a YAML file up to the end of the first item of its
        first top-level list. None when the content is neither."""
        self._syntax: Syntax = "text"
        head = self.head
        start = head.lstrip(b" \t\r\n")
        if not start:
            self._syntax = "empty" if self.problem is None else "binary"
            return None
        if start[:1] in b"{[":
            try:
                tree = orjson.loads(self.content.removeprefix(_BOM))
            except orjson.JSONDecodeError as error:
                line = f" line {error.lineno}" if error.lineno > 1 else ""
                self.problem = InputError(
                    f"{self.name}{line}", f"JSON cannot be read: {_plain(error)}", "Restore or re-record the file; it may be cut off"
                )
            except LlmUsageError as error:
                self.problem = error
                return None
            else:
                self._syntax = "json"
                return tree
        elif b"\x00" in head[:1024]:
            self._syntax = "binary"
            return None
        return self._probe_yaml()

    def _probe_yaml(self) -> Any:
        partial: list[Any] = []
        stream = self.plain()
        try:
            reader = YamlReader(stream, self.name, self.limits)
            reader.next()
            reader.next()
            first = reader.next()
            tree = reader.build(first, partial, _PROBE_NODES)
        except LlmUsageError as error:
            self.problem = self.problem or error
            tree = partial[0] if partial else None
        finally:
            stream.close()
        if isinstance(tree, (dict, list)):
            self._syntax = "yaml"
            return tree
        return None

    def items(self, *keys: str) -> Iterator[tuple[str, Any]]:
        """Each item of the list at ``keys`` below the root, with its place in the file; YAML one item at a time.

        Raises:
            InputError: the file cannot be read on; items before stand.
        """
        if self.syntax == "json":
            tree = self.probe
            for key in keys:
                tree = tree.get(key) if isinstance(tree, dict) else None
            path = ".".join(keys)
            for i, item in enumerate(tree if isinstance(tree, list) else ()):
                yield f"{path}[{i}]", item
            return
        stream = self.plain()
        try:
            for line, item in YamlReader(stream, self.name, self.limits).items(keys):
                yield f"line {line}", item
        finally:
            stream.close()

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

    def sibling(self, relative: str) -> bytes | None:
        """A side file named by this one, relative to its folder; None when it is not there or lies outside the root.

        Raises:
            LimitError: it is larger than ``body_bytes``.
        """
        if self.path is None:
            return None
        target = (self.path.parent / relative).resolve()
        root = (self.root or self.path.parent.parent).resolve()
        if not target.is_relative_to(root) or not target.is_file():
            return None
        if target.stat().st_size > self.limits.body_bytes:
            raise self.limits.exceeded(f"{self.name}: side file", "body_bytes", f"a file of {target.stat().st_size} bytes")
        return target.read_bytes()


def _plain(error: orjson.JSONDecodeError) -> str:
    """The parser's words; they never quote the document."""
    return error.msg.split(": line ")[0]
