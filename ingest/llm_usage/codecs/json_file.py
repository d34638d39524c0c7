"""Owns one JSON document in memory: its items one by one, repaired if it was cut, read in full where a key is told twice.

Must not know any recording format.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise
from typing import Any

from llm_usage.codecs.json import JsonError, decode, exact_integer, exact_real, extent, loads, loads_exact, no_number, open_chain


class JsonFile:
    """One JSON document in memory, repaired if it was cut.

    Attributes:
        root: the tree; numbers with a fraction are floats.
        cut: why the rest could not be read, None when there is no rest.
        several: the text is one document after another (NDJSON, or several bodies); there is no tree then.

    Raises:
        JsonError: nothing of it can be read.
    """

    def __init__(self, content: bytes) -> None:
        self.root: Any = None
        self.cut: JsonError | None = None
        self.several = False
        self._content = content
        self._open = 0
        try:
            self.root = loads(content)
        except JsonError as error:
            found = extent(content)
            if found is None:
                raise
            if not found.closers and content[found.end :].lstrip(b" \t\r\n,")[:1] in (b"{", b"["):
                self.several = True
                return
            self._content = content[: found.end] + found.closers
            self._open = len(found.closers)
            self.root = loads(self._content)
            self.cut = error

    @cached_property
    def exact(self) -> Any:
        """The tree with every digit of its numbers.

        Raises:
            JsonError: it is nested too deep for the standard library.
        """
        return loads_exact(self._content)

    def _told_twice(self, key: str) -> Any:
        """The tree where an object has a list under ``key`` twice, with both lists as one; None where no object has.

        Every parser keeps the last of two equal keys, and what stands under the first would be gone without a word.
        """
        if self._content.count(b'"%b"' % key.encode()) < 2:
            return None
        met = []

        def both(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
            tree: dict[str, Any] = {}
            for name, value in pairs:
                if name == key and isinstance(value, list) and isinstance(tree.get(key), list):
                    met.append(name)
                    tree[key] = [*tree[key], *value]
                else:
                    tree[name] = value
            return tree

        numbers: dict[str, Any] = {"parse_float": exact_real, "parse_int": exact_integer, "parse_constant": no_number}
        decoder = json.JSONDecoder(strict=False, object_pairs_hook=both, **numbers)
        root = decode(self._content.decode("utf-8", "replace"), decoder)
        return root if met else None

    def items(self, keys: tuple[str, ...], *, exact: bool) -> Iterator[tuple[str, Any]]:
        """Each whole item of the list at ``keys``, with its place; the one that was cut is left out."""
        root = found = (self._told_twice(keys[-1]) if keys else None) or (self.exact if exact else self.root)
        for key in keys:
            found = found.get(key) if isinstance(found, dict) else None
        listed = found if isinstance(found, list) else []
        whole = len(listed) - any(listed is outer and listed[-1] is inner for outer, inner in pairwise(open_chain(root, self._open)))
        path = ".".join(keys)
        for i in range(whole):
            yield f"{path}[{i}]", listed[i]
