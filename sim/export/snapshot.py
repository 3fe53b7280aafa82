"""Snapshot: what the samples of a run say at one instant. Not what is made of it."""

import polars as pl

from sim.records.folder import StoredRun
from sim.units import InputError


def snapshot(run: StoredRun, columns: tuple[str, ...], at: float | None) -> tuple[float, dict[str, int]]:
    """The levels of these columns at the last sample up to `at` (s), by default where they sum up to most.

    Raises
    ------
    InputError
        The run has none of the columns, or ended before.
    """
    known = [name for name in columns if name in run.scan("samples").collect_schema().names()]
    if not known:
        raise InputError(f"{run.path}: its samples do not have {columns[0]}; make the run again")
    samples = run.table("samples", ["t", *known])
    if at is None:
        row = samples.select(pl.sum_horizontal(known).arg_max()).item()
    else:
        end = float(samples["t"][-1])
        if at > end:
            raise InputError(f"--at {at:g}s: the run ended at {end:g} s; name an earlier instant")
        row = samples["t"].search_sorted(at + 1e-9, side="right") - 1
    return float(samples["t"][row]), {name: int(samples[name][row]) for name in known}
