"""The closed forms of a study's arms: what arithmetic says beside what was measured."""

from collections.abc import Iterable, Mapping
from typing import Any

from sim.quantity.magnitude import unit_of
from sim.study.cell import Cell
from sim.study.vocabulary import Limit, Vocabulary


def limits_of(cells: Iterable[Cell], words: Vocabulary) -> list[dict[str, Any]]:
    """One row per closed form, with the arms that have it, each arm at its first point; none where there are none."""
    firsts = {cell.arm: cell for cell in reversed(list(cells))}
    rows: dict[tuple[str, float, str], dict[str, Any]] = {}
    for arm, cell in reversed(firsts.items()):
        for limit in words.limits(dict(cell.scenario)):
            key = (limit.name, limit.value, limit.explanation)
            rows.setdefault(key, {**_row(limit, cell.scenario), "arms": []})["arms"].append(arm)
    return [{**row, "is_of_all": len(row["arms"]) == len(firsts)} for row in rows.values()]


def told(row: Mapping[str, Any]) -> str:
    """A closed form in a line: its name, its value, the sum and where its numbers are from."""
    of = "" if row["is_of_all"] else f" of {', '.join(row['arms'])}"
    value = f"{row['value']:.4g}{row['unit']}"
    return f"{row['name']}{of} by arithmetic: {value} = {row['explanation']} ({row['source']})"


def _row(limit: Limit, scenario: Any) -> dict[str, Any]:
    found = scenario
    for part in limit.path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return {
        "name": limit.name, "path": limit.path, "value": limit.value, "unit": "" if found is None else unit_of(found),
        "explanation": limit.explanation, "source": limit.source,
    }  # fmt: skip
