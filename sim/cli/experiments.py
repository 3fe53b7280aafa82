"""Where the studies that come with the project are."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Experiment:
    """A folder with a study."""

    folder: Path

    @property
    def file(self) -> Path:
        """The study's file."""
        return self.folder / "study.yaml"

    def tree(self) -> dict[str, Any]:
        """The file as plain values, unchecked."""
        from ruamel.yaml import YAML

        found = YAML(typ="safe", pure=True).load(self.file.read_text(encoding="utf-8"))
        return found if isinstance(found, dict) else {}


def experiments() -> list[Experiment]:
    """All experiments, by name: those below the working directory, else those beside the program."""
    beside = Path(__file__).resolve().parents[2]
    for root in (Path(), beside):
        found = sorted((root / "experiments").glob("*/study.yaml"))
        if found:
            return [Experiment(file.parent) for file in found]
    return []
