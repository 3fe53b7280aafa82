"""The part of `sim validate` that plays again what was measured of a kernel."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli.console import answer, document, progress, say, table
from sim.cli.exits import Exit
from sim.spelling import way_out
from sim.units import InputError

if TYPE_CHECKING:
    from sim.validation.measurements import MeasuredKernel, Measurement, Reproduced

SHIPPED = Path("experiments/reality/kernel")
"""Where the measurements are that come with the project, seen from its root."""
FILE, DIFFERENCES = "linux-6.18.json", "differences.yaml"
"""Their name; that of what is known of those out, beside any file of measurements."""
COLUMNS = ("measurement", "quantity", "class", "measured", "simulated", "tolerance", "verdict")


def validate_kernel(files: Sequence[Path], case: str, *, workers: int | None, out: Path | None, as_json: bool) -> Exit:
    """Play the measurements of a file and print what came of them."""
    from sim.evidence import play_measurement
    from sim.execution.execute import executor_of
    from sim.validation.measurements import read_measurements, reproduce

    if len(files) > 1:
        raise InputError(f"validate: --kernel takes one file, not {len(files)}")
    file = files[0] if files else _shipped()
    measured = read_measurements(file)
    chosen = _chosen(measured, file, case)
    judged: list[Reproduced] = []
    try:
        with executor_of(workers) as (executor, _), progress("measurements") as show:
            judged.extend(reproduce(chosen, play_measurement, executor, progress=show))
    except InputError as error:
        raise InputError(f"{file}: {error}") from None
    if as_json:
        document([row for one in judged for row in one.table()])
    else:
        _print(judged)
        if not case:
            _write(judged, measured, file, out or Path("out/validation"))
    return Exit.FINE if all(one.ok for one in judged) else Exit.NO


def _shipped() -> Path:
    file = Path(__file__).parents[2] / SHIPPED / FILE
    if not file.is_file():
        raise InputError(f"validate: no measurements come along here ({SHIPPED / FILE}); name a file of them")
    return file


def _chosen(measured: "MeasuredKernel", file: Path, case: str) -> "list[Measurement]":
    """The measurements that are asked for: one, or a family such as alloc; none is an input error."""
    known = measured.measurements
    chosen = [one for one in known if not case or one.id == case or one.id.startswith(f"{case}-")]
    if not chosen:
        ids = [one.id for one in known]
        raise InputError(f"{file}: no measurement is called {case}; {way_out(case, ids)}")
    return chosen


def _print(judged: "Sequence[Reproduced]") -> None:
    """The answer first; then a line for each measurement; then what is out; of one measurement, everything."""
    rows = [row for one in judged for row in one.compared]
    left_out = sum(len(one.rows) for one in judged) - len(rows)
    share = f" ({sum(bool(row.ok) for row in rows) / len(rows):.1%})" if rows else ""
    answer(
        f"{sum(bool(row.ok) for row in rows)} of {len(rows)} quantities{share} are within tolerance,"
        f" in {len(judged)} measurements; {left_out} are not compared."
    )
    answer()
    if len(judged) == 1:
        table(COLUMNS, [(one.case, row.quantity, *row.words()) for one in judged for row in one.rows])
        for row in judged[0].rows:
            if row.reason:
                answer(f"{row.quantity}: {row.reason}")
        return
    lines = [_line(one) for one in judged]
    table(("measurement", "what", "within", "of", "not compared"), lines, numeric=(2, 3, 4))
    if out := [(one.case, row.quantity, *row.words()) for one in judged for row in one.compared if not row.ok]:
        answer()
        table(COLUMNS, out)


def _line(one: "Reproduced") -> tuple[str, ...]:
    n_ok = sum(bool(row.ok) for row in one.compared)
    return one.case, one.title, str(n_ok), str(len(one.compared)), str(len(one.rows) - len(one.compared))


def _write(judged: "Sequence[Reproduced]", measured: "MeasuredKernel", file: Path, out: Path) -> None:
    """A page with how close all is, what is out and why, and what is not compared and why.

    The reasons are those of this kernel: they lie beside the file.
    """
    from sim.report.kernel_page import write_kernel_page
    from sim.validation.differences import read_differences

    reasons = file.parent / DIFFERENCES
    known = read_differences(reasons) if reasons.is_file() else ()
    say(str(write_kernel_page(judged, known, out, kernel=measured.kernel)))
