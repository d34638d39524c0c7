"""Owns the fuzzing of the whole way from bytes to Arrow with atheris (`make fuzz`): any bytes give rows or a typed error.

Starts from every synthetic sample of the tests; libFuzzer mutates them under coverage of our code. Anything but rows,
an `Unreadable` or an `LlmUsageError` is a find: the input is left in ``fuzz-finds/`` and the run ends.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["llm_usage"]):
    from llm_usage.limits import Limits
    from llm_usage.model.chunk_rows import ChunkBuilder
    from llm_usage.model.rows import to_arrow
    from llm_usage.model.tables import REQUESTS
    from llm_usage.pipeline.read import Options, read_document
    from llm_usage.recordings.document import Document

OPTIONS = Options(limits=Limits(body_bytes=1 << 20, line_bytes=1 << 16, nodes=20_000, document_bytes=1 << 22))


def one(data: bytes) -> None:
    """Read one input to the end; every row has to fit its table."""
    builder = ChunkBuilder()
    outcome = read_document(Document("fuzz", data, limits=OPTIONS.limits), "fuzz", "fuzz", ("0" * 32, "g"), builder, OPTIONS)
    assert outcome.exchanges == len(outcome.requests) + outcome.ignored + outcome.rejected
    if outcome.requests:
        to_arrow(REQUESTS, outcome.requests)
        assert builder.rows == outcome.chunks or outcome.rejected
        builder.take()


def main() -> None:
    """Seeds into a corpus folder, then libFuzzer's own loop: ``fuzz.py -runs=1000000``."""
    home = Path(__file__).resolve().parents[2]
    corpus = Path("/tmp/llm-usage-fuzz")
    corpus.mkdir(exist_ok=True)
    finds = home / "fuzz-finds"
    finds.mkdir(exist_ok=True)
    for i, path in enumerate(sorted([*(home / "tests" / "samples").rglob("*"), *(home / "data" / "sample").glob("*.yaml")])):
        if path.is_file() and not path.name.endswith(".expected.json") and path.stat().st_size < 8000:
            (corpus / f"seed{i}").write_bytes(path.read_bytes())
    atheris.Setup(
        [sys.argv[0], str(corpus), f"-artifact_prefix={finds}/", "-max_len=6000", "-rss_limit_mb=4096", "-timeout=20", *sys.argv[1:]], one
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main()
