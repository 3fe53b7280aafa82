"""probe: the script of a node that asks a backend again and again whether it is well (kubelet, prober/worker.go)."""

from collections.abc import Callable, Generator
from typing import Any

from models.lifecycle.config import ProbeConfig

Script = Generator[Any, Any, None]


def probe(pod: Any, config: ProbeConfig, judge: Callable[[bool], object], *, first_after: int) -> Script:
    """Ask every period as long as this life of the pod lasts, and `judge` what so many answers in a row say.

    One success counts; failures count when there are enough of them in a row.
    """
    engine, life, failures = pod.engine, pod.life, 0
    yield engine.timeout(first_after)
    while pod.is_alive(life):
        asked_at = engine.now
        is_well = yield from _ask(pod, config)
        if not pod.is_alive(life):
            return
        failures = 0 if is_well else failures + 1
        if is_well or failures >= config.failures:
            judge(is_well)
        yield engine.timeout(config.period - (engine.now - asked_at))


def _ask(pod: Any, config: ProbeConfig) -> Generator[Any, Any, bool]:
    """A closed port refuses at once; a program that stands or hangs lets the time-out pass."""
    server = pod.host.server
    if pod.host.is_dead:
        return False
    if server.unanswered_share and pod.draw_luck() < server.unanswered_share:
        yield pod.engine.timeout(config.timeout)
        return False
    if server.is_paused:
        yield pod.engine.timeout(config.timeout)
        return not server.is_paused and not pod.host.is_dead
    return True
