"""Owns a DuckDB connection with everything on it: the lake, the prices and all views. For reports, notebooks and queries.

Must not know the command line or how anything is shown.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pyarrow as pa

from llm_usage.config import Config
from llm_usage.config import load as load_config
from llm_usage.lake import Lake
from llm_usage.lake.attach import attach
from llm_usage.model.tables import TABLES
from llm_usage.query import views

#: What `connect` gives, for rooms that only hand it on.
Connection = duckdb.DuckDBPyConnection
DEFAULT_LAKE = Path("data/lake")
ENVIRONMENT = "LLM_USAGE_LAKE"


def lake_path(given: str | Path | None, config: Config) -> Path:
    """Where the lake is: as given, else from the environment, else from the config, else ``data/lake``."""
    if given is not None:
        return Path(given)
    if os.environ.get(ENVIRONMENT):
        return Path(os.environ[ENVIRONMENT])
    return config.lake or DEFAULT_LAKE


def settings_of(config: Config, **given: object) -> views.Settings:
    """What a report is asked for: the config's time zone, objectives and budgets, and what was ``given``."""
    values: dict[str, object] = {"time_zone": config.timezone, "slos": config.slos, "budgets": config.budgets}
    values |= {key: value for key, value in given.items() if value is not None}
    return views.Settings(**values)  # type: ignore[arg-type]


def connect(
    lake: str | Path | None = None,
    *,
    settings: views.Settings | None = None,
    config: Config | None = None,
    readers: Iterable[str] | None = None,
    once: bool = False,
) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection on which the lake's tables, the prices and every view can be queried.

    It is not locked: SQL on it reads and writes any file, as DuckDB does. `llm_usage.query.statement.lock` locks it.

    Args:
        lake: its directory; default the environment's ``LLM_USAGE_LAKE``, else the config's, else ``data/lake``.
        settings: time range, zone, dimensions; default those of the config.
        config: default ``llm-usage.yaml`` of the working directory.
        readers: statements, or names of views, that will be asked; what they do not read is not made. Everything without it.
        once: work ``staging.requests`` out once for all of ``readers``.

    Raises:
        LakeError: the lake cannot be read, or is of another schema version.
        ConfigError: the configuration is wrong.
    """
    config = config if config is not None else load_config(None)
    connection = _open()
    attach(connection, Lake(lake_path(lake, config)))
    views.install(connection, settings or settings_of(config), prices(connection, config), readers=readers, once=once)
    return connection


def connect_tables(
    tables: dict[str, pa.Table],
    *,
    settings: views.Settings | None = None,
    config: Config | None = None,
    readers: Iterable[str] | None = None,
) -> duckdb.DuckDBPyConnection:
    """As `connect`, over Arrow tables by name (as `llm_usage.read` gives them) instead of a lake."""
    connection = _open()
    attach(connection, None)
    for table in TABLES:
        if table.name in tables:
            connection.register("_rows", tables[table.name])
            connection.execute(f"insert into raw.{table.name} by name from _rows")
            connection.unregister("_rows")
    config = config or Config()
    views.install(connection, settings or settings_of(config), prices(connection, config), readers=readers)
    return connection


def _open() -> duckdb.DuckDBPyConnection:
    """A connection that never tries to download anything."""
    return duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})


def prices(connection: duckdb.DuckDBPyConnection, config: Config) -> pa.Table | None:
    """The price dimension for what occurs in ``raw.requests``."""
    from llm_usage.pricing import resolve as pricing  # slow to import, and only needed where there is something to price

    return pricing.resolve(connection, config.prices, lists=config.price_lists, undated=config.undated)
