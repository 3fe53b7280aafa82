"""Chaos: a clock that hits backends of a service again and again, with faults drawn from a stream.

Each round is recorded like any other event. The words are those of the chaos tools (kube-monkey, Chaos Mesh).
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from itertools import accumulate, count
from typing import Annotated, Any, Literal, get_args

from annotated_types import Ge, Gt, Le, Len

from models.timeline.fault import BadCertificate, Crash, Fault, HeaderStall, Loss, Pause, Slow, Unreachable
from sim.engine.distributions import Delay

ChaosKind = Literal[
    "pause", "die", "crash", "drop", "refuse", "unreachable", "tls_stall", "header_stall", "keep_alives_off",
    "shutdown", "slow", "loss", "bad_certificate",
]  # fmt: skip
CHAOS_KINDS: tuple[str, ...] = get_args(ChaosKind)
_CLASSES: dict[str, type[Fault | Crash]] = {
    "pause": Pause, "header_stall": HeaderStall, "unreachable": Unreachable, "slow": Slow, "loss": Loss,
    "bad_certificate": BadCertificate, "crash": Crash,
}  # fmt: skip
"""Of the others it is Fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chaos:
    """A clock of faults."""

    service: str = ""
    """The service whose backends are hit; may be left out where there is one."""
    backend: Annotated[int, Ge(0)] | Literal["any", "each"] = "any"
    """Number of the backend that is hit each time; any: one that nothing hits now, drawn; each: all of them, by a clock
    for each, the clocks evenly apart."""
    every: Delay
    """Time from one round to the next, the first counted from `at`."""
    for_: Delay
    """How long each fault lasts."""
    kinds: Annotated[Mapping[ChaosKind, Annotated[float, Gt(0), Le(1)]], Len(1)]
    """Shares of the kinds of fault, each as it is without further keys; they add up to 1."""
    rounds: Annotated[int, Ge(0)] = 0
    """How many rounds; 0 means to the end of the run. A round in which every backend is still hit hits nobody."""

    def __post_init__(self) -> None:
        total = sum(self.kinds.values())
        if abs(total - 1) > 1e-6:
            raise ValueError(f"kinds: their shares add up to {total:.6g}, not to 1; correct them")


def fault_of(kind: str, backend: int, length: int) -> Fault | Crash:
    """A fault of the kind, as it is by default."""
    cls = _CLASSES.get(kind, Fault)
    return Crash(backend=backend) if issubclass(cls, Crash) else cls(backend=backend, for_=length)


def chaos(world: Any, told: Chaos, name: str, *, hit: Any) -> Generator[Any, Any, None]:
    """The script of the clock; `hit(kind, fault, index)` is the script of one fault at a backend.

    Every round draws four numbers, whatever becomes of it, so that rounds of two arms are the same.
    """
    engine, streams = world.engine, world.streams
    clock = f"{name}.chaos" if told.backend == "any" else f"{name}.chaos.{told.backend}"
    draw_wait = streams.ints(f"{clock}.every", told.every)
    draw_length = streams.ints(f"{clock}.for", told.for_)
    draw = streams.uniforms(clock)
    kinds, bounds = list(told.kinds), list(accumulate(told.kinds.values()))
    indices = world.backends[name].indices
    one = told.backend
    hit_until = dict.fromkeys(indices[one : one + 1] if isinstance(one, int) else indices, -1)
    for _ in range(told.rounds) if told.rounds else count():
        wait, length, luck, choice = max(draw_wait(), 1), max(draw_length(), 1), draw(), draw()
        yield engine.timeout(wait)
        kind = next((kind for kind, bound in zip(kinds, bounds, strict=True) if luck < bound), kinds[-1])
        free = [index for index, until in hit_until.items() if until <= engine.now]
        if free:
            index = free[int(choice * len(free))]
            hit_until[index] = engine.now + length + 1
            engine.process(hit(kind, fault_of(kind, index - world.backends[name].indices[0], length), index))
