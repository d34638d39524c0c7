"""Templates escape by themselves, and there is one place where anything passes as it is."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import jinja2
import pytest

from hostile import NAMES
from llm_usage import html
from llm_usage.html import blocks
from llm_usage.html.markup import drawing, environment

ROOM = Path(html.__file__).parent
DOOR = ROOM / "markup.py"
TEMPLATES = sorted((ROOM / "templates").glob("*.html.j2"))


def _names(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.alias):
            found.add(node.name.split(".")[0])
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0])
    return found


def test_one_module_lets_text_pass_as_it_is() -> None:
    doors = {"Markup", "__html__", "jinja2", "markupsafe"}
    package = sorted(ROOM.parent.rglob("*.py"))
    assert [path for path in package if doors & _names(path)] == [DOOR]


def test_no_template_switches_escaping_off() -> None:
    assert len(TEMPLATES) >= 4
    for path in TEMPLATES:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\|\s*(?:safe|forceescape|tojson|xmlattr|urlize)\b|autoescape|Markup|__html__", text), path.name
        assert not re.search(r"=\s*\{\{", text), f"{path.name}: an attribute without quotes"
        assert not re.search(r"='[^'\"<>]*\{\{", text), f"{path.name}: attributes stand in double quotes"


def test_escaping_is_on_and_gaps_are_errors() -> None:
    assert environment().autoescape is True
    assert environment().undefined is jinja2.StrictUndefined
    with pytest.raises(jinja2.UndefinedError):
        environment().from_string("{{ nobody }}").render()
    for slip in (None, True, 0.1, []):
        with pytest.raises(TypeError):
            environment().from_string("{{ slip }}").render(slip=slip)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_harmless_in_text_and_in_attributes(name: str) -> None:
    page = environment().from_string('<p title="{{ name }}">{{ name }}</p>').render(name=name)
    inner = page.removeprefix('<p title="').removesuffix("</p>").replace('">', "", 1)
    assert not re.search(r"[<>\"'\x00-\x1f\u202e\u2028]", inner)


def test_every_kind_of_block_has_a_macro() -> None:
    macros = environment().get_template("blocks.html.j2").module
    kinds = {block.kind for block in vars(blocks).values() if isinstance(getattr(block, "kind", None), str)}
    assert kinds == {"todo", "paragraph", "legend", "cards", "particulars", "figure", "table"}
    assert all(callable(getattr(macros, kind)) for kind in kinds)


def test_a_drawing_is_shapes_and_text() -> None:
    good = '<g fill="var(--s1)" clip-path="url(#a)"><path d="M0,0"/><text>&lt;script></text></g>'
    assert drawing(good) == good


@pytest.mark.parametrize(
    "bad",
    [
        "<script>1</script>",
        '<a href="x"/>',
        '<g onclick="x"/>',
        "<g>",
        "</svg><svg>",
        "<foreignObject/>",
        '<g style="x"/>',
        '<g fill="url(http:x)"/>',
    ],
)
def test_a_drawing_that_could_act_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match="drawing"):
        drawing(bad)
