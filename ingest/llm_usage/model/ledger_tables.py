"""Owns the columns of the ledger and of the runs, and those that say which recording a row is of; must not know how a value is found."""

from __future__ import annotations

from llm_usage.model.schema import ENUM, INSTANT, INT32, INT64, OUTCOMES, STRING, STRINGS, Column, Table

C = Column

RECORDING_ID = C("recording_id", STRING, "Hash of source and recording_path; the same in recordings, requests and chunks.", nullable=False)
SOURCE_NAME = C("source", STRING, "Name of the recordings root: its absolute path or URI unless it was named.", nullable=False)
RECORDING_PATH = C("recording_path", STRING, "Path of the file below its source, with / between the parts.", nullable=False)
RECORDING_FORMAT = C("recording_format", ENUM, "How the file was saved: go_vcr, vcrpy, ruby_vcr, har, llm_recorder, raw_sse and so on.")

RECORDINGS = Table(
    "recordings",
    "The ledger of the ingest job: one live row per file seen.",
    ("recording_id",),
    (
        RECORDING_ID,
        SOURCE_NAME,
        RECORDING_PATH,
        C("recording_sha256", STRING, "SHA-256 of the file as it was read; NULL when it could not be."),
        C("size_bytes", INT64, "Size of the file.", "bytes"),
        C("mtime", INSTANT, "When the file was last changed, by its file system.", "UTC"),
        RECORDING_FORMAT,
        C("parser_version", STRING, "Version of the reading code; another one reads the file again.", nullable=False),
        C("generation", STRING, "The live generation of this recording's rows.", nullable=False),
        C("revision", INT64, "Counts the ingests of this recording; the highest is the live row of the ledger.", nullable=False),
        C("outcome", ENUM, "What became of the file.", nullable=False, values=OUTCOMES),
        C("exchanges", INT32, "Exchanges in the file: llm_requests + ignored_exchanges + rejected_exchanges.", nullable=False),
        C("llm_requests", INT32, "Exchanges that became a row in requests.", nullable=False),
        C("chunks", INT64, "Rows in chunks.", nullable=False),
        C("ignored_exchanges", INT32, "Exchanges that are no LLM call, left out on purpose.", nullable=False),
        C("ignored_reasons", STRINGS, "Why, one entry per ignored exchange: its index and the reason."),
        C("rejected_exchanges", INT32, "Exchanges that could not be read.", nullable=False),
        C("rejected_reasons", STRINGS, "Why, one entry per rejected exchange: place, thing, remedy."),
        C("error", STRING, "Why the file was rejected, or where reading it stopped: place, thing, remedy."),
        C("run_id", STRING, "The run that wrote this row.", nullable=False),
        C("ingested_at", INSTANT, "When that was.", "UTC", nullable=False),
    ),
)

RUNS = Table(
    "runs",
    "One row per run that changed something.",
    ("run_id",),
    (
        C("run_id", STRING, "Identifier of the run; sorts by time.", nullable=False),
        C("started_at", INSTANT, "When the run began.", "UTC", nullable=False),
        C("finished_at", INSTANT, "When the run ended.", "UTC", nullable=False),
        C("recordings_seen", INT64, "Files looked at.", nullable=False),
        C("recordings_new", INT64, "Files not known before.", nullable=False),
        C("recordings_changed", INT64, "Files whose content, or whose reader, had changed.", nullable=False),
        C("recordings_removed", INT64, "Recordings taken out by forget or --prune.", nullable=False),
        C("recordings_rejected", INT64, "Files that were rejected.", nullable=False),
        C("request_rows", INT64, "Rows written to requests.", nullable=False),
        C("chunk_rows", INT64, "Rows written to chunks.", nullable=False),
        C("bytes_read", INT64, "Bytes of recordings read.", "bytes", nullable=False),
        C("program_version", STRING, "Version of llm-usage.", nullable=False),
        C("prices_version", STRING, "Version of the price data."),
    ),
)
