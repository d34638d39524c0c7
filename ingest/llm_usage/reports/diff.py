"""Owns the comparison of two sets of recordings, matched by prompt; must not know how it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from llm_usage.config import Config
from llm_usage.pipeline.discover import targets
from llm_usage.pipeline.run import collect
from llm_usage.pipeline.runs import RunOptions
from llm_usage.query.session import connect_tables, settings_of
from llm_usage.query.sql_files import sql_files

#: What the two sides of a pair are compared by.
_COMPARED = ("model", "provider", "status", "finish_reason", "input_tokens", "output_tokens", "cost_usd")


@dataclass(frozen=True, slots=True)
class Growth:
    """One sum over pairs, then and now."""

    what: str
    old: Decimal
    new: Decimal

    @property
    def share(self) -> Decimal:
        """By what share of the old it grew; from 0 to anything is infinite."""
        if self.old == 0:
            return Decimal("Infinity") if self.new > 0 else Decimal(0)
        return (self.new - self.old) / self.old


@dataclass(frozen=True, slots=True)
class Diff:
    """Rows of ``sql/30_queries/diff.sql``, and sums over the pairs that can be compared."""

    table: pa.Table
    pairs: int
    only_old: int
    only_new: int
    old_cost_usd: Decimal | None
    new_cost_usd: Decimal | None
    """Over pairs of which both costs are known in full; None when there is no such pair."""
    cost_pairs: int
    old_tokens: int
    new_tokens: int
    """Input and output, over pairs of which all four counts are known."""
    token_pairs: int
    old_uncosted_tokens: int
    new_uncosted_tokens: int
    """Of those, over the pairs that are not among ``cost_pairs``."""
    uncosted_pairs: int

    def changes(self) -> pa.Table:
        """The rows that are not alike on both sides, with a column ``changed`` that names what differs; frames alone do not count."""
        rows = []
        for row in self.table.to_pylist():
            names = [name for name in _COMPARED if row["found"] == "both" and row[f"old_{name}"] != row[f"new_{name}"]]
            if names or row["found"] != "both":
                rows.append({**row, "changed": ", ".join(name.removesuffix("_usd").replace("_", " ") for name in names) or None})
        return pa.Table.from_pylist(rows, schema=self.table.schema.append(pa.field("changed", pa.string())))

    def growths(self) -> tuple[Growth, ...]:
        """What the pairs cost now and then; and for those whose cost is not known in full on both sides, their tokens.

        Where all known costs are 0 (free models), the tokens of those pairs count, too. Empty when nothing can be compared.
        """
        found = []
        if self.old_cost_usd is not None and self.new_cost_usd is not None and (self.old_cost_usd or self.new_cost_usd):
            found.append(Growth("cost", self.old_cost_usd, self.new_cost_usd))
            old, new, pairs = self.old_uncosted_tokens, self.new_uncosted_tokens, self.uncosted_pairs
        else:
            old, new, pairs = self.old_tokens, self.new_tokens, self.token_pairs
        if pairs:
            found.append(Growth("tokens", Decimal(old), Decimal(new)))
        return tuple(found)


def diff(old: Sequence[str], new: Sequence[str], config: Config, options: RunOptions) -> Diff:
    """Read both sets and match their requests.

    Raises:
        ConfigError: a path does not exist.
        InputError: one of them cannot be looked into.
    """
    sides = [collect(targets(list(paths), source, {}), options) for paths, source in ((old, "old"), (new, "new"))]
    tables = {name: pa.concat_tables([_plain(side[name]) for side in sides]) for name in sides[0]}
    (query,) = (file.text.strip().rstrip(";") for file in sql_files("30_queries") if file.name == "diff")
    connection = connect_tables(tables, settings=settings_of(config, include_duplicates=True), config=config, readers=[query])
    table = connection.sql(query).to_arrow_table()
    both = table.filter(pc.equal(table["found"], "both"))
    in_full = [pc.is_in(both[f"{side}_cost_basis"], value_set=pa.array(["reported", "computed"])) for side in ("old", "new")]
    is_costed = pc.and_(*in_full)
    costed, uncosted = both.filter(is_costed), _counted(both.filter(pc.invert(is_costed)))
    counted = _counted(both)
    return Diff(
        table=table,
        pairs=both.num_rows,
        only_old=pc.sum(pc.equal(table["found"], "only old")).as_py() or 0,
        only_new=pc.sum(pc.equal(table["found"], "only new")).as_py() or 0,
        old_cost_usd=sum(costed["old_cost_usd"].to_pylist(), Decimal(0)) if costed.num_rows else None,
        new_cost_usd=sum(costed["new_cost_usd"].to_pylist(), Decimal(0)) if costed.num_rows else None,
        cost_pairs=costed.num_rows,
        old_tokens=_tokens(counted, "old"),
        new_tokens=_tokens(counted, "new"),
        token_pairs=counted.num_rows,
        old_uncosted_tokens=_tokens(uncosted, "old"),
        new_uncosted_tokens=_tokens(uncosted, "new"),
        uncosted_pairs=uncosted.num_rows,
    )


def _counted(pairs: pa.Table) -> pa.Table:
    """The pairs of which all four counts are known."""
    for name in ("old_input_tokens", "new_input_tokens", "old_output_tokens", "new_output_tokens"):
        pairs = pairs.filter(pc.is_valid(pairs[name]))
    return pairs


def _tokens(pairs: pa.Table, side: str) -> int:
    """Input and output of one side."""
    return sum(sum(pairs[f"{side}_{kind}_tokens"].to_pylist()) for kind in ("input", "output"))


def _plain(table: pa.Table) -> pa.Table:
    """Dictionaries as plain strings: those of two tables differ."""
    fields = [pa.field(f.name, f.type.value_type if pa.types.is_dictionary(f.type) else f.type) for f in table.schema]
    return table.cast(pa.schema(fields))
