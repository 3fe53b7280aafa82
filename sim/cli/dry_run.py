"""`sim sweep --dry-run`: the trials that a study would run and the time that they would take. Nothing is kept."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.cli.console import answer, columns_wide, document, paragraph, table
from sim.cli.options import refuse_results_of_a_run

if TYPE_CHECKING:
    from sim.execution.forecast import Forecast
    from sim.study.study import Study
    from sim.study.trial import Model

MOST_ROWS = 20
NARROW = 80


def dry_run(study: "Study", of: "Model", folder: Path, *, workers: int | None, as_json: bool) -> None:
    """Say what would run; nothing is written.

    Raises
    ------
    InputError
        Where the sweep itself would be refused.
    """
    from sim.execution.forecast import forecast, timed
    from sim.store.store import Store, refuse_unusable
    from sim.study.plan import cells_of

    refuse_results_of_a_run(folder)
    cells = cells_of(study, of)
    refuse_unusable(folder)
    kept = {}
    if (folder / "results.sqlite").is_file():
        most = study.replications.max if study.replications.until else study.replications.number
        store = Store(folder)
        store.refuse_other_versions(of.version)
        keys = [cell.trial(i).key for cell in cells for i in range(most)]
        without = set(store.missing(keys, study.keep == "samples"))
        kept = {key: outcome for key, outcome in store.outcomes(keys).items() if key not in without}
    plan = forecast(study, cells, kept)
    if plan.missing and not plan.seconds_of:
        plan = timed(plan, of)
    hands = workers or os.cpu_count() or 1
    if as_json:
        document(_told(study, plan, hands))
        return
    answer(f"{study.name}: {plan.trials:,} trials planned, {plan.missing:,} still to run; nothing was kept")
    if plan.missing:
        answer(_how_long(plan, hands))
    _rows(plan)


def _how_long(plan: "Forecast", workers: int) -> str:
    took = plan.seconds(workers)
    told = "no estimate" if took is None else f"about {_time(took)} on {workers} worker{'' if workers == 1 else 's'}"
    more = ""
    if plan.most > plan.missing and took is not None:
        more = f"; with the most replications everywhere {plan.most:,} trials, {_time(took * plan.most / plan.missing)}"
    return f"{told}, from {plan.source}{more}"


def _time(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _rows(plan: "Forecast") -> None:
    rows = [_row(planned) for planned in plan.planned[:MOST_ROWS]]
    axes = list(rows[0]["at"])
    others = list(dict.fromkeys(name for row in rows for name in row["set"]))
    answer()
    cells = [
        [
            row["arm"], *(str(row["at"][axis]) for axis in axes), *(str(row["set"].get(name, "")) for name in others),
            str(row["replications"]), str(row["in_store"]),
        ]
        for row in rows
    ]  # fmt: skip
    columns = ["arm", *axes, *others, "replications", "in the store"]
    if columns_wide() < NARROW:
        for row in cells:
            paragraph(
                row[0],
                [", ".join(f"{name} {value}" for name, value in zip(columns[1:], row[1:], strict=True) if value)],
            )
    else:
        table(columns, cells, numeric=range(1, len(columns)))
    if len(plan.planned) > MOST_ROWS:
        answer(f"{len(plan.planned) - MOST_ROWS:,} more rows with --json")


def _row(planned: Any) -> dict[str, Any]:
    cell = planned.cell
    return {
        "arm": cell.arm, "at": dict(cell.point), "set": _shortened(cell.worked_out),
        "replications": planned.replications, "in_store": planned.kept,
    }  # fmt: skip


def _shortened(values: Mapping[str, Any]) -> dict[str, Any]:
    from sim.study.axis import short_names

    names = short_names(values)
    return {names[path]: value for path, value in values.items()}


def _told(study: "Study", plan: "Forecast", workers: int) -> dict[str, Any]:
    rows: Sequence[dict[str, Any]] = [_row(planned) for planned in plan.planned]
    took = plan.seconds(workers)
    estimate = {
        "seconds": took if plan.missing else 0.0, "workers": workers, "from": plan.source,
        "seconds_per_trial": dict(plan.seconds_of),
    }  # fmt: skip
    return {
        "study": study.name, "trials": plan.trials, "missing": plan.missing, "most_missing": plan.most, "rows": rows,
        "estimate": estimate,
    }  # fmt: skip
