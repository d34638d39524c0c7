"""Owns what a monitor asks of a lake: when it was last fed, what was rejected, how big it is; must not know how it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow.compute as pc

from llm_usage.lake import Lake, log
from llm_usage.lake.ledger import live_rows
from llm_usage.lake.mark import HEARTBEAT
from llm_usage.lake.seal import read_sealed
from llm_usage.model.tables import TABLES


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a lake. Ages in seconds, sizes in bytes."""

    exists: bool
    last_run_age_s: float | None
    last_run: dict[str, Any]
    """The heartbeat of the last run, whether or not it changed anything."""
    recordings: dict[str, int]
    """Live recordings by outcome."""
    exchanges: dict[str, int]
    """Exchanges of live recordings: requests, ignored, rejected."""
    newest_ingest: datetime | None
    files: dict[str, int]
    bytes: dict[str, int]


def status(lake: Lake, now: datetime | None = None) -> Status:
    """Look at a lake.

    Raises:
        LakeError: it cannot be read.
    """
    now = now or datetime.now(UTC)
    try:
        beat = read_sealed(lake.root / HEARTBEAT, f"Delete it: the next `llm-usage ingest --lake {lake.root}` writes it anew") or {}
    except OSError as error:
        raise log.unreadable(lake.root / HEARTBEAT, error) from error
    age = None
    if isinstance(beat.get("finished_at"), str):
        age = (now - datetime.fromisoformat(beat["finished_at"])).total_seconds()
    rows = live_rows(
        lake,
        ["recording_id", "revision", "generation", "outcome", "llm_requests", "ignored_exchanges", "rejected_exchanges", "ingested_at"],
    )
    rows = rows.filter(pc.not_equal(rows["outcome"], "removed"))
    outcomes = {v["values"]: v["counts"] for v in rows.column("outcome").value_counts().to_pylist()}
    columns = {"requests": "llm_requests", "ignored": "ignored_exchanges", "rejected": "rejected_exchanges"}
    files: dict[str, int] = {}
    sizes: dict[str, int] = {}
    for table in TABLES:
        parts = list(lake.folder(table).glob("*.parquet")) if lake.folder(table).is_dir() else []
        files[table.name] = len(lake.files(table))
        sizes[table.name] = sum(part.stat().st_size for part in parts)
    return Status(
        exists=lake.exists,
        last_run_age_s=age,
        last_run=beat,
        recordings={name: outcomes.get(name, 0) for name in ("ingested", "ignored", "rejected")},
        exchanges={name: pc.sum(rows.column(column)).as_py() or 0 for name, column in columns.items()},
        newest_ingest=pc.max(rows.column("ingested_at")).as_py() if rows.num_rows else None,
        files=files,
        bytes=sizes,
    )


def problems(state: Status, *, max_age_s: float | None, max_rejected: int | None) -> list[str]:
    """What a monitor should be told; empty when all is well."""
    found = []
    if not state.exists:
        found.append("there is no lake")
    elif not state.last_run and state.newest_ingest is not None:
        found.append("heartbeat.json is gone: when the last run was is not known until the next one")
    elif max_age_s is not None and (state.last_run_age_s is None or state.last_run_age_s > max_age_s):
        age = "never" if state.last_run_age_s is None else f"{state.last_run_age_s:,.0f} s ago"
        found.append(f"the last run was {age}, more than {max_age_s:,.0f} s allowed")
    if max_rejected is not None and state.recordings["rejected"] > max_rejected:
        found.append(f"{state.recordings['rejected']:,} recordings are rejected, more than {max_rejected:,} allowed")
    return found


_HELP = {
    "llm_usage_last_run_timestamp_seconds": ("gauge", "When the last ingest run ended, epoch seconds."),
    "llm_usage_last_run_recordings": ("gauge", "Files of the last run by what became of them."),
    "llm_usage_recordings": ("gauge", "Live recordings by outcome."),
    "llm_usage_exchanges": ("gauge", "Exchanges of live recordings by what became of them."),
    "llm_usage_table_files": ("gauge", "Data files of the newest version of each table."),
    "llm_usage_table_bytes": ("gauge", "Bytes of data files on disk, replaced ones that wait for vacuum included."),
}


def prometheus(state: Status) -> str:
    """The state in the text format of the node exporter's text-file collector (Prometheus exposition format 0.0.4)."""
    samples: dict[str, list[tuple[str, float]]] = {name: [] for name in _HELP}
    if isinstance(state.last_run.get("finished_at"), str):
        at = datetime.fromisoformat(state.last_run["finished_at"]).timestamp()
        samples["llm_usage_last_run_timestamp_seconds"].append(("", at))
        for key in ("seen", "new", "changed", "removed", "rejected", "unchanged"):
            value = state.last_run.get(f"recordings_{key}")
            if isinstance(value, int):
                samples["llm_usage_last_run_recordings"].append((f'{{result="{key}"}}', value))
    samples["llm_usage_recordings"] = [(f'{{outcome="{k}"}}', v) for k, v in state.recordings.items()]
    samples["llm_usage_exchanges"] = [(f'{{outcome="{k}"}}', v) for k, v in state.exchanges.items()]
    samples["llm_usage_table_files"] = [(f'{{table="{k}"}}', v) for k, v in state.files.items()]
    samples["llm_usage_table_bytes"] = [(f'{{table="{k}"}}', v) for k, v in state.bytes.items()]
    lines = []
    for name, (kind, text) in _HELP.items():
        if samples[name]:
            lines += [f"# HELP {name} {text}", f"# TYPE {name} {kind}"]
            lines += [f"{name}{labels} {value:.15g}" for labels, value in samples[name]]
    return "\n".join(lines) + "\n"
