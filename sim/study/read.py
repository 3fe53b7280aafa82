"""A study file to a Study with its base scenario in it, and a scenario's class to what fills in its defaults."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sim.scenario.files import HERE, beside, contents
from sim.scenario.load import Loader
from sim.scenario.override import Overrides
from sim.scenario.resolve import resolve
from sim.scenario.source import Place, read, read_text, take
from sim.study.study import Study
from sim.study.trial import Tree


def read_study(path: Path | str, overrides: Overrides = (), scenario: type = object) -> Study:
    """Read a study, or the ``study.yaml`` of a folder; the base is read too, relative to the study.

    The files that the base names as a `scenario` of this class are joined to the base's folder.

    Raises
    ------
    InputError
        Where a file cannot be read, is no YAML or, of the study, has a wrong key or value. Whether the base is a
        scenario shows when the study is planned.
    """
    file = _file(Path(path), "study.yaml")
    study: Study = Loader(Study).load(read_text(file), str(file), overrides)
    if isinstance(study.base, str):
        at = _file(file.parent / study.base, "scenario.yaml")
        found = read(read_text(at), str(at), scenario)
    else:
        at, found = file, take(study.base, scenario, Place(f"{file}: base"))
    base = beside(found, scenario, at.parent)
    return replace(study, base=base, name=study.name or file.resolve().parent.name)


def read_scenario_as_study(path: Path | str, overrides: Overrides = (), scenario: type = object) -> Study:
    """A scenario file as the study that has it for its base and nothing else; `overrides` are of that study."""
    file = _file(Path(path), "scenario.yaml")
    base = beside(read(read_text(file), str(file), scenario), scenario, file.parent)
    name = str(base.get("name") or file.resolve().parent.name)
    study: Study = Loader(Study).load_tree({"name": name, "base": base}, str(file), overrides)
    return study


@dataclass(frozen=True, slots=True)
class Resolver:
    """Fills in the defaults of scenarios of one class: the `resolve` of a `Model`."""

    cls: type
    folder: Path = HERE
    """Where the files lie that a study's arms and axes name."""

    def __call__(self, base: Tree, values: Mapping[str, Any]) -> Tree:
        """The scenario with these values at their paths, every default stated; InputError where it is wrong."""
        return resolve(Loader(self.cls).load_tree(base, "base", values, folder=self.folder))


@dataclass(frozen=True, slots=True)
class ByContents:
    """What a key knows of resolved scenarios of one class: the `identify` of a `Model`."""

    cls: type

    def __call__(self, scenario: Tree) -> Tree:
        """The scenario with the sha256 of each file in the place of its name; InputError where one is unreadable."""
        found: Tree = contents(scenario, self.cls)
        return found


def _file(path: Path, inside: str) -> Path:
    return path / inside if path.is_dir() else path
