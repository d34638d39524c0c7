"""llm-usage: what recorded LLM traffic cost, who served it and how fast. The public door of the package.

>>> import ingest
>>> tables = ingest.read("data/sample")                  # Arrow tables of given recordings, no lake
>>> connection = ingest.connect("data/lake")             # DuckDB with all tables and views
"""

from __future__ import annotations

from ingest.door import connect, ingest, read

__all__ = ["connect", "ingest", "read"]
