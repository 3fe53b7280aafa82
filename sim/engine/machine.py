"""Machine: one state, one table of (state, event) -> (state, action), and the drawing of that table.

Not for stories with one thread (a user, a fault script): those are SimPy processes.
"""

import sys
from collections.abc import Callable
from enum import IntEnum
from importlib import import_module
from typing import Any, ClassVar

Action = Callable[[Any, Any], None]
"""Called with the machine and the argument that was fed, after the state has changed."""
Table = dict[IntEnum, dict[IntEnum, tuple[IntEnum, Action]]]


class IllegalEvent(Exception):
    """A machine was fed an event that its state does not know: a bug in the caller, never an outcome."""


def ignore(machine: Any, arg: Any) -> None:
    """Do nothing: the action of what may arrive late. The row's comment says why it can happen."""


class Machine:
    """One state, one table. Subclass with ``table=`` and set ``state`` when you are created.

    Raises
    ------
    TypeError
        When the subclass is defined: a state without a row, or states or events not numbered from 0.

    Notes
    -----
    `feed` alone assigns ``state`` after that. The state is set before the action runs, so that an action
    that feeds again sees the new one.
    """

    __slots__ = ("state",)
    table: ClassVar[Table]
    _rows: ClassVar[tuple[tuple[tuple[IntEnum, Action] | None, ...], ...]]
    state: IntEnum

    def __init_subclass__(cls, *, table: Table, **rest: Any) -> None:
        super().__init_subclass__(**rest)
        states, events = type(next(iter(table))), type(next(iter(next(filter(None, table.values())))))
        for kind in (states, events):  # nested tuples are looked up by number
            if [member.value for member in kind] != list(range(len(kind))):
                raise TypeError(f"{cls.__name__}: the members of {kind.__name__} are not numbered from 0 in order")
        missing = [state.name for state in states if state not in table]
        if missing:
            raise TypeError(f"{cls.__name__}: no row for {', '.join(missing)}; write {{}} where nothing may happen")
        cls.table = table
        cls._rows = tuple(tuple(table[state].get(event) for event in events) for state in states)

    def feed(self, event: IntEnum, arg: Any = None) -> None:
        """Go where the table says, then run its action.

        Raises
        ------
        IllegalEvent
            The table has no such pair; the machine is unchanged.
        """
        step = self._rows[self.state][event]
        if step is None:
            raise IllegalEvent(f"{type(self).__name__} in {self.state.name} was fed {event.name}")
        self.state, action = step
        action(self, arg)


def mermaid(machine: type[Machine]) -> str:
    """Draw the table as a Mermaid state diagram; states without a way out are final.

    Events that lead from one state to another with one action share an arrow.
    """
    lines = ["stateDiagram-v2", f"    [*] --> {next(iter(machine.table)).name}"]
    for state, row in machine.table.items():
        arrows: dict[tuple[IntEnum, Action], list[str]] = {}
        for event, step in row.items():
            arrows.setdefault(step, []).append(event.name)
        for (target, action), events in arrows.items():
            lines.append(f"    {state.name} --> {target.name}: {', '.join(events)} / {_name(action)}")
        if not row:
            lines.append(f"    {state.name} --> [*]")
    return "\n".join(lines) + "\n"


def _name(action: Action) -> str:
    return getattr(action, "__name__", type(action).__name__).strip("_<>")


def main(argv: list[str]) -> int:
    """Print the diagram of one machine, given as ``module:Class``."""
    module, _, name = argv[0].partition(":") if len(argv) == 1 else ("", "", "")
    if not name:
        print("usage: python -m sim.engine.machine module:Class", file=sys.stderr)
        return 2
    print(mermaid(getattr(import_module(module), name)), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
