"""Whatever the bytes, a recording gives exchanges, counted rejects or one InputError; bombs end in one clear error, quickly."""

from __future__ import annotations

import base64
import copy
import gzip
import io
import json
import zipfile
from typing import Any

import pytest
import yaml
import zstandard
from golden import Case, cases, read
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llm_usage import recordings
from llm_usage.errors import InputError, LimitError
from llm_usage.limits import Limits
from llm_usage.model.exchange import Exchange, Unreadable
from llm_usage.recordings.document import Document

CLAIMED = cases(claimed=True)
SMALL = Limits(body_bytes=4096, line_bytes=4096, nodes=5000, document_bytes=1 << 20)


def outcome(document: Document) -> list[Exchange | Unreadable]:
    """Everything that may be done with a document; raises whatever is not allowed."""
    try:
        found = recordings.identify(document)
    except InputError:
        return []
    assert document.syntax in ("empty", "json", "yaml", "text", "binary")
    if found is None:
        return []
    items, _ = read(document, found)
    for item in items:
        assert isinstance(item, (Exchange, Unreadable))
        if isinstance(item, Exchange):
            assert isinstance(item.body, bytes)
            assert item.url is None or isinstance(item.url, str)
            assert not item.clock.read_ends or item.clock.read_ends[-1] == len(item.body)
    assert [item.index for item in items] == list(range(len(items)))
    return items


@pytest.mark.exhaustive
@pytest.mark.parametrize("case", [c for c in CLAIMED if c.path.stat().st_size < 9000], ids=lambda case: case.name)
def test_cut_at_every_byte(case: Case):
    data = case.path.read_bytes()
    whole = len(outcome(case.document()))
    for end in range(0, len(data), 1 if len(data) < 3000 else 3):
        assert len(outcome(case.document(data[:end]))) <= whole


#: Exchanges that stand before the last one begins.
@pytest.mark.parametrize(
    ("name", "cut_before_end", "kept"),
    [
        ("go_vcr/v2_retry.yaml", 200, 1),
        ("vcrpy/serialised.json", 40, 1),
        ("har/browser.har", 300, 4),
        ("llm_recorder/reads.json", 200, 2),
        ("entries_json/kinds.cassette.json", 200, 6),
        ("httprr/plain.httprr", 10, 2),
        ("mitmproxy/flows.mitm", 10, 1),
        ("when_then/two.yaml", 1000, 1),
        ("nock/fixture.json", 30, 3),
    ],
)
def test_what_is_before_the_cut_stands_and_the_cut_is_an_error(name: str, cut_before_end: int, kept: int):
    case = next(c for c in CLAIMED if c.name == name)
    whole, _ = read(case.document(), recordings.identify(case.document()))
    document = case.document(case.path.read_bytes()[:-cut_before_end])
    found = recordings.identify(document)
    assert found is not None
    assert found.name == case.format
    items, error = read(document, found)
    good = items[:kept]
    assert [_plain(item) for item in good] == [_plain(item) for item in whole[:kept]]
    if error is None:  # YAML that a cut leaves valid: the pair lacks its end
        assert isinstance(items[kept], Unreadable)
        assert len(items) == kept + 1
    else:
        assert len(items) == kept
        assert "cut off" in str(error)


def _plain(item: Exchange | Unreadable) -> Any:
    return str(item.error) if isinstance(item, Unreadable) else item


LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(min_value=-(2**70), max_value=2**70),
    st.floats(allow_nan=False),
    st.text(max_size=20),
    st.sampled_from(["", "\x00", "!", "[1", "1.5s", "9" * 30, "..", "/", "-1", "2025-13-99", "\ud83d", "{}", "=", "YQ==", "data: {}"]),
)
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3), max_leaves=6
)
TREE_CASES = [c for c in CLAIMED if c.path.suffix in (".json", ".har", ".yaml", ".yml") and not c.name.startswith("raw_")]


def paths(tree: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    out = [at]
    for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ():
        out += paths(value, (*at, key))
    return out


def tree_of(case: Case) -> Any:
    text = case.path.read_text(encoding="utf-8", errors="surrogatepass")
    if case.path.suffix in (".json", ".har"):
        return json.loads(text)
    return next(yaml.load_all(text.replace("!binary", "!!binary").replace("!!!", "!!"), Loader=yaml.SafeLoader))


FORESTS = [(case, tree, paths(tree)) for case in TREE_CASES for tree in [tree_of(case)]]


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_node_may_be_anything(data: st.DataObject):
    case, tree, places = data.draw(st.sampled_from(FORESTS))
    tree = copy.deepcopy(tree)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.sampled_from(places))
        node = tree
        for key in place[:-1]:
            node = (
                node[key]
                if (isinstance(node, dict) and key in node) or (isinstance(node, list) and isinstance(key, int) and key < len(node))
                else None
            )
        value = data.draw(TREES)
        if not place:
            tree = value
        elif isinstance(node, dict) or (isinstance(node, list) and isinstance(place[-1], int) and place[-1] < len(node)):
            node[place[-1]] = value
    text = json.dumps(tree, default=lambda b: b.decode("latin-1") if isinstance(b, bytes) else str(b))
    outcome(case.document(text.encode()))


@settings(max_examples=400, deadline=None)
@given(content=st.binary(max_size=300))
def test_any_bytes(content: bytes):
    outcome(Document("x", content))


@settings(max_examples=400, deadline=None)
@given(case=st.sampled_from(CLAIMED), at=st.floats(0, 1), content=st.binary(max_size=12), drop=st.integers(0, 40))
def test_any_bytes_in_the_middle_of_a_recording(case: Case, at: float, content: bytes, drop: int):
    data = case.path.read_bytes()
    middle = int(at * len(data))
    outcome(case.document(data[:middle] + content + data[middle + drop :]))


