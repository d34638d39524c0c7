"""Owns how a result is shown: terminal table, CSV, JSON, NDJSON, Parquet, Arrow; must not know what a report means or where it is from.

Everything that came from a recording is untrusted: control characters never reach a terminal, formulas never a spreadsheet.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, BinaryIO, TextIO

import orjson
import pyarrow as pa

from llm_usage.errors import ConfigError
from llm_usage.render.binary import BINARY_WRITERS
from llm_usage.render.text import plain, unique

#: A spreadsheet takes a cell that begins so for a formula; some trim it first, some read the wide forms of East Asian keyboards.
#: Source: OWASP, "CSV Injection".
_FORMULA = re.compile(r"\A\s*[=+\-@\t\r\n|%＝＋－＠]")


def rows(table: pa.Table) -> list[dict[str, Any]]:
    """An Arrow table as dictionaries; Decimals, instants and dates stay exact."""
    return table.to_pylist()  # type: ignore[no-any-return]


def jsonable(value: Any) -> Any:
    """For orjson: a Decimal becomes a JSON number with the digits it has (trailing zeros cut), bytes become hex."""
    if isinstance(value, Decimal):
        return orjson.Fragment(number(value))
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(type(value).__name__)


def number(value: Decimal) -> str:
    """A decimal without exponent and without trailing zeros: ``0.000032``."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def to_json(table: pa.Table, out: TextIO) -> None:
    """One JSON list of objects, indented; written row by row, so that a long table needs no second copy in memory."""
    before = "[\n  "
    for row in _rows_of(table):
        text = orjson.dumps(row, default=jsonable, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z).decode()
        out.write(before + text.replace("\n", "\n  "))
        before = ",\n  "
    out.write("\n]\n" if table.num_rows else "[]\n")


def to_ndjson(table: pa.Table, out: TextIO) -> None:
    """One JSON object a line."""
    for row in _rows_of(table):
        out.write(orjson.dumps(row, default=jsonable, option=orjson.OPT_UTC_Z).decode())
        out.write("\n")


def to_csv(table: pa.Table, out: TextIO) -> None:
    """RFC 4180 with a header; NULL is the empty field; text that a spreadsheet would run is prefixed with an apostrophe."""
    import csv

    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([_cell(name) for name in table.column_names])  # `pivot` makes names of values
    for row in _rows_of(table):
        writer.writerow([_cell(value) for value in row.values()])


def _told_apart(table: pa.Table) -> pa.Table:
    """Columns of one name get numbers: a row of a file has no place for two values of one name."""
    return table.rename_columns(unique(table.column_names))


def _rows_of(table: pa.Table) -> Iterator[dict[str, Any]]:
    for batch in table.to_batches(max_chunksize=10_000):
        yield from batch.to_pylist()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return number(value)
    if isinstance(value, (list, dict)):
        value = orjson.dumps(value, default=jsonable).decode()
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    text = plain(str(value)) if isinstance(value, str) else str(value)
    return "'" + text if isinstance(value, str) and _FORMULA.match(text) else text


WRITERS: dict[str, Callable[[pa.Table, TextIO], None]] = {"csv": to_csv, "json": to_json, "ndjson": to_ndjson}


#: Every format but the terminal's.
FORMATS = (*WRITERS, *BINARY_WRITERS)


def write(table: pa.Table, form: str, out: TextIO) -> None:
    """Write a table in one of the text formats.

    Raises:
        ConfigError: there is no such format, or it is not text.
    """
    must_be_text(form)
    if form not in WRITERS:
        raise ConfigError("--format", f"no such format `{form}`", f"Use one of: table, {', '.join(FORMATS)}")
    WRITERS[form](_told_apart(table), out)


def must_be_text(form: str) -> None:
    """Refuse a format that cannot go to a terminal.

    Raises:
        ConfigError: it is not text.
    """
    if form in BINARY_WRITERS:
        raise ConfigError(f"--format {form}", "is not text and cannot go to the terminal", "Name a file: --output FILE")


def write_file(table: pa.Table, form: str, out: BinaryIO) -> None:
    """Write a table in any format of `FORMATS`; text is UTF-8."""
    table = _told_apart(table)
    if form in BINARY_WRITERS:
        BINARY_WRITERS[form](table, out)
        return
    text = io.TextIOWrapper(out, encoding="utf-8", newline="")
    WRITERS[form](table, text)
    text.flush()
    text.detach()
