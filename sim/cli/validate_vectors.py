"""The part of `sim validate` that plays scripted cases."""

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.cli.console import answer, document, progress, table
from sim.cli.exits import Exit
from sim.spelling import way_out
from sim.units import InputError

if TYPE_CHECKING:
    from sim.validation.judge import Judgement
    from sim.validation.vectors import Vector

COLUMNS = ("case", "Go", "quantity", "measured", "simulated", "tolerance")


def validate_vectors(file: Path, case: str, version: str, *, as_json: bool) -> Exit:
    """Play the scripted cases of a file and print what came of them."""
    judged = _judged(file, case, version)
    if as_json:
        document([row for one in judged for row in one.table()])
    else:
        _print(judged)
    return Exit.FINE if all(one.ok for one in judged) else Exit.NO


def _judged(file: Path, case: str, version: str) -> "list[Judgement]":
    from sim.evidence import COMPARISON, play_vector
    from sim.validation.judge import judge

    chosen = _chosen(file, case, version)
    n = sum(len(vector.expected) for vector in chosen)
    judged: list[Judgement] = []
    with progress("vectors") as show:
        for one in judge(chosen, play_vector, COMPARISON):
            judged.append(one)
            show(len(judged), n)
    return judged


def _chosen(file: Path, case: str, version: str) -> "list[Vector]":
    """The cases that are asked for, in the versions that are; none is an input error."""
    from sim.evidence import load_vectors
    from sim.validation.vectors import means

    known = load_vectors(file)
    chosen = [vector for vector in known if means(case, vector.id)]
    if not chosen:
        raise InputError(f"{file}: {_unknown('case', case, [vector.id for vector in known])}")
    versions = list(dict.fromkeys(name for vector in chosen for name in vector.expected))
    if not any(means(version, name) for name in versions):
        raise InputError(f"{file}: {_unknown('version of Go', version, versions)}")
    return [vector.only(version) for vector in chosen]


def _unknown(what: str, asked: str, known: list[str]) -> str:
    return f"no {what} is called {asked}; {way_out(asked, known)}"


def _print(judged: "list[Judgement]") -> None:
    """The answer first; then what is fine, by case; then what differs, row by row."""
    n_ok = sum(one.ok for one in judged)
    rows = [row.ok for one in judged for row in one.rows]
    answer(
        f"{n_ok} of {len(judged)} cases by version are as measured, {sum(rows)} of {len(rows)} quantities;"
        f" {len(judged) - n_ok} differ."
    )
    answer()
    table(COLUMNS, list(_lines(judged)))


def _lines(judged: "list[Judgement]") -> Any:
    groups: dict[tuple[str, tuple[tuple[str, ...], ...]], list[str]] = defaultdict(list)
    for one in judged:
        groups[one.case, _cells(one)].append(one.version)
    for (case, cells), versions in groups.items():
        for i, row in enumerate(cells):
            yield (case if i == 0 else "", " ".join(versions) if i == 0 else "", *row)


def _cells(one: "Judgement") -> tuple[tuple[str, ...], ...]:
    """What differs in one case and version; or that nothing does, or why nothing was simulated."""
    if one.reason:
        return ((one.reason, "", "", ""),)
    if one.ok:
        return ((f"ok ({len(one.rows)})", "", "", ""),)
    return tuple(
        (row.quantity, _text(row.measured), _text(row.simulated), f"{row.tolerance:g}" if row.tolerance else "")
        for row in one.rows
        if not row.ok
    )


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_text, value))
    return "none" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
