"""`sim schema`: what a scenario or a study may say, as JSON Schema."""

from enum import StrEnum
from typing import Annotated

import typer

from sim.cli.console import document


class Kind(StrEnum):
    """What has a schema."""

    SCENARIO = "scenario"
    STUDY = "study"


def schema(
    kind: Annotated[Kind, typer.Argument(metavar="KIND", help="scenario or study.")] = Kind.SCENARIO,
) -> None:
    """Print the JSON Schema that editors check a file with.

    Example: sim schema study > study.schema.json
    """
    from sim import wiring
    from sim.scenario import json_schema

    if kind is Kind.STUDY:
        from sim.study.study import Study

        document(json_schema(Study))
        return
    document(json_schema(wiring.Scenario))
