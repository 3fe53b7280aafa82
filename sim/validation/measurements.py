"""Measurements of a kernel: the file, read strictly, and the verdict on each of their quantities.

How a measurement is played again is handed in; what is not simulated is a row with its reason.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any, Protocol

from sim.scenario import read_text
from sim.units import InputError
from sim.validation.fault import FAULTS, say_fault
from sim.validation.tolerance import NOISY, TIGHT, class_of, figure


class Quantity(Protocol):
    """What was measured, what was simulated, and how far apart they may be."""

    @property
    def name(self) -> str: ...

    @property
    def rule(self) -> str:
        """same, mean, within, series or none; `RULES` says what they mean."""

    @property
    def measured(self) -> Sequence[Any]: ...

    @property
    def simulated(self) -> Sequence[Any]: ...

    @property
    def allowed(self) -> float: ...

    @property
    def reason(self) -> str:
        """Why nothing is simulated."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One entry of the file, as it was read."""

    id: str
    title: str
    tree: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """The verdict on one quantity."""

    quantity: str
    class_: str
    """T, o or N by the spread of the repetitions; empty where nothing is simulated."""
    measured: list[Any]
    simulated: Any
    """A value, values that occur, [min, max], or the closest series; None where nothing was simulated."""
    tolerance: float | None
    ok: bool | None
    """None: it is no quantity of the simulator, or not simulated on purpose."""
    reason: str = ""

    def words(self) -> tuple[str, str, str, str, str]:
        """Class, measured, simulated, tolerance and verdict as a table shows them."""
        verdict = {True: "ok", False: "OUT", None: "not compared"}[self.ok]
        allowed = "" if self.tolerance is None else f"±{self.tolerance:.4g}" if self.tolerance else "the same"
        return self.class_, _short(self.measured), _short(self.simulated), allowed, verdict


@dataclass(frozen=True, slots=True)
class Reproduced:
    """All quantities of one measurement."""

    case: str
    title: str
    rows: list[Row]

    @property
    def compared(self) -> list[Row]:
        """Those that are within tolerance or out."""
        return [row for row in self.rows if row.ok is not None]

    @property
    def ok(self) -> bool:
        """Whether nothing is out."""
        return all(row.ok for row in self.compared)

    def table(self) -> Iterator[dict[str, Any]]:
        """Its rows as they are printed with --json: as those of a recorded case; a reason where nothing is compared."""
        for row in self.rows:
            yield {
                "case": self.case,
                "quantity": row.quantity,
                "class": row.class_,
                "measured": row.measured,
                "simulated": row.simulated,
                "tolerance": row.tolerance,
                "ok": row.ok,
            } | ({"reason": row.reason} if row.reason else {})


Play = Callable[[str, Mapping[str, Any]], "list[Quantity] | None"]
"""From an id and its entry to quantities; None where the measurement is not known. A top-level function."""


def read_measurements(path: Path) -> list[Measurement]:
    """Read a file of measurements.

    Raises
    ------
    InputError
        It is no JSON document, or has no list of measurements with an id and a result each.
    """
    try:
        document = json.loads(read_text(path))
    except json.JSONDecodeError as cause:
        raise InputError(f"{path}:{cause.lineno}:{cause.colno}: no JSON document ({cause.msg})") from None
    entries = document.get("measurements") if isinstance(document, dict) else None
    if not isinstance(entries, list) or not entries:
        raise InputError(f"{path}: measurements: is required; write a list of measurements")
    seen: dict[str, Measurement] = {}
    for i, entry in enumerate(entries):
        one = _measurement(entry, f"{path}: measurements.{i}")
        if one.id in seen:
            raise InputError(f"{path}: measurements.{i}.id: {one.id} occurs twice; give every measurement its own id")
        seen[one.id] = one
    return list(seen.values())


def reproduce(
    measurements: Iterable[Measurement],
    play: Play,
    executor: Executor,
    *,
    progress: Callable[[int, int], object] | None = None,
) -> Iterator[Reproduced]:
    """Play every measurement on the executor and judge it, in their order.

    Raises
    ------
    InputError
        An entry lacks what its measurement needs, or has something else there.
    """
    given = list(measurements)
    under_way = [executor.submit(_played, play, one) for one in given]
    for done, (one, future) in enumerate(zip(given, under_way, strict=True), 1):
        yield Reproduced(one.id, one.title, future.result())
        if progress is not None:
            progress(done, len(given))


