"""Remarks: what the code of the models says of a scenario before it runs, and constants that a linter asks for."""

from collections.abc import Iterator
from typing import Any

from models.kernel.sysctl import KernelConfig
from models.kernel.time_wait import TCP_TIMEWAIT_LEN
from models.kernel.timer_wheel import lives
from models.limits import closed_forms
from models.oversights import oversights_of
from models.scenario import Scenario
from models.workload.arrivals import ConstantRate, Poisson

Path = tuple[str | int, ...]


def port_wall(low: int, high: int) -> float:
    """Dials per second to one destination that the ports of a range bear for ever, if each ends in TIME_WAIT here.

    Examples
    --------
    >>> round(port_wall(32768, 60999))
    463
    """
    mean, _ = lives(KernelConfig().hz, TCP_TIMEWAIT_LEN)
    return (high - low + 1) / mean


def constants() -> dict[str, Any]:
    """What a linter knows of the kernel."""
    return {"ip_local_port_range": list(KernelConfig().ip_local_port_range), "time_wait_s": TCP_TIMEWAIT_LEN / 1e9}


def remarks_of(scenario: Scenario) -> Iterator[tuple[str, Path, dict[str, Any]]]:
    """What has no effect (`oversights`), and closed forms with the rates that they bound (`limits`), each at a path."""
    for line in oversights_of(scenario):
        path, _, text = line.partition(": ")
        yield "oversights", _path(path), {"text": text}
    for form in closed_forms(scenario):
        arrivals = scenario.workloads[str(_path(form.path)[1])].arrivals
        if isinstance(arrivals, Poisson | ConstantRate):
            said = {"name": form.name, "value": form.value, "rate": arrivals.rate, "explanation": form.explanation}
            yield "limits", _path(form.path), said


def _path(written: str) -> Path:
    return tuple(int(step) if step.isdigit() else step for step in written.split("."))
