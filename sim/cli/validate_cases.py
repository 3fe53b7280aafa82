"""The part of `sim validate` that replays recorded cases."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli.console import answer, document, progress, say, table
from sim.cli.exits import Exit
from sim.units import InputError

if TYPE_CHECKING:
    from sim.validation.reality import CaseVerdict
    from sim.validation.tolerance import Verdict

SHIPPED = Path("experiments/reality/cases")
"""Where the recordings are that come with the project, seen from its root."""
DIFFERENCES = Path("experiments/reality/differences.yaml")
"""What is known of quantities that are out, likewise."""
COLUMNS = ("case", "quantity", "class", "measured", "simulated", "tolerance", "verdict")


def validate_cases(
    folders: Sequence[Path], *, seeds: int, workers: int | None, out: Path | None, as_json: bool
) -> Exit:
    """Replay the cases and print what came of them; a case that cannot be read does not end the others."""
    from sim.evidence import read_case
    from sim.execution.execute import executor_of
    from sim.validation.reality import compare_cases

    cases, refusals = _cases(folders)
    for refusal in refusals:
        say(refusal)
    judged: list[CaseVerdict] = []
    with executor_of(workers) as (executor, _), progress("replays") as show:
        for one in compare_cases(cases, read_case, executor, seeds=seeds, progress=show):
            judged.append(one)
            if one.error:
                say(one.error)
    if as_json:
        document([row for one in judged for row in one.table()])
    else:
        _print(judged)
        _draw(judged, out or Path("out/validation"))
    if refusals or any(one.is_input_error for one in judged):
        return Exit.INPUT_IS_WRONG
    return Exit.FINE if all(one.ok for one in judged) else Exit.NO


def _cases(folders: Sequence[Path]) -> tuple[list[Path], list[str]]:
    """The folders of cases among those named, and in them; and what is wrong with the others, unless all are wrong."""
    cases: list[Path] = []
    refusals: list[InputError] = []
    for folder in folders or [_shipped()]:
        try:
            cases += _cases_in(folder)
        except InputError as error:
            refusals.append(error)
    if not cases:
        raise refusals[0]
    return cases, [str(error) for error in refusals]


def _shipped() -> Path:
    root = Path(__file__).parents[2] / SHIPPED
    if not root.is_dir():
        raise InputError(f"validate: no recordings come along here ({SHIPPED}); name the folder of a case")
    return root


def _cases_in(folder: Path) -> list[Path]:
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "no such folder"
        raise InputError(f"{folder}: {what}; name the folder of a recorded case")
    if _is_case(folder):
        return [folder]
    cases = [each for each in sorted(folder.iterdir()) if _is_case(each)]
    if not cases:
        raise InputError(f"{folder}: no recorded case in it; a case has an input.json")
    return cases


def _is_case(folder: Path) -> bool:
    return (folder / "input.json").is_file() or any(folder.glob("rep[0-9]*"))


def _print(judged: "Sequence[CaseVerdict]") -> None:
    """The answer first; then a line for each case; then what is out, row by row."""
    rows = [row for one in judged for row in one.rows]
    n_ok = sum(row.ok for row in rows)
    share = f" ({n_ok / len(rows):.1%})" if rows else ""
    answer(f"{n_ok} of {len(rows)} quantities{share} are within tolerance, in {len(judged)} recorded cases.")
    answer()
    if len(judged) == 1:
        table(COLUMNS, [_cells(one, row) for one in judged for row in one.rows], numeric=(5,))
        return
    per_case = [(one.case, str(sum(row.ok for row in one.rows)), str(len(one.rows)), one.error) for one in judged]
    table(("case", "within", "of", "not replayed because"), per_case, numeric=(1, 2))
    if out := [_cells(one, row) for one in judged for row in one.rows if not row.ok]:
        answer()
        table(COLUMNS, out, numeric=(5,))


def _cells(one: "CaseVerdict", row: "Verdict") -> tuple[str, ...]:
    return one.case, row.quantity, *row.words()


def _draw(judged: "Sequence[CaseVerdict]", out: Path) -> None:
    """A page with how close all is, and a picture for each experiment."""
    from sim.report.validation_page import write_validation
    from sim.report.validation_pictures import draw_experiments
    from sim.validation.differences import read_differences

    reasons = Path(__file__).parents[2] / DIFFERENCES
    known = read_differences(reasons) if reasons.is_file() else ()
    pictures = draw_experiments([one for one in judged if one.simulated], out)
    if pictures:
        page = write_validation(judged, known, out)
        say(f"{page}, and {len(pictures)} {'picture' if len(pictures) == 1 else 'pictures'} beside it")
