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
from sim.validation.tolerance import NOISY, TIGHT, class_of, figure, printed


class Quantity(Protocol):
    """What was measured, what was simulated, and how far apart they may be."""

    @property
    def name(self) -> str: ...

    @property
    def rule(self) -> str:
        """A name of `RULES`, or none; the models' `Rule` says what they mean."""

    @property
    def measured(self) -> Sequence[Any]: ...

    @property
    def simulated(self) -> Sequence[Any]: ...

    @property
    def allowed(self) -> float: ...

    @property
    def wider(self) -> float: ...

    @property
    def reason(self) -> str:
        """Why nothing is simulated."""

    @property
    def unstated(self) -> str:
        """Why `allowed` is not what the measurement states."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One entry of the file, as it was read."""

    id: str
    title: str
    tree: Mapping[str, Any]
    stated: str = ""
    """The tolerance that it states, in its own words."""


@dataclass(frozen=True, slots=True)
class MeasuredKernel:
    """A file: which kernel it is about, in its own words, and what was measured of it."""

    kernel: str
    measurements: list[Measurement]


@dataclass(frozen=True, slots=True)
class Row:
    """The verdict on one quantity."""

    quantity: str
    class_: str
    """T, o or N by the spread of the repetitions; empty where nothing is simulated."""
    measured: list[Any]
    simulated: Any
    """A value, values that occur, [min, max], the closest series, or counts; None where nothing was simulated."""
    tolerance: float | None
    ok: bool | None
    """None: it is no quantity of the simulator, or not simulated on purpose."""
    reason: str = ""
    unstated: str = ""
    """Why the tolerance is not what the measurement states."""
    rule: str = ""

    def words(self) -> tuple[str, str, str, str, str]:
        """Class, measured, simulated, tolerance and verdict as a table shows them."""
        verdict = {True: "ok", False: "OUT", None: "not compared"}[self.ok]
        sign = "chi-square " if self.rule == "chi-square" else "±"
        allowed = "" if self.tolerance is None else f"{sign}{self.tolerance:.4g}" if self.tolerance else "the same"
        return self.class_, _short(self.measured), _short(self.simulated), allowed, verdict


@dataclass(frozen=True, slots=True)
class Reproduced:
    """All quantities of one measurement."""

    case: str
    title: str
    rows: list[Row]
    stated: str = ""
    """The tolerance that it states, in its own words."""

    @property
    def compared(self) -> list[Row]:
        """Those that are within tolerance or out."""
        return [row for row in self.rows if row.ok is not None]

    @property
    def ok(self) -> bool:
        """Whether nothing is out."""
        return all(row.ok for row in self.compared)

    def table(self) -> Iterator[dict[str, Any]]:
        """Its rows as they are printed with --json: as those of a recorded case, and reasons where there are some."""
        for row in self.rows:
            reasons = ("reason", row.reason), ("unstated", row.unstated)
            yield printed(self.case, row) | {key: text for key, text in reasons if text}


Play = Callable[[str, Mapping[str, Any]], "list[Quantity] | None"]
"""From an id and its entry to quantities; None where the measurement is not known. A top-level function."""


def read_measurements(path: Path) -> MeasuredKernel:
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
    machine = document.get("machine")
    kernel = machine.get("kernel") if isinstance(machine, dict) else None
    return MeasuredKernel(str(kernel or "a kernel that the file does not name"), list(seen.values()))


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
        yield Reproduced(one.id, one.title, future.result(), one.stated)
        if progress is not None:
            progress(done, len(given))


def judge(quantity: Quantity) -> Row:
    """Compare one quantity by its rule."""
    measured, rule = list(quantity.measured), quantity.rule
    if rule == "none":
        return Row(quantity.name, "", measured, None, None, None, quantity.reason)
    if quantity.measured and quantity.simulated:
        simulated, ok = RULES[rule](quantity)
    else:
        simulated, ok = _distinct(quantity.simulated) or None, False
    class_ = _class(quantity) if measured else TIGHT
    return Row(quantity.name, class_, measured, simulated, quantity.allowed, ok, unstated=quantity.unstated, rule=rule)


def _played(play: Play, one: Measurement) -> list[Row]:
    try:
        quantities = play(one.id, one.tree)
        if quantities is not None:
            return [judge(quantity) for quantity in quantities]
    except FAULTS as fault:
        return [Row("result", TIGHT, [], None, 0.0, ok=False, reason=say_fault(fault))]
    reason = "no measurement of this id is known; one that is has its set-up in models/measured"
    return [Row("result", TIGHT, [], None, 0.0, ok=False, reason=reason)]


def _measurement(entry: Any, place: str) -> Measurement:
    if not isinstance(entry, dict):
        raise InputError(f"{place}: {str(entry)[:40]} should be a mapping")
    for key in ("id", "result"):
        if key not in entry:
            raise InputError(f"{place}.{key}: is required")
    if not isinstance(entry["id"], str):
        raise InputError(f"{place}.id: {str(entry['id'])[:40]} should be text")
    stated = str(entry.get("suggested_tolerance", ""))
    return Measurement(entry["id"], str(entry.get("title", "")), entry, stated)


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
    least, most = min(quantity.measured), max(quantity.measured)
    holds = low - quantity.allowed <= least and most <= high + quantity.allowed
    return [low, high], holds and high - low <= (most - least) + quantity.wider * (1 + 1e-9)


def _series(quantity: Quantity) -> tuple[Any, bool]:
    closest = min(quantity.simulated, key=lambda one: _distance(one, quantity.measured))
    return list(closest), _distance(closest, quantity.measured) <= quantity.allowed


def _chi_square(quantity: Quantity) -> tuple[Any, bool]:
    """Of two samples, each of its own size."""
    n, m = sum(quantity.measured), sum(quantity.simulated)
    pairs = zip(quantity.measured, quantity.simulated, strict=True)
    total = sum((a * m - b * n) ** 2 / (a + b) for a, b in pairs if a + b) / (n * m)
    return list(quantity.simulated), total <= quantity.allowed


RULES: Mapping[str, Callable[[Quantity], tuple[Any, bool]]] = {
    "same": _same, "mean": _mean, "within": _within, "series": _series, "chi-square": _chi_square,
}  # fmt: skip
"""By name; what each means, the models' `Rule` says."""


def _distance(one: Sequence[float], other: Sequence[float]) -> float:
    if len(one) != len(other):
        return float("inf")
    return max((abs(a - b) for a, b in zip(one, other, strict=True)), default=0.0)


def _class(quantity: Quantity) -> str:
    """Of texts, orders and series T: nothing of them scatters."""
    is_figures = all(isinstance(value, int | float) for value in quantity.measured)
    if quantity.rule in {"series", "chi-square"} or not is_figures:
        return TIGHT
    return class_of(quantity.measured)


def _distinct(values: Iterable[Any]) -> list[Any]:
    return list({repr(value): value for value in values}.values())


def _short(value: Any) -> str:
    """At most six values; a mapping as it is."""
    if isinstance(value, list):
        return " ".join(map(_short, value[:6])) + (" …" if len(value) > 6 else "")
    return figure(value)
