"""Owns finding recordings: what was named on the command line or in the config, to files known by (source, path).

Streams: no list of files is held, a directory's entries are sorted so that runs are alike. Must not know what is in a file.
FIFOs, devices, unreadable directories and symlink loops are refused, each once, with place, thing and remedy.
"""

from __future__ import annotations

import fnmatch
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from llm_usage.errors import ConfigError, InputError

_MARK = "lake.json"
#: Folders that hold no recordings, but many files or keys. Others whose name begins with a dot are where recordings lie (``.claude``).
NOT_LOOKED_INTO = frozenset(
    ".git .hg .svn .venv .tox .nox .cache .ssh .aws .gnupg .kube .docker .config .mypy_cache .pytest_cache .ruff_cache .hypothesis "
    "node_modules __pycache__".split()
)
#: Files that lie beside recordings and are none; asked only when no format claims the content.
_OTHER_SUFFIXES = frozenset(
    (
        ".md .rst .adoc .py .pyi .go .js .mjs .cjs .ts .tsx .jsx .rb .rs .java .kt .swift .php .c .h .cpp .cs .sh .toml .ini .cfg "
        ".lock .sum .mod .png .jpg .jpeg .gif .svg .webp .pdf .ico .html .css .ipynb .snap .sql .proto .parquet .db .sqlite .csv "
        ".tsv .xml "
    ).split()
)
_OTHER_STEMS = frozenset(
    (
        "license licence copying notice readme changelog authors contributors makefile dockerfile codeowners todo version sources "
        "gemfile rakefile "
    ).split()
)


@dataclass(frozen=True, slots=True)
class Target:
    """One root to walk, or one file of it."""

    source: str
    root: Path
    only: Path | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One file that may be a recording."""

    source: str
    path: str
    """Below the root, ``/``-separated."""
    file: Path
    root: Path
    size: int
    mtime: datetime
    identity: tuple[int, int, int, int]
    """Device, inode, size and mtime in ns: whether it is still the same file after reading."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Something that cannot be looked into."""

    source: str
    path: str
    error: InputError | None = None
    size: int | None = None
    mtime: datetime | None = None


def targets(paths: Sequence[str], source: str | None, named: dict[str, Path]) -> list[Target]:
    """What to walk. A directory is a root; of a file its folder is the root. The root's absolute form is its source,
    unless ``--source`` or the config names it.

    Raises:
        ConfigError: a path does not exist.
    """
    names = {root.resolve(): name for name, root in named.items()}
    out = []
    for text in paths:
        path = Path(text).absolute()
        if not path.exists():
            if "://" in text:
                raise ConfigError(text, "is an address; recordings are read from local files", "Download it and name the file")
            raise ConfigError(text, "there is no such file or directory", "Name a recording, or a directory with recordings")
        if path.is_dir():
            out.append(Target(source or names.get(path.resolve()) or str(path), path))
        else:
            root = path.parent
            out.append(Target(source or names.get(root.resolve()) or str(root), root, path))
    return out


def walk(
    all_targets: Sequence[Target],
    ignore: Sequence[str] = (),
    pass_over: Callable[[str], None] = lambda _: None,
) -> Iterator[Found | Refused]:
    """Every file of the targets, in a stable order. Files whose name begins with a dot are passed over.

    Args:
        all_targets: what to walk.
        ignore: patterns of paths below a root.
        pass_over: told the name of each folder that is not looked into (`NOT_LOOKED_INTO`, lakes).

    Raises:
        ConfigError: two roots under one source name hold the same path.
    """
    shared = len({t.source for t in all_targets}) < len({t.root for t in all_targets})
    seen: dict[tuple[str, str], Path] = {}
    clashes: list[str] = []
    for target in all_targets:
        for found in _one(target, ignore, pass_over):
            if shared:
                key = (found.source, found.path)
                other = seen.setdefault(key, target.root)
                if other != target.root:
                    clashes.append(f"{found.path} (in {other} and {target.root})")
            if not clashes:
                yield found
    if clashes:
        raise _clash(all_targets[0].source, clashes)


