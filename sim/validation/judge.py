"""Judge: plays cases, version by version, and compares. A case that cannot be played is a row, never an omission."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sim.validation.compare import Comparison, Difference
from sim.validation.fault import FAULTS, say_fault
from sim.validation.vectors import Vector

Play = Callable[[Any, str], Mapping[str, Any]]
"""From a case and a version to what was seen."""


class Unplayable(Exception):
    """The models lack what a case asks for; the text says what."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """One case in one version."""

    case: str
    version: str
    rows: list[Difference]
    reason: str
    """Why nothing was simulated; empty where something was."""

    @property
    def ok(self) -> bool:
        """Whether every quantity is within its tolerance."""
        return not self.reason and all(row.ok for row in self.rows)

    def table(self) -> Iterator[dict[str, Any]]:
        """Its rows as they are printed with --json."""
        for row in self.rows:
            yield {
                "case": self.case,
                "go_version": self.version,
                "quantity": row.quantity,
                "measured": row.measured,
                "simulated": row.simulated,
                "tolerance": row.tolerance,
                "ok": row.ok,
            }


def judge(vectors: Iterable[Vector], play: Play, compare: Comparison) -> Iterator[Judgement]:
    """Every case in every version that was measured."""
    for vector in vectors:
        for version, expect in vector.expected.items():
            seen, reason = _seen(play, vector.case, version)
            yield Judgement(vector.id, version, compare(expect, seen, vector.time_ms), reason)


def _seen(play: Play, case: Any, version: str) -> tuple[Mapping[str, Any] | None, str]:
    try:
        return play(case, version), ""
    except Unplayable as missing:
        return None, f"not simulated: {missing}"
    except FAULTS as fault:
        return None, say_fault(fault)
