"""`sim slo`: whether a run keeps an objective, what it burns of the budget, and which alerts would have fired."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.console import answer, document, say, table
from sim.cli.exits import Exit
from sim.cli.options import Json
from sim.units import InputError

if TYPE_CHECKING:
    from sim.analysis.objective import Objective
    from sim.records.folder import StoredRun
    from sim.report.run_slo import Judgement


def slo(  # parameters: the options of a judgement
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that sim run wrote.")],
    objective: Annotated[
        list[str],
        typer.Option(
            "--objective", metavar="TEXT", help="Such as 'availability 99.9%', 'latency 99% < 300ms'; repeatable."
        ),
    ],
    *,
    of: Annotated[str, typer.Option("--of", metavar="TABLE", help="What is judged: requests, or calls.")] = "requests",
    workload: Annotated[str, typer.Option("--workload", metavar="NAME", help="Those of one workload alone.")] = "",
    period: Annotated[
        str, typer.Option("--period", metavar="TIME", help="What the budget is for; windows of alerts shrink with it.")
    ] = "720h",
    at_least: Annotated[
        int, typer.Option("--at-least", metavar="N", min=1, help="Bad ones in the short window for an alert to fire.")
    ] = 1,
    as_json: Json = False,
) -> None:
    """Judge a run by an objective: the error budget, alerts on its burn rate, and how sure that is.

    Example: sim slo out/order-gateway --objective 'availability 99.9%'
    """
    from sim.records.folder import read_run
    from sim.report import run_slo

    asked = [_objective(text) for text in objective]
    seconds = _period(period)
    run = read_run(folder)
    found = [_judge(run, one, of=of, workload=workload, period=seconds, at_least=at_least) for one in asked]
    if as_json:
        document([run_slo.document(one) for one in found])
    for i, one in enumerate(found, 1):
        if not as_json:
            if i > 1:
                answer()
            answer(run_slo.first_line(one))
            for sentence in run_slo.sentences(one):
                answer(sentence)
            answer()
            table(run_slo.COLUMNS, run_slo.rows_of(one), numeric=(2, 3, 4))
        name = "burn-rates" if len(found) == 1 else f"burn-rates-{i}"
        say(str(run_slo.picture_of(one, name).write_png(folder)))
    raise typer.Exit(Exit.FINE if all(one.is_met for one in found) else Exit.NO)


def _judge(  # parameters: what is judged, and by what
    run: "StoredRun", objective: "Objective", *, of: str, workload: str, period: float, at_least: int
) -> "Judgement":
    from sim import wiring
    from sim.analysis import slo
    from sim.analysis.objective import outcomes_of
    from sim.report.run_slo import Judgement
    from sim.spelling import way_out

    if of not in wiring.JUDGED:
        raise InputError(f"--of {of}: no such table; {way_out(of, wiring.JUDGED)}")
    known = list(run.manifest["scenario"].get("workloads") or {})
    if workload and workload not in known:
        raise InputError(f"--workload {workload}: no such workload; {way_out(workload, known)}")
    outcomes = outcomes_of(run, wiring.JUDGED[of], objective, kind=workload)
    budget = objective.budget
    return Judgement(
        objective=objective,
        noun=of,
        outcomes=outcomes,
        share=slo.share_interval(outcomes.n_bad, outcomes.n),
        alerts=slo.alerts(outcomes, budget, period=period, at_least=at_least),
        needs=slo.needs(budget),
        dispersion=slo.dispersion(outcomes),
        lasts=slo.lasts(outcomes, budget, period),
        period=period,
    )


def _objective(text: str) -> "Objective":
    from sim.analysis.objective import parse_objective

    try:
        return parse_objective(text)
    except ValueError as error:
        raise InputError(f"--objective {text}: {error}") from None


def _period(text: str) -> float:
    from sim.units import SECOND, parse_duration

    try:
        seconds = parse_duration(text) / SECOND
    except ValueError as error:
        raise InputError(f"--period {text}: {error}") from None
    if seconds <= 0:
        raise InputError(f"--period {text}: has to be more than nothing, as 720h")
    return seconds
