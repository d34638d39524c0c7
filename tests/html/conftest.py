"""Owns the pages that the tests look at: of the sample, of the corpus, of an empty lake, and of recordings that mean harm."""

from __future__ import annotations

from pathlib import Path

import pytest

import llm_usage
from hostile import write_hostile
from llm_usage import html
from llm_usage.query import views
from llm_usage.query.session import connect


def page_of(lake: Path) -> str:
    settings = views.Settings()
    return html.page(connect(lake, settings=settings), settings)


@pytest.fixture(scope="session")
def sample_page(sample_lake: Path) -> str:
    return page_of(sample_lake)


@pytest.fixture(scope="session")
def corpus_page(corpus_lake: Path) -> str:
    return page_of(corpus_lake)


@pytest.fixture(scope="session")
def empty_page(tmp_path_factory: pytest.TempPathFactory) -> str:
    return page_of(tmp_path_factory.mktemp("empty") / "lake")


@pytest.fixture(scope="session")
def hostile_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    write_hostile(folder / "recordings")
    llm_usage.ingest(folder / "recordings", folder / "lake")
    return folder / "lake"


@pytest.fixture(scope="session")
def hostile_page(hostile_lake: Path) -> str:
    return page_of(hostile_lake)


@pytest.fixture(params=["sample", pytest.param("corpus", marks=pytest.mark.exhaustive), "empty", "hostile"])
def page(request: pytest.FixtureRequest) -> str:
    """Each page in turn."""
    return request.getfixturevalue(f"{request.param}_page")
