"""Effect: what a short simulation of a pool under its load shows: the scenario, the words; who runs it is handed in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim.analysis.interval import Interval, mean_interval
from sim.lint.computed import compute
from sim.lint.document import Document
from sim.lint.facts import Facts
from sim.lint.finding import Finding
from sim.lint.kind import read_documents
from sim.lint.model import Model
from sim.lint.models_of import model_of
from sim.lint.text import Text

REPLICATIONS = 5
MOST_REQUESTS = 150_000
"""Of a replication: some seconds of CPU time."""
SHORTEST_S, LONGEST_S = 20.0, 120.0
_RTT_MS = 0.5

Runner = Callable[[Mapping[str, Any], int], Mapping[str, float | int]]
"""A scenario's tree and a replication to the summary of its run."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What runs of one pool showed, each figure with its 95 % interval over the replications."""

    label: str
    seconds: float
    rate: float
    dial_share: Interval
    failed_share: Interval
    p99_ms: Interval
    first_error_s: Interval | None
    """Of those replications that had an error."""
    n_failing: int


def pools_of(
    text: Text, findings: Sequence[Finding], *, as_kind: str, facts: Facts
) -> list[tuple[str, dict[str, Any]]]:
    """The pools that findings are about, each once, with its name."""
    wanted = {(one.document, one.path) for one in findings if one.path.startswith("$.pools[")}
    pools = []
    for document in read_documents(text, as_kind):
        if not isinstance(document, Document) or not document.kind:
            continue
        model: Model = model_of(document)
        compute(model, facts)
        for i, pool in enumerate(model.tree.get("pools", [])):
            if (document.number, f"$.pools[{i}]") in wanted and pool["idle_cap"] is not None:
                pools.append((f"{pool.get('label') or pool['name']}", pool))
    return pools


def scenario_of(pool: Mapping[str, Any], load: Mapping[str, float], idle_cap: int | None = None) -> dict[str, Any]:
    """A scenario of the client of a pool towards one destination.

    Notes
    -----
    The pool is Go's, whatever software it is of: idle connections up to the cap are kept, and what is closed is closed
    by the client. Service times are exponential about the mean that the load names; arrivals are Poisson.
    """
    rate = load["rate"] / max(load.get("hosts", 1.0), 1.0)
    cap = pool["idle_cap"] if idle_cap is None else idle_cap
    never = {"idle_conn_timeout": "0s"}
    transport: dict[str, Any] = {"max_idle_conns": 0, "max_idle_conns_per_host": cap or -1, **never}
    if pool["idle_timeout"] is not None:
        transport["idle_conn_timeout"] = f"{pool['idle_timeout']['ms']:g}ms"
    if pool["max_per_host"] is not None and pool["max_per_host"] > 0:
        transport["max_conns_per_host"] = pool["max_per_host"]
    if pool["disable_keep_alives"]:
        transport["disable_keep_alives"] = True
    client: dict[str, Any] = {"transport": transport, "instances": int(load.get("sources", 1))}
    if pool["request_timeout"] is not None and pool["request_timeout"]["ms"] > 0:
        client["timeout"] = f"{pool['request_timeout']['ms']:g}ms"
    service: dict[str, Any] = {
        "service_time": {"exponential": {"mean": f"{max(load['latency_ms'] - _RTT_MS, 0.1):g}ms"}}
    }
    if "server_idle_ms" in load:
        service["idle_timeout"] = f"{load['server_idle_ms']:g}ms"
    return {
        "name": "lint", "duration": f"{_seconds(pool, rate):g}s", "network": {"rtt": f"{_RTT_MS:g}ms"},
        "clients": {"client": client}, "services": {"service": service},
        "workloads": {"load": {"client": "client", "service": "service", "arrivals": {"poisson": f"{rate:.6g}/s"}}},
    }  # fmt: skip


def _seconds(pool: Mapping[str, Any], rate: float) -> float:
    """A little longer than the ports last, within bounds."""
    lasts = (pool.get("computed") or {}).get("exhausted_after_s")
    wanted = SHORTEST_S if lasts is None else max(lasts * 1.2, SHORTEST_S)
    return float(max(round(min(wanted, LONGEST_S, MOST_REQUESTS / rate)), 1))


def effect_of(label: str, tree: Mapping[str, Any], *, rate: float, run: Runner) -> Effect:
    """Run the replications and put them together."""
    runs = [run(tree, i) for i in range(REPLICATIONS)]
    requests = [max(one["n_requests"], 1) for one in runs]
    firsts = [one["first_err_t"] for one in runs if one["n_err"]]
    return Effect(
        label=label, seconds=float(str(tree["duration"])[:-1]), rate=rate,
        dial_share=mean_interval([one["dials_ok"] / n for one, n in zip(runs, requests, strict=True)]),
        failed_share=mean_interval([one["n_err"] / n for one, n in zip(runs, requests, strict=True)]),
        p99_ms=mean_interval([one["lat_p99"] * 1000 for one in runs]),
        first_error_s=mean_interval(firsts) if firsts else None, n_failing=len(firsts),
    )  # fmt: skip


def effect_line(effect: Effect) -> str:
    """One sentence: the first error first, where there is one."""
    from sim.report.number import bounded, plain

    def said(interval: Interval, unit: str = "", scale: float = 1.0) -> str:
        ends = (interval.estimate * scale, max(interval.low, 0) * scale, interval.high * scale)
        value, low, high = bounded(*ends)
        return f"{value}{unit} ({low} to {high})" if low != high else f"{value}{unit}"

    at = f"at {plain(effect.rate)} req/s"
    if effect.first_error_s is None:
        outcome = f"no request fails within {effect.seconds:g} s {at}"
    else:
        all_of = "" if effect.n_failing == REPLICATIONS else f" in {effect.n_failing} of {REPLICATIONS} runs"
        outcome = f"first failure after {said(effect.first_error_s, ' s')} {at}{all_of}"
        outcome += f", {said(effect.failed_share, ' %', 100)} of the requests fail within {effect.seconds:g} s"
    return f"{outcome}; {said(effect.dial_share, ' %', 100)} of the requests dial; p99 {said(effect.p99_ms, ' ms')}"
