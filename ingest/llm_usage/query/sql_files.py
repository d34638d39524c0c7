"""Owns the finding and ordering of the SQL files; must not know what is in them beyond the markers at their head.

A file makes one relation (or macro, or check) and is named as it. The markers are comment lines: ``-- after: a, b`` names
files of the same layer that come first, ``-- by: gateway, model`` the dimensions a mart can be split by,
``-- show: a, b`` the columns for a terminal, ``-- passes on: a`` the relations whose columns it hands on: a stored table is
named ``raw.x``. Only what a view makes itself is commented in its file; the rest inherits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_MARKER = re.compile(r"^-- (after|by|show|passes on): (.+)$", re.MULTILINE)
_QUALIFIED = re.compile(r"\b(?:staging|marts)\.\w+")
_CAPTION = re.compile(r"^comment on view [\w.]+ is '((?:[^']|'')*)'", re.MULTILINE)
_COMMENT = re.compile(r"^(?=comment on )", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class SqlFile:
    """One file of ``sql/``: one relation (or macro, or check), named as the file."""

    layer: str
    name: str
    text: str
    after: tuple[str, ...]
    by: tuple[str, ...]
    show: tuple[str, ...] = ()
    passes_on: tuple[str, ...] = ()
    """Relations whose columns it hands on as they are, and with them what is said of them."""

    @property
    def body(self) -> str:
        """The statements without the comments on what they make."""
        return _COMMENT.split(self.text, maxsplit=1)[0]

    @property
    def remarks(self) -> str:
        """The comments on what it makes, as statements."""
        return self.text[len(self.body) :]

    @property
    def caption(self) -> str | None:
        """What the view is said to be, as its own comment has it."""
        found = _CAPTION.search(self.text)
        return found[1].replace("''", "'") if found else None

    @property
    def title(self) -> str:
        """The sentences at the head of the file, markers left out."""
        lines = []
        for line in self.text.splitlines():
            if not line.startswith("--"):
                break
            if not _MARKER.match(line):
                lines.append(line[2:].strip())
        return " ".join(lines)


def sql_root() -> Path:
    """The folder of SQL files: ``llm_usage/sql`` in an installed wheel, else ``sql`` at the top of a checkout."""
    package = Path(__file__).resolve().parent.parent
    for root in (package / "sql", package.parent.parent / "sql"):
        if (root / "20_marts").is_dir():
            return root
    raise FileNotFoundError(f"no sql folder in {package} or above it: the installation is incomplete")


def sql_files(layer: str, root: Path | None = None) -> list[SqlFile]:
    """The files of one layer, by name, those that another one needs before it."""
    files = {}
    for path in sorted(((root or sql_root()) / layer).glob("*.sql")):
        text = path.read_text(encoding="utf-8")
        markers = {key: tuple(part.strip() for part in value.split(",")) for key, value in _MARKER.findall(text)}
        files[path.stem] = SqlFile(
            layer,
            path.stem,
            text,
            after=markers.get("after", ()),
            by=markers.get("by", ()),
            show=markers.get("show", ()),
            passes_on=markers.get("passes on", ()),
        )
    return list(_ordered(files))


def needed(texts: Iterable[str], layers: Sequence[str]) -> dict[str, SqlFile]:
    """The files whose relations these texts read, directly or through each other, by qualified name (``marts.latency``).

    A word that looks like a relation counts as one: a view too many costs milliseconds, one too few would be an error.
    """
    known = {f"{layer.partition('_')[2]}.{file.name}": file for layer in layers for file in sql_files(layer)}
    found: dict[str, SqlFile] = {}
    ahead = list(texts)
    while ahead:
        for name in _QUALIFIED.findall(ahead.pop()):
            if name in known and name not in found:
                found[name] = known[name]
                ahead.append(known[name].body)
    return found


def _ordered(files: dict[str, SqlFile]) -> Iterator[SqlFile]:
    done: set[str] = set()
    while len(done) < len(files):
        ready = [f for f in files.values() if f.name not in done and done.issuperset(f.after)]
        if not ready:
            raise ValueError(f"sql files wait for each other or for one that is not there: {sorted(files.keys() - done)}")
        for file in ready:
            done.add(file.name)
            yield file
