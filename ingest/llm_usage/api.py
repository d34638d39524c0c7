"""Owns what a program or a notebook calls: ingest, read, connect, requests, chunks. Thin: the work is in the rooms below.

Every function takes ``config=``: a path, or what `llm_usage.config.load` gave; by default ``llm-usage.yaml`` of the working
directory where there is one, as the command does.

The examples in the docstrings are run by the tests, in a directory that holds ``data/sample``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from llm_usage.config import Config
from llm_usage.config import load as load_config
from llm_usage.lake import Lake
from llm_usage.lake.lock import one_run_at_a_time
from llm_usage.pipeline.discover import targets
from llm_usage.pipeline.run import collect, run
from llm_usage.pipeline.runs import RunOptions, Summary
from llm_usage.query import session
from llm_usage.reports.explain import find, rows

__all__ = ["Summary", "chunks", "connect", "ingest", "read", "requests"]

Paths = str | Path | Sequence[str | Path]
GivenConfig = Config | str | Path | None


def connect(lake: str | Path | None = None, *, config: GivenConfig = None) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection on which the lake's tables, the prices and every view can be queried.

    The connection is not locked: SQL on it may read and write files, as DuckDB does; never hand it a statement of a stranger.
    Its relations go on to Arrow (``to_arrow_table()``), polars (``pl()``) and pandas (``df()``), where those are installed.

    >>> with connect("data/lake") as db:
    ...     db.execute("select provider, sum(cost_usd) from requests group by all order by 2 desc nulls last limit 2").fetchall()
    [('anthropic', Decimal('0.007002600000')), ('groq', Decimal('0.004057000000'))]

    Args:
        lake: its directory; default ``$LLM_USAGE_LAKE``, else the config's, else ``data/lake``.
        config: a path or a loaded configuration; default ``llm-usage.yaml`` of the working directory, where there is one.

    Raises:
        LakeError: the lake cannot be read, or is of another schema version.
        ConfigError: the configuration is wrong.
    """
    return session.connect(lake, config=_config(config))


def requests(lake: str | Path | None = None, *, config: GivenConfig = None) -> pa.Table:
    """Every request of the lake as an Arrow table, with its cost: the view ``staging.requests``, in the order of the recordings.

    The columns are those of ``llm-usage schema requests`` and what is derived from them: ``cost_usd`` with ``cost_basis``, prices,
    ``tpot_ms`` and more; ``sql/README.md`` lists them. A response that was recorded twice is there twice; the rows that reports
    count have ``is_counted``.

    >>> table = requests("data/lake")
    >>> table.num_rows
    28
    >>> sum(cost for cost in table["cost_usd"].to_pylist() if cost is not None)
    Decimal('0.015598950000')

    Any library that takes Arrow takes it: ``polars.from_arrow(table)``, ``table.to_pandas()``.

    Args:
        lake: its directory; default ``$LLM_USAGE_LAKE``, else the config's, else ``data/lake``.
        config: a path or a loaded configuration; default ``llm-usage.yaml`` of the working directory, where there is one.

    Raises:
        LakeError: the lake cannot be read, or is of another schema version.
        ConfigError: the configuration is wrong.
    """
    with session.connect(lake, config=_config(config), readers=["staging.requests"]) as connection:
        return connection.sql("select * from staging.requests order by source, recording_path, exchange_index").to_arrow_table()


def chunks(request: str | None = None, lake: str | Path | None = None, *, config: GivenConfig = None) -> pa.Table:
    """The frames of one request, or of all of them, as an Arrow table: the view ``staging.chunks``.

    >>> frames = chunks("openrouter_kimi-k2_groq_simple_streaming.yaml#0", "data/lake")
    >>> [(frame["kind"], frame["byte_offset"]) for frame in frames.to_pylist()][:3]
    [('role', 0), ('content', 326), ('content', 654)]

    Args:
        request: a request_id, the beginning of one, or ``RECORDING_PATH#EXCHANGE_INDEX``; default all requests.
        lake: its directory; default ``$LLM_USAGE_LAKE``, else the config's, else ``data/lake``.
        config: a path or a loaded configuration; default ``llm-usage.yaml`` of the working directory, where there is one.

    Raises:
        ConfigError: no request, or more than one, is meant; or the configuration is wrong.
        LakeError: the lake cannot be read, or is of another schema version.
    """
    with session.connect(lake, config=_config(config), readers=["staging.requests", "staging.chunks"]) as connection:
        if request is None:
            return connection.sql("select * from staging.chunks order by request_id, chunk_index").to_arrow_table()
        wanted = [find(connection, request)["request_id"]]
        return rows(connection, "select * from staging.chunks where request_id = $1 order by chunk_index", wanted)


def read(paths: Paths, *, source: str | None = None, keep_text: bool = False, config: GivenConfig = None) -> dict[str, pa.Table]:
    """Arrow tables ``recordings``, ``requests`` and ``chunks`` of given recordings, without any lake, as they were read.

    >>> tables = read("data/sample")
    >>> {name: table.num_rows for name, table in tables.items()}
    {'recordings': 7, 'requests': 28, 'chunks': 862}

    Args:
        paths: files or directories.
        source: name of their root.
        keep_text: also the visible text of responses.
        config: a path or a loaded configuration; default ``llm-usage.yaml`` of the working directory, where there is one.

    Raises:
        ConfigError: a path does not exist, or the configuration is wrong.
    """
    used = _config(config)
    return collect(targets(_listed(paths), source, dict(used.sources)), RunOptions.from_config(used, keep_text=keep_text))


def ingest(
    paths: Paths, lake: str | Path | None = None, *, source: str | None = None, keep_text: bool = False, config: GivenConfig = None
) -> Summary:
    """Read recordings into a lake, as ``llm-usage ingest`` does: what is new or changed, each once. Says what the run did.

    >>> summary = ingest("data/sample", "data/lake")
    >>> summary.seen, summary.tally.new, summary.tally.requests, summary.tally.rejected
    (7, 7, 28, 0)

    Args:
        paths: files or directories.
        lake: its directory; default ``$LLM_USAGE_LAKE``, else the config's, else ``data/lake``.
        source: name of their root; default its absolute path, or its name in the config.
        keep_text: also store the visible text of responses.
        config: a path or a loaded configuration; default ``llm-usage.yaml`` of the working directory, where there is one.

    Raises:
        ConfigError: a path does not exist, or the configuration is wrong.
        LakeError: the lake cannot be read or written.
    """
    used = _config(config)
    chosen = targets(_listed(paths), source, dict(used.sources))
    opened = Lake(session.lake_path(lake, used), mode=used.lake_mode)
    with one_run_at_a_time(opened, wait=True):
        return run(opened, chosen, RunOptions.from_config(used, keep_text=keep_text))


def _listed(paths: Paths) -> list[str]:
    return [str(paths)] if isinstance(paths, (str, Path)) else [str(p) for p in paths]


def _config(given: GivenConfig) -> Config:
    return given if isinstance(given, Config) else load_config(Path(given) if given is not None else None)
