"""Machine pages: each state machine's diagram and table, from the table that rules it."""

import re
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages

import models
from sim.engine.machine import Machine, mermaid
from tools.markdown import code, fence, table

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def machines() -> dict[str, type[Machine]]:
    """Every machine of the models with a table of its own, by the name of its page."""
    for module in walk_packages(models.__path__, "models."):
        import_module(module.name)
    own = [cls for cls in _below(Machine) if cls.table is not getattr(cls.__base__, "table", None)]
    found = sorted(own, key=lambda cls: (cls.__module__, cls.__name__))
    return {_WORD.sub("-", cls.__name__).lower(): cls for cls in found if cls.__module__.startswith("models.")}


def diagram(address: str) -> str:
    """The diagram of `module:Class`."""
    module, _, name = address.partition(":")
    return fence("mermaid", mermaid(getattr(import_module(module), name)))


def machine_page(cls: type[Machine]) -> str:
    """A page of its own: the diagram, then the table, in which a point is what cannot happen."""
    events = list(dict.fromkeys(event for row in cls.table.values() for event in row))
    rows = [
        (code(state.name), *(row[event][0].name.lower() if event in row else "·" for event in events))
        for state, row in cls.table.items()
    ]
    return "\n".join([
        f"# {cls.__name__}",
        "",
        (cls.__doc__ or "").strip().split("\n\n")[0],
        f"Its rules are the table in `{cls.__module__.replace('.', '/')}.py`, from which `make docs` writes this page.",
        "",
        diagram(f"{cls.__module__}:{cls.__name__}"),
        "",
        "An arrow is an event / the action that follows; the state has changed before the action runs.",
        "",
        "Each row is a state, each column an event, each cell the next state. A point is a pair that cannot happen: it",
        "would be a fault of the program (`IllegalEvent`), never a result.",
        "",
        table(("state", *(event.name.lower() for event in events)), rows),
        "",
    ])  # fmt: skip


def _below(cls: type[Machine]) -> Iterator[type[Machine]]:
    for one in cls.__subclasses__():
        yield one
        yield from _below(one)
