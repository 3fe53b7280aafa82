"""Values at dotted paths of a plain tree, where no schema is known. With one, `sim.scenario.override` knows more."""

import copy
from collections.abc import Mapping
from typing import Any

from sim.units import InputError


def with_values(tree: dict[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of the tree with the values in it; mappings that are missing on the way are made.

    Raises
    ------
    InputError
        Where a path leads through a value that has nothing below it, or past the end of a list.
    """
    changed = copy.deepcopy(tree)
    for path, value in values.items():
        *way, last = path.split(".")
        node: Any = changed
        for step in way:
            node = node[_index(node, step, path)] if isinstance(node, list) else _below(node, path).setdefault(step, {})
        if isinstance(node, list):
            node[_index(node, last, path)] = copy.deepcopy(value)
        else:
            _below(node, path)[last] = copy.deepcopy(value)
    return changed


def _below(node: Any, path: str) -> dict[str, Any]:
    if not isinstance(node, dict):
        raise InputError(f"{path}: leads through {node}, which has nothing below it; shorten the path")
    return node


def _index(node: list[Any], step: str, path: str) -> int:
    if not step.isdecimal() or int(step) >= len(node):
        raise InputError(f"{path}: {step} is not an index of a list of {len(node)}; the first is 0")
    return int(step)
