"""Owns the bytes of one recording file: plain or compressed, on disk or in memory, hashed, and those of its side files.

Must not know what the bytes mean.
"""

from __future__ import annotations

import hashlib
import io
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from llm_usage.codecs.content import PlainReader, coding_of
from llm_usage.errors import InputError, LlmUsageError
from llm_usage.limits import Limits

HEAD_BYTES = 64 * 1024
BOM = b"\xef\xbb\xbf"


class RecordingFile:
    """One file, or bytes in memory under a name."""

    def __init__(self, name: str, data: bytes | None, *, path: Path | None, root: Path | None, limits: Limits) -> None:
        self.name = name
        self.path = path
        self.root = root
        self.limits = limits
        self.problem: LlmUsageError | None = None
        self._data = data

    def _open(self) -> BinaryIO:
        if self._data is not None:
            return io.BytesIO(self._data)
        return Path(self.path or self.name).open("rb")

    @cached_property
    def size(self) -> int:
        """Bytes of the file as it lies there."""
        if self._data is not None:
            return len(self._data)
        return Path(self.path or self.name).stat().st_size

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the file as it lies there."""
        digest = hashlib.sha256()
        with self._open() as stream:
            while data := stream.read(1 << 20):
                digest.update(data)
        return digest.hexdigest()

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
        return data.removeprefix(BOM)

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

    def sibling(self, relative: str) -> bytes | None:
        """A side file named by this one, relative to its folder; None when it is not there or lies outside the root.

        Raises:
            LimitError: it is larger than ``body_bytes``.
        """
        if self.path is None:
            return None
        try:
            target = (self.path.parent / relative).resolve()
            root = (self.root or self.path.parent.parent).resolve()
            if not target.is_relative_to(root) or not target.is_file():
                return None
            size = target.stat().st_size
            if size <= self.limits.body_bytes:
                return target.read_bytes()
        except (OSError, ValueError, RuntimeError):  # a name that no file can have, a link that leads back to itself
            return None
        raise self.limits.exceeded(f"{self.name}: side file", "body_bytes", f"a file of {size} bytes")
