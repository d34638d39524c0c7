"""Owns the safe reading of JSON: whole documents, exact or cut off, and payloads; must not know any recording format.

orjson reads nearly everything. What recorders write and it refuses (a lone surrogate escape of a text cut inside an emoji,
Python's ``NaN``, a raw tab in a string) goes to the standard library. Neither recurses without bound.

A file that was cut while it was written is *repaired*: everything that was complete is kept, the containers that were open
are closed, and their chain is handed on so that nobody takes the last item for a whole one.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

import orjson

from llm_usage.limits import DEFAULT_LIMITS, Limits

#: What orjson allows; the standard library's own bound is not lower.
MAX_DEPTH = 1024
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+("?)|[\[\]{},]', re.DOTALL)
_CLOSER = {0x7B: 0x7D, 0x5B: 0x5D}


class JsonError(ValueError):
    """Not JSON. The message never quotes the document.

    Attributes:
        line: where, from 1; 0 when unknown.
        too_deep: the nesting is beyond `MAX_DEPTH`.
    """

    def __init__(self, problem: str, line: int = 0, *, too_deep: bool = False) -> None:
        super().__init__(problem)
        self.line = line
        self.too_deep = too_deep


def loads(data: bytes) -> Any:
    """A tree. Numbers with a fraction are floats, as good as their first 15 digits; see `loads_exact`.

    Raises:
        JsonError: the bytes are no JSON.
    """
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return loads_exact(data)


def loads_exact(data: bytes) -> Any:
    """A tree whose numbers keep every digit: integers beyond 64 bits and all others are Decimals; NaN and Infinity are None.

    Raises:
        JsonError: the bytes are no JSON.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise JsonError("it is not text in UTF-8") from None
    return decode(text, _DOCUMENT)


def loads_lenient(payload: bytes, limits: Limits = DEFAULT_LIMITS) -> Any:
    """A tree of a payload, with what providers send and orjson refuses: a BOM, a lone surrogate escape, Python's NaN and
    Infinity (None here), a raw tab in a string, text in Latin-1 (U+FFFD here).

    Raises:
        JsonError: the bytes are no JSON, or nested deeper than the limits allow.
    """
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError:
        return _lenient(payload, limits, _PAYLOAD)


def loads_lenient_exact(payload: bytes, limits: Limits = DEFAULT_LIMITS) -> Any:
    """As `loads_lenient`, with every number that is no integer as a Decimal of its very text. Slow: for money only.

    Raises:
        JsonError: the bytes are no JSON, or nested deeper than the limits allow.
    """
    return _lenient(payload, limits, _PAYLOAD_EXACT)


def loads_lenient_counts(payload: bytes, limits: Limits = DEFAULT_LIMITS) -> Any:
    """As `loads_lenient`, but a number that only rounding makes whole (``1E-400``, ``5.00000000000000000001``) is a Decimal.

    Raises:
        JsonError: the bytes are no JSON, or nested deeper than the limits allow.
    """
    return _lenient(payload, limits, _PAYLOAD_COUNTS)


def _lenient(payload: bytes, limits: Limits, decoder: json.JSONDecoder) -> Any:
    text = payload.decode("utf-8-sig", "replace")
    if text.count("[") + text.count("{") > limits.depth and _depth(text) > limits.depth:
        raise JsonError("it is nested too deep", too_deep=True)
    return decode(text, decoder)


def decode(text: str, decoder: json.JSONDecoder) -> Any:
    """A tree by the standard library.

    Raises:
        JsonError: the text is no JSON.
    """
    try:
        return decoder.decode(text)
    except RecursionError:
        raise JsonError("it is nested too deep", too_deep=True) from None
    except json.JSONDecodeError as error:
        raise JsonError(error.msg.lower(), error.lineno) from None
    except ValueError:
        raise JsonError("it holds a number that is none") from None


def _depth(text: str) -> int:
    """Deepest bracket nesting outside strings."""
    depth = deepest = 0
    for found in _TOKEN.finditer(text.encode("utf-8", "replace")):
        char = found.group()[0]
        if char in _CLOSER:
            depth += 1
            deepest = max(deepest, depth)
        elif char != 0x22 and char != 0x2C:
            depth -= 1
    return deepest


def exact_integer(text: str) -> int | Decimal:
    """An integer of any length, with every digit."""
    return int(text) if len(text) < 19 else Decimal(text)


def exact_real(text: str) -> Decimal | None:
    """A number with every digit; None when its exponent is beyond all bounds (10^18), where no Decimal can hold it."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _never_rounded_to_whole(text: str) -> float | Decimal | None:
    value = float(text)
    return exact_real(text) if value.is_integer() and exact_real(text) != value else value


def no_number(_: str) -> None:
    """NaN and Infinity are no numbers."""


_DOCUMENT = json.JSONDecoder(parse_float=exact_real, parse_int=exact_integer, parse_constant=no_number, strict=False)
_PAYLOAD = json.JSONDecoder(parse_constant=no_number, strict=False)
_PAYLOAD_EXACT = json.JSONDecoder(parse_float=exact_real, parse_constant=no_number, strict=False)
_PAYLOAD_COUNTS = json.JSONDecoder(parse_float=_never_rounded_to_whole, parse_constant=no_number, strict=False)


class Extent(NamedTuple):
    """How far a text is one JSON document.

    Attributes:
        end: where the first document ends, or where the last complete value of a cut one ends.
        closers: what closes the containers that are open there; empty when the document is complete.
    """

    end: int
    closers: bytes


def extent(data: bytes, start: int = 0) -> Extent | None:
    """Where the document at ``start`` ends, by brackets and strings alone; None when brackets do not match."""
    stack = bytearray()
    ends: list[int] = []
    for found in _TOKEN.finditer(data, start):
        char = data[found.start()]
        if char == 0x22:
            if not found.group(1):
                break
        elif char == 0x2C:
            if not ends:
                return None
            ends[-1] = found.start()
        elif char in _CLOSER:
            if len(stack) >= MAX_DEPTH:
                raise JsonError("it is nested too deep", too_deep=True)
            stack.append(_CLOSER[char])
            ends.append(found.end())
        else:
            if not stack or stack.pop() != char:
                return None
            ends.pop()
            if not stack:
                return Extent(found.end(), b"")
            ends[-1] = found.end()
    return Extent(ends[-1], bytes(reversed(stack))) if stack else None


def open_chain(tree: Any, depth: int) -> list[Any]:
    """The containers of a repaired tree that were open where it was cut, outermost first."""
    chain: list[Any] = []
    node = tree
    while len(chain) < depth and isinstance(node, (dict, list)):
        chain.append(node)
        if not node:
            break
        node = node[-1] if isinstance(node, list) else next(reversed(node.values()))
    return chain
