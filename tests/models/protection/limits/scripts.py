"""Scripts: what somebody asks of a limit, call by call, and what it says, both as text."""

import re
from collections.abc import Callable, Iterator, Sequence

from models.protection.guard import Guard
from models.protection.limits.adaptive import AdaptiveLimit, Sample
from models.protection.limits.gcra import Gcra
from sim.engine.streams import Streams
from sim.units import MS, SECOND

CALL = re.compile(r"(?P<at>[\d.]+)(?: x (?P<n>\d+))? (?P<said>.+)")
SAMPLES = re.compile(
    r"(?P<n>\d+)(?P<drops> drops?)? at (?P<rtt>[\d.]+) ms(?: with (?P<few>\d+) in flight)?: (?P<said>.+)"
)


def luck(seed: int = 1) -> Callable[[], float]:
    """A drawer of uniform numbers."""
    return Streams(seed).uniforms("luck")


def instant(ms: str | float) -> int:
    """In ns, of ms."""
    return round(float(ms) * MS)


def arrivals(rate: float, n: int, seed: int = 1) -> Iterator[int]:
    """Poisson arrivals, ns."""
    gaps = Streams(seed)["arrivals"].standard_exponential(n) * (SECOND / rate)
    return iter(gaps.cumsum().astype("int64").tolist())


def answer(guard: Guard, now: int) -> str:
    """What a guard says to a call, in a word or two."""
    said = guard.ask(now)
    if said is None:
        retry = f" retry {guard.retry_after / MS:g}" if isinstance(guard, Gcra) and guard.retry_after else ""
        return f"no{retry}"
    return f"wait {said.wait / MS:.9g}" if said.wait else "pass"


def play(guard: Guard, calls: Sequence[str]) -> list[str]:
    """The script as it turned out."""
    lines = []
    for call in calls:
        found = CALL.fullmatch(call)
        assert found, f"{call}: write an instant, x and a number where it is repeated, and what the limit says"
        said = {answer(guard, instant(found["at"])) for _ in range(int(found["n"] or 1))}
        times = f" x {found['n']}" if found["n"] else ""
        lines.append(f"{found['at']}{times} {' or '.join(sorted(said))}")
    return lines


def learn(limit: AdaptiveLimit, samples: Sequence[str]) -> list[str]:
    """The script as it turned out: the limit after each sample, or only after the last one."""
    lines = []
    for line in samples:
        found = SAMPLES.fullmatch(line)
        assert found, f"{line}: write a number of samples, their latency, and the limits that come of them"
        said = []
        for _ in range(int(found["n"])):
            in_flight = int(found["few"] or limit.limit)
            limit.sample(Sample(0, instant(found["rtt"]), in_flight, bool(found["drops"])))
            said.append(str(limit.limit))
        shown = f"... {said[-1]}" if found["said"].startswith("...") else " ".join(said)
        lines.append(line.replace(found["said"], shown))
    return lines


def flood(guard: Guard, rate: float, seconds: int) -> list[int]:
    """How many pass in each second, of calls at even distances."""
    passed = [0] * seconds
    for i in range(int(rate * seconds)):
        now = round(i * SECOND / rate)
        passed[now // SECOND] += guard.ask(now) is not None
    return passed
