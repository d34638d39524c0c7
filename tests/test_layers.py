"""Who may import whom: downward only, and the heavy libraries only where they belong."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "ingest"

#: From the top down. A module may import from rooms below its own, and within its own package folder.
ROOMS: list[set[str]] = [
    {"__main__", "catalogue"},
    {"ingest", "cli"},
    {"door"},
    {"export"},
    {"html"},
    {"formats", "report", "explain", "diff"},
    {"rebuild"},
    {"pipeline"},
    {"session", "batch", "pool", "freeze"},
    {"worker"},
    {"ledger", "runs", "status"},
    {"reader", "walk", "labels"},
    {"lake", "views", "sql_files", "pricing", "fold", "sqlrun", "render"},
    {"clocks", "rows", "usage", "attempts", "dates", "address", "amounts", "chunk_rows", "response_headers"},
    {"recordings", "framing", "dialects", "providers", "config"},
    {"coding", "transfer", "columns", "frames", "exchange", "reading", "tables"},
    {"schema", "limits"},
    {"errors"},
]
LEVEL = {room: level for level, rooms in enumerate(ROOMS) for room in rooms}
#: Import name to the rooms that may use it.
ONLY_IN = {
    "yaml": {"recordings", "providers", "config", "pricing"},
    "deltalake": {"lake", "rebuild"},
    "duckdb": {
        "lake",
        "views",
        "pricing",
        "session",
        "sqlrun",
        "report",
        "catalogue",
        "ingest",
        "export",
        "door",
        "explain",
        "html",
        "freeze",
    },
    "click": {"cli", "catalogue"},
    "rich": {"cli", "render"},
    "genai_prices": {"pricing"},
    "altair": {"html"},
    "vl_convert": {"html"},
}


def room_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    name = parts[0]
    if name == "__init__":
        return "ingest"
    return name.split("_")[0] if name.startswith(("pricing", "prices")) else name


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
            if node.module == "ingest":
                found |= {f"ingest.{alias.name}" for alias in node.names}
    return found


FILES = sorted(ROOT.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_nothing_imports_upward_or_sideways(path: Path) -> None:
    own = room_of(path)
    own = "pricing" if own == "prices" else own
    assert own in LEVEL, f"{path.name} is in no room: add it to ROOMS, where it belongs"
    wrong = []
    for name in imports(path):
        if not name.startswith("ingest.") or own == "ingest":
            continue
        other = name.split(".")[1]
        other = "pricing" if other.startswith(("pricing", "prices")) else other
        if other in LEVEL and other != own and LEVEL[other] <= LEVEL[own] and not _neighbours(own, other):
            wrong.append(name)
    assert not wrong, f"{path.relative_to(ROOT)} imports {wrong}"


def _neighbours(own: str, other: str) -> bool:
    """Pairs within one level of which the first is built on the second."""
    return (own, other) in {
        ("labels", "fold"), ("clocks", "columns"), ("render", "errors"), ("tables", "schema"), ("lake", "fold"),
        ("walk", "errors"), ("views", "sql_files"), ("pricing", "sql_files"), ("ledger", "batch"), ("attempts", "rows"), ("chunk_rows", "rows"), ("chunk_rows", "amounts"), ("pricing", "views"), ("catalogue", "report"), ("export", "report"), ("frames", "columns"), ("reading", "frames"),
    }  # fmt: skip


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_libraries_stay_in_their_rooms(path: Path) -> None:
    own = room_of(path)
    own = "pricing" if own == "prices" else own
    used = {name.split(".")[0] for name in imports(path)}
    assert not [name for name, rooms in ONLY_IN.items() if name in used and own not in rooms]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_are_small_and_say_what_they_own(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 250, "split it: 30 to 250 lines a file"
    assert ast.get_docstring(ast.parse(text)), "the file does not say what it owns"


def test_formats_framings_and_dialects_are_blind_to_each_other() -> None:
    rooms = ("recordings", "framing", "dialects")
    for path in FILES:
        own = room_of(path)
        if own in rooms:
            for other in set(rooms) - {own}:
                assert not [n for n in imports(path) if n.startswith(f"ingest.{other}")], path
