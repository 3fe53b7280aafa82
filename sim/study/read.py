"""A study file to a Study with its base scenario in it, and a scenario's class to what fills in its defaults."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sim.scenario.load import Loader
from sim.scenario.override import Overrides
from sim.scenario.resolve import resolve
from sim.scenario.source import read, read_text
from sim.study.study import Study
from sim.study.trial import Tree


def read_study(path: Path | str, overrides: Overrides = ()) -> Study:
    """Read a study, or the ``study.yaml`` of a folder; the base is read too, relative to the study.

    Raises
    ------
    InputError
        Where a file cannot be read, is no YAML or, of the study, has a wrong key or value. Whether the base is a
        scenario shows when the study is planned.
    """
    file = _file(Path(path), "study.yaml")
    study: Study = Loader(Study).load(read_text(file), str(file), overrides)
    base = _tree_at(_file(file.parent / study.base, "scenario.yaml")) if isinstance(study.base, str) else study.base
    return replace(study, base=base, name=study.name or file.resolve().parent.name)


@dataclass(frozen=True, slots=True)
class Resolver:
    """Fills in the defaults of scenarios of one class: the `resolve` of a `Model`."""

    cls: type

    def __call__(self, base: Tree, values: Mapping[str, Any]) -> Tree:
        """The scenario with these values at their paths, every default stated; InputError where it is wrong."""
        return resolve(Loader(self.cls).load_tree(base, "base", values))


def _tree_at(file: Path) -> Any:
    return read(read_text(file), str(file), object).tree


def _file(path: Path, inside: str) -> Path:
    return path / inside if path.is_dir() else path
