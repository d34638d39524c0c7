"""Owns exports that are tables: CSV with a head line, and Parquet, as records like those of `_records`; must not know any export.

Every value of CSV is text, an empty one is missing; a row that is cut off ends the file. Of Parquet only the columns asked for are read.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from llm_usage.codecs.json import JsonError, loads_exact
from llm_usage.recordings._parts import bad
from llm_usage.recordings._records import entries, sample
from llm_usage.recordings.document import Document

_NAME = re.compile(r"[A-Za-z_][\w .-]{0,80}")
_PARQUET = b"PAR1"
_FIELD = 64 * 1024 * 1024


def columns(document: Document) -> frozenset[str]:
    """Names of the columns of a table; empty when the file is none."""
    if document.head.startswith(_PARQUET):
        try:
            return frozenset(pq.read_schema(io.BytesIO(document.content)).names)
        except (pa.ArrowException, OSError, ValueError):
            return frozenset()
    line = document.head.split(b"\n", 1)[0].rstrip(b"\r")
    if document.syntax not in ("text", "yaml") or line.count(b",") < 2 or b"\n" not in document.head:
        return frozenset()
    try:
        names = next(csv.reader([line.decode()]), [])
    except (UnicodeDecodeError, csv.Error):
        return frozenset()
    return frozenset(names) if all(map(_NAME.fullmatch, names)) else frozenset()


def keys_of(document: Document) -> frozenset[str]:
    """What every one of the first records, or the table, has names for; empty when the file holds none."""
    found = sample(document, 5)
    if found:
        return frozenset.intersection(*(frozenset(item) for item in found))
    return columns(document)


def rows(document: Document, wanted: frozenset[str], *keys: str) -> Iterator[tuple[str, Any]]:
    """Each record with its place: of a table, else as `_records.entries` has it.

    Raises:
        InputError: the file cannot be read on; records before stand.
    """
    if document.head.startswith(_PARQUET):
        yield from _of_parquet(document, wanted)
    elif not sample(document, 1) and columns(document):
        yield from _of_csv(document)
    else:
        yield from entries(document, *keys)


def _of_parquet(document: Document, wanted: frozenset[str]) -> Iterator[tuple[str, Any]]:
    number = 0
    try:
        with pq.ParquetFile(io.BytesIO(document.content)) as file:
            for batch in file.iter_batches(1000, columns=[name for name in file.schema_arrow.names if name in wanted]):
                for row in batch.to_pylist():
                    yield f"row {number}", {name: _plain(value) for name, value in row.items()}
                    number += 1
    except (pa.ArrowException, OSError, ValueError, OverflowError):
        raise bad(document, f"row {number}", "cannot be read on", "Restore the file; it may be cut off") from None


def _plain(value: Any) -> Any:
    """A mapping that Arrow gives as pairs."""
    if isinstance(value, list) and value and all(isinstance(item, tuple) and len(item) == 2 for item in value):
        return dict(value)
    return value


def _of_csv(document: Document) -> Iterator[tuple[str, Any]]:
    csv.field_size_limit(_FIELD)
    reader = csv.DictReader(io.StringIO(document.content.decode("utf-8-sig", "replace"), newline=""))
    while True:
        try:
            row = next(reader, None)
        except csv.Error:
            raise bad(document, f"line {reader.line_num}", "is no row of the table", "Export it again; it may be cut off") from None
        if row is None:
            return
        if None in row.values() or None in row:
            raise bad(document, f"line {reader.line_num}", "has not the columns of the table", "Export it again; it may be cut off there")
        yield f"line {reader.line_num}", {name: value for name, value in row.items() if value != ""}


def tree(value: Any) -> Any:
    """A tree, also as JSON text; what is neither stays."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return loads_exact(value.encode("utf-8", "surrogatepass"))
        except JsonError:
            return value
    return value


def mapping(value: Any) -> dict[str, Any]:
    """A mapping, also as JSON text; empty when it is none."""
    found = tree(value)
    return found if isinstance(found, dict) else {}


def truth(value: Any) -> bool | None:
    """A boolean, also as text or as 0 and 1."""
    if isinstance(value, str):
        return {"true": True, "1": True, "false": False, "0": False}.get(value.lower())
    return bool(value) if isinstance(value, (bool, int)) and value in (0, 1) else None
