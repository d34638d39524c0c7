"""Runs every notebook from its first cell to its last and writes it with its outputs: ``python notebooks/run.py [FOLDER]``.

What git holds stays without outputs. The lake is that of ``LLM_USAGE_LAKE``, else one of the sample that the notebooks make themselves.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

HERE = Path(__file__).resolve().parent


def run(path: Path, out: Path) -> None:
    """Execute one notebook in its own folder and write it to ``out``.

    Raises:
        CellExecutionError: a cell raised; ``out`` then holds what there was until then.
    """
    notebook = nbformat.read(path, 4)
    client = NotebookClient(notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}})
    try:
        client.execute(stderr=subprocess.DEVNULL)  # the kernel's own log; what a cell writes comes another way
    finally:
        out.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, out)


def main() -> int:
    """Run them all; 1 when one failed."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent / "report" / "notebooks"
    failed = 0
    for path in sorted(HERE.glob("*.ipynb")):
        try:
            run(path, folder / path.name)
        except CellExecutionError as error:
            failed = 1
            print(error, file=sys.stderr)
        else:
            print(folder / path.name)
    return failed


if __name__ == "__main__":
    sys.exit(main())
