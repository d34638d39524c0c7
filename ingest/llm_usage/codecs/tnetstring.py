"""Owns the reading of tagged netstrings (tnetstrings.info, mitmproxy's dialect with ``;`` for text); must not know flows.

A value is ``<length>:<payload><tag>``. Numbers with a fraction are Decimals: seconds since 1970 must not lose digits.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

_LENGTH = re.compile(rb"(0|[1-9][0-9]{0,12}):")


class BadNetstringError(ValueError):
    """The bytes are no tnetstring, or end in the middle of one."""


def read_netstring(data: bytes, start: int, depth: int) -> tuple[Any, int]:
    """The value at ``start`` and where it ends.

    Args:
        data: the file.
        start: offset of the length.
        depth: how many levels may lie below.

    Raises:
        BadNetstringError: it is none.
    """
    found = _LENGTH.match(data, start)
    if found is None or depth < 0:
        raise BadNetstringError
    begin = found.end()
    end = begin + int(found[1])
    if end >= len(data):
        raise BadNetstringError
    tag = data[end : end + 1]
    if tag in (b"]", b"}"):
        items = []
        pos = begin
        while pos < end:
            item, pos = read_netstring(data, pos, depth - 1)
            items.append(item)
        if pos != end or (tag == b"}" and len(items) % 2):
            raise BadNetstringError
        if tag == b"]":
            return items, end + 1
        return {_key(name): value for name, value in zip(items[::2], items[1::2], strict=True)}, end + 1
    return _scalar(data[begin:end], tag), end + 1


def _key(name: Any) -> str:
    if isinstance(name, bytes):
        return name.decode("latin-1")
    if isinstance(name, str):
        return name
    raise BadNetstringError


def _scalar(payload: bytes, tag: bytes) -> Any:
    try:
        if tag == b",":
            return payload
        if tag == b";":
            return payload.decode("utf-8")
        if tag == b"#":
            return int(payload)
        if tag == b"^" and (number := Decimal(payload.decode("ascii"))).is_finite():
            return number
        if tag == b"!":
            return payload == b"true"
    except (ValueError, InvalidOperation):
        raise BadNetstringError from None
    if tag == b"~" and not payload:
        return None
    raise BadNetstringError
