"""Owns the safe reading of YAML: events to plain trees, inside limits, item by item; must not know any recording format.

PyYAML's composers recurse in C and overflow its stack on a 60 KB file, and merge keys expand without bound. So trees are
built here from the C parser's events, without recursion: depth and node limits hold before anything is built, memory is one
item however large the file, ``<<`` is an ordinary key, and aliases cost their whole size each time they are used.

Scalars are null, true/false, integers and decimals as in JSON, ``!!binary`` and Ruby's ``!binary``; all else is a string.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from llm_usage.codecs.json import exact_real
from llm_usage.errors import InputError
from llm_usage.limits import Limits

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WORDS: dict[str, Any] = dict.fromkeys(("null", "~", "", "Null", "NULL"))
_WORDS |= {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_BINARY = frozenset({"!binary", "tag:yaml.org,2002:binary"})
_STR = "tag:yaml.org,2002:str"
_END = (MappingEndEvent, SequenceEndEvent)


class YamlReader:
    """One pass over a YAML stream.

    Args:
        stream: bytes, or an object with ``read(n)``.
        name: the file, for errors.
    """

    def __init__(self, stream: Any, name: str, limits: Limits) -> None:
        self._name = name
        self._limits = limits
        try:
            self._parser: Any = yaml.cyaml.CParser(stream)  # type: ignore[attr-defined]
        except (yaml.YAMLError, ValueError) as error:
            raise self._broken(error) from None
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._line = 1
        self.first_item_line = 0
        """Where the item begins behind whose end a probe stopped; 0 when it stopped elsewhere. See `rest`."""

    def next(self) -> Any:
        """The next event."""
        try:
            event = self._parser.get_event()
        except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
            raise self._broken(error) from None
        if event is None:
            return StreamEndEvent()
        self._line = event.start_mark.line + 1
        return event

    def _broken(self, error: Exception) -> InputError:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}" if mark is not None else ""
        # Only libyaml's own words: the context may quote the file.
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it is not text in UTF-8 or UTF-16"
        return InputError(f"{self._name}{line}", f"YAML cannot be read on: {problem}", "Restore or re-record the file; it may be cut off")

    def documents(self) -> Iterator[tuple[int, Any]]:
        """Each document of the stream with the line it starts on."""
        while not isinstance(event := self.next(), StreamEndEvent):
            if isinstance(event, DocumentStartEvent):
                self._anchors.clear()
                first = self.next()
                yield self._line, self.build(first)

    def build(self, first: Any, partial: list[Any] | None = None, stop_after: int = 0, *, is_key: bool = False) -> Any:
        """The tree that begins with event ``first``; of a key (``is_key``) no key may be a tree again.

        With ``partial`` the tree is put there at its start, and building stops at the end of the first mapping in a
        sequence one level down, or after ``stop_after`` nodes: a probe of a file of any size.
        """
        limits, anchors = self._limits, self._anchors
        stack: list[tuple[Any, str | None, int, str | None]] = []
        """Open containers: (container, pending key, nodes before it, its anchor)."""
        container: Any = None
        key: str | None = None
        before = 0
        anchor: str | None = None
        nodes = line = 0
        event = first
        while True:
            nodes += 1
            kind = type(event)
            if kind is ScalarEvent:
                if container.__class__ is dict and key is None:
                    key = event.value
                    if event.anchor is not None:
                        anchors[event.anchor] = (key, 1)
                    event = self.next()
                    continue
                value = self._scalar(event)
                if event.anchor is not None:
                    anchors[event.anchor] = (value, 1)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                if container.__class__ is dict and key is None:
                    if is_key:
                        raise self._odd("a key that is a list or a mapping")
                    key = self._key(self.build(event, is_key=True))
                    event = self.next()
                    continue
                if len(stack) >= limits.depth:
                    raise limits.exceeded(f"{self._name} line {self._line}", "depth", f"nesting of more than {limits.depth} levels")
                stack.append((container, key, before, anchor))
                value = {} if kind is MappingStartEvent else []
                if partial is not None:
                    if not partial:
                        partial.append(value)
                    elif len(stack) == 3:
                        line = self._line
                self._attach(container, key, value)
                container, key, before, anchor = value, None, nodes, event.anchor
                event = self.next()
                continue
            elif kind is AliasEvent:
                if event.anchor not in anchors:
                    raise self._odd("an alias to something that is not there, or to itself")
                value, size = anchors[event.anchor]
                nodes += size
                if container.__class__ is dict and key is None:
                    key = self._key(value)
                    event = self.next()
                    continue
            elif kind in _END:
                value = container
                if anchor is not None:
                    anchors[anchor] = (value, nodes - before)
                container, key, before, anchor = stack.pop()
                if container is None:
                    return value
                if partial is not None and len(stack) == 2 and value.__class__ is dict and container.__class__ is list:
                    self.first_item_line = line
                    return partial[0]
                if container.__class__ is dict:
                    key = None
                event = self.next()
                continue
            else:
                raise self._odd("an end where a value should be")
            if nodes > limits.nodes:
                what = f"a document of more than {limits.nodes} nodes, aliases counted"
                raise limits.exceeded(f"{self._name} line {self._line}", "nodes", what)
            if partial is not None and nodes > stop_after and partial:
                return partial[0]
            if container is None:
                return value
            self._attach(container, key, value)
            key = None
            event = self.next()

    def _key(self, tree: Any) -> str:
        """The text of a key that a Python class was wrapped around (multidict's ``istr``): no object is ever built of it."""
        if isinstance(tree, dict):
            tree = tree.get("args")
        if isinstance(tree, list) and len(tree) == 1:
            tree = tree[0]
        if not isinstance(tree, str):
            raise self._odd("a key that is a list or a mapping")
        return tree

    @staticmethod
    def _attach(container: Any, key: str | None, value: Any) -> None:
        if container.__class__ is dict:
            container[key] = value
        elif container is not None:
            container.append(value)

    def _odd(self, what: str) -> InputError:
        return InputError(f"{self._name} line {self._line}", f"YAML with {what}", "Recordings have none: check what wrote the file")

    def _scalar(self, event: Any) -> Any:
        value: str = event.value
        tag = event.tag
        if len(value) > self._limits.body_bytes:
            raise self._limits.exceeded(f"{self._name} line {self._line}", "body_bytes", f"a value of {len(value)} characters")
        if tag in _BINARY:
            try:
                return base64.b64decode(value, validate=False)
            except (binascii.Error, ValueError):
                place = f"{self._name} line {self._line}"
                raise InputError(place, "!!binary value is not base64", "Restore or re-record the file") from None
        if tag == _STR or (not event.implicit[0] and tag is None):
            return value
        if value in _WORDS:
            return _WORDS[value]
        found = _NUMBER.fullmatch(value)
        if found is None:
            return value
        if found.group(1) is None and found.group(2) is None and len(value) < 19:
            return int(value)
        number = exact_real(value) if len(value) < 400 else None
        return value if number is None else number

    def items(self, keys: tuple[str, ...]) -> Iterator[tuple[int, Any]]:
        """Each item of the sequence at ``keys`` below the root of each document, with its line, one at a time.

        A key that is there twice, and a second document, are read as well: nothing is passed over. The stream is read to its
        end, so that a cut or broken tail is not taken for a whole file.
        """
        while not isinstance(event := self.next(), StreamEndEvent):
            if isinstance(event, DocumentStartEvent):
                self._anchors.clear()
                yield from self._below(self.next(), keys)

    def rest(self, key: str) -> Iterator[tuple[int, Any]]:
        """What `items` gives for the list at ``key`` of the root behind its first item, after a probe that stopped there."""
        yield from self._in_list()
        yield from self._in_mapping((key,))
        yield from self.items((key,))

    def _below(self, event: Any, keys: tuple[str, ...]) -> Iterator[tuple[int, Any]]:
        if isinstance(event, MappingStartEvent if keys else SequenceStartEvent):
            yield from self._in_mapping(keys) if keys else self._in_list()
        else:
            self.build(event)

    def _in_list(self) -> Iterator[tuple[int, Any]]:
        while not isinstance(event := self.next(), SequenceEndEvent):
            line = self._line
            yield line, self.build(event)

    def _in_mapping(self, keys: tuple[str, ...]) -> Iterator[tuple[int, Any]]:
        while not isinstance(event := self.next(), MappingEndEvent):
            named = event.value if isinstance(event, ScalarEvent) else self._key(self.build(event, is_key=True))
            value = self.next()
            if named == keys[0]:
                yield from self._below(value, keys[1:])
            else:
                self.build(value)
