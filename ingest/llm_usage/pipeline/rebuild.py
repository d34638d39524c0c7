"""Owns making a lake anew from its recordings, beside the old one, and putting it in its place when it is whole.

The recordings are the source of truth. Nothing is given up silently: a recording that the old lake has and that cannot be
found any more stops the rebuild, unless its loss is accepted.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from llm_usage.errors import LakeError
from llm_usage.lake import MARK, Lake, swap
from llm_usage.lake.salvage import named_recordings
from llm_usage.pipeline.discover import Target
from llm_usage.pipeline.run import run
from llm_usage.pipeline.runs import RunOptions, Summary


def rebuild(root: Path, named: Mapping[str, Path], options: RunOptions, *, accept_loss: bool = False) -> Summary:
    """Read every recording of the lake at ``root`` again into a fresh one and swap them.

    Args:
        root: the lake, of whatever schema version.
        named: roots of named sources, from the config.
        options: how to read.
        accept_loss: go on although recordings are gone from where they were.

    Raises:
        LakeError: there is nothing to rebuild, or recordings are gone; the old lake stays as it is.
    """
    root = root.absolute()
    if not (root / MARK).exists() and not (root / "recordings").is_dir():
        raise LakeError(str(root), "is no lake", "Nothing to rebuild: use `llm-usage ingest PATH`")
    known = named_recordings(root)
    roots = {source: named.get(source) or (Path(source) if source.startswith("/") else None) for source in {s for s, _ in known}}
    gone = sorted(f"{source}/{path}" for source, path in known if roots[source] is None or not (roots[source] / path).exists())  # type: ignore[operator]
    if gone and not accept_loss:
        more = f" and {len(gone) - 10:,} more" if len(gone) > 10 else ""
        raise LakeError(
            str(root),
            f"{len(gone):,} recordings are not where they were: {', '.join(gone[:10])}{more}",
            "Bring them back, name moved roots under `sources:` in llm-usage.yaml, or accept the loss with --drop-missing",
        )
    fresh = root.with_name(f".{root.name}.new-{os.getpid()}")
    shutil.rmtree(fresh, ignore_errors=True)
    targets = [
        Target(source, folder, folder / path)
        for (source, path) in sorted(known)
        if (folder := roots[source]) is not None and (folder / path).exists()
    ]
    try:
        summary = run(Lake(fresh), targets, options)
        swap(fresh, root)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return summary
