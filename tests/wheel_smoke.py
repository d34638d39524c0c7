"""Builds the wheel, installs it into an empty environment outside the checkout, and runs the sample report there (`make wheel`)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


def run(*command: str | Path, cwd: Path) -> str:
    environment = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "LLM_USAGE_LAKE"}}
    done = subprocess.run([str(c) for c in command], cwd=cwd, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        away = Path(name)
        source = away / "source"
        # From a copy, so that nothing of the checkout that is not committed or declared can help.
        shutil.copytree(
            PROJECT,
            source,
            ignore=shutil.ignore_patterns(".git", ".venv", "dist", "__pycache__", ".*_cache", ".hypothesis"),
        )
        run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", away / "dist", source, cwd=away)
        (wheel,) = (away / "dist").glob("*.whl")
        shutil.rmtree(source)
        run(sys.executable, "-m", "venv", away / "empty", cwd=away)
        python = away / "empty" / "bin" / "python"
        run(python, "-m", "pip", "install", "--quiet", "--constraint", PROJECT / "constraints.txt", wheel, cwd=away)
        command = away / "empty" / "bin" / "llm-usage"
        run(command, "ingest", PROJECT / "data" / "sample", "--lake", away / "lake", cwd=away)
        report = run(command, "report", "--lake", away / "lake", cwd=away)
        where = run(
            python,
            "-c",
            "import llm_usage; from llm_usage.query.sql_files import sql_root; print(llm_usage.__file__, sql_root())",
            cwd=away,
        )
        run(command, "report", "--html", away / "page.html", "--lake", away / "lake", cwd=away)
        run(command, "check", "--lake", away / "lake", cwd=away)
        assert str(PROJECT) not in where, where
        assert "site-packages/llm_usage/sql" in where, where
        assert "kimi-k2-0905" in report, report
        assert "prefers-color-scheme" in (away / "page.html").read_text(encoding="utf-8"), "the style is not in the wheel"
        (PROJECT / "dist").mkdir(exist_ok=True)
        shutil.copy(wheel, PROJECT / "dist")
        print(f"{wheel.name}: {wheel.stat().st_size:,} bytes; installed outside the checkout, sample report and checks pass")


if __name__ == "__main__":
    main()