def judge(quantity: Quantity) -> Row:
    """Compare one quantity by its rule."""
    if quantity.rule == "none":
        return Row(quantity.name, "", list(quantity.measured), None, None, None, quantity.reason)
    if not quantity.simulated:
        return Row(quantity.name, _class(quantity), list(quantity.measured), None, quantity.allowed, ok=False)
    simulated, ok = RULES[quantity.rule](quantity)
    return Row(quantity.name, _class(quantity), list(quantity.measured), simulated, quantity.allowed, ok)


def _played(play: Play, one: Measurement) -> list[Row]:
    try:
        quantities = play(one.id, one.tree)
    except FAULTS as fault:
        return [Row("result", TIGHT, [], None, 0.0, ok=False, reason=say_fault(fault))]
    if quantities is None:
        reason = "no measurement of this id is known; one that is has its set-up in models/measured"
        return [Row("result", TIGHT, [], None, 0.0, ok=False, reason=reason)]
    return [judge(quantity) for quantity in quantities]


def _measurement(entry: Any, place: str) -> Measurement:
    if not isinstance(entry, dict):
        raise InputError(f"{place}: {str(entry)[:40]} should be a mapping")
    for key in ("id", "result"):
        if key not in entry:
            raise InputError(f"{place}.{key}: is required")
    if not isinstance(entry["id"], str):
        raise InputError(f"{place}.id: {str(entry['id'])[:40]} should be text")
    return Measurement(entry["id"], str(entry.get("title", "")), entry)


def _same(quantity: Quantity) -> tuple[Any, bool]:
    occurring = _distinct(quantity.simulated)
    ok = sorted(map(repr, occurring)) == sorted(map(repr, _distinct(quantity.measured)))
    return (occurring[0] if len(occurring) == 1 else occurring), ok


def _mean(quantity: Quantity) -> tuple[Any, bool]:
    if _class(quantity) == NOISY:
        low, high = min(quantity.simulated), max(quantity.simulated)
        reaches = low - quantity.allowed <= max(quantity.measured) and high + quantity.allowed >= min(quantity.measured)
        return [low, high], reaches
    mean = fmean(quantity.simulated)
    return mean, abs(mean - fmean(quantity.measured)) <= quantity.allowed * (1 + 1e-9)


def _within(quantity: Quantity) -> tuple[Any, bool]:
    low, high = min(quantity.simulated), max(quantity.simulated)
    holds = low - quantity.allowed <= min(quantity.measured) and max(quantity.measured) <= high + quantity.allowed
    return [low, high], holds


def _series(quantity: Quantity) -> tuple[Any, bool]:
    closest = min(quantity.simulated, key=lambda one: _distance(one, quantity.measured))
    return list(closest), _distance(closest, quantity.measured) <= quantity.allowed


RULES: Mapping[str, Callable[[Quantity], tuple[Any, bool]]] = {
    "same": _same, "mean": _mean, "within": _within, "series": _series,
}  # fmt: skip
"""By name: the same values occur; the means are near, or the ranges where repetitions scatter by more than 10 %;
the measured range lies within the simulated one; some replication's series is near everywhere."""


def _distance(one: Sequence[float], other: Sequence[float]) -> float:
    if len(one) != len(other):
        return float("inf")
    return max((abs(a - b) for a, b in zip(one, other, strict=True)), default=0.0)


def _class(quantity: Quantity) -> str:
    """Of texts, orders and series T: nothing of them scatters."""
    if quantity.rule == "series" or not all(isinstance(value, int | float) for value in quantity.measured):
        return TIGHT
    return class_of(quantity.measured)


def _distinct(values: Iterable[Any]) -> list[Any]:
    return list({repr(value): value for value in values}.values())


def _short(value: Any) -> str:
    """At most six values; a mapping as it is."""
    if isinstance(value, list):
        return " ".join(map(_short, value[:6])) + (" …" if len(value) > 6 else "")
    return figure(value)
