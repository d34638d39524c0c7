"""Owns content codings: gzip, zlib, zstd, brotli, within bounds; must not know what the plain bytes are.

The magic bytes decide, not the header: recorders keep ``content-encoding: gzip`` over bodies that they stored plain. Codings may
lie in one another: a proxy that compresses what was compressed.
"""

from __future__ import annotations

import zlib
from typing import BinaryIO

import pyarrow as pa

from llm_usage.errors import InputError
from llm_usage.limits import Limits

GZIP = b"\x1f\x8b"
ZSTD = b"\x28\xb5\x2f\xfd"
#: zlib's own heads at levels that libraries use, but for those that are text (``x^``). Source: RFC 1950.
_ZLIB = (b"\x78\x9c", b"\x78\xda", b"\x78\x01")
_NESTED = 3
_STEP = 1 << 20


def coding_of(head: bytes) -> str | None:
    """``gzip`` or ``zstd`` by magic bytes, else None."""
    if head.startswith(GZIP):
        return "gzip"
    return "zstd" if head.startswith(ZSTD) else None


def decode_body(data: bytes, declared: str | None, limits: Limits, place: str) -> tuple[bytes, bool]:
    """A body without its content coding, and whether it was whole.

    Args:
        data: the bytes as recorded.
        declared: the ``content-encoding`` header, looked at only for codings that have no magic bytes (br, deflate).
        limits: ``body_bytes`` bounds the plain size.
        place: for errors.

    Raises:
        LimitError: the plain body is larger than ``body_bytes``.
        InputError: the coding's magic is there but the bytes do not follow it at all.
    """
    tokens = _tokens(declared) if declared else set()
    complete = True
    for _ in range(_NESTED):
        found = _decode_one(data, tokens, limits, place)
        if found is None:
            break
        data, whole = found
        if not data and not whole:
            raise InputError(place, "compressed body cannot be decompressed", "Record it again; the recorder may have stored it as text")
        complete = complete and whole
    if len(data) > limits.body_bytes:
        raise limits.exceeded(place, "body_bytes", f"a body of {len(data)} bytes")
    return data, complete


def _decode_one(data: bytes, tokens: set[str], limits: Limits, place: str) -> tuple[bytes, bool] | None:
    """The bytes without their outermost coding, and whether they were whole; None when they have none."""
    coding = coding_of(data)
    if coding == "gzip":
        return _inflate(data, 31, limits, place)
    if coding == "zstd":
        return _arrow(data, "zstd", limits, place)
    if data.startswith(_ZLIB):
        return _inflate(data, 15, limits, place)
    if _looks_plain(data):
        return None
    for coding in sorted(tokens & {"br", "deflate"}):
        tokens.discard(coding)  # without magic bytes the header alone says so, and it says so once
        return _arrow(data, "brotli", limits, place) if coding == "br" else _inflate(data, 15 if data[:1] == b"x" else -15, limits, place)
    return None


def _tokens(declared: str) -> set[str]:
    return {token.strip().lower() for token in declared.split(",")}


def _looks_plain(data: bytes) -> bool:
    """A recorder that decoded the body but kept the header: the bytes are text already."""
    try:
        data[:64].decode("ascii")
    except UnicodeDecodeError:
        return False
    return not data or data[:1] in b'{[:\r\n<de"' or (data[:64].isascii() and data[:64].decode().isprintable())


def _inflate(data: bytes, wbits: int, limits: Limits, place: str) -> tuple[bytes, bool]:
    """All members of a gzip or zlib body; what comes before a cut or damage is kept."""
    out: list[bytes] = []
    size = 0
    rest = data
    try:
        while rest and (not out or rest.startswith(GZIP)):
            decoder = zlib.decompressobj(wbits)
            while rest and not decoder.eof:
                piece = decoder.decompress(rest, _STEP)
                size += len(piece)
                if size > limits.body_bytes:
                    raise limits.exceeded(place, "body_bytes", f"a body that grows beyond {size} bytes when decompressed")
                out.append(piece)
                rest = decoder.unused_data if decoder.eof else decoder.unconsumed_tail
            if not decoder.eof:
                out.append(decoder.flush())
                return b"".join(out), False
    except zlib.error:
        return b"".join(out), False
    return b"".join(out), True


def _arrow(data: bytes, coding: str, limits: Limits, place: str) -> tuple[bytes, bool]:
    out: list[bytes] = []
    size = 0
    try:
        with pa.CompressedInputStream(pa.BufferReader(data), coding) as stream:
            while piece := stream.read(_STEP):
                size += len(piece)
                if size > limits.body_bytes:
                    raise limits.exceeded(place, "body_bytes", f"a body that grows beyond {size} bytes when decompressed")
                out.append(piece)
    except (OSError, pa.ArrowException):
        return b"".join(out), False
    return b"".join(out), True


class PlainReader:
    """A file's bytes without its compression, as a bounded stream for parsers that ask for ``read(n)``.

    Raises (from `read`):
        LimitError: the file grows more than ``expansion`` times and beyond ``body_bytes``.
        InputError: the compressed bytes are damaged or cut.
    """

    def __init__(self, raw: BinaryIO, coding: str | None, size: int, limits: Limits, place: str) -> None:
        self._raw = raw
        self._limits = limits
        self._place = place
        self._allowed = min(limits.document_bytes, max(limits.body_bytes, size * limits.expansion)) if coding else None
        self._given = 0
        self._stream = pa.CompressedInputStream(pa.PythonFile(raw, mode="r"), coding) if coding else None

    def read(self, size: int = _STEP) -> bytes:
        """Up to ``size`` bytes; empty at the end."""
        if self._stream is None:
            return self._raw.read(size)
        try:
            data: bytes = self._stream.read(size)
        except (OSError, pa.ArrowException):
            raise InputError(self._place, "compressed file is damaged or cut off", "Copy it again, or decompress it and look") from None
        self._given += len(data)
        if self._allowed is not None and self._given > self._allowed:
            raise self._limits.exceeded(self._place, "expansion", f"a compressed file that grows beyond {self._given} bytes")
        return data

    def close(self) -> None:
        """Let go of the file."""
        self._raw.close()
