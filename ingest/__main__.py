"""Owns ``python -m ingest``: the same as the command ``llm-usage``."""

from ingest.cli import main

if __name__ == "__main__":
    main(prog_name="llm-usage")
