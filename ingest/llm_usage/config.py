"""Owns ``llm-usage.yaml``: found, read, checked, with the line in every error; must not know what its parts are used for.

One file, in the working directory or named by ``--config``. Unknown keys are errors: a misspelt option must not be silent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from llm_usage.errors import ConfigError
from llm_usage.limits import DEFAULT_LIMITS, Limits
from llm_usage.yaml_tree import Tree, read_tree

NAME = "llm-usage.yaml"
#: Who reads a lake: its owner, its group as well, everybody.
_MODES = {"private": 0o700, "group": 0o2770, "group-read": 0o2750, "everyone": 0o755}
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
    lake_mode: int = 0o700
    """Rights of a lake that has to be made."""
    timezone: str = "UTC"
    sources: Mapping[str, Path] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    limits: Limits = DEFAULT_LIMITS
    labels: tuple[LabelRule, ...] = ()
    prices: Path | None = None
    price_lists: tuple[Path | str, ...] = ("bundled",)
    """Price lists in the order in which they are asked: files, and ``bundled`` for the one that the package carries."""
    undated: str | None = None
    """What requests without a date are priced by where the price has changed: ``latest`` or ``file_time``; None: they are not."""
    budgets: tuple[Budget, ...] = ()
    slos: tuple[Slo, ...] = ()


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
        "lake_mode": _mode,
        "timezone": _zone,
        "sources": lambda t: {name: base / value.text() for name, value in t.mapping().items()},
        "ignore": lambda t: tuple(item.text() for item in t.items()),
        "limits": _limits,
        "labels": lambda t: tuple(_label(item) for item in t.items()),
        "prices": lambda t: base / t.text(),
        "price_lists": lambda t: tuple("bundled" if item.text() == "bundled" else base / item.text() for item in t.items()),
        "undated": _undated,
        "budgets": lambda t: tuple(_budget(item) for item in t.items()),
        "slos": lambda t: tuple(_slo(item) for item in t.items()),
    }
    values = {key: readers[key](value) for key, value in tree.mapping(readers).items()}
    return replace(Config(origin=str(found)), **values)


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


def _mode(tree: Tree) -> int:
    text = tree.text()
    if text not in _MODES:
        raise tree.wrong(f"`{text}` is no mode of a lake", f"Write one of {', '.join(_MODES)}")
    return _MODES[text]


def _undated(tree: Tree) -> str | None:
    words = {"off": None, "no": None, "latest": "latest", "file_time": "file_time"}
    text = tree.text()
    if text not in words:
        raise tree.wrong(f"`{text}` is no way to price requests without a date", f"Write one of {', '.join(words)}")
    return words[text]


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
