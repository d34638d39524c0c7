"""Who may import whom: rooms are folders (a module at the top is a room of its own), arrows go down, nothing is excused."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent / "ingest" / "llm_usage"

#: The floors of the house, from the top down. A room imports from floors below its own only, never from its own floor.
FLOORS: list[set[str]] = [
    {"__main__", "catalogue"},
    {"__init__", "cli"},
    {"api"},
    {"export"},
    {"html"},
    {"reports"},
    {"query", "pipeline"},
    {"lake", "pricing", "normalize", "render"},
    {"recordings", "framing", "dialects", "providers", "config"},
    {"model", "yaml_tree"},
    {"codecs"},
    {"limits", "versions", "durable"},
    {"errors"},
]
LEVEL = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}
#: Libraries that belong to certain rooms.
ONLY_IN = {
    "yaml": {"codecs", "yaml_tree"},
    "deltalake": {"lake"},
    "duckdb": {"query", "pricing", "lake", "reports", "export", "html", "api", "catalogue", "cli"},
    "click": {"cli", "catalogue"},
    "rich": {"cli", "render"},
    "genai_prices": {"pricing"},
    "altair": {"html"},
    "vl_convert": {"html"},
    "jinja2": {"html"},
    "markupsafe": {"html"},
}

FILES = sorted(ROOT.rglob("*.py"))


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).with_suffix("").parts[0]


def imports(path: Path) -> Iterator[str]:
    """Every imported name in full; what is imported from a package is named with it, as it may be a module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path.relative_to(ROOT)}: imports are absolute here, so that they can be followed"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


#: (file, its room, the room it imports from, the imported name).
ARROWS = [
    (path.relative_to(ROOT).as_posix(), room_of(path), name.split(".")[1], name)
    for path in FILES
    for name in imports(path)
    if name.startswith("llm_usage.")
]


def test_the_floors_are_the_folders() -> None:
    assert {room_of(path) for path in FILES} == set(LEVEL), "each folder and each module at the top stands on one floor, and nothing else"
    assert len(LEVEL) == sum(map(len, FLOORS)), "a room stands on two floors"


def test_nothing_imports_upward_or_sideways() -> None:
    wrong = [(file, name) for file, own, other, name in ARROWS if other in LEVEL and other != own and LEVEL[other] <= LEVEL[own]]
    assert not wrong, wrong


def test_a_private_module_stays_in_its_room() -> None:
    modules = {".".join(("llm_usage", *path.relative_to(ROOT).with_suffix("").parts)) for path in FILES}
    wrong = [
        (file, name)
        for file, own, other, name in ARROWS
        if other != own
        and any(part.startswith("_") for part in name.split("."))
        and (name in modules or name.rpartition(".")[0] in modules)
    ]
    assert not wrong, wrong


def test_libraries_stay_in_their_rooms() -> None:
    wrong = [
        (path.relative_to(ROOT).as_posix(), library)
        for path in FILES
        for library in {name.split(".")[0] for name in imports(path)}
        if room_of(path) not in ONLY_IN.get(library, LEVEL)
    ]
    assert not wrong, wrong


def test_files_are_small_and_say_what_they_own() -> None:
    texts = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in FILES}
    assert not [name for name, text in texts.items() if text.count("\n") > 250], "split it: 30 to 250 lines a file"
    assert not [name for name, text in texts.items() if not ast.get_docstring(ast.parse(text))], "the file does not say what it owns"


def test_formats_framings_and_dialects_are_blind_to_each_other() -> None:
    blind = {"recordings", "framing", "dialects"}
    assert not [(file, name) for file, own, other, name in ARROWS if own != other and {own, other} <= blind]
