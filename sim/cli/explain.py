"""`sim explain`: what limited a run, and where the time went."""

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.console import answer, document, say, table
from sim.cli.exits import Exit
from sim.cli.options import Json

QUANTILES = (0.5, 0.9, 0.99, 0.999)


def explain(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that sim run wrote.")], as_json: Json = False
) -> None:
    """Say in a few sentences what limited a run, and where the time of its slow requests went.

    Example: sim explain out/order-gateway
    """
    from sim import wiring
    from sim.analysis.decomposition import decompose
    from sim.cli.words import WORDS
    from sim.report.explanation import explain as explain_run
    from sim.report.explanation import picture_of, rows_of
    from sim.report.run_record import read_run

    record = read_run(folder)
    shares = decompose(wiring.phases(folder), QUANTILES)
    explained = explain_run(record, WORDS, shares)
    if as_json:
        document(explained.document())
    else:
        for sentence in explained.sentences:
            answer(sentence)
        if shares:
            columns, rows = rows_of(shares)
            answer()
            table(columns, rows, numeric=range(1, len(columns)))
    if shares:
        say(str(picture_of(shares, WORDS).write_png(folder)))
    raise typer.Exit(Exit.FINE)
