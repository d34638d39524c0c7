"""Owns a strict reading of HTML for tests: every element closed, in order; nothing is repaired as a browser would."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

from llm_usage.html.markup import environment

_VOID = {"meta", "link", "br", "img", "hr", "input"}


class Node:
    """An element, its attributes ('' when absent), its children and its text."""

    def __init__(self, tag: str, attributes: dict[str, str], parent: Node | None) -> None:
        self.tag = tag
        self.attributes = attributes
        self.parent = parent
        self.children: list[Node] = []
        self.parts: list[str | Node] = []

    def __getitem__(self, name: str) -> str:
        return self.attributes.get(name, "")

    def __repr__(self) -> str:
        return f"<{self.tag} {self.attributes}>"

    def walk(self) -> Iterator[Node]:
        for child in self.children:
            yield child
            yield from child.walk()

    def all(self, tag: str) -> list[Node]:
        return [n for n in self.walk() if n.tag == tag]

    def text(self) -> str:
        return "".join(p if isinstance(p, str) else p.text() for p in self.parts)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self.here = Node("", {}, None)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"an attribute twice in {tag}"
        node = Node(tag, {name: value or "" for name, value in attrs}, self.here)
        self.here.children.append(node)
        self.here.parts.append(node)
        if tag not in _VOID:
            self.here = node

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.here.tag == tag, f"</{tag}> closes <{self.here.tag}>"
        assert self.here.parent is not None
        self.here = self.here.parent

    def handle_data(self, data: str) -> None:
        self.here.parts.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data[:40]}")


def parse(text: str) -> Node:
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert reader.here is reader.root, f"<{reader.here.tag}> is never closed"
    return reader.root


def laid_out(block: object) -> str:
    """One block of a section as HTML, by the templates."""
    macros = environment().get_template("blocks.html.j2").module
    return str(getattr(macros, block.kind)(block))