def check_clashes(all_targets: Sequence[Target], ignore: Sequence[str] = ()) -> None:
    """Find clashing names before anything is read; costs nothing unless several roots share a source.

    Raises:
        ConfigError: two roots under one source name hold the same path.
    """
    if len({t.source for t in all_targets}) < len({t.root for t in all_targets}):
        for _ in walk(all_targets, ignore):
            pass


def _clash(source: str, clashes: Sequence[str]) -> ConfigError:
    more = f" and {len(clashes) - 10} more" if len(clashes) > 10 else ""
    return ConfigError(
        f"--source {source}",
        f"the same names lie under several roots: {', '.join(clashes[:10])}{more}",
        "Give each root a source of its own",
    )


def _one(target: Target, ignore: Sequence[str], pass_over: Callable[[str], None]) -> Iterator[Found | Refused]:
    if target.only is not None:
        yield from _file(target, target.only, ignore)
        return
    stack: list[tuple[Path, frozenset[tuple[int, int]]]] = [(target.root, frozenset())]
    while stack:
        folder, above = stack.pop()
        relative = folder.relative_to(target.root).as_posix()
        try:
            info = folder.stat()
            key = (info.st_dev, info.st_ino)
            if key in above:
                yield Refused(target.source, relative, InputError(relative, "is a symlink that leads back above itself", "Remove the link"))
                continue
            with os.scandir(folder) as entries:
                names = sorted(entry.name for entry in entries if not entry.name.startswith(".") or entry.is_dir())
        except OSError as error:
            yield Refused(
                target.source,
                relative,
                InputError(
                    relative if relative != "." else str(folder),
                    f"directory cannot be read: {error.strerror}",
                    "Give this user the right to read it",
                ),
            )
            continue
        if _MARK in names:
            pass_over(f"{folder.name} (a lake)")
            continue
        below = []
        for name in names:
            path = folder / name
            if name in NOT_LOOKED_INTO and path.is_dir():
                pass_over(name)
            elif path.is_dir():
                below.append((path, above | {key}))
            else:
                yield from _file(target, path, ignore)
        stack.extend(reversed(below))


def _file(target: Target, path: Path, ignore: Sequence[str]) -> Iterator[Found | Refused]:
    relative = path.relative_to(target.root).as_posix()
    if any(fnmatch.fnmatch(relative, pattern) for pattern in ignore):
        return
    # Names that are no UTF-8 must still fit an UTF-8 column.
    relative = relative.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    try:
        info = path.stat()
    except OSError as error:
        yield Refused(
            target.source,
            relative,
            InputError(relative, f"cannot be looked at: {error.strerror}", "Remove the broken link, or mend its target"),
        )
        return
    if not stat.S_ISREG(info.st_mode):
        yield Refused(
            target.source,
            relative,
            InputError(relative, "is no regular file (a FIFO, socket or device)", "Keep recordings only in this directory"),
        )
        return
    yield Found(
        target.source,
        relative,
        path,
        target.root,
        info.st_size,
        datetime.fromtimestamp(info.st_mtime_ns // 10**9, UTC).replace(microsecond=info.st_mtime_ns % 10**9 // 1000),
        identity(info),
    )


def identity(info: os.stat_result) -> tuple[int, int, int, int]:
    """What tells whether a file was replaced or written to."""
    return info.st_dev, info.st_ino, info.st_size, info.st_mtime_ns


def no_recording_by_name(path: str) -> bool:
    """Whether a name says that a file which no format claims is a licence, source, picture and so on."""
    name = path.rsplit("/", 1)[-1].lower()
    stem, dot, suffix = name.rpartition(".")
    base = (stem if dot else name).split("-")[0].split(".")[0]
    return (bool(dot) and f".{suffix}" in _OTHER_SUFFIXES) or base in _OTHER_STEMS
