"""The stability of a study's arms as a table: from which size on something temporary leaves what it did behind."""

from collections.abc import Mapping
from typing import Any

from sim.report.number import plain
from sim.report.page import Table
from sim.report.study_record import StudyRecord


def stability_table(record: StudyRecord) -> Table:
    """One row for each arm and point of the other axes; `record.stability` has at least one."""
    rows = record.stability
    axes = list(rows[0]["at"])
    along = next(axis for axis in record.axes if axis not in axes)
    return Table(
        title=f"Stable, vulnerable or metastable, along {along}",
        columns=("arm", *axes, "verdict", "sticks from", "back there", "never back from"),
        rows=[_cells(row, axes) for row in rows],
        numeric=frozenset(range(len(axes) + 2, len(axes) + 5)),
    )


def _cells(row: Mapping[str, Any], axes: list[str]) -> list[str]:
    there = f"{row['back']} of {row['replications']}" if row["replications"] else ""
    told = [row["verdict"], _size(row["sticks_from"]), there, _size(row["never_from"])]
    return [row["arm"], *(_size(row["at"][axis]) for axis in axes), *told]


def _size(written: Any) -> str:
    if written is None:
        return ""
    return plain(float(written)) if isinstance(written, int | float) else str(written)
