"""Columns: which of a table the declarations of metrics speak of. Not what is made of them."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from sim.records import metric as m


def columns_read(declared: Mapping[str, Any], table: str) -> set[str]:
    """Names among which are all columns of a table that the metrics read: what else it has need not be loaded.

    Examples
    --------
    >>> sorted(columns_read({"n": m.Count(m.Selection("jobs", (m.Known("end"),))), "busy": m.LevelMax("busy")}, "jobs"))
    ['end']
    """
    return {name for one in declared.values() for where, name in _texts(one) if where == table}


@cache
def _texts(declaration: m.Metric | m.Family) -> frozenset[tuple[str, str]]:
    """Remembered, since a small run would take as long as finding them."""
    return frozenset(_names(declaration, ""))


def _names(part: Any, table: str) -> Iterator[tuple[str, str]]:
    """Every text in a declaration, with the table that it is said of; a few of them are no columns."""
    table = getattr(part, "table", getattr(getattr(part, "rows", None), "table", table))
    if isinstance(part, str):
        yield table, part
    elif isinstance(part, tuple):
        for one in part:
            yield from _names(one, table)
    elif is_dataclass(part):
        for field_ in fields(part):
            if field_.name != "table":
                yield from _names(getattr(part, field_.name), table)
