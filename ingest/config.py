"""Owns ``llm-usage.yaml``: found, read, checked, with the line in every error; must not know what its parts are used for.

One file, in the working directory or named by ``--config``. Unknown keys are errors: a misspelt option must not be silent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import yaml

from ingest.errors import ConfigError
from ingest.limits import DEFAULT_LIMITS, Limits

NAME = "llm-usage.yaml"
#: Dimensions that a budget, a label or --by may name.
DIMENSIONS = ("gateway", "provider", "model", "api", "project", "source", "user_label")


@dataclass(frozen=True, slots=True)
class LabelRule:
    """Where all of ``match`` apply, ``project`` and ``user_label`` are set; ``{1}`` stands for what the pattern caught."""

    path: re.Pattern[str] | None = None
    host: re.Pattern[str] | None = None
    header: tuple[tuple[str, re.Pattern[str]], ...] = ()
    field: tuple[tuple[tuple[str, ...], re.Pattern[str]], ...] = ()
    project: str | None = None
    user_label: str | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """So much a month for all requests that match."""

    name: str
    monthly_usd: Decimal
    match: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Slo:
    """A service level: every given bound must hold. None = not asked."""

    name: str
    ttft_ms: Decimal | None = None
    tpot_ms: Decimal | None = None
    e2e_ms: Decimal | None = None
    match: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that can be configured, checked."""

    origin: str | None = None
    """The file, or None when there is none."""
    lake: Path | None = None
    timezone: str = "UTC"
    sources: Mapping[str, Path] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    limits: Limits = DEFAULT_LIMITS
    labels: tuple[LabelRule, ...] = ()
    prices: Path | None = None
    budgets: tuple[Budget, ...] = ()
    slos: tuple[Slo, ...] = ()


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


def load(path: Path | None, directory: Path | None = None) -> Config:
    """The configuration in ``path``, or in ``llm-usage.yaml`` of ``directory`` when there is one, else the defaults.

    Raises:
        ConfigError: the file is missing though named, unreadable, or wrong; the place has the line.
    """
    found = path if path is not None else (directory or Path()) / NAME
    if not found.is_file():
        if path is not None:
            raise ConfigError(str(path), "there is no such file", "Name an existing configuration with --config")
        return Config()
    tree = read_tree(found)
    if tree is None:
        return Config(origin=str(found))
    base = found.absolute().parent
    readers: dict[str, Callable[[Tree], Any]] = {
        "lake": lambda t: base / t.text(),
        "timezone": _zone,
        "sources": lambda t: {name: base / value.text() for name, value in t.mapping().items()},
        "ignore": lambda t: tuple(item.text() for item in t.items()),
        "limits": _limits,
        "labels": lambda t: tuple(_label(item) for item in t.items()),
        "prices": lambda t: base / t.text(),
        "budgets": lambda t: tuple(_budget(item) for item in t.items()),
        "slos": lambda t: tuple(_slo(item) for item in t.items()),
    }
    values = {key: readers[key](value) for key, value in tree.mapping(readers).items()}
    return replace(Config(origin=str(found)), **values)


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


def check_zone(name: str, place: str) -> str:
    """An IANA time zone name.

    Raises:
        ConfigError: there is no such zone.
    """
    if name not in available_timezones():
        raise ConfigError(place, f"unknown time zone `{name}`", "Use an IANA name such as Europe/Berlin or Asia/Kolkata")
    return name


def _zone(tree: Tree) -> str:
    return check_zone(tree.text(), tree.place)


def _limits(tree: Tree) -> Limits:
    known = {f.name: f for f in fields(Limits)}
    return replace(DEFAULT_LIMITS, **{name: value.whole() for name, value in tree.mapping(known).items()})


def _label(tree: Tree) -> LabelRule:
    got = tree.mapping({"match": 0, "project": 0, "user_label": 0})
    if "project" not in got and "user_label" not in got:
        raise tree.wrong("a label rule sets nothing", "Give it `project:` or `user_label:`")
    match = got["match"].mapping({"path": 0, "host": 0, "header": 0, "field": 0}) if "match" in got else {}
    return LabelRule(
        path=match["path"].glob() if "path" in match else None,
        host=match["host"].glob() if "host" in match else None,
        header=tuple((k.lower(), v.pattern()) for k, v in match["header"].mapping().items()) if "header" in match else (),
        field=tuple((tuple(k.split(".")), v.pattern()) for k, v in match["field"].mapping().items()) if "field" in match else (),
        project=got["project"].text() if "project" in got else None,
        user_label=got["user_label"].text() if "user_label" in got else None,
    )


def _match(tree: Tree | None) -> dict[str, str]:
    return {k: v.text() for k, v in tree.mapping(dict.fromkeys(DIMENSIONS)).items()} if tree is not None else {}


def _budget(tree: Tree) -> Budget:
    got = tree.mapping({"name": 0, "monthly_usd": 0, "match": 0})
    if "name" not in got or "monthly_usd" not in got:
        raise tree.wrong("a budget needs `name` and `monthly_usd`", "Add what is missing")
    return Budget(got["name"].text(), got["monthly_usd"].amount(), _match(got.get("match")))


def _slo(tree: Tree) -> Slo:
    got = tree.mapping({"name": 0, "ttft_ms": 0, "tpot_ms": 0, "e2e_ms": 0, "match": 0})
    bounds = {name: got[name].amount() for name in ("ttft_ms", "tpot_ms", "e2e_ms") if name in got}
    if "name" not in got or not bounds:
        raise tree.wrong("a service level needs `name` and a bound", "Give it `ttft_ms:`, `tpot_ms:` or `e2e_ms:`")
    return Slo(got["name"].text(), match=_match(got.get("match")), **bounds)
