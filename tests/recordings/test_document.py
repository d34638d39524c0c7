"""One file as the formats see it: syntax, probe, items, side files; and whose side files are whose."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import pytest
from golden import Case, cases, format_named, read

from llm_usage import recordings
from llm_usage.errors import InputError, LimitError
from llm_usage.limits import Limits
from llm_usage.recordings.document import Document


@pytest.mark.parametrize(
    ("content", "syntax"),
    [
        (b"", "empty"),
        (b" \n\t", "empty"),
        (b"\xef\xbb\xbf \n", "empty"),
        (b'{"a": 1}', "json"),
        (b"\xef\xbb\xbf[1]", "json"),
        (b'{"a": [1, 2', "json"),
        (b'{"a": 1} trailing', "json"),
        (b'{"a": 1}\n{"a": 2}\n', "text"),
        (b"{a: b}", "yaml"),
        (b"a: 1\n", "yaml"),
        (b"- 1\n", "yaml"),
        (b"# only a comment\n", "text"),
        (b"just words", "text"),
        (b'data: {"a": 1}\n\n', "text"),
        (b"\x00\x01\x02", "binary"),
        ('{"a": 1}'.encode("utf-16"), "binary"),
    ],
)
def test_syntax(content: bytes, syntax: str):
    assert Document("x", content).syntax == syntax


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b'{"a": [1, 2', "cut off"),
        (b'{"a": 1} trailing', "JSON cannot be read on"),
        (b'{"a": \xff', "UTF-8"),
        (b"a: [1,\n", "YAML cannot be read on"),
        (b"a: 1\n b: 2\n", "YAML cannot be read on"),
        (b"[" * 5000, "depth"),
    ],
)
def test_the_problem_says_what_is_wrong_and_quotes_nothing(content: bytes, word: str):
    document = Document("x", content)
    _ = document.probe
    assert word in str(document.problem)


@pytest.mark.parametrize("content", [b'{"a": 1}', b"{a: b}", b"a: 1", b"Words: they are: many\n  of them\n", b"just words", b"data: x\n\n"])
def test_no_problem_with_what_is_whole_or_prose(content: bytes):
    document = Document("x", content)
    _ = document.probe
    if not content.startswith(b"Words"):
        assert document.problem is None


def test_items_of_json_and_yaml_have_places():
    assert list(Document("x", b'{"a": {"b": [1, {"c": 2}]}}').items("a", "b")) == [("a.b[0]", 1), ("a.b[1]", {"c": 2})]
    assert list(Document("x", b"z: 0\na:\n- b: 1\n- c: 2\ny: [3]\n").items("a")) == [("line 3", {"b": 1}), ("line 4", {"c": 2})]
    assert list(Document("x", b"- 1\n- 2\n").items()) == [("line 1", 1), ("line 2", 2)]
    assert list(Document("x", b"[1, 2]").items()) == [("[0]", 1), ("[1]", 2)]
    for content in (b'{"a": 5}', b"a: 5\n", b"[]", b"a: {b: 1}"):
        assert list(Document("x", content).items("a", "b")) == []


@pytest.mark.parametrize("case", cases(claimed=True), ids=lambda case: case.name)
def test_a_document_may_be_read_twice(case: Case):
    document = case.document()
    found = format_named(case.format or "")
    assert found.claims(document)
    first, second = read(document, found), read(document, found)
    assert str(first) == str(second)
    assert len(first[0]) > 0


def test_a_yaml_file_is_gone_on_with_where_the_probe_stopped():
    text = b"version: 2\ninteractions:\n- &one {request: {url: h}, response: {code: 200}}\n- *one\nmore: 1\ninteractions:\n- *one\n"
    document = Document("x", text)
    found = recordings.identify(document)
    assert found is not None
    probed, _ = read(document, found)
    afresh, _ = read(Document("x", text), found)
    assert [item.place for item in probed] == ["line 3", "line 4", "line 7"]  # type: ignore[union-attr]
    assert probed == afresh


def test_a_tree_that_was_cut_is_an_error():
    with pytest.raises(InputError, match="cut off"):
        Document("x", b'{"a": [1').tree()
    assert Document("x", b'{"a": 1.50}').tree(exact=True)["a"].as_tuple().digits == (1, 5, 0)
    assert Document("x", b"a: 1\n---\nb: 2\n").tree() == {"a": 1}


def test_a_json_file_over_the_limit_is_named():
    document = Document("x", b'{"log": {"entries": [' + b" " * 100 + b"]}}", limits=Limits(document_bytes=50))
    assert recordings.identify(document) is None
    assert isinstance(document.problem, LimitError)
    assert "document_bytes" in str(document.problem)


def test_side_files_stay_below_the_root(tmp_path: Path):
    (tmp_path / "root" / "mappings").mkdir(parents=True)
    (tmp_path / "secret").write_bytes(b"planted")
    (tmp_path / "root" / "body").write_bytes(b"body")
    (tmp_path / "root" / "link").symlink_to(tmp_path / "secret")
    os.mkfifo(tmp_path / "root" / "fifo")
    document = Document("x", b"", path=tmp_path / "root" / "mappings" / "x.json", root=tmp_path / "root", limits=Limits(body_bytes=5))
    assert document.sibling("../body") == b"body"
    for name in ("../../secret", "../link", "../fifo", "../gone", "..", "", "a\x00b", "a" * 5000, "\ud83d", str(tmp_path / "secret")):
        assert document.sibling(name) is None, name
    (tmp_path / "root" / "body").write_bytes(b"a body")
    with pytest.raises(LimitError, match="body_bytes"):
        document.sibling("../body")
    assert Document("x", b"").sibling("../body") is None


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("a/__files/b.txt", "a/mappings"),
        ("__files/sub/b.txt", "mappings"),
        ("a/one.cassette.blobs/00.bin", "a/one.cassette.json"),
        ("a/one.blobs/x/00.bin", "a/one.json"),
        ("a/mappings/b.json", None),
        ("a/files/b.txt", None),
        ("a/__files", None),
        ("a/.blobs/b", None),
        ("one.cassette.json", None),
    ],
)
def test_whose_side_file_it_is(path: str, owner: str | None):
    assert recordings.side_file_owner(PurePosixPath(path)) == (PurePosixPath(owner) if owner else None)
    assert recordings.is_side_file(PurePosixPath(path)) is (owner is not None)