WORDS = [
    *(b"data: ", b"data:", b"event: x", b": c", b"[DONE]", b"{}", b'{"choices":[{"delta":{}}]}', b'{"type":"message_start"}'),
    *(
        b'{"type":"message_stop"}',
        b"HTTP/1.1 200 OK",
        b"content-type: application/json",
        b"POST / HTTP/1.1",
        b"httprr trace v1\n",
        b"3 4\n",
    ),
    *(
        b"12:",
        b"11:client_conn;",
        b"when:",
        b"then:",
        b"5\r\n",
        b"\n",
        b"\n\n",
        b"\r\n",
        b"\r",
        b"{",
        b"}",
        b"[",
        b'"',
        b",",
        b" ",
        b"- ",
        b"\x00",
        b"\xff",
    ),
]


@settings(max_examples=300, deadline=None)
@given(
    pieces=st.lists(
        st.sampled_from(WORDS),
        max_size=30,
    )
)
def test_any_mix_of_the_words_of_text_formats(pieces: list[bytes]):
    outcome(Document("x", b"".join(pieces)))


def _archive(members: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return written.getvalue()


BODY = b"a" * 1_000_000
BOMBS: dict[str, bytes] = {
    "file_gzip": gzip.compress(b'data: {"id":"' + b"a" * 40_000_000),
    "file_zstd": zstandard.compress(b'{"log": {"entries": [' + b" " * 40_000_000),
    "deep_json": b'{"log": {"entries": ' + b"[" * 200_000,
    "deep_json_whole": b'{"log": {"entries": ' + b"[" * 200_000 + b"]" * 200_000 + b"}}",
    "deep_yaml": b"http_interactions:\n- request:\n    body: " + b"[" * 200_000,
    "alias": b"interactions:\n- request: {uri: http://h/}\n  response: {status: 200}\n  x0: &x0 [a]\n"
    + b"".join(b"  x%d: &x%d [%b]\n" % (i, i, b", ".join([b"*x%d" % (i - 1)] * 9)) for i in range(1, 12)),
    "merge": b"interactions:\n- request: {uri: http://h/}\n  a: &a {k: v}\n"
    + b"".join(b"  %c: &%c {<<: [%b]}\n" % (98 + i, 98 + i, b", ".join([b"*%c" % (97 + i)] * 9)) for i in range(20)),
    "many_nodes": b"interactions:\n- request: {uri: http://h/}\n  response: [" + b"a, " * 20_000 + b"a]\n",
    "giant_value": b"interactions:\n- request: {uri: http://h/}\n  response: {status: 200, body: {string: '" + BODY + b"'}}\n",
    "giant_body_json": b'{"http_interactions": [{"request": {"uri": "http://h/"}, "response": {"status": {"code": 200}, "body": {"string": "'
    + BODY
    + b'"}}}]}',
    "giant_raw": b'data: {"choices": [{"delta": {}}]}\n\n' + BODY,
    "gzip_in_base64": json.dumps(
        [{"scope": "https://h", "path": "/", "status": 200, "response": gzip.compress(b"a" * 40_000_000).hex(), "responseIsBinary": True}]
    ).encode(),
    "zstd_in_har": json.dumps(
        {
            "log": {
                "entries": [
                    {
                        "request": {"url": "http://h/"},
                        "response": {
                            "content": {
                                "encoding": "base64",
                                "text": base64.b64encode(zstandard.compress(b"a" * 40_000_000)).decode(),
                            }
                        },
                    }
                ]
            }
        }
    ).encode(),
    "chunked_in_httprr": b"httprr trace v1\n17 1000071\nGET / HTTP/1.1\r\n\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nf4240\r\n"
    + BODY
    + b"\r\n0\r\n\r\n",
    "document": b'{"log": {"entries": [' + b" " * 2_000_000 + b"]}}",
    "member_of_an_archive": _archive({"samples/1_epoch_1.json": b'{"events": [' + b" " * 40_000_000 + b"]}"}),
    "members_of_an_archive": _archive({f"samples/{i}_epoch_1.json": b'{"events": [' + b" " * 400_000 + b"]}" for i in range(40)}),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_end_in_one_clear_limit(name: str):
    document = Document(name, BOMBS[name], limits=SMALL)
    found = recordings.identify(document)
    if found is None:
        error: Any = document.problem
    else:
        items, error = read(document, found)
        rejected = [item.error for item in items if isinstance(item, Unreadable)]
        error = error or (rejected[0] if rejected else None)
    assert isinstance(error, (LimitError, InputError)), name
    if name not in ("merge", "chunked_in_httprr"):
        assert isinstance(error, LimitError), f"{name}: {error}"
        assert "limits:" in error.remedy


def test_numbers_keep_their_digits_and_only_safe_tags_are_followed():
    text = """
interactions:
- request: {uri: 'http://h/', method: POST, headers: {}}
  response:
    status: {code: 200}
    parsed_body:
      cost: 0.00001234567890123456789
      big: 123456789012345678901234567890
      one: 1.0
      when: 2025-01-01
      answer: yes
      octal: 0o17
      hex: 0x1f
      inf: .inf
      python: !!python/object/apply:os.system ['echo']
      none: ~
"""
    document = Document("x", text.encode())
    (item,) = outcome(document)
    assert isinstance(item, Exchange)
    assert item.body == (
        b'{"cost":0.00001234567890123456789,"big":123456789012345678901234567890,"one":1.0,"when":"2025-01-01","answer":"yes",'
        b'"octal":"0o17","hex":"0x1f","inf":".inf","python":["echo"],"none":null}'
    )
