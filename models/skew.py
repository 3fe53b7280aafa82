"""How unevenly a service's backends are loaded, declared over the requests. Not computed here (sim/analysis/skew.py).

A request is a load of the backend behind its last connection, ok or not: a backend that answers 503 was asked as well.
It counts by its arrival since the warm-up: as one request, and as work with its service time. In flight it is from
the instant it has its connection to its end.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final, Literal

from models.metrics import DURATION, REQUESTS, WARMUP
from sim.records.metric import Between, Declarations, Known, Load, Number, Skew

WINDOW = Number("skew_window")

_FIGURES: Final = ("cv", "max_over_mean", "extra_capacity", "jain", "sd", "sample_sd")
_BY_WINDOW: Final = ("cv", "max_over_mean", "sd")
"""Of these there are windows too; Jain's index and the extra capacity say the same in other words."""
_OVER: Final[tuple[Literal["mean", "min", "max"], ...]] = ("mean", "min", "max")


def _loads(first: int, backends: int) -> Iterator[tuple[str, Load]]:
    """The three loads of the backends with these numbers."""
    rows = REQUESTS.having(Between("backend", first, first + backends))
    requests = Load(rows, "backend", first, backends, "t_arrival", WARMUP, DURATION, WINDOW)
    yield "requests", requests
    yield "work", replace(requests, of="srv_s")
    yield "inflight", replace(requests, rows=rows.having(Known("t_gotconn")), at="t_gotconn", until="t_done")


def _of_service(first: int, backends: int) -> Declarations:
    found: Declarations = {}
    for name, load in _loads(first, backends):
        found |= {f"skew_{name}_{figure}": Skew(load, figure) for figure in _FIGURES}
        if name != "inflight":  # a mean over time is no sum of lots
            found[f"skew_{name}_cv_by_chance"] = Skew(load, "cv_by_chance")
        found |= {
            f"skew_{name}_{figure}_window_{over}": Skew(load, figure, over) for figure in _BY_WINDOW for over in _OVER
        }
    return found


SKEW: Declarations = _of_service(0, 2)
"""Of the only service of a scenario, for example one with two backends."""

SKEW_NAMES = (*SKEW, *(f"{name}:{{}}" for name in SKEW))
"""What these are called: with several services each has its own, named after it."""


def skew_metrics(backends: Mapping[str, int]) -> Declarations:
    """The skew of every service with several backends, from the number of backends of each service in their order."""
    found: Declarations = {}
    first = 0
    for service, number in backends.items():
        if number > 1:
            suffix = f":{service}" if len(backends) > 1 else ""
            found |= {name + suffix: metric for name, metric in _of_service(first, number).items()}
        first += number
    return found
