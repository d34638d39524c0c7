"""Owns YAML that users and we write by hand: a tree whose every node knows its line, so that every error names it.

Must not know what any key means, nor recordings (their YAML is hostile and read by `llm_usage.codecs.yaml`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml

from llm_usage.errors import ConfigError


class Tree:
    """A YAML node with its line; turns nodes into checked values. Every error has the line."""

    def __init__(self, node: yaml.Node, origin: str) -> None:
        self.node = node
        self.origin = origin

    @property
    def place(self) -> str:
        return f"{self.origin} line {self.node.start_mark.line + 1}"

    def wrong(self, thing: str, remedy: str) -> ConfigError:
        return ConfigError(self.place, thing, remedy)

    def mapping(self, allowed: Mapping[str, Any] | None = None) -> dict[str, Tree]:
        if not isinstance(self.node, yaml.MappingNode):
            raise self.wrong("is no mapping", "Write `key: value` lines here")
        out: dict[str, Tree] = {}
        for key, value in self.node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else "?"
            tree = Tree(value, self.origin)
            if allowed is not None and name not in allowed:
                raise Tree(key, self.origin).wrong(f"unknown key `{name}`", f"Known here: {', '.join(allowed)}")
            if name in out:
                raise Tree(key, self.origin).wrong(f"key `{name}` is there twice", "Keep one of them")
            out[name] = tree
        return out

    @property
    def is_list(self) -> bool:
        """It is a list, which `items` gives."""
        return isinstance(self.node, yaml.SequenceNode)

    def items(self) -> list[Tree]:
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.wrong("is no list", "Write `- item` lines here")
        return [Tree(item, self.origin) for item in self.node.value]

    def text(self) -> str:
        if not isinstance(self.node, yaml.ScalarNode) or not self.node.value:
            raise self.wrong("is no text", "Write a single value here")
        return str(self.node.value)

    def pattern(self) -> re.Pattern[str]:
        try:
            return re.compile(self.text())
        except re.error as error:
            raise self.wrong(f"is no regular expression ({error.msg})", "See Python's `re` syntax") from None

    def glob(self) -> re.Pattern[str]:
        out = "".join({"**": "(.*)", "*": "([^/]*)", "?": "([^/])"}.get(p, re.escape(p)) for p in re.split(r"(\*\*|\*|\?)", self.text()))
        return re.compile(out)

    def amount(self) -> Decimal:
        try:
            value = Decimal(self.text())
        except InvalidOperation:
            value = Decimal(-1)
        if not value.is_finite() or value < 0:
            raise self.wrong("is no amount", "Write a number such as 250.00")
        return value

    def whole(self) -> int:
        text = self.text().replace("_", "")
        if not text.isdigit() or int(text) == 0:
            raise self.wrong("is no positive whole number", "Write a number such as 64")
        return int(text)


def read_tree(path: Path) -> Tree | None:
    """The YAML document in ``path``, or None when it is empty.

    Raises:
        ConfigError: the file cannot be read or is no YAML.
    """
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except OSError as error:
        raise ConfigError(str(path), f"cannot be read ({error.strerror})", "Name an existing, readable file") from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path} line {mark.line + 1}" if mark is not None else str(path)
        raise ConfigError(place, f"is no YAML: {getattr(error, 'problem', None) or 'not UTF-8'}", "Mend the file") from None
    return Tree(node, str(path)) if node is not None else None


def plain(text: str) -> Any:
    """The values of a YAML document that ships with the package: mappings, lists and scalars."""
    return yaml.safe_load(text)
