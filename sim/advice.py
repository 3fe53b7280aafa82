"""Advice: what a linter may know of the world: the models' closed forms, and what they say of a scenario."""

from collections.abc import Mapping
from typing import Any

from models.remarks import constants, port_wall, remarks_of
from sim.lint.facts import Facts, Remark
from sim.units import InputError
from sim.wiring import load_tree


def lint_facts(load: Mapping[str, float]) -> Facts:
    """What a linter may know of the world: the ports' bound, constants, what the models say of a scenario."""
    return Facts(load=load, world=constants(), port_wall=port_wall, scenario=remarks)


def remarks(tree: Mapping[str, Any]) -> list[Remark]:
    """What the models say of a scenario before it runs; of one that cannot be loaded, why."""
    try:
        found = [Remark(entity=entity, path=path, said=said) for entity, path, said in remarks_of(load_tree(tree))]
    except InputError as error:
        path, _, text = error.text.removeprefix("scenario: ").partition(": ")
        steps = tuple(int(step) if step.isdigit() else step for step in path.split("."))
        found = [Remark(entity="faults", path=steps, said={"text": f"{path}: {text}"})]
    return found
