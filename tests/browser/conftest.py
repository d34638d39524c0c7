"""Owns a headless Chromium that may not talk to anybody, and the pages it opens.

Debian's own Chromium is driven by Playwright; nothing is downloaded. Without either the tests skip, unless
``LLM_USAGE_REQUIRE_BROWSER`` says that they have to run (CI).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import llm_usage
from hostile import write_hostile
from llm_usage import html
from llm_usage.query import views
from llm_usage.query.session import connect
from places import SAMPLE, SCREENSHOTS

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def _missing(what: str) -> None:
    if os.environ.get("LLM_USAGE_REQUIRE_BROWSER"):
        pytest.fail(f"{what}, and LLM_USAGE_REQUIRE_BROWSER says that it has to be there")
    pytest.skip(f"{what}: the page is not opened in a browser")


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    executable = shutil.which("chromium")
    if executable is None:
        _missing("chromium is not installed (apt-get install chromium)")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _missing("playwright is not installed (pip install playwright)")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def pages(browser: object, tmp_path_factory: pytest.TempPathFactory, corpus: Path) -> dict[str, Path]:
    """The page of each lake, as a file. (``browser`` first: without one nothing has to be made.)"""
    folder = tmp_path_factory.mktemp("pages")
    write_hostile(folder / "hostile-recordings")
    made = {}
    for name, recordings in (("sample", SAMPLE), ("corpus", corpus), ("hostile", folder / "hostile-recordings"), ("empty", None)):
        if recordings is not None:
            llm_usage.ingest(recordings, folder / name)
        settings = views.Settings()
        made[name] = folder / f"{name}.html"
        made[name].write_text(html.page(connect(folder / name, settings=settings), settings), encoding="utf-8")
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    return made
