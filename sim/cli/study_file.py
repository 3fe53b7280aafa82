"""A study's file on the command line: the study in it, and the model that it runs. What is done with it: a command."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli.options import is_scenario

if TYPE_CHECKING:
    from sim.study.study import Study
    from sim.study.trial import Model


def load_study(path: Path, overrides: list[str], seed: int | None = None) -> "Study":
    """Read a study; an override whose first key a study does not have is one of its base scenario."""
    from dataclasses import fields, replace

    from sim import wiring
    from sim.scenario import apply_overrides
    from sim.study.read import read_scenario_as_study, read_study
    from sim.study.study import Study

    known = {field.name for field in fields(Study)}
    of_study = [override for override in overrides if re.split(r"[.\[=]", override, maxsplit=1)[0] in known]
    read = read_scenario_as_study if is_scenario(path) else read_study
    study = read(path, of_study, wiring.Scenario)
    of_base = [override for override in overrides if override not in of_study]
    base = apply_overrides(study.base, of_base, wiring.Scenario) if of_base else study.base
    return replace(study, base=base, seed=study.seed if seed is None else seed)


def model_of(study: Path | None = None) -> "Model":
    """What studies run: the whole world, with its defaults filled in; the files of a study lie beside its file."""
    from sim import wiring
    from sim.study.read import ByContents, Resolver
    from sim.study.trial import Model
    from sim.version import MODEL_VERSION

    folder = Path() if study is None else study.parent
    return Model(
        run=wiring.run_trial, version=str(MODEL_VERSION),
        resolve=Resolver(wiring.Scenario, folder), identify=ByContents(wiring.Scenario),
        pace=wiring.pace, words=wiring.VOCABULARY,
    )  # fmt: skip
