"""llm-usage: what recorded LLM traffic cost, who served it and how fast. The public door of the package.

>>> import ingest
>>> summary = ingest.ingest("data/sample", "data/lake")    # recordings into a lake, each once
>>> connection = ingest.connect("data/lake")               # DuckDB with all tables and views
>>> requests = ingest.requests("data/lake")                # Arrow: every request with its cost
>>> chunks = ingest.chunks(lake="data/lake")               # Arrow: every frame
>>> tables = ingest.read("data/sample")                    # Arrow tables of given recordings, no lake
"""

from __future__ import annotations

from ingest.door import chunks, connect, ingest, read, requests

__all__ = ["chunks", "connect", "ingest", "read", "requests"]
