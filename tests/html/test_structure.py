"""What every page is: complete, well formed, accessible, alone in the world, and small; whatever the lake holds."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from tree import Node, parse

from llm_usage.html import SECTIONS

ALLOWED = {
    "html", "head", "meta", "title", "link", "style", "body", "a", "header", "nav", "main", "footer", "section", "div", "p", "h1", "h2",
    "h3", "ul", "li", "span", "b", "i", "q", "code", "dl", "dt", "dd", "figure", "figcaption", "table", "caption", "thead", "tbody",
    "tfoot", "tr", "th", "td", "script", "svg", "desc", "g", "path", "line", "rect", "text", "defs", "clippath", "tspan",
}  # fmt: skip


@pytest.mark.exhaustive
def test_every_section_is_there_in_order(page: str) -> None:
    tree = parse(page)
    sections = tree.all("section")
    assert [s["id"] for s in sections] == [s.ident for s in SECTIONS]
    for section, expected in zip(sections, SECTIONS, strict=True):
        (title,) = section.all("h2")
        assert title.text() == expected.title
        assert section["aria-labelledby"] == title["id"]
        assert len(section.text()) > len(expected.title) + len(expected.about), f"{expected.ident} says nothing"


def test_an_empty_lake_says_what_to_do_in_every_section(empty_page: str) -> None:
    for section in parse(empty_page).all("section"):
        hints = [p for p in section.all("p") if "todo" in p["class"]]
        assert len(hints) == 1, section["id"]
        assert "llm-usage ingest PATH" in hints[0].text(), section["id"]
        assert not section.all("table")
        assert not section.all("svg")


def test_a_full_page_has_its_plots_and_tables(sample_page: str) -> None:
    tree = parse(sample_page)
    with_plots = {s["id"] for s in tree.all("section") if s.all("svg")}
    with_tables = {s["id"] for s in tree.all("section") if s.all("table")}
    assert with_plots == {"spend", "providers", "against-list", "latency", "stream", "health"}
    assert with_tables >= {"spend", "providers", "against-list", "latency", "health", "retries", "caching", "unpriced", "quality"}


def test_headings_form_a_tree(page: str) -> None:
    levels = [int(n.tag[1]) for n in parse(page).walk() if re.fullmatch(r"h[1-6]", n.tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_ids_are_unique_and_references_resolve(page: str) -> None:
    nodes = list(parse(page).walk())
    ids = [n["id"] for n in nodes if n["id"]]
    assert len(ids) == len(set(ids))
    for node in nodes:
        for attribute in ("aria-labelledby", "aria-describedby"):
            assert set(node[attribute].split()) <= set(ids), node
        if node["href"].startswith("#"):
            assert node["href"][1:] in ids
        for used in re.findall(r"url\(#([^)]*)\)", " ".join(node.attributes.values())):
            assert used in ids


def test_tables_say_what_they_are(page: str) -> None:
    for table in parse(page).all("table"):
        (caption,) = table.all("caption")
        assert caption.text().strip()
        width = len(table.all("thead")[0].all("th"))
        for row in table.all("tr"):
            assert len(row.children) == width
        assert all(th["scope"] in {"col", "row"} for th in table.all("th"))
        assert all(row.all("th")[0]["scope"] == "row" for part in ("tbody", "tfoot") for body in table.all(part) for row in body.all("tr"))
    for box in (n for n in parse(page).all("div") if "scroll" in n["class"].split()):
        assert box["role"] == "region", "a box that scrolls has a name and takes the keyboard"
        assert box["aria-labelledby"]
        assert box["tabindex"] == "0"


def test_pictures_say_what_they_show(page: str) -> None:
    for svg in parse(page).all("svg"):
        assert svg["role"] == "img"
        (title,), (description,) = svg.all("title"), svg.all("desc")
        assert title.text()
        assert description.text()
        assert svg["aria-labelledby"] == title["id"]
        assert svg["aria-describedby"] == description["id"]
        assert svg["viewbox"]
        assert not svg["width"], "it takes the width that there is"


def test_only_harmless_elements_and_attributes(page: str) -> None:
    for node in parse(page).walk():
        assert node.tag in ALLOWED, node
        assert not [name for name in node.attributes if name.startswith("on")], node


def test_nothing_is_fetched(page: str) -> None:
    tree = parse(page)
    for node in tree.walk():
        for name, value in node.attributes.items():
            if name in {"src", "href", "action", "srcset", "data", "poster", "background", "xlink:href"}:
                assert value.startswith(("#", "data:,")), node
            assert "url(" not in value or value.startswith("url(#"), node
    (style,), (script,) = tree.all("style"), tree.all("script")
    assert "url(" not in style.text()
    assert "@import" not in style.text()
    assert not script["src"]
    assert not re.search(r"fetch|XMLHttp|import\(|eval|innerHTML|document\.write", script.text())
    (policy,) = [m["content"] for m in tree.all("meta") if m["http-equiv"] == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "http:" not in policy
    assert "unsafe-inline" not in policy.replace("style-src 'unsafe-inline'", "")


def test_no_colour_is_left_that_does_not_follow_the_theme(page: str) -> None:
    for svg in parse(page).all("svg"):
        for node in svg.walk():
            for name in ("fill", "stroke"):
                assert node[name] in {"", "none", "transparent"} or node[name].startswith("var(--"), node


def test_the_document_is_set_up_for_phones_and_themes(page: str) -> None:
    tree = parse(page)
    assert page.startswith("<!doctype html>\n<html lang=")
    metas = {m["name"]: m["content"] for m in tree.all("meta")}
    assert metas["viewport"] == "width=device-width, initial-scale=1"
    assert metas["color-scheme"] == "light dark"
    (title,) = [t for t in tree.all("title") if t.parent is not None and t.parent.tag == "head"]
    assert title.text().startswith("LLM usage")


@pytest.mark.parametrize("name", ["sample", "corpus"])
def test_size(name: str, request: pytest.FixtureRequest) -> None:
    assert len(request.getfixturevalue(f"{name}_page").encode()) < 600_000


@pytest.mark.parametrize("name", ["sample", "corpus", "empty"])
def test_no_stray_values(name: str, request: pytest.FixtureRequest) -> None:
    text = parse(request.getfixturevalue(f"{name}_page")).all("main")[0].text()
    assert not re.search(r"\b(?:None|nan|NaN|inf|Infinity|Decimal|datetime|dict|True|False)\b|[{}]|,,|\d\.\.", text)


def test_the_parser_of_these_tests_can_fail() -> None:
    for broken in ("<p><b></p></b>", "<p>", "</p>", "<table><tr></table>"):
        with pytest.raises(AssertionError):
            parse(broken)
    assert isinstance(parse("<p a=1>x</p>"), Node)


def test_what_is_to_be_typed_is_marked_up(sample_page: str, hostile_page: str) -> None:
    typed = [node.text() for node in parse(sample_page).all("code")]
    assert "server:" in typed, "the remedy of an unpriced request"
    assert "`" not in sample_page
    assert all("<" not in node.text() for node in parse(hostile_page).all("code")), "and names of recordings are no part of it"


def test_routes_that_are_not_drawn_are_counted(corpus_page: str) -> None:
    (section,) = (s for s in parse(corpus_page).all("section") if s["id"] == "against-list")
    rows = len(section.all("tbody")[0].all("tr"))
    (caption,) = section.all("figcaption")
    assert rows == 12
    assert "more route" in caption.text()
    assert "1 route where one of both is 0 cannot be drawn." in caption.text()
