"""llm-usage: what recorded LLM traffic cost, who served it and how fast. The public door of the package.

>>> import llm_usage
>>> summary = llm_usage.ingest("data/sample", "data/lake")    # recordings into a lake, each once
>>> connection = llm_usage.connect("data/lake")               # DuckDB with all tables and views
>>> requests = llm_usage.requests("data/lake")                # Arrow: every request with its cost
>>> chunks = llm_usage.chunks(lake="data/lake")               # Arrow: every frame
>>> tables = llm_usage.read("data/sample")                    # Arrow tables of given recordings, no lake

Names are looked up when they are first used: importing the package costs nothing that is not needed.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llm_usage.api import Summary, chunks, connect, ingest, read, requests
    from llm_usage.errors import BugError, ConfigError, InputError, LakeError, LimitError, LlmUsageError

    __version__: str

_FROM = {
    "llm_usage.api": ("Summary", "chunks", "connect", "ingest", "read", "requests"),
    "llm_usage.errors": ("BugError", "ConfigError", "InputError", "LakeError", "LimitError", "LlmUsageError"),
}
_HOME = {name: module for module, names in _FROM.items() for name in names}

__all__ = [
    "BugError",
    "ConfigError",
    "InputError",
    "LakeError",
    "LimitError",
    "LlmUsageError",
    "Summary",
    "__version__",
    "chunks",
    "connect",
    "ingest",
    "read",
    "requests",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return import_module("llm_usage.versions").program_version()
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
