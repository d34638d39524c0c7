"""Owns what a program or a notebook calls: ingest, read, connect. Thin: the work is in pipeline, reader and session."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from ingest import session
from ingest.config import Config
from ingest.config import load as load_config
from ingest.labels import Labeller, header_names
from ingest.lake import Lake
from ingest.pipeline import collect, run
from ingest.reader import Options
from ingest.runs import RunOptions, Summary, fingerprint
from ingest.walk import targets

Paths = str | Path | Sequence[str | Path]


def connect(lake: str | Path | None = None) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection on which the lake's tables, the prices and every view can be queried.

    Args:
        lake: its directory; default ``$LLM_USAGE_LAKE``, else the config's, else ``data/lake``.

    Raises:
        LakeError: the lake cannot be read, or is of another schema version.
        ConfigError: ``llm-usage.yaml`` of the working directory is wrong.
    """
    return session.connect(lake)


def read(paths: Paths, *, source: str | None = None, keep_text: bool = False) -> dict[str, pa.Table]:
    """Arrow tables ``recordings``, ``requests`` and ``chunks`` of given recordings, without any lake.

    Args:
        paths: files or directories.
        source: name of their root.
        keep_text: also the visible text of responses.

    Raises:
        ConfigError: a path does not exist, or the configuration is wrong.
    """
    config = load_config(None)
    return collect(targets(_listed(paths), source, dict(config.sources)), _how(config, keep_text=keep_text))


def ingest(paths: Paths, lake: str | Path | None = None, *, source: str | None = None, keep_text: bool = False) -> Summary:
    """Read recordings into a lake, as ``llm-usage ingest`` does; says what the run did.

    Raises:
        ConfigError: a path does not exist, or the configuration is wrong.
        LakeError: the lake cannot be read or written.
    """
    config = load_config(None)
    chosen = targets(_listed(paths), source, dict(config.sources))
    return run(Lake(session.lake_path(lake, config)), chosen, _how(config, keep_text=keep_text))


def _listed(paths: Paths) -> list[str]:
    return [str(paths)] if isinstance(paths, (str, Path)) else [str(p) for p in paths]


def _how(config: Config, *, keep_text: bool) -> RunOptions:
    return RunOptions(
        options=Options(limits=config.limits, keep_text=keep_text, label=Labeller(config.labels) if config.labels else None),
        label_headers=header_names(config.labels),
        fingerprint=fingerprint(config.labels, keep_text),
        ignore=config.ignore,
    )
