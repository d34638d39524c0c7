"""Owns ``python -m llm_usage``: the same as the command ``llm-usage``."""

from llm_usage.cli import main

if __name__ == "__main__":
    main(prog_name="llm-usage")
