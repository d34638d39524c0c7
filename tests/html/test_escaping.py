"""What recordings call things does no harm: in the page, in CSV, in a terminal; and is not changed where it can do none."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from pathlib import Path

import pytest
from tree import laid_out, parse

from hostile import FORMULA, NAMES, SCRIPT, write_hostile
from llm_usage.html import markup
from llm_usage.html.blocks import Paragraph
from llm_usage.html.markup import drawing, environment, own_file

HTML = Path(markup.__file__).parent


def paragraph(text: str) -> str:
    """A text as the page shows it, without the element it is in."""
    return laid_out(Paragraph((text,))).removeprefix("<p>").removesuffix("</p>")


def test_only_one_module_may_say_what_is_markup() -> None:
    """Text of recordings cannot become markup by a slip elsewhere: no other module has the word, no template the filter."""
    for path in HTML.glob("*.py"):
        if path.name != "markup.py":
            assert not re.search(r"\bMarkup\b|__html__|markupsafe|jinja2", path.read_text(encoding="utf-8")), path.name
    for path in (HTML / "templates").glob("*.j2"):
        assert not re.search(r"\|\s*safe\b|autoescape", path.read_text(encoding="utf-8")), path.name
    assert environment().autoescape is True
    assert own_file("page.css").startswith(":root")


@pytest.mark.parametrize(
    "svg",
    [
        "<script>alert(1)</script>",
        '<a href="https://x.example"><text>x</text></a>',
        '<rect onload="alert(1)"/>',
        '<rect style="background:url(x)"/>',
        '<rect fill="url(https://x.example)"/>',
        "<foreignObject/>",
        "<rect>",
        "a < b",
    ],
)
def test_a_drawing_holds_shapes_only(svg: str) -> None:
    with pytest.raises(ValueError, match="drawing"):
        drawing(svg)


@pytest.fixture
def hostile(cli, hostile_lake: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LLM_USAGE_LAKE", str(hostile_lake))
    return cli


def test_everything_was_read(hostile) -> None:
    rows = json.loads(hostile("query", "--format", "json", "select request_model, provider_raw, error_code, status from requests").output)
    assert {row["request_model"] for row in rows} >= {SCRIPT, FORMULA}, "a name that reaches no report proves nothing"
    assert len(rows) == len(NAMES)
    assert {row["provider_raw"] for row in rows} >= {SCRIPT}


def test_page_has_no_element_that_a_recording_made(hostile_page: str) -> None:
    tree = parse(hostile_page)  # strict: a name that closed or opened anything would not parse
    assert len(tree.all("script")) == 1
    assert len(tree.all("style")) == 1
    assert not [n for n in tree.walk() if n.tag in {"img", "iframe", "object", "embed", "form", "input", "base"}]
    assert not [n for n in tree.walk() if any(name.startswith("on") for name in n.attributes)]
    assert hostile_page.count("<script") == 1


def test_page_shows_the_names(hostile_page: str) -> None:
    text = parse(hostile_page).all("main")[0].text()
    assert SCRIPT in text
    assert FORMULA in text
    assert "&lt;b&gt; &amp; &#60;" in text, "a name is shown as it is, not as what it would mean"
    assert '#010101 class="x" id="y" url(#z)' in text, "cleaning an SVG leaves what stands between its tags alone"


def test_page_has_nothing_invisible(hostile_page: str) -> None:
    strange = {c for c in hostile_page if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}} - {"\n"}
    assert strange == set()
    assert "\\x1b[31mred" in hostile_page, "it is shown as a mark"


@pytest.mark.parametrize("text", ["<", ">", "&", '"', "'", "\x00", "\u202e", "a\nb"])
def test_esc(text: str) -> None:
    assert not re.search(r"[<>\"'\x00-\x1f\u202e]|&(?!\w+;|#)", paragraph(text))


def _cells(text: str) -> list[str]:
    return [cell for row in csv.reader(io.StringIO(text)) for cell in row]


@pytest.mark.exhaustive
def test_csv_of_every_report_is_harmless_in_a_spreadsheet(hostile, tmp_path: Path) -> None:
    hostile("report", "--output", tmp_path / "out")
    files = sorted((tmp_path / "out").glob("*.csv"))
    assert len(files) > 15
    seen = ""
    for path in files:
        for cell in _cells(path.read_text(encoding="utf-8")):
            number = re.fullmatch(r"-?\d[\d.e+-]*", cell)
            begins = cell.strip()[:1]
            assert number or begins not in set("=+-@|%\uff1d\uff0b\uff0d\uff20") - {""} or cell in {"-", "+"}, (path.name, cell)
            assert not cell.startswith(("\t", "\r", "\n")), (path.name, cell)
            seen += cell
    assert f"'{FORMULA}" in seen, "the formula came as far as here"


def test_json_is_exact(hostile) -> None:
    rows = json.loads(hostile("report", "cost_by_model", "--format", "json").output)
    assert {row["model"] for row in rows} >= {SCRIPT, FORMULA, "\x1b[31mred\x1b[0m \x1b]0;title\x07"}


@pytest.mark.parametrize(
    "command", [("report",), ("report", "unpriced", "--wide"), ("report", "routing"), ("query", "from requests"), ("report", "focus")]
)
def test_terminal_gets_no_escape_sequence(hostile, command: tuple[str, ...]) -> None:
    for stream in (result := hostile(*command)).stdout, result.stderr:
        assert not [c for c in stream if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} and c != "\n"]


PIVOT = "from (pivot (select request_model, 1 as n from requests) on request_model using sum(n))"


def test_names_of_columns_are_no_way_in(hostile) -> None:
    """`pivot` makes columns of values: what a recording calls a model becomes a heading."""
    shown = hostile("query", "--format", "table", PIVOT.replace("request_model, 1", "left(request_model, 9) as request_model, 1"))
    assert "31mr" in shown.stdout, "the name came as far as here"
    assert not [c for c in shown.stdout if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} and c != "\n"]
    header = _cells(hostile("query", "--format", "csv", PIVOT).stdout)[: len(NAMES)]
    assert f"'{FORMULA}" in header
    assert FORMULA not in header


def test_rich_markup_in_a_name_is_text(cli, tmp_path: Path) -> None:
    write_hostile(tmp_path / "recordings")
    text = (tmp_path / "recordings" / "<img src=x onerror=alert(5)>.har").read_text(encoding="utf-8")
    (tmp_path / "markup.har").write_text(
        text.replace(json.dumps(SCRIPT)[1:-1], "[bold red]x[/bold red] [link=https://e]y[/link]"), encoding="utf-8"
    )
    cli("ingest", tmp_path / "markup.har")
    assert "[bold red]x[/bold red]" in cli("query", "select distinct request_model from requests order by 1").output
