"""Document: one configuration out of a text, as a plain tree with the place of each of its values."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sim.lint.text import Path, Spot, Text


class Broken(NamedTuple):
    """Why a text, or the rest of it, cannot be read: a finding at an offset."""

    offset: int
    message: str


@dataclass(slots=True)
class Document:
    """One configuration.

    Attributes
    ----------
    tree : JSON's types alone, as it was written.
    spots : where each value of the tree stands; a value that came in through an alias stands where its anchor does.
    kind : what it is, such as `envoy`; empty where nobody has recognised it yet.
    syntax : the language that it is written in: yaml, nginx, sysctl or go.
    """

    text: Text
    tree: Any
    spots: dict[Path, Spot]
    syntax: str
    kind: str = ""
    number: int = 0
    aliased: set[Path] = field(default_factory=set)
    """Values that came in through an alias: a fix would change what stands elsewhere too."""

    def at(self, path: Path) -> Any:
        """The value at a path, None where there is none."""
        node = self.tree
        for step in path:
            try:
                node = node[step]
            except (LookupError, TypeError):
                return None
        return node

    def spot(self, path: Path) -> Spot:
        """Where the value at a path stands, or the nearest one around it that stands somewhere."""
        while path and path not in self.spots:
            path = path[:-1]
        return self.spots.get(path, Spot(0, 0, 0))
