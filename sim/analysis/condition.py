"""Declared values and conditions as polars expressions. Not the figures made of the rows (`sim.analysis.metric`)."""

from collections.abc import Callable
from functools import reduce
from operator import and_

import polars as pl

from sim.records import metric as m

Resolve = Callable[[m.Amount], float | int | None]


def value(declared: m.Value) -> pl.Expr:
    """What a row says; null where it says nothing."""
    if isinstance(declared, m.Difference):
        return pl.col(declared.later) - pl.col(declared.earlier)
    if isinstance(declared, m.Gap):
        following = pl.col(declared.start).shift(-1).over(declared.keys, order_by=declared.start)
        return following - pl.col(declared.end)
    return pl.col(declared)


def test(declared: m.Condition, resolve: Resolve) -> pl.Expr | None:
    """The condition, bounds filled in by `resolve`; None where a bound has no value."""
    match declared:
        case m.Known():
            return value(declared.value).is_not_null()
        case m.Is():
            return value(declared.value) == pl.lit(declared.equals)
        case m.Between():
            return _between(declared, resolve)
        case m.Not():
            inner = test(declared.condition, resolve)
            return None if inner is None else inner.not_().fill_null(True)
        case m.All():
            tests = [test(one, resolve) for one in declared.conditions]
            known = [one for one in tests if one is not None]
            return reduce(and_, known) if len(known) == len(tests) else None


def _between(declared: m.Between, resolve: Resolve) -> pl.Expr | None:
    what = value(declared.value)
    within = what.is_not_null()
    for bound, inside in ((declared.low, what.ge), (declared.high, what.lt)):
        if bound is not None:
            limit = resolve(bound)
            if limit is None:
                return None
            within = within & inside(limit)
    return within
