"""Whatever happens to a program and its clients: nothing is left of it when all are gone, and its counters add up."""

from functools import partial
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from models.programs.calls import CallConfig
from models.programs.config import ProgramConfig
from models.programs.cpu import CpuConfig
from models.programs.go_config import GoConfig
from models.programs.jvm_config import JvmConfig, LoadConfig
from sim.engine.distributions import Constant, Exponential
from sim.units import MS
from tests.models.worlds import Lab, a_lab, a_service

MIB = 1 << 20
MEMORY: dict[str, dict[str, Any]] = {
    "none": {},
    "parallel": {"jvm": JvmConfig(collector="parallel", heap=40 * MIB, live=20 * MIB, allocation=3 * MIB, held=0.4)},
    "g1": {"jvm": JvmConfig(collector="g1", heap=40 * MIB, live=20 * MIB, allocation=3 * MIB, held=0.4, tenuring=1)},
    "dying": {
        "jvm": JvmConfig(
            collector="parallel", heap=40 * MIB, live=30 * MIB, allocation=3 * MIB, held=1.0, exit_on_oom=True,
            restart_after=30 * MS, load_at_start=LoadConfig(size=MIB, time=5 * MS, before_listening=True),
        )
    },
    "go": {"go": GoConfig(live=10 * MIB, allocation=3 * MIB, held=0.4, gomemlimit=18 * MIB)},
}  # fmt: skip
CALLS = (
    CallConfig(time=Exponential(mean=5 * MS), pool=2, timeout=20 * MS, fan_out=3, hedge_after=4 * MS),
    CallConfig(time=Constant(value=1 * MS), pool=1),
)
ACTS = st.lists(
    st.tuples(st.integers(0, 60), st.sampled_from(["ask", "ask", "leave", "leave", "pause", "die"])),
    min_size=5,
    max_size=40,
)


def _leave(lab: Lab, name: str) -> None:
    if not lab.asked[name].done:
        lab.transport.cancel(lab.asked[name], "context canceled")


def act(lab: Lab, acts: list[tuple[int, str]]) -> None:
    """Play them; a pause lasts 20 ms, a dead program comes back after 10."""
    server, asked = lab.world.hosts[0].server, 0
    for at, what in sorted(acts):
        if what == "ask":
            lab.ask(str(asked), at, service=at % 7)
            asked += 1
        elif what == "leave" and asked:
            name = str(asked - 1)
            lab.at(at + 4, partial(_leave, lab, name))
        elif what == "pause":
            lab.at(at, server.pause)
            lab.at(at + 20, server.resume)
        elif what == "die":
            lab.at(at, server.exit)
            lab.at(at + 10, server.start_again)


@settings(deadline=None, max_examples=70)
@given(ACTS, st.sampled_from(sorted(MEMORY)), st.booleans(), st.sampled_from([0, 0.5]), st.integers(0, 3))
def test_nothing_is_left_when_all_are_gone(
    acts: list[tuple[int, str]], memory: str, honours: bool, quota: float, workers: int
) -> None:
    config = ProgramConfig(cpu=CpuConfig(cores=2, quota=quota), calls=CALLS, **MEMORY[memory])
    lab = a_lab(services={"h1": a_service(program=config, honours_cancel=honours, workers=workers)})
    act(lab, acts)
    lab.run(15_000)

    assert len(lab.requests) == len(lab.asked)
    end = 14_900
    for level in ("busy_b0", "queue_b0", "stopped_b0", "call0_held_b0", "call0_wait_b0", "call1_held_b0", "inflight"):
        assert lab.level(level, end) == 0, level
    program, server = lab.world.programs[0], lab.world.hosts[0].server
    assert not program._works
    assert (server._busy, server._stops, server._deferred) == (0, 0, [])
    if program.memory is not None and config.jvm is not None:
        counters = program.count()
        assert abs(counters["GCT"] - counters["YGCT"] - counters["FGCT"]) < 1e-9
        assert not program.memory.heap._held  # type: ignore[union-attr]
