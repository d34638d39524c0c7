"""Owns where things are, for tests."""

from __future__ import annotations

from pathlib import Path

PROJECT = Path(__file__).parent.parent
SHARED = PROJECT.parent / "shared"
SAMPLE = PROJECT / "data" / "sample"
SEED = SAMPLE / "openrouter_kimi-k2_groq_simple_streaming.yaml"
#: What is in the sample; tests say how many of it they expect to meet.
SAMPLE_FILES, SAMPLE_REQUESTS = 7, 28
#: The pages that are opened in a browser, and where their pictures are kept.
PAGES = ("sample", "corpus", "empty", "hostile")
SCREENSHOTS = PROJECT / "report" / "screenshots"
