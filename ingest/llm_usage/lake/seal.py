"""Owns the small JSON files of a lake: written whole, sealed with a digest of themselves, refused when they are not as written.

Must not know what they say. A file from before seals were written is taken as it is.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import orjson

from llm_usage.durable import replace_file
from llm_usage.errors import LakeError

_SEAL = "seal"


def write_sealed(path: Path, facts: dict[str, Any]) -> None:
    """Replace the file.

    Raises:
        OSError: the disk refuses.
    """
    plain = {key: value for key, value in facts.items() if key != _SEAL}
    replace_file(path, orjson.dumps({**plain, _SEAL: _digest(plain)}, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z))


def read_sealed(path: Path, remedy: str) -> dict[str, Any] | None:
    """What the file says; None when it is not there.

    Raises:
        LakeError: it is not as it was written.
        OSError: the disk refuses.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        facts = orjson.loads(data)
    except orjson.JSONDecodeError:
        facts = None
    if not isinstance(facts, dict) or (_SEAL in facts and facts.pop(_SEAL) != _digest(facts)):
        raise LakeError(str(path), "is damaged: it is not as it was written", remedy)
    return facts


def _digest(facts: dict[str, Any]) -> str:
    plain = orjson.loads(orjson.dumps(facts, option=orjson.OPT_UTC_Z))
    return hashlib.blake2b(orjson.dumps(plain, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()
