"""Closed forms of programs: the rate at which a service's processors, or one of its pools, are busy all the time."""

from collections.abc import Iterator

from models.programs.program import gomaxprocs
from models.scenario import HostedService
from sim.units import MS, SECOND

UTILISATION = "utilisation 1: rate x time = servers (Erlang)"


def program_limits(service: HostedService, mean_service_ns: float) -> Iterator[tuple[str, float, str]]:
    """Name, requests a second and explanation of each, where load is spread evenly over the backends.

    Notes
    -----
    Collections are left out: they only lower what is given here. A pool with hedges has no such form.
    """
    program = service.program
    if program is None:
        return
    backends, cpu = service.backends, program.cpu
    cpus = min(cpu.cores, gomaxprocs(program) or cpu.cores, cpu.quota or cpu.cores)
    cost = mean_service_ns + service.overhead
    if cost:
        text = f"{backends} x {cpus:g} CPUs / {cost / MS:g} ms"
        yield "processors busy", backends * cpus / cost * SECOND, text
    for number, call in enumerate(program.calls):
        held = call.time.mean_ns
        if call.pool and held and call.fan_out == 1 and not call.hedge_after:
            text = f"{backends} x {call.pool} connections / {held / MS:g} ms"
            yield f"pool of call {number} busy", backends * call.pool / held * SECOND, text
