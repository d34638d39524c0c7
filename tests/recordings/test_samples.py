"""Each sample gives what lies beside it, is claimed by its own format and by no other, in whatever order formats are request_body."""

from __future__ import annotations

import gzip
import json
import random

import pytest
import zstandard
from golden import Case, cases, format_named, read, result

from llm_usage import recordings
from llm_usage.errors import InputError
from llm_usage.model.exchange import Exchange, Unreadable
from llm_usage.recordings.document import Document

ALL = cases()
CLAIMED = cases(claimed=True)
ids = {"ids": lambda case: case.name}


@pytest.mark.parametrize("case", ALL, **ids)
def test_gives_what_is_expected(case: Case):
    assert result(case) == json.loads(case.expected.read_text(encoding="utf-8"))


def test_every_format_has_a_sample():
    assert {f.name for f in recordings.registry()} == {c.format for c in CLAIMED}


@pytest.mark.parametrize("case", ALL, **ids)
def test_every_other_format_declines(case: Case):
    """But for what is declared: a generic format stands back, and so does one that the owner refines."""
    document = case.document()
    claim = {f.name for f in recordings.registry() if f.claims(document)}
    own = format_named(case.format) if case.format else None
    back = set() if own is None else set(recordings.refines(own))
    if own is not None and not recordings.is_generic(own):
        back |= {f.name for f in recordings.registry() if recordings.is_generic(f)}
    assert claim - back == ({case.format} if case.format else set())
    assert [f.name for f in recordings.claimants(document)] == ([case.format] if case.format else [])


def test_what_is_refined_is_a_format_and_every_refinement_is_needed():
    names = {f.name for f in recordings.registry()}
    for own in recordings.registry():
        assert set(recordings.refines(own)) <= names - {own.name}
        for other in recordings.refines(own):
            assert any(c.format == own.name and format_named(other).claims(c.document()) for c in CLAIMED), (own.name, other)


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_asking_means_nothing(seed: int):
    shuffled = list(recordings.registry())
    random.Random(seed).shuffle(shuffled)
    for case in ALL:
        found = recordings.identify(case.document(), among=shuffled)
        assert (found.name if found else None) == case.format, case.name


@pytest.mark.parametrize("case", [c for c in CLAIMED if c.path.suffix != ".gz"], **ids)
@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress], ids=["gz", "zst"])
def test_compressed_it_gives_the_same(case: Case, pack):
    plain, packed = case.document(), case.document(pack(case.path.read_bytes()))
    found = recordings.identify(packed)
    assert found is not None
    assert found.name == case.format
    assert _essence(*read(packed, found)) == _essence(*read(plain, found))


def _essence(items: list[Exchange | Unreadable], error: InputError | None):
    return [str(item.error) if isinstance(item, Unreadable) else item for item in items], str(error)


@pytest.mark.parametrize("case", CLAIMED, **ids)
def test_indexes_count_from_zero_without_a_gap_and_reads_cover_the_body(case: Case):
    items, _ = read(case.document(), format_named(case.format or ""))
    assert [item.index for item in items] == list(range(len(items)))
    for item in items:
        if isinstance(item, Exchange):
            clock = item.clock
            assert len(clock.read_ends) == len(clock.arrivals_ns)
            assert list(clock.read_ends) == sorted(clock.read_ends)
            assert list(clock.arrivals_ns) == sorted(clock.arrivals_ns)
            assert (clock.origin is None) == (not clock.read_ends)
            if clock.read_ends:
                assert clock.read_ends[-1] == len(item.body)


@pytest.mark.parametrize("case", CLAIMED, **ids)
def test_what_was_planted_in_headers_and_cookies_does_not_come_out(case: Case):
    items, error = read(case.document(), format_named(case.format or ""))
    for item in items:
        if isinstance(item, Unreadable):
            assert "planted" not in str(item.error)
        else:
            assert "planted" not in json.dumps([dict(item.request_headers), dict(item.response_headers), item.place])
    assert "planted" not in str(error)


def test_side_files_are_told_from_recordings():
    assert {c.name for c in ALL} & {"wiremock/__files/sub/file.txt", "entries_json/kinds.cassette.blobs/00.bin"} == set()


def test_two_claims_are_an_error_that_names_both():
    class Greedy:
        name = "greedy"

        def claims(self, document):
            return True

        def exchanges(self, document):
            return iter(())

    case = CLAIMED[0]
    with pytest.raises(InputError, match=rf"{case.format}.*greedy") as caught:
        recordings.identify(case.document(), among=[Greedy(), *recordings.registry()])
    assert "please report" in str(caught.value)


@pytest.mark.parametrize("content", [b"", b" \n\n", b"\xef\xbb\xbf", b"null", b"[]", b"{}", b"0", b'"x"', b"~", b"- \n"])
def test_nothing_is_claimed_by_nobody(content: bytes):
    assert recordings.identify(Document("x", content)) is None


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"version: 2\ninteractions: []\n", "go_vcr"),
        (b"version: 1\ninteractions: null\n", "go_vcr"),
        (b"interactions: []\nversion: 1\n", "vcrpy"),
        (b"http_interactions: []\nrecorded_with: VCR 6.0\n", "ruby_vcr"),
        (b'{"log": {"version": "1.2", "creator": {}, "entries": []}}', "har"),
        (b'{"meta": {"name": "x", "createdAt": "2025-01-01T00:00:00Z"}, "recordings": []}', "llm_recorder"),
        (b"httprr trace v1\n", "httprr"),
    ],
)
def test_an_empty_recording_is_one(content: bytes, name: str):
    document = Document("x", content)
    found = recordings.identify(document)
    assert found is not None
    assert found.name == name
    assert read(document, found) == ([], None)
