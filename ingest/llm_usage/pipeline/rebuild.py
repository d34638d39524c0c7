"""Owns reading every recording of a lake again, where it lies: as further generations, so that readers are never disturbed.

The recordings are the source of truth. Nothing is given up silently: a recording that the lake has and that cannot be found
any more stops the rebuild, unless its loss is accepted. A lake that is damaged or of another schema version is not whole until
everything has been read; it says so to every command, and a rebuild that was killed goes on where it was.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from llm_usage.durable import runs
from llm_usage.errors import LakeError
from llm_usage.lake import Lake, anew, log
from llm_usage.lake.ledger import live_recordings
from llm_usage.lake.lock import one_run_at_a_time
from llm_usage.lake.mark import MARK
from llm_usage.model.tables import RECORDINGS
from llm_usage.pipeline.batch import OpenBatch
from llm_usage.pipeline.discover import Target
from llm_usage.pipeline.ledger_rows import tombstone
from llm_usage.pipeline.run import run
from llm_usage.pipeline.runs import RunOptions, Summary


def rebuild(root: Path, named: Mapping[str, Path], options: RunOptions, *, accept_loss: bool = False) -> Summary:
    """Read every recording of the lake at ``root`` again, alone: it holds the lake's lock from begin to end.

    Args:
        root: the lake, of whatever schema version.
        named: roots of named sources, from the config.
        options: how to read.
        accept_loss: go on although recordings are gone from where they were.

    Raises:
        LakeError: there is nothing to rebuild, or recordings are gone; the lake stays as it is.
    """
    root = root.absolute()
    _put_back(root)
    lake = Lake(root, any_version=True)
    if not lake.exists and not lake.folder(RECORDINGS).is_dir():
        raise LakeError(str(root), "is no lake", "Nothing to rebuild: use `llm-usage ingest PATH`")
    with one_run_at_a_time(lake, wait=True), lake.rights():
        return _rebuild(lake, named, options, accept_loss=accept_loss)


def _rebuild(lake: Lake, named: Mapping[str, Path], options: RunOptions, *, accept_loss: bool) -> Summary:
    before = anew.files_now(lake)  # first: what another writer commits from here on is kept
    known = anew.named_recordings(lake)
    roots = {source: named.get(source) or (Path(source) if source.startswith("/") else None) for source in {s for s, _ in known}}
    targets, gone = [], set()
    for source, path in sorted(known):
        folder = roots[source]
        if folder is not None and (folder / path).exists():
            targets.append(Target(source, folder, folder / path))
        else:
            gone.add((source, path))
    if gone and not accept_loss:
        first = ", ".join(sorted("/".join(each) for each in gone)[:10])
        more = f" and {len(gone) - 10:,} more" if len(gone) > 10 else ""
        raise LakeError(
            str(lake.root),
            f"{len(gone):,} recordings are not where they were: {first}{more}",
            "Bring them back, name moved roots under `sources:` in llm-usage.yaml, or accept the loss with --drop-missing",
        )
    faults = anew.needs_mending(lake)
    if faults:
        anew.begin(lake, known - gone, faults)
    summary = run(lake, targets, replace(options, force=True))
    if not summary.stopped:
        summary.removed += _drop_gone(lake, gone, summary.run_id)
        if faults:
            anew.finish(lake, before)
    return summary


def _drop_gone(lake: Lake, gone: set[tuple[str, str]], run_id: str) -> int:
    batch = OpenBatch(lake)
    batch.ledger.extend(tombstone(row, run_id) for row in live_recordings(lake) if (row.source, row.recording_path) in gone)
    dropped = len(batch.ledger)
    batch.commit()
    return dropped


def _put_back(root: Path) -> None:
    """Finish what a rebuild of version 0.1 was killed in: the lake gets its name back, half-made copies go."""
    try:
        for path in anew.leftovers(root):
            if path.name.startswith("."):
                pid = path.name.rpartition("-")[2]
                if not (pid.isdigit() and runs(int(pid))):
                    shutil.rmtree(path, ignore_errors=True)
            elif not root.exists() and (path / MARK).exists():
                path.rename(root)
            elif (root / MARK).exists():
                shutil.rmtree(path, ignore_errors=True)
    except OSError as error:
        raise log.failed(root, error) from error
