"""Owns which versions are at work: of the program and of the packages whose data it uses; must not know what they do."""

from __future__ import annotations

from importlib import metadata


def program_version() -> str:
    """Version of llm-usage itself."""
    return package_version("llm-usage") or "0+checkout"


def package_version(name: str) -> str | None:
    """Version of an installed distribution; None when it is not installed as one."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
