"""Owns where a row belongs: the keys of recordings and requests, and what is constant over the rows of one recording. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identity:
    """Where a request row belongs; names as in the requests table."""

    recording_id: str
    generation: str
    source: str
    recording_path: str
    recording_sha256: str
    recording_format: str


def recording_id(source: str, path: str) -> str:
    """Hash of (source, recording_path): 32 hexadecimal digits."""
    return hashlib.sha256(f"{source}\0{path}".encode("utf-8", "surrogateescape")).hexdigest()[:32]


def request_id(recording_id: str, index: int) -> str:
    """Hash of (recording_id, exchange_index): 32 hexadecimal digits."""
    return hashlib.sha256(f"{recording_id}/{index}".encode()).hexdigest()[:32]
