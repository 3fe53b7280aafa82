"""`sim list`: the studies that are there, and the claims that they decide."""

from typing import Any

import typer

from sim.cli.console import answer, document, table
from sim.cli.exits import Exit
from sim.cli.experiments import Experiment, experiments
from sim.cli.options import Json


def list_(as_json: Json = False) -> None:
    """List the studies below experiments/ and their claims.

    Example: sim list
    """
    rows = [_row(found) for found in experiments()]
    if as_json:
        document(rows)
    elif rows:
        noun = "study" if len(rows) == 1 else "studies"
        answer(f"{len(rows)} {noun} with {sum(len(row['claims']) for row in rows)} claims")
        answer()
        table(
            ("folder", "question", "claims"),
            [(r["folder"], r["question"], ", ".join(dict.fromkeys(r["claims"]))) for r in rows],
        )
        answer()
        answer(f"next: sim sweep {rows[0]['folder']}")
    else:
        answer("no studies here; sim new NAME writes a scenario to start from")
    raise typer.Exit(Exit.FINE)


def _row(found: Experiment) -> dict[str, Any]:
    tree = found.tree()
    return {
        "folder": str(found.folder),
        "name": str(tree.get("name", found.folder.name)),
        "question": str(tree.get("question", "")),
        "claims": [str(claim.get("id", "")) for claim in tree.get("claims") or ()],
    }
